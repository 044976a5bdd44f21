"""The application folder: complete, no larger than it may be, and its programs answer."""

import contextlib
import hashlib
import json
import os
import re
import signal
import subprocess
import urllib.request

import pytest

from installers import bundle, contents
from morpheus_desktop.selftest import CHECKS
from router import __version__
from router.units import WEI

NOT_WANTED = re.compile(
    r"WebEngine|QtCharts|Qt6Charts|gtk|Qml|Quick|translations|EglFS", re.IGNORECASE
)


def run(program: str, *options: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [bundle.FOLDER / program, *options],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def real_files(folder):
    return [file for file in folder.rglob("*") if file.is_file() and not file.is_symlink()]


@pytest.mark.timeout(150)
def test_the_self_test_passes():
    done = run("morpheus-desktop", "--selftest")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    parts = [line.partition(":")[0] for line in done.stdout.splitlines()]
    assert parts == [*CHECKS, "self-test passed"]


@pytest.mark.parametrize("program", ["morpheus-desktop", "morpheus-router"])
def test_both_programs_tell_version_and_options(program):
    assert run(program, "--version").stdout == f"Morpheus Desktop {__version__}\n"
    words = run(program, "--help").stdout
    assert words.startswith(f"usage: {program} ")
    assert "--data-dir" in words


@contextlib.contextmanager
def node(folder, *options):
    """The node without a window; gives a function that asks it, with JSON or without."""
    command = [bundle.FOLDER / "morpheus-router", "--data-dir", str(folder), *options]
    command += ["--api", ":0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            url = process.stdout.readline().removeprefix("Listening on ").strip()
            key = (folder / ".cookie").read_text().strip().partition(":")[2]
            headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

            def ask(path, question=None):
                body = None if question is None else json.dumps(question).encode()
                request = urllib.request.Request(f"http://{url}{path}", body, headers)
                with urllib.request.urlopen(request, timeout=60) as answer:
                    return json.load(answer)

            yield ask
        finally:
            process.send_signal(signal.SIGTERM)
    assert process.returncode == 0


@pytest.mark.timeout(120)
def test_the_node_without_a_window_answers_with_the_model(tmp_path):
    question = {
        "model": "smollm2-135m-instruct",
        "messages": [{"role": "user", "content": "Say hello."}],
        "max_tokens": 8,
    }
    with node(tmp_path) as ask:
        answer = ask("/v1/chat/completions", question)
    assert answer["choices"][0]["message"]["content"]


@pytest.mark.timeout(120)
def test_the_node_without_a_window_has_play_money_on_the_demo_network(tmp_path):
    with node(tmp_path, "--network", "demo") as ask:
        balance = ask("/blockchain/balance")
    assert int(balance["mor"]) == 1_000 * WEI
    assert int(balance["eth"]) > 0


def test_it_is_small_and_has_nothing_that_is_not_used(inside):
    models = bundle.size_mb(inside / "resources" / "models")
    assert models > 50, "the default model is missing"
    assert bundle.size_mb(bundle.FOLDER) - models <= bundle.LARGEST_MB
    names = [str(file.relative_to(inside)) for file in inside.rglob("*")]
    assert [name for name in names if NOT_WANTED.search(name)] == []
    assert [
        name for name in names if os.path.lexists(inside / name) and not (inside / name).exists()
    ] == []


def test_no_library_is_there_twice(inside):
    seen: dict[bytes, str] = {}
    for file in real_files(inside):
        if file.stat().st_size > 30_000:
            content = hashlib.sha256(file.read_bytes()).digest()
            assert content not in seen, f"{file} is the same as {seen[content]}"
            seen[content] = str(file)
    assert len(list((inside / "llama_cpp/lib").glob("libllama*"))) >= 1


def test_every_part_is_named_among_the_licences(inside):
    named = (inside / "resources/third_party_licences.md").read_text().lower()
    words = set(re.findall(r"[\w-]+", named))
    folders = [folder.name.partition("-")[0] for folder in inside.glob("*.dist-info")]
    parts = {re.sub(r"[._]", "-", name.lower()) for name in folders}
    assert {"pyside6-essentials", "web3"} <= parts
    assert parts - words == set()


def test_every_licence_text_that_is_named_comes_along(inside):
    words = (inside / "resources/third_party_licences.md").read_text()
    named = set(re.findall(r"[\w.+-]+\.txt", words))
    there = {file.name for file in real_files(inside) if file.suffix == ".txt"}
    assert {"Python.txt", "LGPL-3.0.txt", "libssl3.txt"} <= named
    assert named - there == set()
    assert {f"{package}.txt" for package in contents.PYTHON_NEEDS.values()} <= there
