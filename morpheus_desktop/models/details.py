"""The details of one model: what it is, what it needs, how it is loaded."""

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from morpheus_desktop import format as fmt
from morpheus_desktop.models import wording
from morpheus_desktop.models.figure import Figure
from morpheus_desktop.models.options import Options
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.models import ModelRow, ModelsViewModel
from morpheus_desktop.widgets.basic import (
    Chip,
    Picture,
    button,
    icon_button,
    label,
    set_property,
)
from morpheus_desktop.widgets.facts import Facts
from morpheus_desktop.widgets.menu import Menu
from morpheus_desktop.widgets.tip import set_tip
from morpheus_desktop.widgets.wrap import Wrap
from router.untrusted import one_line

HASHING = "Reading the file for its SHA-256"
GIGA = 1e9
QUIET = ("Pause", "Unload", "Loading")  # what is not the next step


class Details(QFrame):
    """A card for the chosen model.

    Signals:
        load_asked, remove_asked: id.
    """

    load_asked = Signal(str)
    remove_asked = Signal(str)

    def __init__(self, vm: ModelsViewModel, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("card")
        self._vm = vm
        self._theme = theme
        self._row: ModelRow | None = None
        self._hash = ""
        self._name = label("", "lead", wrap=True)
        self._more = icon_button(theme, "ellipsis", "More")
        self._more.clicked.connect(self._open_menu)
        self._main = button(theme, "Load", "primary")
        self._main.clicked.connect(self._act)
        self._chips = Wrap(gap=6, line_gap=6)
        self._about = label("", "body", "text-2", wrap=True)
        self._need = Figure("Memory needed")
        self._size = Figure("Size of the file")
        self._facts = Facts()
        self._options = Options(vm, theme)
        self._options.context_changed.connect(self._show_need)
        self._foot = QWidget()
        self._build()
        vm.hashed.connect(self._show_hash)

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(self._name, 1)
        head.addWidget(self._more)
        head.addWidget(self._main)
        self._figures = QWidget()
        figures = QHBoxLayout(self._figures)
        figures.setContentsMargins(0, 0, 0, 0)
        figures.setSpacing(8)
        figures.addWidget(self._need, 1)
        figures.addWidget(self._size, 1)
        top = QVBoxLayout()
        top.setContentsMargins(16, 14, 16, 12)
        top.setSpacing(12)
        top.addLayout(head)
        top.addLayout(self._chips)
        for widget in (self._about, self._figures, self._facts):
            top.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self._options)
        column.addWidget(self._foot)
        foot = QHBoxLayout(self._foot)
        foot.setContentsMargins(16, 4, 12, 4)
        foot.setSpacing(8)
        self._checked = Picture(self._theme, "circle-check", 14, "accent-text")
        self._hash_words = label("", "small", "text-2", cut=True)
        reset = button(self._theme, "Reset to defaults", "link")
        reset.clicked.connect(self._reset)
        foot.addWidget(self._checked)
        foot.addWidget(self._hash_words, 1)
        foot.addWidget(reset)

    def show_row(self, row: ModelRow | None) -> None:
        """Show this model; None hides the card."""
        before, self._row = self._row, row
        self.setVisible(row is not None)
        if row is None:
            return
        self._name.setText(wording.name(row))
        self._show_words(row)
        self._show_main(row)
        for widget in (self._options, self._foot):
            widget.setVisible(row.usable)
        same_file = before is not None and before.model == row.model and before.id == row.id
        if not same_file:
            self._show_chips(row)
            self._ask_hash(row)
        if row.model is not None and row.usable:
            self._options.show_model(row.model)
            self._show_need(self._options.context_tokens)
        else:
            self._need.say(f"≈ {fmt.memory(row.needs)}")

    def _show_words(self, row: ModelRow) -> None:
        model, offer = row.model, row.offer
        about = model.problem if model is not None else offer.about if offer is not None else ""
        self._about.setText(one_line(about, 400))
        self._about.setVisible(bool(about))
        self._about.set_tone("danger" if model is not None else "text-2")
        self._figures.setVisible(row.status != "broken")
        self._size.say(("≈ " if offer is not None else "") + fmt.file_size(row.size_bytes))
        if model is not None:
            template = "In the file" if "chat" in model.capabilities else "None in the file"
            trained = f"{fmt.count(model.context_tokens)} tokens" if model.context_tokens else ""
            facts = {
                "File": str(model.path),
                "Architecture": model.architecture,
                "Trained with": trained,
                "Chat template": template if row.usable else "",
            }
        else:
            assert offer is not None
            facts = {
                "Context": f"{fmt.count(offer.context_tokens)} tokens",
                "From": f"{self._vm.source}/{offer.repository}",
                "Check": "Against the SHA-256 that the hub lists",
                "Tried by us": "Yes" if offer.tried else "Not yet: listed by its publisher's word",
            }
        self._facts.show_facts(facts)

    def _show_chips(self, row: ModelRow) -> None:
        self._chips.clear()
        model, offer = row.model, row.offer
        words: list[str] = []
        if model is not None:
            words = [wording.parameters(model.parameters), model.quantization, model.licence]
        elif offer is not None:
            words = [wording.parameters(offer.parameters), offer.licence]
        for text in filter(None, words):
            self._chips.addWidget(Chip(self._theme, one_line(text, 40)))
        if model is not None and "reasoning" in model.capabilities:
            self._chips.addWidget(Chip(self._theme, "Reasoning", "violet", "brain"))
        if model is not None and "tools" in model.capabilities:
            self._chips.addWidget(Chip(self._theme, "Tools"))

    def _show_main(self, row: ModelRow) -> None:
        words = _main_words(row)
        self._main.setText(words)
        set_property(self._main, "kind", "secondary" if words in QUIET else "primary")
        self._main.setVisible(row.status != "broken")
        self._main.setEnabled(row.status != "loading")
        set_tip(self._main, "" if row.status != "loading" else "It is being loaded")
        self._more.setVisible(row.model is not None)

    def _ask_hash(self, row: ModelRow) -> None:
        self._hash = ""
        self._hash_words.setText(HASHING)
        self._checked.setVisible(False)
        if row.usable:
            self._vm.hash(row.id)

    def _show_hash(self, model_id: str, digest: str) -> None:
        if self._row is None or self._row.id != model_id:
            return
        self._hash = digest
        self._checked.setVisible(True)
        self._hash_words.setText(f"File read, SHA-256 {fmt.short_hash(digest)}")

    def _show_need(self, tokens: int) -> None:
        if self._row is not None and (need := self._vm.need(self._row.id, tokens)) is not None:
            self._need.say(fmt.memory(need.total), f"± {need.error / GIGA:.1f}")

    def _act(self) -> None:
        row = self._row
        if row is None:
            return
        if row.offer is not None:
            self._vm.download(row.offer) if row.can_download else self._vm.pause(row.id)
        elif row.status == "loaded":
            self._vm.unload()
        else:
            self.load_asked.emit(row.id)

    def _reset(self) -> None:
        if self._row is not None:
            self._vm.reset_options(self._row.id)

    def _open_menu(self) -> None:
        row = self._row
        if row is None or row.model is None:
            return
        menu = Menu(self._theme, self)
        in_use = "New chats use it already" if row.id == self._vm.default_id else ""
        if row.usable:
            menu.add(
                "Use for new chats",
                lambda: self._vm.set_default(row.id),
                icon="message-square",
                reason=in_use,
            )
            menu.add(
                "Copy the SHA-256",
                lambda: QGuiApplication.clipboard().setText(self._hash),
                icon="copy",
                reason="" if self._hash else HASHING,
            )
        part_of_app = "It is part of the app" if row.model.bundled else ""
        menu.add(
            "Remove…",
            lambda: self.remove_asked.emit(row.id),
            icon="trash-2",
            reason=part_of_app,
            danger=True,
        )
        corner = self._more.mapToGlobal(QPoint(self._more.width(), self._more.height() + 4))
        menu.popup(corner - QPoint(menu.sizeHint().width(), 0))


def _main_words(row: ModelRow) -> str:
    """What the main button does now."""
    if row.offer is None:
        return {"loaded": "Unload", "loading": "Loading"}.get(row.status, "Load")
    if row.download is None:
        return "Download"
    return {"paused": "Go on", "failed": "Try again"}.get(row.download.phase, "Pause")
