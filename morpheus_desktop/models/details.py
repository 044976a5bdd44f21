"""The details of one model: what it is, what it needs, how it is loaded."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from morpheus_desktop import format as fmt
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.models import ModelRow, ModelsViewModel
from morpheus_desktop.widgets.basic import Chip, button, label, rule, set_property
from router.inference.registry import ModelOptions
from router.untrusted import one_line


class Details(QFrame):
    """A card for the chosen model.

    Signals:
        changed: settings were kept.
    """

    changed = Signal()

    def __init__(self, vm: ModelsViewModel, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("card")
        self._vm = vm
        self._theme = theme
        self._row: ModelRow | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(12)
        head = QHBoxLayout()
        self._name = label("", "lead", wrap=True)
        self._load = button(theme, "Load", "primary")
        self._load.clicked.connect(self._load_or_unload)
        head.addWidget(self._name, 1)
        head.addWidget(self._load)
        column.addLayout(head)
        self._chips = QHBoxLayout()
        self._chips.setSpacing(6)
        column.addLayout(self._chips)
        self._about = label("", "body", "text-2", wrap=True)
        column.addWidget(self._about)
        self._numbers = QWidget()
        column.addWidget(self._numbers)
        self._build_numbers()
        self._buttons(column)

    def _build_numbers(self) -> None:
        grid = QGridLayout(self._numbers)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(10)
        self._need = label("", "mono")
        self._context = _number(256, 1_048_576, 256)
        self._threads = _number(1, 256, 1)
        self._context_hint = label("", "small", "text-3")
        rows = (
            ("Memory needed", label("An estimate, ± 15 %", "small", "text-3"), self._need),
            ("Context length", self._context_hint, self._context),
            ("Threads", label("One core stays free by default", "small", "text-3"), self._threads),
        )
        for index, (name, hint, field) in enumerate(rows):
            grid.addWidget(rule(), index * 2, 0, 1, 2)
            words = QVBoxLayout()
            words.setSpacing(0)
            words.addWidget(label(name))
            words.addWidget(hint)
            grid.addLayout(words, index * 2 + 1, 0)
            field.setAccessibleName(name)
            grid.addWidget(field, index * 2 + 1, 1)
        grid.setColumnStretch(0, 1)
        self._context.valueChanged.connect(self._show_need)
        self._context.editingFinished.connect(self._keep)
        self._threads.editingFinished.connect(self._keep)

    def _buttons(self, column: QVBoxLayout) -> None:
        row = QHBoxLayout()
        self._default = button(self._theme, "Use for new chats", "ghost")
        self._default.clicked.connect(self._make_default)
        self._reset = button(self._theme, "Reset", "link")
        self._reset.clicked.connect(self._reset_options)
        self._remove = button(self._theme, "Remove", "ghost", icon="trash-2")
        self._remove.clicked.connect(self._remove_model)
        row.addWidget(self._default)
        row.addWidget(self._remove)
        row.addStretch()
        row.addWidget(self._reset)
        column.addLayout(row)

    def show_row(self, row: ModelRow | None) -> None:
        """Show this model; None hides the card."""
        other = row is None or self._row is None or row.id != self._row.id
        self._row = row
        self.setVisible(row is not None)
        if row is None:
            return
        model = row.model
        usable = model is not None and not model.problem
        self._name.setText(one_line(row.name))
        self._show_chips(row)
        self._about.setText(row.offer.about if row.offer is not None else row.detail)
        self._about.setVisible(not usable)
        self._numbers.setVisible(usable)
        self._load.setVisible(usable)
        for widget in (self._default, self._reset):
            widget.setVisible(usable)
        self._remove.setVisible(model is not None and not model.bundled)
        if usable:
            loaded = row.status == "loaded"
            self._load.setText("Unload" if loaded else "Load")
            set_property(self._load, "kind", "secondary" if loaded else "primary")
            self._load.setEnabled(row.status != "loading")
            self._default.setEnabled(row.id != self._vm.default_id)
            self._default.setToolTip(
                "" if self._default.isEnabled() else "New chats use it already"
            )
            if other:
                self._show_options(row)
            self._show_need()

    def _show_chips(self, row: ModelRow) -> None:
        while (item := self._chips.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        model, offer = row.model, row.offer
        parameters = (model.parameters if model else offer.parameters if offer else None) or 0
        words = [
            f"{parameters / 1e9:.2f} B parameters"
            if parameters >= 1e9
            else f"{parameters / 1e6:.0f} M parameters",
            model.quantization if model else "Q4_K_M",
            model.licence if model else offer.licence if offer else "",
        ]
        for text in filter(None, words):
            self._chips.addWidget(Chip(self._theme, one_line(text, 40)))
        if model is not None and "reasoning" in model.capabilities:
            self._chips.addWidget(Chip(self._theme, "Reasoning", "violet", "brain"))
        self._chips.addStretch()

    def _show_options(self, row: ModelRow) -> None:
        options = self._vm.options(row.id)
        trained = row.model.context_tokens if row.model is not None else 0
        self._context.blockSignals(True)
        self._context.setMaximum(trained or 1_048_576)
        self._context.setValue(options.context_tokens)
        self._context.blockSignals(False)
        self._threads.setValue(options.threads)
        self._context_hint.setText(f"Up to {fmt.count(trained)} tokens" if trained else "In tokens")

    def _show_need(self) -> None:
        if self._row is not None and (need := self._vm.need(self._row.id, self._context.value())):
            self._need.setText(f"{fmt.memory(need.total)} ± {need.error / 1e9:.1f}")

    def _load_or_unload(self) -> None:
        if self._row is None:
            return
        if self._row.status == "loaded":
            self._vm.unload()
        else:
            self._vm.load(self._row.id)

    def _keep(self) -> None:
        if self._row is not None:
            options = ModelOptions(self._context.value(), self._threads.value())
            self._vm.set_options(self._row.id, options)

    def _reset_options(self) -> None:
        if self._row is not None:
            row, self._row = self._row, None
            self._vm.set_options(row.id, ModelOptions())

    def _make_default(self) -> None:
        if self._row is not None:
            self._vm.set_default(self._row.id)

    def _remove_model(self) -> None:
        if self._row is not None:
            self._vm.remove(self._row.id)


def _number(lowest: int, highest: int, step: int) -> QSpinBox:
    field = QSpinBox()
    field.setRange(lowest, highest)
    field.setSingleStep(step)
    field.setGroupSeparatorShown(True)
    field.setMinimumWidth(96)
    return field
