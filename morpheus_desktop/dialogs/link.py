"""Asks before a link is opened in the browser: links in answers are written by a model."""

from urllib.parse import urlsplit

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.basic import button, card, label
from morpheus_desktop.widgets.overlay import Overlay
from router.untrusted import one_line, visible

LONGEST_SHOWN = 600
WHAT = "This link comes from an answer or a file. It opens in your browser, outside the app."


class LinkDialog(Overlay):
    """Accepted when the link shall be opened. The address is shown whole, with its host first."""

    def __init__(self, url: str, theme: Theme, over: QWidget) -> None:
        super().__init__(theme, over, "Open this link?")
        self._url = url
        frame, column = card("raised", padding=12)
        address = label(_shown(url), "mono", "text-2", wrap=True)
        address.setAccessibleName("Address")
        column.addWidget(label(host_of(url), "body_strong", wrap=True))
        column.addWidget(address)
        self.body.addWidget(label(WHAT, wrap=True))
        self.body.addWidget(frame)
        self._copy = button(theme, "Copy address", "ghost", icon="copy")
        self._copy.clicked.connect(self._copy_address)
        self._cancel = button(theme, "Cancel")
        self._cancel.clicked.connect(self.reject)
        go = button(theme, "Open in browser", "primary")
        go.clicked.connect(self.accept)
        for part in (self._copy, self._cancel, go):
            self.footer.addWidget(part)

    def first_focus(self) -> QWidget:
        """The safe answer."""
        return self._cancel

    def _copy_address(self) -> None:
        QGuiApplication.clipboard().setText(self._url)
        self._copy.setText("Copied")


def host_of(url: str) -> str:
    """Where a link leads, in the form that cannot be mistaken for another name.

    Letters of other scripts are shown as the browser sends them (xn--…): `аpple.com` with a
    Cyrillic letter does not look like `apple.com` then.
    """
    try:
        host = urlsplit(url).hostname or ""
        return one_line(host.encode("idna").decode("ascii") if not host.isascii() else host)
    except (ValueError, UnicodeError):
        return "an address that cannot be read"


def _shown(url: str) -> str:
    text = visible(url[:LONGEST_SHOWN]).replace("\n", " ")
    return text + ("…" if len(url) > LONGEST_SHOWN else "")
