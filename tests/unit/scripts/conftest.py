"""Lets tests import what scripts/dev.py is made of, and put programs in its way."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "scripts"))

AddProgram = Callable[..., Path]


@pytest.fixture
def add_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AddProgram:
    """Makes programs; PATH has only these. Each notes its arguments in a file named `.calls`."""
    if os.name == "nt":
        pytest.skip("the programs are shell scripts")
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def add(name: str, code: int = 0) -> Path:
        program = folder / name
        program.write_text(f'#!/bin/sh\necho "$@" >> "{program}.calls"\nexit {code}\n')
        program.chmod(0o700)
        return program

    return add
