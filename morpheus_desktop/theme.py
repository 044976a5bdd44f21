"""Colours, fonts, measures and icons of the window, from `resources/theme/tokens.json`.

The stylesheet and the palette are made from the same values, so that what Qt paints by itself
agrees with what we paint. Everything follows a change of mode or text size at once.
"""

import json
from functools import cached_property
from typing import Any, Literal, cast

from PySide6.QtCore import QByteArray, QObject, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QGuiApplication,
    QIcon,
    QPainter,
    QPalette,
    QPixmap,
)
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from morpheus_desktop import assets

Mode = Literal["system", "light", "dark"]

UI_FAMILY = "Inter"
MONO_FAMILY = "JetBrains Mono"
SMALLEST_SCALE, LARGEST_SCALE = 0.8, 2.0


class Theme(QObject):
    """The looks in force.

    Signals:
        changed: mode, system colours or text size changed; repaint and measure again.

    Args:
        mode: "system" follows the desktop's light or dark setting.
        scale: text size, 0.8 to 2.0; measures made with `px` grow with it.
    """

    changed = Signal()

    def __init__(self, mode: Mode = "system", scale: float = 1.0) -> None:
        super().__init__()
        self._tokens = cast("dict[str, Any]", json.loads(assets.text("theme", "tokens.json")))
        self.mode: Mode = mode
        self.scale = _within(scale)
        self._app: QApplication | None = None
        self._colors: dict[str, QColor] = {}
        self._fonts: dict[str, QFont] = {}
        self._pixmaps: dict[tuple[str, int, str], QPixmap] = {}
        for file in assets.fonts():
            QFontDatabase.addApplicationFont(str(file))
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._system_changed)

    @property
    def dark(self) -> bool:
        """Whether the dark colours are in force."""
        if self.mode == "system":
            scheme = QGuiApplication.styleHints().colorScheme()
            return scheme != Qt.ColorScheme.Light
        return self.mode == "dark"

    def set_mode(self, mode: Mode) -> None:
        """Choose light, dark, or what the system says."""
        if mode != self.mode:
            self.mode = mode
            self._renew()

    def set_scale(self, scale: float) -> None:
        """Choose the text size, 0.8 to 2.0."""
        if _within(scale) != self.scale:
            self.scale = _within(scale)
            self._renew()

    def apply(self, app: QApplication) -> None:
        """Dress the application, now and after each change."""
        self._app = app
        app.setStyle("Fusion")
        app.setFont(self.font("body"))
        app.setPalette(self._palette())
        app.setStyleSheet(self._stylesheet())

    def hex(self, token: str) -> str:
        """A colour as #RRGGBB."""
        return cast("str", self._tokens["color"]["dark" if self.dark else "light"][token])

    def color(self, token: str) -> QColor:
        """A colour by its name in the design, for example "text-2"."""
        color = self._colors.get(token)
        if color is None:
            color = self._colors[token] = QColor(self.hex(token))
        return color

    @property
    def scrim(self) -> QColor:
        """What lies over the window behind a dialog."""
        color = QColor(self.color("scrim"))
        color.setAlphaF(self._tokens["scrim_opacity"])
        return color

    def font(self, style: str) -> QFont:
        """A font by its type style in the design, for example "heading" or "mono"."""
        font = self._fonts.get(style)
        if font is None:
            font = self._fonts[style] = self._make_font(self._tokens["type"][style])
        return font

    def line_height(self, style: str) -> int:
        """The distance of lines of a type style, in pixels."""
        return self.px(self._tokens["type"][style]["line"])

    def px(self, value: float) -> int:
        """A measure of the design, grown with the text size; never 0 unless it was."""
        return round(value * self.scale) or (1 if value else 0)

    def motion(self, name: str) -> int:
        """A time of the design in milliseconds, for example "base"."""
        return cast("int", self._tokens["motion"][f"{name}_ms"])

    @property
    def motion_turn(self) -> int:
        """How long a spinner takes to turn once, in milliseconds."""
        return cast("int", self._tokens["motion"]["spinner_turn_ms"])

    def radius(self, name: str) -> int:
        """A corner of the design in pixels, for example "card"."""
        return cast("int", self._tokens["radius"][name])

    def pixmap(self, name: str, size: float = 16, token: str = "text-2") -> QPixmap:
        """An icon in a colour; `size` is in pixels at 100 % text."""
        ratio = QGuiApplication.primaryScreen().devicePixelRatio()
        pixels = round(self.px(size) * ratio)
        key = (name, pixels, self.hex(token))
        pixmap = self._pixmaps.get(key)
        if pixmap is None:
            pixmap = _draw_icon(name, pixels, self.hex(token))
            pixmap.setDevicePixelRatio(ratio)
            self._pixmaps[key] = pixmap
        return pixmap

    def icon(self, name: str, size: float = 16, token: str = "text-2") -> QIcon:
        """An icon for buttons and menus; greyed when disabled."""
        icon = QIcon(self.pixmap(name, size, token))
        icon.addPixmap(self.pixmap(name, size, "text-disabled"), QIcon.Mode.Disabled)
        return icon

    def _make_font(self, style: dict[str, Any]) -> QFont:
        mono = style.get("family") == "mono"
        font = QFont([MONO_FAMILY] if mono else [UI_FAMILY])
        font.setStyleHint(QFont.StyleHint.Monospace if mono else QFont.StyleHint.SansSerif)
        size = style["size"] * self.scale
        font.setPixelSize(max(round(size), 1))
        font.setWeight(QFont.Weight(style["weight"]))
        font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
        if tracking := style.get("tracking"):
            font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, size * tracking)
        features = {"zero": 1, "calt": 0, "liga": 0} if mono else {"tnum": 1}
        for tag, value in features.items():
            font.setFeature(QFont.Tag(tag), value)
        return font

    def _palette(self) -> QPalette:
        palette = QPalette()
        role = QPalette.ColorRole
        for where, token in {
            role.Window: "bg-app",
            role.Base: "bg-app",
            role.AlternateBase: "bg-surface",
            role.Button: "bg-control",
            role.ToolTipBase: "bg-overlay",
            role.WindowText: "text",
            role.Text: "text",
            role.ButtonText: "text",
            role.BrightText: "text",
            role.ToolTipText: "text",
            role.PlaceholderText: "text-3",
            role.Highlight: "accent",
            role.HighlightedText: "on-accent",
            role.Accent: "accent",
            role.Link: "accent-text",
            role.LinkVisited: "accent-text",
            role.Mid: "line",
            role.Dark: "line-strong",
            role.Light: "bg-hover",
            role.Midlight: "bg-raised",
            role.Shadow: "scrim",
        }.items():
            palette.setColor(where, self.color(token))
        for where in (role.WindowText, role.Text, role.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, where, self.color("text-disabled"))
        return palette

    def _stylesheet(self) -> str:
        """The template with {{token}} and {{12px}} replaced; px values grow with the text size."""
        sheet = assets.text("theme", "base.qss") + "".join(
            map(self._label_rule, self._tokens["type"])
        )
        for part in set(_fields(sheet)):
            value = f"{self.px(float(part[:-2]))}px" if part.endswith("px") else self.hex(part)
            sheet = sheet.replace("{{" + part + "}}", value)
        return sheet

    def _label_rule(self, style: str) -> str:
        font = self.font(style)
        return (
            f'\nQLabel[type="{style}"] {{ font-family: "{font.families()[0]}";'
            f" font-size: {font.pixelSize()}px; font-weight: {font.weight()};"
            f" letter-spacing: {font.letterSpacing():.2f}px; }}"
        )

    def _system_changed(self) -> None:
        if self.mode == "system":
            self._renew()

    def _renew(self) -> None:
        self._colors.clear()
        self._fonts.clear()
        self._pixmaps.clear()
        if self._app is not None:
            self.apply(self._app)
        self.changed.emit()

    @cached_property
    def icon_names(self) -> frozenset[str]:
        """The icons there are."""
        return frozenset(file.stem for file in assets.path("icons").glob("*.svg"))


def _within(scale: float) -> float:
    return min(max(scale, SMALLEST_SCALE), LARGEST_SCALE)


def _fields(sheet: str) -> list[str]:
    return [part.partition("}}")[0] for part in sheet.split("{{")[1:]]


def _draw_icon(name: str, pixels: int, color: str) -> QPixmap:
    svg = assets.text("icons", f"{name}.svg").replace("currentColor", color)
    renderer = QSvgRenderer(QByteArray(svg.encode()))
    pixmap = QPixmap(QSize(pixels, pixels))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter)
    painter.end()
    return pixmap
