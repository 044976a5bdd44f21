"""Settings: how local models are loaded, unless a model has settings of its own."""

from PySide6.QtWidgets import QComboBox, QLineEdit, QSpinBox

from morpheus_desktop.settings.form import Card, Section
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.settings import SettingsViewModel
from router.inference.library import default_threads

IDLE = (
    ("Never", 0),
    ("5 minutes", 300),
    ("10 minutes", 600),
    ("30 minutes", 1800),
    ("1 hour", 3600),
)

NAMES = ("inference.threads", "inference.context_tokens", "inference.mirror")


def local_models(vm: SettingsViewModel, theme: Theme) -> Section:
    """Threads, context, unloading, mirror."""
    section = Section("Local models", "For all models; a model's own settings in Local models win.")
    card = section.card()
    config = vm.config.inference
    threads = _number(theme, "Threads", 0, 256, config.threads, f"auto ({default_threads()})")
    threads.editingFinished.connect(lambda: vm.change({"inference.threads": threads.value()}))
    card.row("Threads", "One core stays free by default", threads, setting="inference.threads")
    context = _number(theme, "Context length", 0, 1_048_576, config.context_tokens, "auto")
    context.setSingleStep(512)
    context.editingFinished.connect(
        lambda: vm.change({"inference.context_tokens": context.value()})
    )
    card.row(
        "Context length",
        "How much of a conversation a model reads, in tokens",
        context,
        setting="inference.context_tokens",
    )
    idle = QComboBox()
    idle.setAccessibleName("Unload when idle")
    for words, seconds in IDLE:
        idle.addItem(words, seconds)
    idle.setCurrentIndex(max(idle.findData(config.idle_unload_s), 0))
    idle.activated.connect(lambda _: vm.change({"inference.idle_unload_s": idle.currentData()}))
    card.row("Unload when idle", "Gives the memory back", idle)
    mirror = QLineEdit(config.mirror)
    mirror.setAccessibleName("Mirror of the model hub")
    mirror.setPlaceholderText("https://…")
    mirror.setMinimumWidth(theme.px(280))
    mirror.editingFinished.connect(lambda: vm.change({"inference.mirror": mirror.text().strip()}))
    card.row(
        "Mirror of the model hub",
        "Downloads come from here instead; empty uses the hub itself",
        mirror,
        setting="inference.mirror",
    )
    vm.refused.connect(lambda name, error: card.show_problem(name, error.message))
    vm.changed.connect(lambda: _clear(card))
    section.finish()
    return section


def _clear(card: Card) -> None:
    for name in NAMES:
        card.show_problem(name, "")


def _number(theme: Theme, name: str, lowest: int, highest: int, value: int, zero: str) -> QSpinBox:
    field = QSpinBox()
    field.setAccessibleName(name)
    field.setRange(lowest, highest)
    field.setValue(value)
    field.setSpecialValueText(zero)
    field.setGroupSeparatorShown(True)
    field.setMinimumWidth(theme.px(120))
    return field
