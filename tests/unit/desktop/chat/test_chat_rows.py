"""The rows of the chat list: what is painted of a chat, a group, a place that was found."""

from datetime import datetime, timedelta

import pytest
from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from morpheus_desktop.chat.chat_rows import ChatRows
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.chat_list import ChatListModel, Row
from router.backends.base import Sampling
from router.store.records import Chat, SearchHit

CHOSEN = QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_Enabled
PLAIN = QStyle.StateFlag.State_Enabled
WIDTH = 247


def chat(title: str, *, days: int = 3, pinned: bool = False) -> Chat:
    then = (datetime.now().astimezone() - timedelta(days=days)).timestamp()
    return Chat(
        "0x1", title, False, pinned, "", "local", "", Sampling(), None, "", then, then
    )  # fmt: skip


def chat_row(title: str = "Title", *, days: int = 3, pinned: bool = False, writing=False) -> Row:
    return Row("chat", title, chat(title, days=days, pinned=pinned), writing=writing)


@pytest.fixture
def paint(qapp, theme: Theme):
    rows = ChatRows(theme)

    def run(row: Row, state: QStyle.StateFlag = PLAIN, *, before: Row | None = None) -> QImage:
        model = ChatListModel()
        model.set_rows([before, row] if before else [row])
        option = QStyleOptionViewItem()
        option.rect = QRect(0, 0, WIDTH, 60)
        index = model.index(1 if before else 0)
        size = rows.sizeHint(option, index)
        option.rect = QRect(0, 0, WIDTH, size.height())
        option.state = state
        image = QImage(QSize(WIDTH, size.height()), QImage.Format.Format_RGB32)
        image.fill(theme.color("bg-app"))
        painter = QPainter(image)
        rows.paint(painter, option, index)
        painter.end()
        return image

    return run


def inked(image: QImage, theme: Theme, left: int, right: int) -> bool:
    ground = theme.color("bg-app").rgb()
    return any(
        image.pixel(x, y) != ground for x in range(left, right) for y in range(image.height())
    )


def test_heights(paint):
    group, hit = (
        Row("group", "Today"),
        Row("hit", "T", hit=SearchHit("1", "T", 1, "user", "x", (), 0)),
    )
    assert paint(group).height() == 28
    assert paint(group, before=group).height() == 32
    assert paint(chat_row()).height() == 36
    assert paint(hit).height() == 56


def test_the_time_is_told_of_today_only(paint, theme):
    assert inked(paint(chat_row("T", days=0)), theme, 200, WIDTH)
    assert not inked(paint(chat_row("T", days=1)), theme, 200, WIDTH)


def test_a_ring_replaces_the_time(paint, theme):
    ring = paint(chat_row("T", days=0, writing=True))
    assert not inked(ring, theme, 190, 220)
    assert inked(ring, theme, 220, WIDTH)


def test_long_titles_end_before_the_time(paint, theme):
    assert paint(chat_row("W" * 300)) != paint(chat_row("W" * 3))
    assert not inked(paint(chat_row("W" * 300)), theme, WIDTH - 9, WIDTH)


def test_looks_of_a_chat(paint):
    plain = paint(chat_row())
    assert paint(chat_row(), CHOSEN) != plain
    assert paint(chat_row(), PLAIN | QStyle.StateFlag.State_MouseOver) != plain
    assert paint(chat_row(pinned=True)) != plain
    assert paint(chat_row(""), PLAIN) == paint(chat_row("New chat"), PLAIN)


def test_the_focus_is_seen(paint):
    keyboard = QStyle.StateFlag.State_HasFocus | QStyle.StateFlag.State_KeyboardFocusChange
    assert paint(chat_row(), CHOSEN | keyboard) != paint(chat_row(), CHOSEN)


def test_the_text_around_a_hit_is_one_line(paint):
    one = SearchHit("1", "T", 1, "user", "a b", (), 0)
    two = SearchHit("1", "T", 1, "user", "a\n\u202eb", (), 0)
    assert paint(Row("hit", "T", hit=one)).height() == paint(Row("hit", "T", hit=two)).height()
