"""A link is shown whole before it opens, and looks like nothing else."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QLabel, QWidget

from morpheus_desktop.dialogs.link import LONGEST_SHOWN, LinkDialog, host_of


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://example.com/a?b=c", "example.com"),
        ("https://user:secret@evil.example/", "evil.example"),
        ("https://\u0430pple.com/", "xn--pple-43d.com"),
        ("https://exa\u202emple.com", "an address that cannot be read"),
        ("http://[::1", "an address that cannot be read"),
        ("https://1.2.3.4:8080/", "1.2.3.4"),
    ],
)
def test_hosts(url, host):
    assert host_of(url) == host


def test_what_is_shown_and_asked(qtbot, theme):
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(900, 600)
    window.show()
    url = "https://example.com/<b>x</b>\u200b?q=" + "y" * 1_000
    dialog = LinkDialog(url, theme, window)
    dialog.open()
    texts = [part.text() for part in dialog.findChildren(QLabel)]
    assert "example.com" in texts
    (address,) = [text for text in texts if text.startswith("https://example.com/<b>x</b>")]
    assert "\u200b" not in address
    assert LONGEST_SHOWN < len(address) < LONGEST_SHOWN + 20
    assert all(
        part.textFormat() == Qt.TextFormat.PlainText
        for part in dialog.findChildren(QLabel)
        if part.text()
    )
    assert dialog.first_focus() is dialog._cancel
    dialog._copy.click()
    assert QGuiApplication.clipboard().text() == url
    with qtbot.waitSignal(dialog.finished) as told:
        dialog._cancel.click()
    assert told.args == [int(QDialog.DialogCode.Rejected)]
