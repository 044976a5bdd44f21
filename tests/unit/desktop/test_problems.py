"""Known errors are explained, bugs are caught wherever they happen."""

import asyncio
import logging
import sys
import threading
import warnings

import pytest
from PySide6.QtCore import QtMsgType, qWarning

from morpheus_desktop import problems
from morpheus_desktop.problems import Problems, crash_of, describe
from router.errors import ModelError


def boom(text: str = "boom") -> Exception:
    try:
        raise ZeroDivisionError(text)
    except ZeroDivisionError as error:
        return error


@pytest.fixture
def nets(qapp):
    nets = Problems()
    loop = asyncio.new_event_loop()
    nets.install(loop)
    yield nets
    nets.uninstall()
    loop.close()


def heard(signal):
    got = []
    signal.connect(got.append)
    return got


def test_a_known_error_is_told_in_its_own_words():
    problem = describe(
        ModelError("The file ends early.", safe="Nothing was added.", hint="Get it again.")
    )
    assert problem.text == "The file ends early. Nothing was added. Get it again."


def test_an_unknown_error_is_told_without_its_details():
    problem = describe(boom("secret internals"))
    assert "secret" not in problem.text
    assert "Diagnostics" in problem.hint


def test_known_errors_become_toasts_each_time(qapp):
    nets = Problems()
    explained, crashed = heard(nets.explained), heard(nets.crashed)
    for _ in range(2):
        nets.report(ModelError("The file ends early."))
    assert [problem.message for problem in explained] == ["The file ends early."] * 2
    assert crashed == []


def test_a_bug_is_shown_once_for_its_place(qapp, caplog):
    nets = Problems()
    crashed = heard(nets.crashed)
    for _ in range(3):
        nets.report(boom())
    try:
        raise ZeroDivisionError("elsewhere")
    except ZeroDivisionError as error:
        nets.report(error)
    assert len(crashed) == 2
    assert caplog.text.count("Traceback") == 4


def test_a_report_has_the_facts_but_no_secrets(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    report = crash_of(boom(f"{tmp_path}/x password=hunter2 sk-abcdefghijk \x1b[31m\u202e")).report
    assert "ZeroDivisionError" in report
    assert "test_problems.py" in report
    assert "Qt 6" in report
    assert "~/x" in report
    for secret in ("hunter2", "sk-abcdefghijk", str(tmp_path), "\x1b", "\u202e"):
        assert secret not in report


def test_a_report_is_never_endless():
    def deeper(level: int) -> None:
        deeper(level + 1)

    with pytest.raises(RecursionError) as caught:
        deeper(0)
    assert len(crash_of(caught.value).report) <= problems.LONGEST_REPORT
    assert len(crash_of(boom("x" * 100_000)).report) <= problems.LONGEST_REPORT


def test_uncaught_errors_of_the_main_thread(nets, caplog):
    crashed = heard(nets.crashed)
    error = boom()
    sys.excepthook(type(error), error, error.__traceback__)
    assert "ZeroDivisionError" in crashed[0].report


def test_uncaught_errors_of_other_threads_reach_the_window(nets, qtbot, caplog):
    crashed = heard(nets.crashed)

    def fail() -> None:
        raise ZeroDivisionError("in a thread")

    thread = threading.Thread(target=fail, name="hashing")
    with qtbot.waitSignal(nets.crashed):
        thread.start()
    thread.join()
    assert "in a thread" in crashed[0].report
    assert "in thread hashing" in caplog.text


def test_errors_that_python_cannot_raise(nets, caplog):
    crashed = heard(nets.crashed)

    class Clumsy:
        def __del__(self) -> None:
            raise ZeroDivisionError("while freeing")

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        del_me = Clumsy()
        del del_me
    assert "while freeing" in crashed[0].report


def test_errors_of_the_loop(qapp, caplog):
    loop = asyncio.new_event_loop()
    nets = Problems()
    nets.install(loop)
    crashed = heard(nets.crashed)
    try:
        loop.call_soon(lambda: 1 / 0)
        loop.call_soon(loop.stop)
        loop.run_forever()
        loop.call_exception_handler({"message": "a transport was forgotten"})
    finally:
        nets.uninstall()
        loop.close()
    assert len(crashed) == 1
    assert "a transport was forgotten" in caplog.text


@pytest.mark.parametrize(
    ("kind", "level"),
    [
        (QtMsgType.QtDebugMsg, logging.DEBUG),
        (QtMsgType.QtWarningMsg, logging.WARNING),
        (QtMsgType.QtCriticalMsg, logging.ERROR),
    ],
)
def test_what_qt_says_goes_to_the_log(kind, level, caplog):
    class Context:
        category = "qt.qpa"

    with caplog.at_level(logging.DEBUG):
        problems.qt_message(kind, Context(), "no clipboard")
    assert (caplog.records[0].levelno, caplog.records[0].message) == (level, "qt.qpa: no clipboard")


def test_qt_messages_are_caught_when_installed(nets, caplog):
    qWarning("something of Qt")
    assert "something of Qt" in caplog.text
