"""A second start of the same data folder, as a real second process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtNetwork import QLocalSocket

from morpheus_desktop.single_instance import SingleInstance, socket_address

SECOND_START = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from morpheus_desktop.single_instance import SingleInstance
app = QCoreApplication([])
second = SingleInstance(Path(sys.argv[1]))
if second.claim():
    print("first")
    if sys.argv[2] == "die":
        import os
        os._exit(9)
else:
    print("shown" if second.ask_to_show() else "no answer")
"""


def start_second(lock_file: Path, ending: str = "end") -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", SECOND_START, str(lock_file), ending],
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def first(tmp_path, qapp):
    instance = SingleInstance(tmp_path / "instance.lock")
    yield instance
    instance.release()


def test_a_second_start_brings_the_first_to_the_front(first, tmp_path, qtbot):
    assert first.claim()
    with qtbot.waitSignal(first.show_requested, timeout=20_000):
        second = start_second(tmp_path / "instance.lock")
    # The answer leaves with the loop.
    qtbot.waitUntil(lambda: second.poll() is not None, timeout=20_000)
    assert second.communicate()[0] == "shown\n"


def test_another_data_folder_is_another_instance(first, tmp_path):
    assert first.claim()
    (tmp_path / "other").mkdir()
    second = start_second(tmp_path / "other" / "instance.lock")
    assert second.communicate(timeout=20)[0] == "first\n"


def test_what_a_killed_instance_left_behind_is_no_hindrance(first, tmp_path):
    killed = start_second(tmp_path / "instance.lock", "die")
    assert killed.communicate(timeout=20)[0] == "first\n"
    assert (tmp_path / "instance.lock").exists()
    assert first.claim()


def test_after_release_the_next_may_start(first, tmp_path):
    assert first.claim()
    first.release()
    second = start_second(tmp_path / "instance.lock")
    assert second.communicate(timeout=20)[0] == "first\n"


def test_nonsense_does_not_show_the_window(first, tmp_path, qtbot, caplog):
    assert first.claim()
    first.show_requested.connect(lambda: pytest.fail("shown by nonsense"))
    socket = QLocalSocket()
    socket.connectToServer(socket_address(tmp_path))
    with qtbot.waitSignal(socket.disconnected):
        socket.write(b"GET / HTTP/1.1\r\n\r\n" * 100)
    assert "nonsense" in caplog.text


@pytest.mark.skipif(os.name == "nt", reason="Windows pipes have no file mode")
def test_the_socket_is_private(first, tmp_path):
    assert first.claim()
    assert Path(socket_address(tmp_path)).stat().st_mode & 0o077 == 0


def test_a_folder_without_room_for_a_lock_does_not_keep_the_app_from_starting(
    tmp_path, qapp, caplog
):
    instance = SingleInstance(tmp_path / "gone" / "instance.lock")
    assert instance.claim()
    instance.release()
    assert "no lock file" in caplog.text


def test_a_long_data_folder_still_has_a_usable_address(tmp_path):
    deep = tmp_path / ("d" * 90) / ("e" * 90)
    assert len(socket_address(deep)) < 104
    assert socket_address(deep) != socket_address(tmp_path / ("d" * 90))
