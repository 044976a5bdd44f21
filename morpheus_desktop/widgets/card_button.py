"""A button the size of a card: a row of things in it, and a sentence that wraps."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.focus_frame import ring


class CardButton(QAbstractButton):
    """The row is filled, and the ground painted, by whoever makes one.

    Args:
        corner: names the radius of its corners in the theme.
        least: width and height that it never goes below, in pixels at 100 %.
    """

    def __init__(self, theme: Theme, corner: str, least: tuple[int, int]) -> None:
        super().__init__()
        self._theme = theme
        self._least_width, self._least_height = least
        self._row = QHBoxLayout(self)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        ring(self, radius=theme.radius(corner))

    def _let_clicks_through(self) -> None:
        """What is inside must not keep the mouse from the button."""
        for child in self.findChildren(QWidget):
            child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    # Qt overrides

    def sizeHint(self) -> QSize:
        """As large as what is inside."""
        return self._row.sizeHint().expandedTo(QSize(0, self._theme.px(self._least_height)))

    def minimumSizeHint(self) -> QSize:
        """As narrow as the sentence can be wrapped."""
        return QSize(self._theme.px(self._least_width), self._theme.px(self._least_height))

    def hasHeightForWidth(self) -> bool:
        """A narrow card is higher."""
        return True

    def heightForWidth(self, width: int) -> int:
        """The height that a width asks for."""
        return max(self._row.heightForWidth(width), self._theme.px(self._least_height))
