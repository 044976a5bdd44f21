"""The commands of the window itself: pages, looks, regions, help. Panes add their own."""

from collections.abc import Callable
from functools import partial

from morpheus_desktop.commands import Command
from morpheus_desktop.frame_dialogs import FrameDialogs
from morpheus_desktop.prefs import LARGEST_TEXT, SMALLEST_TEXT, Prefs
from morpheus_desktop.theme import Mode, Theme
from morpheus_desktop.widgets.sidebar import PAGES, TOOLS

TOOL_KEYS = {"diagnostics": "Ctrl+Shift+D", "settings": "Ctrl+,"}
WORDS = {
    "chat": ("conversations", "talk"),
    "market": ("models of providers", "bids", "sessions"),
    "staking": ("MOR", "claim"),
    "wallet": ("balance", "account"),
    "models": ("GGUF", "download", "add a model file"),
    "provider": ("earn", "serve"),
    "diagnostics": ("logs", "report"),
    "settings": ("preferences", "options"),
}
MODES: tuple[tuple[Mode, str, str], ...] = (
    ("system", "Theme: as the system", "monitor"),
    ("light", "Theme: light", "sun"),
    ("dark", "Theme: dark", "moon"),
)
# A change of 0 leads back to 100 %.
STEPS = (
    ("larger", "Larger text", "Ctrl+=", 0.1),
    ("smaller", "Smaller text", "Ctrl+-", -0.1),
    ("normal", "Normal text size", "Ctrl+0", 0.0),
)


def page_commands(open_page: Callable[[str], object]) -> list[Command]:
    """One command for each page of the sidebar."""
    commands = []
    for number, entry in enumerate((*PAGES, *TOOLS), start=1):
        commands.append(
            Command(
                f"page.{entry.page}",
                f"Go to {entry.title}",
                partial(open_page, entry.page),
                keys=TOOL_KEYS.get(entry.page, f"Ctrl+{number}"),
                icon=entry.icon,
                keywords=WORDS[entry.page],
            )
        )
    return commands


def help_commands(dialogs: FrameDialogs, show_welcome: Callable[[], object]) -> list[Command]:
    """What explains the app."""
    return [
        Command("help.shortcuts", "Keyboard shortcuts", dialogs.shortcuts, icon="keyboard"),
        Command("help.welcome", "First screen", show_welcome, icon="house"),
        Command("help.terms", "Terms of use", dialogs.terms, icon="file-text"),
    ]


class Looks:
    """Changes how the window looks: at once, and for the next start."""

    def __init__(self, theme: Theme, prefs: Prefs) -> None:
        self._theme = theme
        self._prefs = prefs

    def set_mode(self, mode: Mode) -> None:
        """Light, dark or as the system."""
        self._prefs.theme_mode = mode
        self._theme.set_mode(mode)

    def set_text_size(self, scale: float) -> None:
        """0.8 to 2.0."""
        scale = round(min(max(scale, SMALLEST_TEXT), LARGEST_TEXT), 2)
        self._prefs.text_size = scale
        self._theme.set_scale(scale)

    def set_high_contrast(self, on: bool) -> None:
        """Stronger lines, no soft fills."""
        self._prefs.high_contrast = on
        self._theme.set_high_contrast(on=on)

    def set_reduced_motion(self, on: bool) -> None:
        """Let nothing slide or turn."""
        self._prefs.reduced_motion = on
        self._theme.set_reduced_motion(on=on)

    def commands(self) -> list[Command]:
        """The commands for looks."""
        modes = [
            Command(
                f"theme.{mode}",
                title,
                partial(self.set_mode, mode),
                icon=icon,
                group="Settings",
                detail=partial(self._in_use, mode),
                keywords=("appearance", "colours", f"{mode} mode"),
            )
            for mode, title, icon in MODES
        ]
        sizes = [
            Command(
                f"text.{name}",
                title,
                partial(self._step, change),
                keys=keys,
                icon="a-large-small",
                group="Settings",
                detail=self._size,
                keywords=("font size", "zoom"),
            )
            for name, title, keys, change in STEPS
        ]
        return [*modes, *sizes, *self._switches()]

    def _switches(self) -> list[Command]:
        theme = self._theme
        return [
            Command(
                "looks.contrast",
                "High contrast",
                lambda: self.set_high_contrast(not theme.high_contrast),
                icon="accessibility",
                group="Settings",
                keywords=("accessibility",),
                checked=lambda: theme.high_contrast,
            ),
            Command(
                "looks.motion",
                "Reduce motion",
                lambda: self.set_reduced_motion(not theme.reduced_motion),
                icon="zap",
                group="Settings",
                keywords=("animation", "accessibility"),
                checked=lambda: theme.reduced_motion,
            ),
        ]

    def _in_use(self, mode: str) -> str:
        return "In use" if self._theme.mode == mode else ""

    def _size(self) -> str:
        return f"Now {round(self._theme.scale * 100)}\u00a0%"

    def _step(self, change: float) -> None:
        self.set_text_size(self._theme.scale + change if change else 1.0)
