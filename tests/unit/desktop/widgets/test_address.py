"""Addresses in groups, with the groups that differ."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QTransform

from morpheus_desktop.widgets.address import CopyButton, FullAddress
from morpheus_desktop.widgets.identicon import Identicon
from tests.support.looks import colors, paints

LENA = "0x8f26C64f2e734d191e0B7CaF07d8FD1b4ac8F5c1"
ALIKE = "0x8f268b4f5a959eE996e76fDe637FBa61288df5c1"


def test_an_address_is_shown_in_one_line_or_two(theme, qtbot):
    made = FullAddress(theme)
    qtbot.addWidget(made)
    made.set_address(LENA)
    one, two = (made.heightForWidth(width) for width in (700, 260))
    assert two == 2 * one
    assert made.accessibleName().replace(" ", "") == "Address" + LENA
    assert made.accessibleDescription() == ""


def test_groups_that_differ_stand_out_in_more_than_colour(theme, qtbot):
    made = FullAddress(theme)
    qtbot.addWidget(made)
    made.resize(700, 20)
    made.set_address(LENA)
    assert not paints(made, theme.hex("danger"))
    made.set_address(ALIKE, unlike=LENA)
    assert theme.hex("danger").lower() in colors(made)  # the line below
    differing = " ".join(ALIKE[2:][at : at + 4] for at in range(4, 36, 4))
    assert made.accessibleDescription() == f"Differs at {', '.join(differing.split())}"


def test_case_is_no_difference(theme, qtbot):
    made = FullAddress(theme)
    qtbot.addWidget(made)
    made.set_address(LENA, unlike="0x" + LENA[2:].lower())
    assert made.accessibleDescription() == ""


def test_a_copy_says_so_for_a_moment(theme, qtbot):
    made = CopyButton(theme)
    qtbot.addWidget(made)
    made.set_text_to_copy(LENA)
    qtbot.mouseClick(made, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == LENA
    assert made.text() == "Copied"
    qtbot.waitUntil(lambda: made.text() == "Copy address", timeout=4000)


def test_pictures_of_addresses_differ_and_are_mirrored(theme, qtbot):
    pictures = []
    for address in (LENA, ALIKE, LENA.lower()):
        made = Identicon(theme)
        qtbot.addWidget(made)
        made.set_address(address)
        pictures.append(made.grab().toImage())
    assert pictures[0] != pictures[1]
    assert pictures[0] == pictures[2]
    cells = pictures[0].copy(6, 6, 20, 20)
    assert cells == cells.transformed(QTransform().scale(-1, 1))
