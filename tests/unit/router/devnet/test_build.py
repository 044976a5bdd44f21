"""The committed contracts are what their sources compile to, and have the real ones' ABI."""

import hashlib
import json
import shutil
from typing import Any

import pytest

from router.chain.artifacts import ARTIFACTS, artifacts, diamond_abi
from router.chain.codec import Interface
from router.chain.marketplace import DIAMOND
from router.chain.token import TOKEN
from router.devnet.build import SOURCES, TOOLS, compile_all
from tests.support.vectors import SHARED

SPEC = SHARED / "spec" / "abi"
OWN = "setDayLock(bool)"  # chooses the closing rule; only the demo has it

needs_spec = pytest.mark.skipif(not SPEC.exists(), reason="../shared/spec/abi is not here")


@pytest.mark.slow
@pytest.mark.skipif(
    shutil.which("node") is None or not (TOOLS / "node_modules/solc").exists(),
    reason="the compiler in tools/evm is not installed",
)
@pytest.mark.timeout(180)
def test_they_compile_to_what_is_committed() -> None:
    assert compile_all() == ARTIFACTS.read_text("utf-8")


def test_the_sources_are_those_that_were_compiled() -> None:
    """Even where there is no compiler."""
    sources = sorted(SOURCES.glob("*.sol"))
    text = "".join(f"{path.name}\n{path.read_text('utf-8')}" for path in sources)
    committed = json.loads(ARTIFACTS.read_text("utf-8"))
    assert hashlib.sha256(text.encode()).hexdigest() == committed["sources_sha256"]


def spec(name: str) -> Any:
    return json.loads((SPEC / name).read_text("utf-8"))


@needs_spec
def test_every_selector_topic_and_error() -> None:
    wanted = spec("selectors.json")
    functions = {"0x" + key.hex(): f.signature for key, f in DIAMOND.by_selector.items()}
    functions = {key: text for key, text in functions.items() if text != OWN}
    assert functions == wanted["diamondFunctions"]
    assert {"0x" + k.hex(): f.signature for k, f in TOKEN.by_selector.items()} == wanted[
        "tokenFunctions"
    ]
    errors = {
        "0x" + key.hex(): f"{e.name}({','.join(e.inputs)})" for key, e in DIAMOND.errors.items()
    }
    assert errors == wanted["errors"]
    events = [*DIAMOND.events.values(), *TOKEN.events.values()]
    assert {"0x" + event.topic.hex() for event in events} == set(wanted["eventTopics"])


@needs_spec
@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("diamond.json", diamond_abi()),
        ("mor_token.json", artifacts()["Token"].abi),
        ("multicall3.json", artifacts()["Multicall3"].abi),
    ],
)
def test_every_output_and_index(name: str, ours: list[dict[str, Any]]) -> None:
    """What a selector does not tell: types that are answered, and which values are topics."""
    here, there = Interface(ours), Interface(spec(name))
    if name == "multicall3.json":  # only what the app uses was written
        there.functions = {n: f for n, f in there.functions.items() if n in here.functions}
    assert here.functions.keys() - {"setDayLock"} == there.functions.keys()
    for function, wanted in there.functions.items():
        assert here[function].outputs == wanted.outputs, function
        assert here[function].inputs == wanted.inputs, function
    for event, expected in there.events.items():
        found = here.events[event]
        assert [kind for _, kind in found.indexed] == [kind for _, kind in expected.indexed]
        assert [kind for _, kind in found.plain] == [kind for _, kind in expected.plain]
