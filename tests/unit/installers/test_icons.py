"""The kept icon files show the drawing, and are what they say they are."""

import struct

import pytest
from PySide6.QtGui import QImage

from installers import icons


def read(png: bytes) -> QImage:
    image = QImage()
    assert image.loadFromData(png, "PNG")
    return image


@pytest.mark.parametrize("size", icons.SIZES)
def test_each_picture_shows_the_drawing_as_it_is(qapp, size):
    kept = read((icons.FOLDER / "png" / f"{size}.png").read_bytes())
    fresh = read(icons.render(size))
    assert (kept.width(), kept.height()) == (size, size)
    for x in range(0, size, max(size // 16, 1)):
        for y in range(0, size, max(size // 16, 1)):
            pairs = zip(
                kept.pixelColor(x, y).getRgb(), fresh.pixelColor(x, y).getRgb(), strict=True
            )
            assert all(abs(a - b) <= 16 for a, b in pairs), f"run installers.icons: {x}, {y}"


def test_the_windows_icon_leads_to_each_picture():
    data = (icons.FOLDER / "morpheus-desktop.ico").read_bytes()
    reserved, kind, count = struct.unpack_from("<HHH", data)
    assert (reserved, kind, count) == (0, 1, len(icons.ICO_SIZES))
    for number, size in enumerate(icons.ICO_SIZES):
        width, _, _, _, _, _, length, offset = struct.unpack_from(
            "<BBBBHHII", data, 6 + 16 * number
        )
        assert width == size % 256
        assert read(data[offset : offset + length]).width() == size


def test_the_macos_icon_has_each_picture_behind_its_length():
    data = (icons.FOLDER / "morpheus-desktop.icns").read_bytes()
    assert (data[:4], struct.unpack(">I", data[4:8])[0]) == (b"icns", len(data))
    at, widths = 8, []
    while at < len(data):
        length = struct.unpack(">I", data[at + 4 : at + 8])[0]
        widths.append(read(data[at + 8 : at + length]).width())
        at += length
    assert widths == list(icons.ICNS_TYPES)
