"""Where the keyboard goes next."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from morpheus_desktop.regions import next_region, next_widget, reading_order, usable


@pytest.fixture
def page(qtbot):
    """Two columns beside each other, made in the wrong order."""
    made = QWidget()
    made.right, made.left = QWidget(), QWidget()
    row = QHBoxLayout(made)
    row.addWidget(made.left)
    row.addWidget(made.right)
    made.fields = {}
    for name, column in (("d", made.right), ("c", made.right), ("b", made.left), ("a", made.left)):
        field = made.fields[name] = QLineEdit()
        field.setObjectName(name)
        layout = column.layout() or QVBoxLayout(column)
        layout.insertWidget(0, field)
    made.left.layout().addWidget(QLabel("no stop"))
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    return made


def order(page) -> str:
    return "".join(each.objectName() for each in reading_order(page))


def test_columns_are_read_one_after_the_other(page):
    assert order(page) == "abcd"


def test_from_the_right_in_languages_that_are_read_so(page, qtbot):
    page.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    qtbot.waitUntil(lambda: page.left.x() > page.right.x())
    assert order(page) == "abcd"


def test_what_is_hidden_or_off_is_passed_over(page):
    page.fields["b"].hide()
    page.fields["c"].setEnabled(False)
    assert order(page) == "ad"
    page.hide()
    assert order(page) == ""


def test_tab_goes_round_both_ways(page):
    page.fields["d"].setFocus()
    assert next_widget(page, page.focusWidget(), forward=True)
    assert page.focusWidget() is page.fields["a"]
    next_widget(page, page.focusWidget(), forward=False)
    assert page.focusWidget() is page.fields["d"]
    next_widget(page, None, forward=True)
    assert page.focusWidget() is page.fields["a"]


def test_nothing_to_go_to(page):
    page.hide()
    assert not next_widget(page, None, forward=True)


def test_regions_without_a_usable_widget_are_passed_over(page):
    empty = QWidget(page)
    empty.show()
    regions = [page.left, empty, page.right]
    next_region(regions, None, 1)
    assert page.focusWidget() is page.fields["a"]
    next_region(regions, page.focusWidget(), 1)
    assert page.focusWidget() is page.fields["c"]
    next_region(regions, page.focusWidget(), 1)
    assert page.focusWidget() is page.fields["a"]
    next_region(regions, page.focusWidget(), -1)
    assert page.focusWidget() is page.fields["c"]


def test_a_part_of_another_widget_is_no_stop(page):
    page.fields["a"].setFocusProxy(page.fields["b"])
    assert not usable(page.fields["a"])
