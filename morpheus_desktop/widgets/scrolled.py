"""A column that is as high as it needs to be, and scrolls where there is less room."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QWidget

LEAST_HEIGHT = 80


class Scrolled(QScrollArea):
    """Shows `inside`, whose layout is complete; `name` is what is read aloud for it."""

    def __init__(self, inside: QWidget, name: str) -> None:
        super().__init__()
        self._inside = inside
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidgetResizable(True)
        self.setWidget(inside)
        inside.setAutoFillBackground(False)
        self.viewport().setAutoFillBackground(False)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def hasHeightForWidth(self) -> bool:
        """What is inside may wrap."""
        return True

    def heightForWidth(self, width: int) -> int:
        """The height at which nothing has to scroll."""
        if self._inside.hasHeightForWidth():
            return self._inside.heightForWidth(width)
        return self._inside.sizeHint().height()

    def sizeHint(self) -> QSize:
        """As large as what is inside."""
        return self._inside.sizeHint()

    def minimumSizeHint(self) -> QSize:
        """A few lines."""
        return QSize(0, min(LEAST_HEIGHT, self.sizeHint().height()))
