"""Settings: how local models are loaded, unless a model has settings of its own."""

from collections.abc import Callable
from pathlib import Path

from morpheus_desktop.settings.form import Card, Section
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.settings import SettingsViewModel
from morpheus_desktop.widgets.basic import button
from morpheus_desktop.widgets.field import Choice, LineEdit, NumberBox
from router.inference.library import default_threads

IDLE = [
    ("0", "Never"),
    ("300", "5 minutes"),
    ("600", "10 minutes"),
    ("1800", "30 minutes"),
    ("3600", "1 hour"),
]
MOST_THREADS, MOST_CONTEXT, CONTEXT_STEP = 256, 1_048_576, 512


class ModelsSection(Section):
    """Threads, context, unloading; where downloads go and come from."""

    def __init__(
        self, vm: SettingsViewModel, theme: Theme, open_folder: Callable[[Path], None]
    ) -> None:
        super().__init__(theme, "Local models")
        self._vm = vm
        self._loading(self.card("Loading", "For all models. A model's own settings win."))
        self._places(self.card("Files"), open_folder)
        vm.refused.connect(lambda name, error: self.show_problem(name, error.message))
        vm.changed.connect(self._show)
        theme.changed.connect(self._show)
        self._show()

    def _loading(self, card: Card) -> None:
        theme, vm = self.theme, self._vm
        self._threads = NumberBox(theme, "Threads", 0, MOST_THREADS)
        self._threads.setSpecialValueText(f"Automatic ({default_threads()})")
        self._threads.valueChanged.connect(lambda n: vm.change({"inference.threads": n}))
        card.row(
            "cpu",
            "Threads",
            "By default one core stays free for everything else.",
            self._threads,
            setting="inference.threads",
        )
        self._context = NumberBox(theme, "Context length", 0, MOST_CONTEXT, CONTEXT_STEP)
        self._context.setSpecialValueText("Automatic")
        self._context.valueChanged.connect(lambda n: vm.change({"inference.context_tokens": n}))
        card.row(
            "text",
            "Context length",
            "How many tokens of a conversation a model reads.",
            self._context,
            setting="inference.context_tokens",
        )
        self._idle = Choice(theme, "Unload when idle", IDLE)
        self._idle.chosen.connect(lambda key: vm.change({"inference.idle_unload_s": int(key)}))
        card.row(
            "hourglass",
            "Unload when idle",
            "Gives the memory back. The next question loads the model again.",
            self._idle,
        )

    def _places(self, card: Card, open_folder: Callable[[Path], None]) -> None:
        theme, vm = self.theme, self._vm
        folder = button(theme, "Open folder")
        folder.clicked.connect(lambda: open_folder(vm.paths.models))
        card.row("folder", "Downloaded models", str(vm.paths.models), folder)
        self._mirror = LineEdit(theme, "Mirror of the model hub", hint="https://…")
        self._mirror.editingFinished.connect(
            lambda: vm.change({"inference.mirror": self._mirror.text().strip()})
        )
        card.row(
            "globe",
            "Mirror of the model hub",
            "Downloads come from this address. Empty means the hub itself.",
            self._mirror,
            setting="inference.mirror",
        )

    def _show(self) -> None:
        px, config = self.theme.px, self._vm.config.inference
        for box, value in (
            (self._threads, config.threads),
            (self._context, config.context_tokens),
        ):
            box.blockSignals(True)
            box.setValue(value)
            box.blockSignals(False)
            box.setFixedWidth(px(132))
        self._idle.choose(str(config.idle_unload_s))
        self._mirror.setText(config.mirror)
        self._mirror.setFixedWidth(px(240))
        self.clear_problems()
