"""The system prompt and the parameters of one chat."""

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QGridLayout,
    QLineEdit,
    QPlainTextEdit,
    QSlider,
    QSpinBox,
    QWidget,
)

from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.basic import button, label
from morpheus_desktop.widgets.overlay import Overlay
from router.backends.base import Sampling

DEFAULT_TEMPERATURE = 0.7
DEFAULT_TOP_P = 0.95
MOST_TOKENS = 131_072
STEPS = 100


class ParametersDialog(Overlay):
    """Accepted with new values in `system_prompt` and `sampling`."""

    def __init__(self, theme: Theme, over: QWidget, system_prompt: str, sampling: Sampling) -> None:
        super().__init__(theme, over, "System prompt and parameters", width=560)
        self._sampling = sampling
        self.body.addWidget(label("System prompt", "label", "text-2"))
        self._prompt = QPlainTextEdit(system_prompt)
        self._prompt.setProperty("field", "true")
        self._prompt.setAccessibleName("System prompt")
        self._prompt.setPlaceholderText("What the model should know or be, before your question")
        self._prompt.setTabChangesFocus(True)
        self._prompt.setFixedHeight(theme.px(96))
        self.body.addWidget(self._prompt)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        self._temperature = _decimal(0.0, 2.0, _or(sampling.temperature, DEFAULT_TEMPERATURE))
        self._top_p = _decimal(0.0, 1.0, _or(sampling.top_p, DEFAULT_TOP_P))
        self._longest = QSpinBox()
        self._longest.setRange(0, MOST_TOKENS)
        self._longest.setValue(sampling.max_tokens or 0)
        self._longest.setSpecialValueText("no limit")
        self._seed = QLineEdit("" if sampling.seed is None else str(sampling.seed))
        self._seed.setPlaceholderText("random")
        self._seed.setInputMask("")
        rows = (
            ("Temperature", "Low is exact, high is inventive", self._temperature, True),
            ("Top P", "Leaves out unlikely words", self._top_p, True),
            ("Longest answer", "In tokens; 0 is no limit", self._longest, False),
            ("Seed", "Same seed, same answer", self._seed, False),
        )
        for row, (name, hint, field, slide) in enumerate(rows):
            field.setAccessibleName(name)
            field.setFixedWidth(theme.px(110))
            grid.addWidget(label(name), row, 0)
            grid.addWidget(label(hint, "small", "text-3"), row, 1)
            if slide and isinstance(field, QDoubleSpinBox):
                grid.addWidget(_slider(field, name), row, 2)
            grid.addWidget(field, row, 3)
        grid.setColumnStretch(1, 1)
        self.body.addLayout(grid)
        self._problem = label("", "small", "danger")
        self.body.addWidget(self._problem)
        self._add_buttons()
        self._seed.textChanged.connect(self._check)
        self._check()

    @property
    def system_prompt(self) -> str:
        """What was typed."""
        return self._prompt.toPlainText().strip()

    @property
    def sampling(self) -> Sampling:
        """The chosen parameters."""
        seed = self._seed.text().strip()
        return replace(
            self._sampling,
            temperature=round(self._temperature.value(), 2),
            top_p=round(self._top_p.value(), 2),
            max_tokens=self._longest.value() or None,
            seed=int(seed) if seed else None,
        )

    def _add_buttons(self) -> None:
        reset = button(self.theme, "Reset to defaults", "ghost")
        reset.clicked.connect(self._reset)
        self.footer.insertWidget(0, reset)
        cancel = button(self.theme, "Cancel")
        cancel.clicked.connect(self.reject)
        self._go = button(self.theme, "Use for this chat", "primary")
        self._go.clicked.connect(self.accept)
        self.footer.addWidget(cancel)
        self.footer.addWidget(self._go)

    def _reset(self) -> None:
        self._temperature.setValue(DEFAULT_TEMPERATURE)
        self._top_p.setValue(DEFAULT_TOP_P)
        self._longest.setValue(0)
        self._seed.clear()
        self._prompt.clear()

    def _check(self) -> None:
        seed = self._seed.text().strip()
        right = not seed or (seed.isascii() and seed.isdigit() and int(seed) < 2**32)
        self._problem.setText("" if right else "The seed is a whole number below 4,294,967,296.")
        self._go.setEnabled(right)


def _or(value: float | None, default: float) -> float:
    return default if value is None else value


def _decimal(lowest: float, highest: float, value: float) -> QDoubleSpinBox:
    field = QDoubleSpinBox()
    field.setRange(lowest, highest)
    field.setSingleStep(0.05)
    field.setDecimals(2)
    field.setValue(value)
    return field


def _slider(field: QDoubleSpinBox, name: str) -> QSlider:
    slider = QSlider(Qt.Orientation.Horizontal)
    slider.setAccessibleName(f"{name} slider")
    slider.setRange(round(field.minimum() * STEPS), round(field.maximum() * STEPS))
    slider.setValue(round(field.value() * STEPS))
    slider.setMinimumWidth(120)
    slider.valueChanged.connect(lambda value: field.setValue(value / STEPS))
    field.valueChanged.connect(lambda value: slider.setValue(round(value * STEPS)))
    return slider
