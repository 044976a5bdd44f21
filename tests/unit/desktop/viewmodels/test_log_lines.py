"""The lines of the log: filters, following, requests among them."""

import logging
import threading

import pytest
from PySide6.QtTest import QAbstractItemModelTester

from morpheus_desktop.viewmodels.log_lines import (
    LineRole,
    LogModel,
    RequestLine,
    as_text,
    request_line,
)
from router.api.request_log import RequestRecord
from router.log import KEPT_LINES, LogBook

CHAT = logging.getLogger("router.chat")
STORE = logging.getLogger("router.store.db")


@pytest.fixture
def book(tmp_path):
    book = LogBook(tmp_path / "logs")
    for logger in (CHAT, STORE):
        logger.addHandler(book)
        logger.setLevel(logging.DEBUG)
    yield book
    for logger in (CHAT, STORE):
        logger.removeHandler(book)
        logger.setLevel(logging.NOTSET)
    book.close()


@pytest.fixture
def model(book, qapp):
    CHAT.info("before the window")
    model = LogModel(book)
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)
    yield model
    model.close()


def texts(model) -> list[str]:
    model.flush()
    return [line.text for line in model.lines()]


def record(**more) -> RequestRecord:
    values = {"id": "1", "time": 0.0, "method": "GET", "path": "/v1/models", "status": 200}
    return RequestRecord(**{**values, "ms": 4.2, **more})


def test_the_newest_is_first_and_what_was_before_is_there(model):
    CHAT.info("first")
    CHAT.info("second")
    assert texts(model) == ["second", "first", "before the window"]
    assert model.index(0, 0).data(LineRole).text == "second"
    assert model.index(0, 0).data().endswith("second")


def test_lines_arrive_by_themselves_from_any_thread(model, qtbot):
    thread = threading.Thread(target=lambda: CHAT.info("from a thread"))
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: model.lines()[0].text == "from a thread")


def test_filters_are_level_part_and_text_together(model, caplog):
    CHAT.debug("a detail of Chat")
    CHAT.warning("Chat is odd")
    STORE.warning("store is odd")
    model.flush()
    model.set_filter(level=logging.WARNING)
    assert texts(model) == ["store is odd", "Chat is odd"]
    model.set_filter(part="chat")
    assert texts(model) == ["Chat is odd"]
    model.set_filter(text="ODD")
    assert texts(model) == ["Chat is odd"]
    model.set_filter(text="even")
    assert texts(model) == []
    CHAT.warning("new and even")
    assert texts(model) == ["new and even"]


def test_while_it_does_not_follow_new_lines_wait_and_are_counted(model):
    told = []
    model.changed.connect(lambda: told.append(model.waiting))
    model.set_following(on=False)
    CHAT.info("waits")
    STORE.info("waits too")
    assert texts(model) == ["before the window"]
    assert model.waiting == 2
    model.set_filter(part="chat")
    assert model.waiting == 1
    assert len(model.kept) == 3
    model.set_following(on=True)
    assert texts(model) == ["waits", "before the window"]
    assert told[-1] == 0


def test_only_so_many_lines_are_kept(model):
    for number in range(KEPT_LINES + 10):
        CHAT.info("line %d", number)
    shown = texts(model)
    assert len(shown) == KEPT_LINES
    assert shown[0] == f"line {KEPT_LINES + 9}"
    CHAT.info("one more")
    assert len(texts(model)) == KEPT_LINES


def test_after_close_nothing_is_heard(model):
    model.close()
    CHAT.info("late")
    assert texts(model) == ["before the window"]


@pytest.mark.parametrize(
    ("more", "level", "text"),
    [
        ({}, logging.INFO, "GET /v1/models 200 in 4 ms"),
        (
            {"status": 401, "error": "invalid_key"},
            logging.WARNING,
            "GET /v1/models 401 in 4 ms, invalid_key",
        ),
        ({"status": 500, "error": "x"}, logging.ERROR, "GET /v1/models 500 in 4 ms, x"),
        ({"status": 499}, logging.WARNING, "GET /v1/models client left in 4 ms"),
        (
            {"model": "smol", "prompt_tokens": 35, "answer_tokens": 1200, "key": "editor"},
            logging.INFO,
            "GET /v1/models 200 in 4 ms, smol, 35 + 1,200 tokens, key editor",
        ),
    ],
)
def test_a_request_is_a_line(more, level, text):
    line = request_line(record(**more))
    assert (line.level, line.part, line.text.replace("\u00a0", " ")) == (level, "api", text)


def test_bodies_are_not_in_the_line(model):
    line = request_line(record(request_body="a question", answer_body="an answer"))
    model.add(line)
    assert "question" not in as_text(line)
    assert texts(model)[0] == line.text
    assert isinstance(model.lines()[0], RequestLine)
