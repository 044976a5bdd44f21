"""What the documents name is there: files, commands, modules, addresses. And nothing private is."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.meta.sources import ROOT
from tests.support.api_client import running_api

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
TEXT = {".cmake", ".cmd", ".json", ".lock", ".md", ".py", ".qss", ".sh", ".toml", ""}
PRIVATE = re.compile(r"/(?:root|work)/\w|pythonhosted|pypi\.org")
ADDRESS = re.compile(r"^\| (?P<words>`(?:GET|POST|DELETE)\b.*?) \|", re.MULTILINE)


def blocks(document: Path) -> str:
    """All that a document tells to type into a shell."""
    return "\n".join(re.findall(r"```sh\n(.*?)```", document.read_text("utf-8"), re.DOTALL))


def commands(text: str) -> set[str]:
    """Programs of the project in a text: paths below scripts and installers, modules."""
    return set(re.findall(r"(?<![\w/.])(?:scripts|installers|\.ci)/[\w./-]*\w", text)) | set(
        re.findall(r"python3? -m ([\w.]+)", text)
    )


def in_shell_and_text(document: Path) -> set[str]:
    text = document.read_text("utf-8")
    inline = " ".join(re.findall(r"`([^`\n]+)`", text))
    return commands(blocks(document)) | commands(inline)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_to_files(document: Path) -> None:
    links = re.findall(r"\]\(([^)\s#]+)[^)]*\)", document.read_text("utf-8"))
    files = [link for link in links if "://" not in link]
    assert [link for link in files if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_commands_exist(document: Path) -> None:
    missing = [
        name
        for name in in_shell_and_text(document)
        if not ((ROOT / name).exists() if "/" in name else importlib.util.find_spec(name))
    ]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_source_files_and_modules_exist(document: Path) -> None:
    inline = re.findall(r"`([\w./]+)`", document.read_text("utf-8"))
    files = {name for name in inline if "/" in name and name.endswith((".py", ".cmake", "/"))}
    places = (ROOT, ROOT / "router", ROOT / "morpheus_desktop", ROOT / "tests/support")
    assert {name for name in files if not any((place / name).exists() for place in places)} == set()
    modules = {name for name in inline if name.startswith(("router.", "morpheus_desktop."))}
    parts = {name.rpartition(".")[0] if re.search(r"\.[A-Z]", name) else name for name in modules}
    assert {name for name in parts if not importlib.util.find_spec(name)} == set()


def test_developer_commands_exist() -> None:
    named = {
        name
        for document in DOCUMENTS
        for name in re.findall(r"scripts/dev\.py (\w+)", document.read_text("utf-8"))
    }
    command = [sys.executable, "scripts/dev.py", "--help"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    offered = re.search(r"\{([\w,]+)\}", done.stdout)
    assert offered is not None
    assert named <= set(offered[1].split(","))


async def test_the_interface_is_described_whole(tmp_path: Path) -> None:
    described = set()
    for row in ADDRESS.finditer((ROOT / "docs/http-api.md").read_text("utf-8")):
        methods: list[str] = []
        for word in re.findall(r"`([^`]+)`", row["words"]):
            method, _, path = word.rpartition(" ")
            methods.append(method or path)
            if path.startswith("/"):
                described |= {(each, plain(path)) for each in methods if each.isupper()}
                methods = []
    async with running_api(tmp_path) as api:
        served = {(route.method, plain(route.path)) for route in api.server.routes}
    assert described == served


def plain(path: str) -> str:
    """A path without the names of its parts: they are a matter of taste."""
    return re.sub(r"\{\w+\}|(?<=/swagger/).*", "*", path)


def test_nothing_names_a_place_of_our_machines() -> None:
    named = {
        str(path.relative_to(ROOT)): found[0]
        for path in tracked()
        if path.suffix in TEXT and path != Path(__file__)
        if (found := PRIVATE.search(path.read_text("utf-8", "replace")))
    }
    assert named == {}


def tracked() -> list[Path]:
    """The files of the project, without what was built or installed."""
    done = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:  # an unpacked archive
        return [path for path in ROOT.rglob("*") if path.is_file() and ".venv" not in path.parts]
    return [path for name in done.stdout.split("\0") if (path := ROOT / name).is_file()]
