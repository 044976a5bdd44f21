"""python -m router: what it takes, what it says, and how it ends."""

import signal
import socket
import sys
from pathlib import Path

import psutil
import pytest

from router import __version__
from router.__main__ import main
from router.networks import NETWORKS
from tests.support.headless import headless

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows ends processes without asking")


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    for option in ("--version", "--help"):
        with pytest.raises(SystemExit) as ended:
            main([option])
        assert ended.value.code == 0
    said = capsys.readouterr().out
    assert __version__ in said
    for wanted in ("--data-dir DIR", "--api HOST:PORT", "--network NAME", "--version"):
        assert wanted in said


@pytest.mark.parametrize("wrong", [["--network", "mars"], ["--api", "here"], ["--bogus"], ["x"]])
def test_what_is_not_understood_is_refused(
    wrong: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(wrong)
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert wrong[-1] in said
    assert wrong[0] != "--network" or all(name in said for name in NETWORKS)


def test_without_an_interface_there_is_nothing_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "settings.toml").write_text("[api]\nenabled = false\n")
    assert main(["--data-dir", str(tmp_path)]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "switched off in the settings" in said.err


def test_a_network_is_taken_for_this_run(tmp_path: Path) -> None:
    with headless(tmp_path, "--api", "127.0.0.1:0", "--network", "demo") as node:
        assert node.ready().get("/config")["Config"]["network"] == "demo"
    assert not (tmp_path / "settings.toml").exists()


def test_what_people_must_know_is_said(tmp_path: Path) -> None:
    with socket.create_server(("0.0.0.0", 0)) as taken:
        port = taken.getsockname()[1]
        with headless(tmp_path, "--api", f"0.0.0.0:{port}") as node:
            node.ready()
            _, said = node.stop()
    assert f"Port {port} is in use by another program." in said
    assert "Other computers can reach the API" in said


@posix
@pytest.mark.slow
@pytest.mark.model
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_and_the_model(tmp_path: Path, number: signal.Signals) -> None:
    question = {"messages": [{"role": "user", "content": "Hello"}], "max_tokens": 2}
    with headless(tmp_path) as node:
        node.ready().post("/v1/chat/completions", question)
        workers = psutil.Process(node.process.pid).children(recursive=True)
        assert workers
        node.process.send_signal(number)
        assert node.ended() == (0, "")
    assert not any(worker.is_running() for worker in workers)
