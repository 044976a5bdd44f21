"""Receiving: the address as a code and in full, and on which network."""

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.recipient import address_in
from morpheus_desktop.widgets.address import CopyButton, FullAddress
from morpheus_desktop.widgets.basic import Chip, Picture, Tone, button, card, icon_button, label
from morpheus_desktop.widgets.identicon import Identicon
from morpheus_desktop.widgets.note import Note
from morpheus_desktop.widgets.overlay import Overlay
from morpheus_desktop.widgets.qr import QrCode
from morpheus_desktop.widgets.scrolled import Scrolled
from router.networks import Network

CODE, NARROW = 333, 700
# So long after copying the clipboard is looked at once.
LOOK_MS = 600


class ReceiveDialog(Overlay):
    """The account's address. It works without a connection.

    Signals:
        save_asked: save the code as a picture.
    """

    save_asked = Signal()

    def __init__(self, theme: Theme, over: QWidget, address: str, network: Network) -> None:
        super().__init__(theme, over, "Receive MOR or ETH", width=796)
        self._address = address
        self._code = QrCode(theme, "Code of your address", CODE)
        self._code.set_content(address)
        self._copy = CopyButton(theme, kind="primary")
        self._copy.setProperty("large", "true")
        self._copy.set_text_to_copy(address)
        self._save = icon_button(theme, "download", "Save the code as a picture")
        self._save.clicked.connect(self.save_asked)
        self._changed = Note(theme, "danger")
        self._found = FullAddress(theme)
        self._timer = QTimer(self, singleShot=True, interval=LOOK_MS)
        self._timer.timeout.connect(self.look_at_clipboard)
        self._copy.clicked.connect(self._timer.start)
        inside = QWidget()
        narrow = over.width() < theme.px(NARROW)
        ways = QBoxLayout.Direction
        row = QBoxLayout(ways.TopToBottom if narrow else ways.LeftToRight, inside)
        row.setContentsMargins(4, 4, 4, 4)
        row.setSpacing(24)
        row.addWidget(self._code)
        row.addLayout(self._right(network), 1)
        self.body.addWidget(Scrolled(inside, "Your address"))
        done = button(theme, "Done")
        done.clicked.connect(self.accept)
        self.footer.addWidget(done)
        self._show_found("")

    def first_focus(self) -> QWidget:
        """Copying is what it is for."""
        return self._copy

    def look_at_clipboard(self) -> None:
        """Compare what the clipboard holds with what was copied."""
        found = QGuiApplication.clipboard().text()
        self._show_found("" if found == self._address else found)

    def _show_found(self, found: str) -> None:
        self._changed.setVisible(bool(found))
        other = address_in(found)
        self._found.setVisible(bool(other))
        if found:
            self._changed.set(
                "danger",
                "The clipboard does not hold your address.",
                "A program changed it: it holds the address below. Do not paste it."
                if other
                else "A program changed it. Do not paste it; use the code.",
            )
        if other:
            self._found.set_address(other, unlike=self._address)
        self.refit()

    def _right(self, network: Network) -> QVBoxLayout:
        theme = self.theme
        head = QHBoxLayout()
        head.setSpacing(10)
        picture = Identicon(theme)
        picture.set_address(self._address)
        head.addWidget(picture)
        head.addWidget(label("Your account", "body_strong"), 1)
        tone: Tone = "accent" if network.is_real else "warn"
        head.addWidget(Chip(theme, network.title, tone, "link"))
        frame, column = card("plain", padding=16)
        address = FullAddress(theme, gap=24, style="code")
        address.set_address(self._address)
        column.addWidget(address)
        actions = QHBoxLayout()
        actions.setSpacing(8)
        actions.addWidget(self._copy, 1)
        actions.addWidget(self._save)
        right = QVBoxLayout()
        right.setSpacing(16)
        right.addLayout(head)
        right.addWidget(frame)
        right.addLayout(actions)
        warning = Note(
            theme,
            "warn",
            f"Only send on {network.title}.",
            "MOR or ETH sent on another network will not show up here and may be hard to get back.",
        )
        for note in (warning, self._changed):
            note.be_narrow()
            right.addWidget(note)
        right.addWidget(self._found)
        right.addStretch()
        right.addLayout(_hint(theme))
        return right


def _hint(theme: Theme) -> QHBoxLayout:
    words = "After copying, the app checks that the clipboard still holds this address."
    line = QHBoxLayout()
    line.setSpacing(8)
    line.addWidget(Picture(theme, "clipboard-check", 14, "text-3"))
    line.addWidget(label(words, "small", "text-3", wrap=True), 1)
    return line
