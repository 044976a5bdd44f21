"""Settings: how the window looks."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSlider

from morpheus_desktop.settings.form import Section
from morpheus_desktop.theme import LARGEST_SCALE, SMALLEST_SCALE, Theme
from morpheus_desktop.viewmodels.settings import SettingsViewModel
from morpheus_desktop.widgets.basic import label
from morpheus_desktop.widgets.segmented import Segmented
from morpheus_desktop.widgets.switch import Switch

STEP = 10  # per cent


def appearance(vm: SettingsViewModel, theme: Theme) -> Section:
    """Theme, text size, contrast, motion; all at once, without a restart."""
    section = Section("Appearance")
    card = section.card()
    modes = Segmented(
        theme, "Theme", [("system", "As the system"), ("light", "Light"), ("dark", "Dark")]
    )
    modes.choose(theme.mode)
    modes.chosen.connect(vm.set_theme)
    theme.changed.connect(lambda: modes.choose(theme.mode))
    card.row("Theme", "Changes at once", modes)
    size = QSlider(Qt.Orientation.Horizontal)
    size.setAccessibleName("Text size")
    size.setRange(round(SMALLEST_SCALE * 100) // STEP, round(LARGEST_SCALE * 100) // STEP)
    size.setValue(round(theme.scale * 100) // STEP)
    size.setFixedWidth(200)
    shown = label(f"{theme.scale:.0%}", "mono")
    shown.setMinimumWidth(48)
    size.valueChanged.connect(lambda step: shown.setText(f"{step * STEP} %"))
    size.valueChanged.connect(lambda step: vm.set_text_size(step * STEP / 100))
    card.row("Text size", "80 to 200 %; everything grows with it", size, shown)
    contrast = Switch(theme, "High contrast")
    contrast.setChecked(theme.high_contrast)
    contrast.toggled.connect(lambda on: vm.set_contrast(on=on))
    card.row("High contrast", "Stronger lines, no soft fills", contrast)
    motion = Switch(theme, "Reduce motion")
    motion.setChecked(theme.reduced_motion)
    motion.toggled.connect(lambda on: vm.set_motion(reduced=on))
    card.row("Reduce motion", "Nothing slides or turns", motion)
    section.finish()
    return section
