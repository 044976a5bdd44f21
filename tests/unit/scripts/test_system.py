"""devtools.system: what is missing is installed, or named in a command that can be copied."""

import ctypes.util
import os
import sys

import pytest
from devtools import system
from devtools.say import Stopped

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is installed")

NEEDED = "apt-get install --yes --no-install-recommends libegl1 libxcb-cursor0"


@pytest.fixture
def missing(monkeypatch):
    """Two libraries are not there."""
    there = {name for name in system.QT_LIBRARIES if name not in ("EGL", "xcb-cursor")}
    monkeypatch.setattr(ctypes.util, "find_library", lambda name: name if name in there else None)


@pytest.mark.usefixtures("missing")
def test_a_user_is_told_the_exact_command(add_program, monkeypatch):
    program = add_program("apt-get")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(Stopped) as stopped:
        system.need_qt_libraries()
    assert str(stopped.value).endswith(f"\n  sudo {NEEDED}")
    assert not program.with_name("apt-get.calls").exists()


@pytest.mark.usefixtures("missing")
def test_root_gets_them_installed(add_program, monkeypatch):
    program = add_program("apt-get")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    system.need_qt_libraries()
    calls = program.with_name("apt-get.calls").read_text().splitlines()
    assert calls == ["update -qq", f"{NEEDED.removeprefix('apt-get ')} -qq"]


@pytest.mark.usefixtures("missing")
def test_an_installation_that_fails_is_told(add_program, monkeypatch):
    add_program("apt-get", code=100)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(Stopped, match="could not be installed"):
        system.need_qt_libraries()


@pytest.mark.usefixtures("missing", "add_program")
def test_elsewhere_the_names_help():
    with pytest.raises(Stopped, match="libegl1, libxcb-cursor0"):
        system.need_qt_libraries()


def test_a_system_that_has_all_is_left_alone(add_program, monkeypatch):
    monkeypatch.setattr(ctypes.util, "find_library", lambda name: name)
    for tool in system.TEST_TOOLS:
        add_program(tool)
    system.need_qt_libraries()
    system.need_test_tools()


def test_tools_for_tests_are_needed_too(add_program, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    add_program("apt-get")
    with pytest.raises(Stopped, match="xvfb openbox"):
        system.need_test_tools()


def test_a_compiler_is_found_under_each_of_its_names(add_program, monkeypatch):
    monkeypatch.delenv("CXX", raising=False)
    assert not system.has_compiler()
    own = add_program("own-compiler")
    monkeypatch.setenv("CXX", str(own))
    assert system.has_compiler()
    monkeypatch.delenv("CXX")
    add_program("clang++")
    assert system.has_compiler()
