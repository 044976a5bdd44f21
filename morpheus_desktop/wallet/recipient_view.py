"""Whom something is sent to, with everything that speaks against it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.recipient import Recipient
from morpheus_desktop.widgets.address import FullAddress
from morpheus_desktop.widgets.basic import Chip, ThemedButton, button, card, label
from morpheus_desktop.widgets.identicon import Identicon
from morpheus_desktop.widgets.note import Note
from router.untrusted import one_line

ALIKE = (
    "Only the beginning and the end match. Thieves send tiny amounts from addresses that look "
    "alike, so that you copy the wrong one."
)


class RecipientView(QWidget):
    """The full address, and warnings.

    Signals:
        other_asked: a known address that shall be used instead.
        back_asked: back to the form.
    """

    other_asked = Signal(str)
    back_asked = Signal()

    def __init__(self, theme: Theme, recipient: Recipient | None, *, warn: bool = True) -> None:
        """`warn` is left out where nothing is paid to a recipient that somebody typed."""
        super().__init__()
        self._warns = warn
        self.safe_button: ThemedButton | None = None
        self._theme = theme
        self._recipient = recipient
        self._clipboard = Note(theme, "danger")
        self._in_clipboard = FullAddress(theme)
        self.setVisible(recipient is not None)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        if recipient is not None:
            self._build(recipient)
        self.show_clipboard("")

    def show_clipboard(self, address: str) -> None:
        """Say that the clipboard holds another address."""
        self._clipboard.setVisible(bool(address))
        self._in_clipboard.setVisible(bool(address))
        if address and self._recipient is not None:
            self._clipboard.set(
                "danger",
                "The clipboard holds another address now.",
                "A program may have changed it. Compare both, group by group.",
            )
            self._in_clipboard.set_address(address, unlike=self._recipient.address)

    def _build(self, recipient: Recipient) -> None:
        theme = self._theme
        head = QHBoxLayout()
        title = "To" if self._warns or not recipient.is_contract else "Contract"
        head.addWidget(label(title, "label", "text-2"))
        head.addWidget(label(recipient.name, "body_strong"))
        head.addStretch()
        if recipient.first_time:
            head.addWidget(Chip(theme, "First time", "warn", "sparkle"))
        self._column.addLayout(head)
        frame, column = card("plain", padding=12)
        line = QHBoxLayout()
        line.setSpacing(12)
        picture = Identicon(theme)
        picture.set_address(recipient.address)
        address = FullAddress(theme)
        address.set_address(
            recipient.address, unlike=recipient.alike[0][0] if recipient.alike else ""
        )
        line.addWidget(picture)
        line.addWidget(address, 1)
        column.addLayout(line)
        self._column.addWidget(frame)
        if self._warns:
            for other, name in recipient.alike:
                self._warn_alike(other, name)
            self._warn(recipient)
        self._column.addWidget(self._clipboard)
        self._column.addWidget(self._in_clipboard)
        for note in self.findChildren(Note):
            note.be_narrow()

    def _warn(self, recipient: Recipient) -> None:
        theme = self._theme
        if recipient.is_contract:
            self._column.addWidget(
                Note(
                    theme,
                    "warn",
                    "This is a contract.",
                    "Many contracts cannot give back what is sent to them.",
                )
            )
        if recipient.is_own:
            self._column.addWidget(
                Note(theme, "", "This is your own address.", "Only the network fee would be spent.")
            )
        if recipient.first_time and not recipient.alike:
            self._column.addWidget(
                Note(
                    theme,
                    "warn",
                    "Nothing was sent there from here yet.",
                    "Compare every group with where you have the address from.",
                    icon="sparkle",
                )
            )

    def _warn_alike(self, other: str, name: str) -> None:
        who = one_line(name, 40) or "an address that you know"
        note = Note(
            self._theme,
            "danger",
            f"This looks like {who}, but it is a different address.",
            ALIKE,
            icon="triangle-alert",
        )
        use = button(self._theme, f"Use {who} instead", "primary")
        use.clicked.connect(lambda: self.other_asked.emit(other))
        back = button(self._theme, "Go back and check", "ghost")
        back.clicked.connect(self.back_asked)
        note.add_action(use, below=True)
        note.add_action(back, below=True)
        known = FullAddress(self._theme)
        known.set_address(other)
        line = QHBoxLayout()
        line.addWidget(label(f"{who}, known", "small", "text-2"))
        line.addWidget(known, 1)
        self._column.addWidget(note)
        self._column.addLayout(line)
        self.safe_button = self.safe_button or use
