"""A menu with rounded corners and icons of the theme."""

from collections.abc import Callable

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QAction, QPainterPath, QRegion, QResizeEvent
from PySide6.QtWidgets import QMenu, QWidget

from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.tip import set_tip


class Menu(QMenu):
    """Made when it is opened, with `popup(point)`; gone when it is closed."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setFont(theme.font("body"))
        self.setWindowFlag(Qt.WindowType.NoDropShadowWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setToolTipsVisible(True)

    def add(
        self,
        text: str,
        run: Callable[[], object],
        *,
        icon: str = "",
        reason: str = "",
        keys: str = "",
        danger: bool = False,
    ) -> QAction:
        """Add a line. `reason` turns it off and says why; `keys` only shows the shortcut."""
        # An ampersand is part of the text, not a mnemonic.
        words = text.replace("&", "&&")
        action = self.addAction(f"{words}\t{keys}" if keys else words)
        if icon:
            action.setIcon(self._theme.icon(icon, 16, "danger" if danger else "text-2"))
        action.setEnabled(not reason)
        set_tip(action, reason)
        action.triggered.connect(lambda _checked=False: run())
        return action

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cut the corners: not every desktop can show a window that is transparent there."""
        super().resizeEvent(event)
        radius = self._theme.radius("box")
        path = QPainterPath()
        path.addRoundedRect(QRectF(self.rect()), radius, radius)
        self.setMask(QRegion(path.toFillPolygon().toPolygon()))
