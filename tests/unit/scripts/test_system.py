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


@pytest.fixture
def tools(tmp_path):
    (tmp_path / "package-lock.json").write_text("{}")
    return tmp_path


def test_tools_for_contracts_are_installed_once(add_program, tools):
    npm = add_program("npm")
    (tools / "node_modules").mkdir()
    system.install_evm_tools(tools)
    system.install_evm_tools(tools)
    calls = npm.with_name("npm.calls").read_text().splitlines()
    assert calls == ["ci --ignore-scripts --no-audit --no-fund --silent"]


def test_without_them_it_is_said_what_is_left_out(add_program, tools, monkeypatch, capsys):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    system.install_evm_tools(tools)
    assert "npm is not installed" in capsys.readouterr().err
    add_program("npm", code=1)
    system.install_evm_tools(tools)
    assert "npm could not install" in capsys.readouterr().err
    assert not (tools / "node_modules/.package-lock.json").exists()


def test_root_gets_node_installed(add_program, tools, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    apt = add_program("apt-get")
    system.install_evm_tools(tools)
    assert "nodejs npm -qq" in apt.with_name("apt-get.calls").read_text()


def test_a_compiler_is_found_under_each_of_its_names(add_program, monkeypatch):
    monkeypatch.delenv("CXX", raising=False)
    assert not system.has_compiler()
    own = add_program("own-compiler")
    monkeypatch.setenv("CXX", str(own))
    assert system.has_compiler()
    monkeypatch.delenv("CXX")
    add_program("clang++")
    assert system.has_compiler()
