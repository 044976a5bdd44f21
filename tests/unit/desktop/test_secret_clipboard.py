"""Secrets on the clipboard go by themselves, and nothing else does."""

from PySide6.QtGui import QGuiApplication

from morpheus_desktop.secret_clipboard import CLEARED_AFTER_MS, SecretClipboard


def clipboard():
    return QGuiApplication.clipboard()


def test_half_a_minute():
    assert CLEARED_AFTER_MS == 30_000


def test_it_is_gone_after_a_while(qapp, qtbot):
    secret = SecretClipboard(after_ms=1)
    secret.copy("twelve words")
    assert clipboard().text() == "twelve words"
    qtbot.waitUntil(lambda: clipboard().text() == "")


def test_what_was_copied_since_stays(qapp, qtbot):
    secret = SecretClipboard(after_ms=1)
    secret.copy("twelve words")
    clipboard().setText("something else")
    qtbot.waitUntil(lambda: not secret._timer.isActive())
    assert clipboard().text() == "something else"


def test_managers_of_the_clipboard_are_told(qapp):
    secret = SecretClipboard()
    secret.copy("twelve words")
    assert bytes(clipboard().mimeData().data("x-kde-passwordManagerHint").data()) == b"secret"
    secret.clear()
    assert clipboard().text() == ""
