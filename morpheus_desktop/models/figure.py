"""A number about a model in a box."""

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from morpheus_desktop.widgets.basic import label


class Figure(QFrame):
    """A number with its name above it."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName("card")
        self.setProperty("tone", "plain")
        self._name = name
        self._value = label("", "mono")
        self._error = label("", "small", "text-3")
        numbers = QHBoxLayout()
        numbers.setSpacing(6)
        numbers.addWidget(self._value)
        numbers.addWidget(self._error)
        numbers.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(2)
        column.addWidget(label(name, "small", "text-3"))
        column.addLayout(numbers)

    def say(self, value: str, error: str = "") -> None:
        """Show a value, and how far off it may be."""
        self._value.setText(value)
        self._error.setText(error)
        self.setAccessibleName(f"{self._name}: {value} {error}".strip())
