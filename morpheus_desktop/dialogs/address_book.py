"""Names for addresses: add, rename, remove. Removing a name removes nothing from the chain."""

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from morpheus_desktop.problems import describe
from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.address import FullAddress
from morpheus_desktop.widgets.basic import button, icon_button, label
from morpheus_desktop.widgets.field import Field, LineEdit
from morpheus_desktop.widgets.identicon import Identicon
from morpheus_desktop.widgets.overlay import Overlay
from morpheus_desktop.widgets.scrolled import Scrolled
from router.address_book import LONGEST_NAME, AddressBook
from router.errors import BadRequest, MorpheusError
from router.wallet.checks import checked_address

# More rows than anybody looks through; the search of the form finds the others by name.
MOST_ROWS = 200


class AddressBookDialog(Overlay):
    """The list, with a form below.

    Signals:
        rename_asked: the address that gets another name.
    """

    rename_asked = Signal(str)

    def __init__(self, theme: Theme, over: QWidget, book: AddressBook) -> None:
        super().__init__(theme, over, "Address book", width=640)
        self._book = book
        self._rows: list[QFrame] = []
        self._empty = label("No address has a name yet.", "body", "text-2", wrap=True)
        inside = QWidget()
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(4, 4, 4, 4)
        self._column.setSpacing(8)
        self._column.addWidget(self._empty)
        self.body.addWidget(Scrolled(inside, "Names"))
        self._name = LineEdit(theme, "Name")
        self._name.setMaxLength(LONGEST_NAME)
        self._address = LineEdit(theme, "Address", hint="0x…")
        self._name_field = Field(theme, "Name", self._name)
        self._address_field = Field(theme, "Address", self._address)
        self._add = button(theme, "Add", icon="plus")
        self._build()
        self._show()
        self._check()

    def first_focus(self) -> QWidget:
        """The form."""
        return self._name

    def _build(self) -> None:
        form = QHBoxLayout()
        form.setSpacing(8)
        form.addWidget(self._name_field, 1)
        form.addWidget(self._address_field, 2)
        column = QVBoxLayout()
        column.setContentsMargins(0, 22, 0, 0)
        column.addWidget(self._add)
        column.addStretch()
        form.addLayout(column)
        self.body.addLayout(form)
        done = button(self.theme, "Done")
        done.clicked.connect(self.accept)
        self.footer.addWidget(done)
        for field in (self._name, self._address):
            field.textChanged.connect(self._check)
        self._add.clicked.connect(self._add_name)

    def _check(self) -> None:
        self._name_field.set_problem("")
        self._address_field.set_problem(self._address_problem())
        missing = not self._name.text().strip() or not self._address.text().strip()
        self._add.set_reason(
            "Type a name and an address first" if missing else self._address_field.problem
        )
        self.refit()

    def _address_problem(self) -> str:
        if not self._address.text().strip():
            return ""
        try:
            address = checked_address(self._address.text())
        except BadRequest as error:
            return describe(error).text
        known = self._book.name_of(address)
        return f"This address is {known} already." if known else ""

    def _add_name(self) -> None:
        try:
            self._book.set(self._address.text(), self._name.text())
        except MorpheusError as error:
            self._name_field.set_problem(describe(error).text)
            self.refit()
            return
        self._name.clear()
        self._address.clear()
        self._show()
        self._name.setFocus()

    def _remove(self, address: str) -> None:
        self._book.set(address, "")
        self._show()

    def _show(self) -> None:
        for row in self._rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        names = [*self._book.names.items()][:MOST_ROWS]
        self._rows = [self._row(address, name) for address, name in names]
        for row in self._rows:
            self._column.addWidget(row)
            row.show()  # now, and not in the next turn: the height is taken now
        self._empty.setVisible(not names)
        self.refit()

    def _row(self, address: str, name: str) -> QFrame:
        frame = QFrame()
        frame.setObjectName("card")
        picture = Identicon(self.theme)
        picture.set_address(address)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(label(name, "body_strong", cut=True))
        full = FullAddress(self.theme)
        full.set_address(address)
        words.addWidget(full)
        rename = icon_button(self.theme, "pencil", f"Rename {name}")
        rename.clicked.connect(partial(self.rename_asked.emit, address))
        remove = icon_button(self.theme, "trash-2", f"Remove the name {name}")
        remove.clicked.connect(partial(self._remove, address))
        row = QHBoxLayout(frame)
        row.setContentsMargins(14, 10, 10, 10)
        row.setSpacing(12)
        row.addWidget(picture)
        row.addLayout(words, 1)
        row.addWidget(rename)
        row.addWidget(remove)
        return frame
