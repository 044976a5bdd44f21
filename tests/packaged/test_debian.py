"""The Debian package: its menu entry opens the app, and it names what it needs."""

import shlex
import subprocess

import pytest

from installers import bundle, debian
from tests.support.running_app import RunningApp, needs_keyboard

ENTRY = "usr/share/applications/morpheus-desktop.desktop"


def entry_value(installed, key):
    lines = (installed / ENTRY).read_text().splitlines()
    return next(line.removeprefix(f"{key}=") for line in lines if line.startswith(f"{key}="))


@needs_keyboard
@pytest.mark.timeout(150)
def test_the_menu_entry_opens_the_app_and_it_answers(installed, tmp_path):
    name, *options = shlex.split(entry_value(installed, "Exec"))
    link = (installed / "usr/bin" / name).readlink()
    program = str(installed / link.relative_to("/"))
    app = RunningApp(tmp_path, program=program, command=tuple(options))
    try:
        app.ready()
        app.press("Return")
        app.type("What is two plus two?")
        app.press("Return")
        app.wait_for_answer("done")
        app.close_window()
        assert app.ended() == 0
    finally:
        app.kill()


def test_the_menu_entry_is_valid_and_has_its_icon(installed):
    done = subprocess.run(
        ["desktop-file-validate", str(installed / ENTRY)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    icons = installed / "usr/share/icons/hicolor"
    name = entry_value(installed, "Icon")
    sizes = {file.parents[1].name for file in icons.rglob(f"{name}.*")}
    assert {"16x16", "32x32", "48x48", "256x256", "scalable"} <= sizes


def test_it_needs_what_qt_loads_and_leaves_to_debian_what_debian_has(installed):
    package = next(bundle.FOLDER.parent.glob("*.deb"))
    done = subprocess.run(
        ["dpkg-deb", "--field", str(package), "Depends"], capture_output=True, text=True, check=True
    )
    needed = {entry.split()[0] for entry in done.stdout.split(",")}
    assert {"libegl1", "libxcb-cursor0", "libxkbcommon-x11-0", "ca-certificates"} <= needed
    assert any(name.startswith("libssl3") for name in needed)
    assert not list((installed / debian.HOME).rglob("libssl.so*"))


def test_everybody_can_read_it_and_only_root_change_it(installed):
    for path in installed.rglob("*"):
        if not path.is_symlink():
            assert path.stat().st_mode & 0o777 in (0o755, 0o644), path
