"""Buttons: with words, with an icon only, as a link, as a chip that opens something."""

from typing import Literal

from PySide6.QtCore import QEvent, QPoint, QSize, Qt
from PySide6.QtGui import QEnterEvent, QIcon, QKeyEvent, QPainter, QPixmap, QResizeEvent
from PySide6.QtWidgets import QPushButton

from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.spinner import Spinner
from morpheus_desktop.widgets.text import set_property
from morpheus_desktop.widgets.tip import set_tip

ButtonKind = Literal["secondary", "primary", "ghost", "danger", "icon", "link", "chip"]

ICON, SMALL_ICON = 16, 14
# Between an icon and the words: Qt leaves the first part, the icon brings the second.
QT_GAP, MORE_GAP = 4, 4
INK = {"primary": "on-accent", "danger": "danger", "icon": "text-3", "link": "accent-text"}
INK_LIT = {"ghost": "text", "icon": "text", "chip": "text"}


class ThemedButton(QPushButton):
    """A push button whose icon follows the theme, that can be busy and can say why it is off."""

    def __init__(self, theme: Theme, text: str, kind: ButtonKind, icon: str, size: float) -> None:
        super().__init__(text)
        self._theme = theme
        self._kind = kind
        self._icon = icon
        self._size = size
        self._tip = ""
        self._busy = False
        self._lit = False
        self._spinner: Spinner | None = None
        self.setProperty("kind", kind)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def busy(self) -> bool:
        """Whether its work is going on."""
        return self._busy

    def set_icon(self, name: str) -> None:
        """Show another icon, or with "" none."""
        self._icon = name
        self._restyle()

    def set_reason(self, reason: str) -> None:
        """Turn it off and say why in the tooltip; with "" turn it on again."""
        if self.isEnabled():
            self._tip = self.toolTip()
        self.setEnabled(not reason)
        set_tip(self, reason or self._tip)
        self.setAccessibleDescription(reason)

    def set_busy(self, *, busy: bool) -> None:
        """Turn a spinner in place of the icon; clicks and keys do nothing meanwhile.

        The width stays: without an icon, the spinner takes its room from the padding.
        """
        if busy == self._busy:
            return
        self._busy = busy
        if busy:
            self._spinner = Spinner(self._theme, 12, INK.get(self._kind, "accent"), track="")
            self._spinner.setParent(self)
            self._spinner.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        elif self._spinner is not None:
            self._spinner.hide()
            self._spinner.deleteLater()
            self._spinner = None
        narrow = busy and not self._icon
        set_property(self, "busy", "narrow" if narrow else "")
        self.setAccessibleDescription("Working" if busy else "")
        self._restyle()
        if self._spinner is not None:
            self._spinner.show()

    def _restyle(self) -> None:
        theme = self._theme
        self.setFont(theme.font("caption" if self._kind == "chip" else "body"))
        if self._spinner is not None:
            self.setIconSize(self._icon_room())
            empty = QPixmap(self.iconSize())
            empty.fill(Qt.GlobalColor.transparent)
            self.setIcon(QIcon(empty))
            self._place_spinner()
        elif self._icon:
            self.setIconSize(self._icon_room())
            icon = QIcon(
                self._picture((INK | INK_LIT if self._lit else INK).get(self._kind, "text-2"))
            )
            icon.addPixmap(self._picture("text-disabled"), QIcon.Mode.Disabled)
            self.setIcon(icon)
        else:
            self.setIcon(QIcon())

    def _icon_room(self) -> QSize:
        """The icon and, before words, a part of the gap; a spinner alone is smaller."""
        side = self._theme.px(self._size if self._icon else 12)
        more = self._theme.px(MORE_GAP) if self.text() and self._icon else 0
        return QSize(side + more, side)

    def _picture(self, token: str) -> QPixmap:
        pixmap = self._theme.pixmap(self._icon, self._size, token)
        ratio = pixmap.devicePixelRatio()
        wide = QPixmap(self._icon_room() * ratio)
        wide.setDevicePixelRatio(ratio)
        wide.fill(Qt.GlobalColor.transparent)
        painter = QPainter(wide)
        painter.drawPixmap(0, 0, pixmap)
        painter.end()
        return wide

    def _place_spinner(self) -> None:
        if self._spinner is None:
            return
        words = self.fontMetrics().horizontalAdvance(self.text())
        inside = self.iconSize().width() + (QT_GAP + words if self.text() else 0)
        side = self._theme.px(self._size if self._icon else 12)
        left = (self.width() - inside) // 2 + (side - self._spinner.width()) // 2
        self._spinner.move(max(left, 2), (self.height() - self._spinner.height()) // 2)

    def _light(self, *, lit: bool) -> None:
        if lit != self._lit and self._kind in INK_LIT:
            self._lit = lit
            self._restyle()

    # Qt overrides

    def hitButton(self, pos: QPoint) -> bool:
        """Nothing is hit while it is busy."""
        return not self._busy and super().hitButton(pos)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space and Enter do nothing while it is busy."""
        if self._busy and event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()
            return
        super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        """The icon lights up with the words."""
        self._light(lit=True)
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """And goes back."""
        self._light(lit=False)
        super().leaveEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the spinner beside the words."""
        super().resizeEvent(event)
        self._place_spinner()


def button(
    theme: Theme,
    text: str,
    kind: ButtonKind = "secondary",
    *,
    icon: str = "",
    tip: str = "",
    large: bool = False,
) -> ThemedButton:
    """A button with words."""
    made = ThemedButton(theme, text, kind, icon, SMALL_ICON if kind == "chip" else ICON)
    set_tip(made, tip)
    if large:
        made.setProperty("large", "true")
    return made


def icon_button(theme: Theme, icon: str, tip: str, *, checkable: bool = False) -> ThemedButton:
    """A 32 × 32 button with an icon only; its tooltip is its accessible name."""
    made = ThemedButton(theme, "", "icon", icon, ICON)
    set_tip(made, tip)
    made.setAccessibleName(tip)
    made.setCheckable(checkable)
    return made
