"""Settings: how the window looks; everything changes at once, without a restart."""

from morpheus_desktop.frame_commands import Looks
from morpheus_desktop.settings.form import Section
from morpheus_desktop.theme import LARGEST_SCALE, SMALLEST_SCALE, Theme
from morpheus_desktop.widgets.basic import label
from morpheus_desktop.widgets.segmented import Segmented
from morpheus_desktop.widgets.slider import Slider
from morpheus_desktop.widgets.switch import Switch

STEP = 10  # per cent
MODES = [("system", "As the system"), ("light", "Light"), ("dark", "Dark")]


class AppearanceSection(Section):
    """Theme, text size, contrast, motion."""

    def __init__(self, looks: Looks, theme: Theme) -> None:
        super().__init__(theme, "Appearance")
        self._looks = looks
        card = self.card()
        self._modes = Segmented(theme, "Theme", MODES)
        self._modes.chosen.connect(looks.set_mode)
        card.row("palette", "Theme", "Changes without a restart.", self._modes)
        low, high = round(SMALLEST_SCALE * 100), round(LARGEST_SCALE * 100)
        self._size = Slider(theme, "Text size", low, high, STEP)
        self._size.valueChanged.connect(self._resize)
        self._size.sliderReleased.connect(self._take_size)
        self._percent = label("", "mono")
        card.row(
            "a-large-small",
            "Text size",
            "80 to 200\u00a0%. Everything grows with it.",
            self._size,
            self._percent,
        )
        self._contrast = Switch(theme, "High contrast")
        self._contrast.toggled.connect(looks.set_high_contrast)
        card.row("accessibility", "High contrast", "Stronger lines, no soft fills.", self._contrast)
        self._motion = Switch(theme, "Reduce motion")
        self._motion.toggled.connect(looks.set_reduced_motion)
        card.row("zap", "Reduce motion", "Nothing slides or turns.", self._motion)
        theme.changed.connect(self._show)
        self._show()

    def _resize(self, percent: int) -> None:
        self._percent.setText(f"{percent}\u00a0%")
        # Under the mouse the slider itself would grow: the size is taken when it is let go.
        if not self._size.isSliderDown():
            self._take_size()

    def _take_size(self) -> None:
        self._looks.set_text_size(self._size.value() / 100)

    def _show(self) -> None:
        theme = self.theme
        self._modes.choose(theme.mode)
        self._size.setFixedWidth(theme.px(200))
        self._size.show_value(round(theme.scale * 100))
        self._percent.setText(f"{theme.scale * 100:.0f}\u00a0%")
        self._percent.setFixedWidth(theme.px(44))
        self._contrast.show_state(on=theme.high_contrast)
        self._motion.show_state(on=theme.reduced_motion)
