"""One entry, two programs: which one it is, and what programs it opens inherit."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from installers import entry

PROJECT = Path(__file__).parents[3]
AS_PROGRAM = "import sys; sys.executable, *sys.argv[1:] = sys.argv[1:]; from installers.entry import main; main()"


def start(program: str, *options: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", AS_PROGRAM, f"/opt/{program}", *options],
        cwd=PROJECT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("program", ["morpheus-desktop", "morpheus-router", "morpheus-router.exe"])
def test_the_name_says_which_program_it_is(program):
    words = start(program, "--help").stdout
    assert words.startswith(f"usage: {program.removesuffix('.exe')} ")
    assert ("--selftest" in words) == (program == "morpheus-desktop")


@pytest.mark.parametrize("program", ["morpheus-desktop", "morpheus-router"])
def test_either_becomes_the_process_of_its_model(program):
    """It reads commands from stdin, which is closed here: it ends at once and says nothing."""
    done = start(program, "--inference-worker")
    assert (done.returncode, done.stderr) == (0, "")
    assert "usage" not in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("program", ["morpheus-desktop", "morpheus-router"])
def test_either_becomes_the_demo_network(program):
    """It ends with its standard input, after it said where everything is."""
    done = start(program, "--demo-chain", "--end-with-stdin")
    assert (done.returncode, done.stderr) == (0, "")
    assert {"url", "diamond", "token"} <= json.loads(done.stdout).keys()


@pytest.mark.parametrize(("before", "after"), [(None, None), ("/opt/theirs", "/opt/theirs")])
def test_opened_programs_get_the_system_s_libraries_back(monkeypatch, before, after):
    monkeypatch.setenv("LD_LIBRARY_PATH", "/opt/morpheus-desktop/_internal")
    if before is None:
        monkeypatch.delenv("LD_LIBRARY_PATH_ORIG", raising=False)
    else:
        monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", before)
    entry.give_back_library_path()
    assert os.environ.get("LD_LIBRARY_PATH") == after
    assert "LD_LIBRARY_PATH_ORIG" not in os.environ
