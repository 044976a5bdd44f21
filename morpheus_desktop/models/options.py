"""How one model is loaded: context, threads, GPU layers, and when its memory is given back."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from morpheus_desktop import format as fmt
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.models import ModelsViewModel
from morpheus_desktop.widgets.basic import Label, label, rule
from morpheus_desktop.widgets.field import Choice, NumberBox
from morpheus_desktop.widgets.slider import Slider
from router.inference.library import SMALLEST_CONTEXT, LocalModel

CONTEXT_STEP = 512
MOST_CONTEXT = 1_048_576
MOST_LAYERS = 10_000
SLIDER, NUMBER, CHOICE = 112, 72, 128
IDLE = {0: "Never", 300: "5 minutes", 600: "10 minutes", 1800: "30 minutes", 3600: "1 hour"}


class Amount(QWidget):
    """A number with a slider before it.

    Signals:
        moved: number, at every step of the user.
        settled: number, once the user has let go of the slider or typed it.
    """

    moved = Signal(int)
    settled = Signal(int)

    def __init__(self, theme: Theme, name: str, low: int, high: int, step: int = 1) -> None:
        super().__init__()
        self._theme = theme
        self.number = NumberBox(theme, name, low, high, step)
        self.slider = Slider(theme, f"{name}, slider", low, high, step)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self.slider)
        row.addWidget(self.number)
        self.number.valueChanged.connect(self._typed)
        self.slider.valueChanged.connect(self._slid)
        self.slider.sliderReleased.connect(lambda: self.settled.emit(self.slider.value()))
        theme.changed.connect(self._measure)
        self._measure()

    def show_value(self, value: int, most: int) -> None:
        """Show what is set, without telling anybody."""
        for field in (self.number, self.slider):
            blocked = field.blockSignals(True)
            field.setMaximum(most)
            field.setValue(value)
            field.blockSignals(blocked)
        self.slider.show_value(value)

    def _typed(self, value: int) -> None:
        self.slider.show_value(value)
        self.moved.emit(value)
        self.settled.emit(value)

    def _slid(self, value: int) -> None:
        blocked = self.number.blockSignals(True)
        self.number.setValue(value)
        self.number.blockSignals(blocked)
        self.moved.emit(value)
        if not self.slider.isSliderDown():
            self.settled.emit(value)

    def _measure(self) -> None:
        self.slider.setFixedWidth(self._theme.px(SLIDER))
        self.number.setFixedWidth(self._theme.px(NUMBER))


class Options(QWidget):
    """Rows of settings; every change is kept at once.

    Signals:
        context_changed: tokens, also while the slider is being moved.
    """

    context_changed = Signal(int)

    def __init__(self, vm: ModelsViewModel, theme: Theme) -> None:
        super().__init__()
        self._vm = vm
        self._theme = theme
        self._model_id = ""
        self._shown: tuple[object, ...] = ()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._context = Amount(
            theme, "Context length", SMALLEST_CONTEXT, MOST_CONTEXT, CONTEXT_STEP
        )
        self._threads = Amount(theme, "Threads", 1, vm.cores)
        self._layers = NumberBox(theme, "GPU layers", -1, MOST_LAYERS)
        self._layers.setSpecialValueText("all")
        self._idle = Choice(theme, "Unload when idle", [])
        gpu = f"How much of the model {vm.gpu} computes" if vm.gpu else "This build uses no GPU"
        self._context_hint = self._row("Context length", "", self._context)
        self._row("Threads", f"Of {fmt.counted(vm.cores, 'core')}", self._threads)
        self._row("GPU layers", gpu, self._layers)
        self._row("Unload when idle", "For all models", self._idle)
        self._context.moved.connect(self._show_context)
        self._context.settled.connect(lambda value: self._keep(context_tokens=value))
        self._threads.settled.connect(lambda value: self._keep(threads=value))
        self._layers.valueChanged.connect(lambda value: self._keep(gpu_layers=value))
        self._idle.chosen.connect(lambda seconds: vm.set_idle(int(seconds)))
        theme.changed.connect(self._measure)
        self._measure()

    def _row(self, title: str, about: str, field: QWidget) -> Label:
        hint = label(about, "small", "text-3", wrap=True)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(label(title))
        words.addWidget(hint)
        line = QHBoxLayout()
        line.setContentsMargins(16, 5, 16, 5)
        line.setSpacing(12)
        line.addLayout(words, 1)
        line.addWidget(field, 0, Qt.AlignmentFlag.AlignVCenter)
        self._column.addWidget(rule())
        self._column.addLayout(line)
        return hint

    def _measure(self) -> None:
        self._layers.setFixedWidth(self._theme.px(NUMBER))
        self._idle.setFixedWidth(self._theme.px(CHOICE))

    def show_model(self, model: LocalModel) -> None:
        """Show the settings in force for a model; what is being typed stays while they are."""
        options = self._vm.options(model.id)
        idle = self._vm.config.inference.idle_unload_s
        if self._shown == (model, options, idle):
            return
        self._shown = (model, options, idle)
        self._model_id = model.id
        trained = max(model.context_tokens, SMALLEST_CONTEXT)
        self._context.show_value(
            options.context_tokens, trained if model.context_tokens else MOST_CONTEXT
        )
        self._threads.show_value(options.threads, max(self._vm.cores, options.threads))
        blocked = self._layers.blockSignals(True)
        self._layers.setValue(options.gpu_layers if self._vm.gpu else 0)
        self._layers.blockSignals(blocked)
        self._layers.setEnabled(bool(self._vm.gpu))
        self._idle.set_choices(_idle_choices(idle))
        self._idle.choose(str(idle))
        self._show_context(options.context_tokens)

    @property
    def context_tokens(self) -> int:
        """The context that stands there."""
        return self._context.number.value()

    def _show_context(self, tokens: int) -> None:
        need = self._vm.need(self._model_id, tokens)
        adds = f" add {fmt.memory(need.cache)}" if need is not None else ""
        self._context_hint.setText(f"{fmt.count(tokens)} tokens{adds}")
        self.context_changed.emit(tokens)

    def _keep(self, **changes: int) -> None:
        self._vm.change_options(self._model_id, **changes)


def _idle_choices(seconds: int) -> list[tuple[str, str]]:
    """The usual times, and the one that is set when it is another."""
    times = IDLE if seconds in IDLE else {**IDLE, seconds: fmt.duration(seconds)}
    return [(str(each), words) for each, words in sorted(times.items())]
