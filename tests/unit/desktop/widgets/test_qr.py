"""A code is dark on white in both themes, with the quiet zone."""

from PySide6.QtGui import QColor

from morpheus_desktop.widgets.qr import QUIET, QrCode, qr_image

TEXT = "0x8f26C64f2e734d191e0B7CaF07d8FD1b4ac8F5c1"


def test_the_quiet_zone_is_white(qapp):
    image = qr_image(TEXT)
    side = image.width()
    edge = [
        (x, y)
        for x in range(side)
        for y in range(side)
        if min(x, y) < QUIET or max(x, y) >= side - QUIET
    ]
    assert {image.pixelColor(x, y).name() for x, y in edge} == {"#ffffff"}
    assert image.pixelColor(QUIET, QUIET).name() == "#000000"


def test_a_larger_picture_has_whole_modules(qapp):
    small, large = qr_image(TEXT), qr_image(TEXT, 12)
    assert large.width() == small.width() * 12
    for x in range(0, small.width(), 5):
        for y in range(0, small.width(), 5):
            assert large.pixelColor(x * 12 + 6, y * 12 + 6) == small.pixelColor(x, y)


def test_it_is_white_in_the_dark_too(theme, qtbot):
    made = QrCode(theme, "Code", 333)
    qtbot.addWidget(made)
    made.set_content(TEXT)
    for mode in ("dark", "light"):
        theme.set_mode(mode)
        image = made.grab().toImage()
        assert image.pixelColor(2, 2) == QColor("white")
        assert {image.pixelColor(x, 166).name() for x in range(333)} == {"#ffffff", "#000000"}
    assert made.accessibleName() == "Code"
