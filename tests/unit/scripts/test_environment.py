"""devtools.environment: nothing is done twice, and nothing that is needed is left out."""

import shutil
import sys

import pytest
from devtools import environment, model


@pytest.fixture
def made(tmp_path, monkeypatch, add_program):
    """An environment that is complete; its Python is no Python, so that any step would fail."""
    venv, locks, models = tmp_path / "venv", tmp_path / "locks", tmp_path / "models"
    shutil.copytree(environment.LOCKS, locks)
    for folder in (venv, models):
        folder.mkdir()
    monkeypatch.setattr(environment, "VENV", venv)
    monkeypatch.setattr(environment, "LOCKS", locks)
    monkeypatch.setattr(environment, "PYTHON", str(tmp_path / "no-python"))
    monkeypatch.setattr(model, "FOLDER", models)
    with (models / model.NAME).open("wb") as file:
        file.truncate(model.SIZE)
    (venv / "stamp-python").write_text(environment._python())
    (venv / "stamp-app").write_text(environment._fingerprint(dev=False))
    return tmp_path


def test_what_is_complete_is_left_alone(made):
    environment.prepare(dev=False)


def change_a_lock(made, _add):
    with (made / "locks" / "local.lock").open("a") as lock:
        lock.write("more==1.0\n")


def lose_the_model(made, _add):
    (made / "models" / model.NAME).unlink()


def halve_the_model(made, _add):
    (made / "models" / model.NAME).write_bytes(b"GGUF")


def get_a_compiler(made, add_program):
    (made / "venv" / environment.WITHOUT_RUNTIME).touch()
    add_program("c++")


@pytest.mark.parametrize("change", [change_a_lock, lose_the_model, halve_the_model, get_a_compiler])
def test_what_has_changed_is_done_again(made, add_program, change):
    change(made, add_program)
    with pytest.raises(FileNotFoundError, match="no-python"):
        environment.prepare(dev=False)


def test_without_a_compiler_nothing_is_done_again_and_again(made):
    (made / "venv" / environment.WITHOUT_RUNTIME).touch()
    environment.prepare(dev=False)


def test_the_tools_for_tests_are_extra(made):
    with pytest.raises(FileNotFoundError, match="no-python"):
        environment.prepare(dev=True)


def test_a_python_that_does_not_fit_gives_way_to_one_that_does(monkeypatch, add_program):
    monkeypatch.setattr(sys, "version_info", (3, 14, 0))
    monkeypatch.setattr(sys, "argv", ["scripts/dev.py", "run"])
    program = add_program("python3.12", code=7)
    with pytest.raises(SystemExit) as ended:
        environment.need_python()
    assert ended.value.code == 7
    assert program.with_name("python3.12.calls").read_text() == "scripts/dev.py run\n"


@pytest.mark.usefixtures("add_program")
def test_without_any_that_fits_it_says_which_to_install(monkeypatch, capsys):
    monkeypatch.setattr(sys, "version_info", (3, 10, 0))
    with pytest.raises(SystemExit) as ended:
        environment.need_python()
    assert ended.value.code == 1
    assert "needs 3.11, 3.12 or 3.13" in capsys.readouterr().err
