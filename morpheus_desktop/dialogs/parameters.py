"""The system prompt and the parameters of one chat."""

from dataclasses import replace

from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.basic import button, label
from morpheus_desktop.widgets.field import DecimalBox, Field, LineEdit, NumberBox
from morpheus_desktop.widgets.overlay import Overlay
from morpheus_desktop.widgets.slider import Slider
from morpheus_desktop.widgets.text_box import TextBox
from router.backends.base import Sampling

AUTO = -0.05  # stands for "as the model wants it", one step below the least
MOST_TOKENS = 131_072
STEPS = 100  # of a slider, for 1
WIDTH = 110
SEEDS = 2**32


class ParametersDialog(Overlay):
    """Accepted with new values in `system_prompt` and `sampling`."""

    def __init__(self, theme: Theme, over: QWidget, system_prompt: str, sampling: Sampling) -> None:
        super().__init__(theme, over, "System prompt and parameters", width=560)
        self._sampling = sampling
        self._prompt = TextBox()
        self._prompt.setPlainText(system_prompt)
        self._prompt.setPlaceholderText("What the model should know or be, before your question")
        self._prompt.setTabChangesFocus(True)
        self._prompt.setFixedHeight(theme.px(96))
        self.body.addWidget(Field(theme, "System prompt", self._prompt))
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(12)
        self._grid.setColumnStretch(0, 3)
        self._grid.setColumnStretch(1, 2)
        self.body.addLayout(self._grid)
        self._add_fields()
        self._problem = label("", "small", "danger", wrap=True)
        self.body.addWidget(self._problem)
        self._add_buttons()
        self._seed.textChanged.connect(self._check)
        self._prompt.textChanged.connect(self._check)
        self._prompt.refused.connect(lambda error: self._say(error.message))
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
            temperature=_chosen(self._temperature),
            top_p=_chosen(self._top_p),
            max_tokens=self._longest.value() or None,
            seed=int(seed) if seed else None,
        )

    def _add_fields(self) -> None:
        theme, sampling = self.theme, self._sampling
        self._temperature = DecimalBox(theme, "Temperature", AUTO, 2, step=0.05, decimals=2)
        self._temperature.setValue(AUTO if sampling.temperature is None else sampling.temperature)
        self._top_p = DecimalBox(theme, "Top P", AUTO, 1, step=0.05, decimals=2)
        self._top_p.setValue(AUTO if sampling.top_p is None else sampling.top_p)
        for field in (self._temperature, self._top_p):
            field.setSpecialValueText("auto")
        self._longest = NumberBox(theme, "Longest answer", 0, MOST_TOKENS, step=64)
        self._longest.setSpecialValueText("no limit")
        self._longest.setValue(sampling.max_tokens or 0)
        self._seed = LineEdit(theme, "Seed", hint="random")
        self._seed.setText("" if sampling.seed is None else str(sampling.seed))
        self._add(
            "Temperature",
            "Low is exact, high is inventive.",
            self._temperature,
        )
        self._add("Top P", "Leaves out unlikely words.", self._top_p)
        self._add("Longest answer", "In tokens; 0 is no limit.", self._longest)
        self._add("Seed", "The same seed gives the same answer.", self._seed)

    def _add(self, name: str, hint: str, field: DecimalBox | NumberBox | LineEdit) -> None:
        row = self._grid.rowCount()
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(label(name))
        words.addWidget(label(hint, "small", "text-3"))
        self._grid.addLayout(words, row, 0)
        if isinstance(field, DecimalBox):
            self._grid.addWidget(_slider(self.theme, field, name), row, 1)
        field.setFixedWidth(self.theme.px(WIDTH))
        self._grid.addWidget(field, row, 2)

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
        self._temperature.setValue(AUTO)
        self._top_p.setValue(AUTO)
        self._longest.setValue(0)
        self._seed.clear()
        self._prompt.clear()

    def _check(self) -> None:
        seed = self._seed.text().strip()
        right = not seed or (seed.isascii() and seed.isdigit() and int(seed[:20]) < SEEDS)
        problem = "" if right else f"The seed is a whole number below {SEEDS:,}."
        self._say(problem)
        self._go.set_reason(problem)

    def _say(self, problem: str) -> None:
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))


def _chosen(field: DecimalBox) -> float | None:
    value = round(field.value(), 2)
    return value if value >= 0 else None


def _slider(theme: Theme, field: DecimalBox, name: str) -> Slider:
    low, high = round(field.minimum() * STEPS), round(field.maximum() * STEPS)
    slider = Slider(theme, f"{name} slider", low, high, 5)
    slider.show_value(round(field.value() * STEPS))
    slider.valueChanged.connect(lambda value: field.setValue(value / STEPS))
    field.valueChanged.connect(lambda value: slider.show_value(round(value * STEPS)))
    return slider
