"""Renders the drawing of the app icon to the files that the platforms want.

    .venv/bin/python -m installers.icons

Needed only after a change of `resources/app_icon/morpheus-desktop.svg`; the results are kept.
"""

import struct
import sys
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

FOLDER = Path(__file__).parents[1] / "resources" / "app_icon"
DRAWING = FOLDER / "morpheus-desktop.svg"
SIZES = (16, 24, 32, 48, 64, 128, 256, 512)
ICO_SIZES = (16, 24, 32, 48, 64, 128, 256)
# What a PNG of a size is called inside an .icns file.
ICNS_TYPES = {16: b"icp4", 32: b"icp5", 64: b"icp6", 128: b"ic07", 256: b"ic08", 512: b"ic09"}


def render(size: int) -> bytes:
    """The drawing as a PNG of `size` by `size` points."""
    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    QSvgRenderer(str(DRAWING)).render(painter)
    painter.end()
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # the stubs lack the device
    return bytes(data.data())


def ico(pictures: dict[int, bytes]) -> bytes:
    """An icon file for Windows: a table, then the PNGs."""
    offset = 6 + 16 * len(pictures)
    table, body = struct.pack("<HHH", 0, 1, len(pictures)), b""
    for size, png in pictures.items():
        edge = size % 256  # 256 is written as 0
        table += struct.pack("<BBBBHHII", edge, edge, 0, 0, 1, 32, len(png), offset + len(body))
        body += png
    return table + body


def icns(pictures: dict[int, bytes]) -> bytes:
    """An icon file for macOS: each PNG behind its type and length."""
    body = b"".join(
        ICNS_TYPES[size] + struct.pack(">I", 8 + len(png)) + png for size, png in pictures.items()
    )
    return b"icns" + struct.pack(">I", 8 + len(body)) + body


def main() -> int:
    """Write all files anew."""
    app = QGuiApplication(sys.argv[:1])
    pictures = {size: render(size) for size in SIZES}
    for size, png in pictures.items():
        (FOLDER / "png" / f"{size}.png").write_bytes(png)
    (FOLDER / "morpheus-desktop.ico").write_bytes(ico({s: pictures[s] for s in ICO_SIZES}))
    (FOLDER / "morpheus-desktop.icns").write_bytes(icns({s: pictures[s] for s in ICNS_TYPES}))
    app.quit()
    return 0


if __name__ == "__main__":
    sys.exit(main())
