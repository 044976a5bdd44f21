"""Colours, fonts, measures and icons of the window, from `resources/theme/tokens.json`.

Everything follows a change of mode, contrast, motion or text size at once: whoever keeps a
measure or a picture listens to `Theme.changed`.
"""

import json
from functools import cached_property
from typing import Any, Literal, cast

from PySide6.QtCore import QByteArray, QObject, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from morpheus_desktop import assets, style

Mode = Literal["system", "light", "dark"]

SMALLEST_SCALE, LARGEST_SCALE = 0.8, 2.0
TIMES_OF_MOVEMENT = ("fast", "base", "slow", "spinner_turn")


class Theme(QObject):
    """The looks in force.

    Signals:
        changed: repaint and measure again.

    Args:
        mode: "system" follows the desktop's light or dark setting.
        scale: text size, 0.8 to 2.0; measures made with `px` grow with it.
        high_contrast: all lines as strong as those of inputs, no soft fills; always on when the
            system asks for it (Qt tells from 6.10 on).
        reduced_motion: nothing moves; the spinner pulses.
    """

    changed = Signal()

    def __init__(
        self,
        mode: Mode = "system",
        scale: float = 1.0,
        *,
        high_contrast: bool = False,
        reduced_motion: bool = False,
    ) -> None:
        super().__init__()
        self._tokens = cast("dict[str, Any]", json.loads(assets.text("theme", "tokens.json")))
        self.mode: Mode = mode
        self.scale = _within(scale)
        self.reduced_motion = reduced_motion
        self._high_contrast = high_contrast
        self._app: QApplication | None = None
        self._colors: dict[str, str] = {}
        self._fonts: dict[str, QFont] = {}
        self._pixmaps: dict[tuple[str, int, str], QPixmap] = {}
        for file in assets.fonts():
            QFontDatabase.addApplicationFont(str(file))
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(self._system_changed)
        if hasattr(hints, "accessibility"):
            hints.accessibility().contrastPreferenceChanged.connect(self._system_changed)

    @property
    def dark(self) -> bool:
        """Whether the dark colours are in force; also when the system has no opinion."""
        if self.mode == "system":
            scheme = QGuiApplication.styleHints().colorScheme()
            return scheme != Qt.ColorScheme.Light
        return self.mode == "dark"

    @property
    def high_contrast(self) -> bool:
        """Whether the user or the system wants stronger lines."""
        hints = QGuiApplication.styleHints()
        if self._high_contrast or not hasattr(hints, "accessibility"):
            return self._high_contrast
        wanted = hints.accessibility().contrastPreference()
        return bool(wanted == Qt.ContrastPreference.HighContrast)

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

    def set_high_contrast(self, *, on: bool) -> None:
        """Ask for stronger lines; off leaves it to the system."""
        if on != self._high_contrast:
            self._high_contrast = on
            self._renew()

    def set_reduced_motion(self, *, on: bool) -> None:
        """Let nothing move, or let it."""
        if on != self.reduced_motion:
            self.reduced_motion = on
            self._renew()

    def apply(self, app: QApplication) -> None:
        """Dress the application, now and after each change."""
        self._app = app
        app.setStyle("Fusion")
        app.setFont(self.font("body"))
        app.setPalette(style.palette(self.color))
        app.setStyleSheet(
            style.sheet(self._value) + "".join(map(self._label_rule, self.type_styles))
        )

    def hex(self, token: str) -> str:
        """A colour as #RRGGBB."""
        value = self._colors.get(token)
        if value is None:
            colors = self._tokens["color"]["dark" if self.dark else "light"]
            name = style.contrasting(token) if self.high_contrast else token
            value = self._colors[token] = cast("str", colors[name])
        return value

    def color(self, token: str) -> QColor:
        """A colour by its name in the design, for example "text-2"; yours to change."""
        return QColor(self.hex(token))

    @property
    def scrim(self) -> QColor:
        """What lies over the window behind a dialog."""
        color = self.color("scrim")
        color.setAlphaF(self._tokens["scrim_opacity"])
        return color

    @property
    def type_styles(self) -> tuple[str, ...]:
        """The names of all type styles."""
        return tuple(self._tokens["type"])

    def font(self, name: str) -> QFont:
        """A font by its type style in the design, for example "heading" or "mono"; yours to
        change."""
        font = self._fonts.get(name)
        if font is None:
            font = self._fonts[name] = self._make_font(self._tokens["type"][name])
        return QFont(font)

    def line_height(self, name: str) -> int:
        """The distance of lines of a type style, in pixels."""
        return self.px(self._tokens["type"][name]["line"])

    def px(self, value: float) -> int:
        """A measure of the design, grown with the text size; never 0 unless it was."""
        return round(value * self.scale) or (1 if value else 0)

    def motion(self, name: str) -> int:
        """A time of the design in milliseconds, for example "base"; 0 for movement that the
        user does not want."""
        if self.reduced_motion and name in TIMES_OF_MOVEMENT:
            return 0
        return cast("int", self._tokens["motion"][f"{name}_ms"])

    def radius(self, name: str) -> int:
        """A corner of the design in pixels, for example "card"; corners do not grow."""
        return cast("int", self._tokens["radius"][name])

    def elevation(self, name: str) -> tuple[int, int, QColor]:
        """The shadow of a "popup" or "dialog": how far down, how wide, which colour."""
        values = self._tokens["elevation"][name]
        rgba = values["dark" if self.dark else "light"]
        color = QColor(rgba[:7])
        color.setAlpha(int(rgba[7:], 16))
        return values["y"], values["blur"], color

    def pixmap(self, name: str, size: float = 16, token: str = "text-2") -> QPixmap:
        """An icon in a colour; `size` is in pixels at 100 % text."""
        ratio = max(screen.devicePixelRatio() for screen in QGuiApplication.screens())
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

    @cached_property
    def icon_names(self) -> frozenset[str]:
        """The icons there are."""
        return frozenset(file.stem for file in assets.path("icons").glob("*.svg"))

    def _make_font(self, values: dict[str, Any]) -> QFont:
        mono = values.get("family") == "mono"
        face = self._tokens["font"]["mono" if mono else "ui"]
        font = QFont([face["family"]])
        font.setStyleHint(QFont.StyleHint.Monospace if mono else QFont.StyleHint.SansSerif)
        size = values["size"] * self.scale
        if size == round(size):
            font.setPixelSize(round(size))
        else:  # only points may be fractions
            dots = QGuiApplication.primaryScreen().logicalDotsPerInch()
            font.setPointSizeF(size * 72 / dots)
        font.setWeight(QFont.Weight(values["weight"]))
        font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
        if tracking := values.get("tracking"):
            font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, size * tracking)
        for tag, value in face["features"].items():
            font.setFeature(QFont.Tag(tag), value)
        return font

    def _value(self, name: str) -> str:
        """What stands for a name of the stylesheet: a measure or a colour."""
        if name.endswith("px"):
            return f"{self.px(float(name[:-2]))}px"
        if name == "button-line":
            name = "line" if self.dark else "line-strong"
        return self.hex(name)

    def _label_rule(self, name: str) -> str:
        return style.label_rule(name, self.font(name), self.line_height(name))

    def _system_changed(self) -> None:
        self._renew()

    def _renew(self) -> None:
        self._colors.clear()
        self._fonts.clear()
        self._pixmaps.clear()
        if self._app is not None:
            self.apply(self._app)
        self.changed.emit()


def _within(scale: float) -> float:
    return min(max(scale, SMALLEST_SCALE), LARGEST_SCALE)


def _draw_icon(name: str, pixels: int, color: str) -> QPixmap:
    svg = assets.text("icons", f"{name}.svg").replace("currentColor", color)
    renderer = QSvgRenderer(QByteArray(svg.encode()))
    pixmap = QPixmap(QSize(pixels, pixels))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter)
    painter.end()
    return pixmap
