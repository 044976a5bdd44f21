"""Asks for one line of text, for example a chat's new title."""

from PySide6.QtWidgets import QWidget

from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.basic import button
from morpheus_desktop.widgets.field import Field, LineEdit
from morpheus_desktop.widgets.overlay import Overlay

LONGEST = 120


class RenameDialog(Overlay):
    """One field; accepted with a text that is not empty, read from `text`."""

    def __init__(
        self, theme: Theme, over: QWidget, *, title: str, field: str, value: str, action: str
    ) -> None:
        super().__init__(theme, over, title, width=440)
        self._field = LineEdit(theme, field)
        self._field.setMaxLength(LONGEST)
        self._field.setText(value)
        self._field.selectAll()
        self.body.addWidget(Field(theme, field, self._field))
        cancel = button(theme, "Cancel")
        cancel.clicked.connect(self.reject)
        self._go = button(theme, action, "primary")
        self._go.clicked.connect(self.accept)
        self.footer.addWidget(cancel)
        self.footer.addWidget(self._go)
        self._field.textChanged.connect(self._check)
        self._field.returnPressed.connect(self._go.click)
        self._check()

    @property
    def text(self) -> str:
        """What was typed, without spaces around it."""
        return self._field.text().strip()

    def first_focus(self) -> QWidget:
        """The field."""
        return self._field

    def _check(self) -> None:
        self._go.set_reason("" if self.text else "Type something first")
