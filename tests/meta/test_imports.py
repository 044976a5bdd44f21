"""Modules can be imported in any order, and the window waits for nothing slow."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter

from tests.meta.sources import ROOT, modules

SLOW = ("aiohttp", "jinja2", "keyring", "llama_cpp", "numpy", "openai", "web3")
MODULES = {
    ".".join(path.with_suffix("").parts).removesuffix(".__init__"): path
    for path in modules("morpheus_desktop", "router", "resources")
}


def imported(name: str) -> Iterator[str]:
    """Our modules that a module imports as it is imported itself."""
    for node in ast.parse((ROOT / MODULES[name]).read_text("utf-8")).body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in MODULES)
        elif isinstance(node, ast.ImportFrom) and node.module in MODULES:
            yield node.module
            names = (f"{node.module}.{alias.name}" for alias in node.names)
            yield from (each for each in names if each in MODULES)


def run(code: str) -> str:
    """What a Python of its own prints."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    return done.stdout + done.stderr


def test_no_module_imports_itself_by_a_detour() -> None:
    TopologicalSorter({name: set(imported(name)) for name in MODULES}).prepare()


def test_all_modules_can_be_imported() -> None:
    names = [name for name in MODULES if not name.endswith("__main__")]
    assert run(f"import importlib\nfor name in {names}: importlib.import_module(name)") == ""


def test_nothing_slow_is_imported_before_the_window() -> None:
    loaded = f"import sys, morpheus_desktop.app; print([n for n in {SLOW} if n in sys.modules])"
    assert run(loaded) == "[]\n"


def test_the_node_needs_no_qt() -> None:
    loaded = "import sys, router.node, router.api.server; print('PySide6' in sys.modules)"
    assert run(loaded) == "False\n"


def test_the_provider_protocol_needs_no_chain_and_no_connection() -> None:
    others = ("aiohttp", "eth_account", "web3", "router.wallet.account")
    loaded = (
        "import sys, router.morrpc.consumer, router.morrpc.provider\n"
        f"print([n for n in {others} if n in sys.modules])"
    )
    assert run(loaded) == "[]\n"
