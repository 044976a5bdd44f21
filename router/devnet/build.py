"""Compiles the demo contracts: `python -m router.devnet.build`, after `npm ci` in tools/evm.

What it makes is committed, so that nobody needs a compiler to run the app; a test compiles again
and compares.
"""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from router.chain.artifacts import ARTIFACTS, DEPLOYED

SOURCES = Path(__file__).parent / "contracts"
TOOLS = Path(__file__).parents[2] / "tools" / "evm"
SETTINGS = {
    "optimizer": {"enabled": True, "runs": 200},
    "evmVersion": "paris",
    "metadata": {"bytecodeHash": "none", "appendCBOR": False},
    "outputSelection": {"*": {"*": ["abi", "evm.bytecode.object"]}},
}


def compile_all() -> str:
    """The artifacts as they are committed: one JSON text.

    Raises:
        RuntimeError: the compiler is not there, or refused the sources; says which.
    """
    sources = {path.name: path.read_text("utf-8") for path in sorted(SOURCES.glob("*.sol"))}
    request = {
        "language": "Solidity",
        "sources": {name: {"content": text} for name, text in sources.items()},
        "settings": SETTINGS,
    }
    answer = json.loads(_compiler(json.dumps(request)))
    problems = [e["formattedMessage"] for e in answer.get("errors", ())]
    if problems:
        raise RuntimeError("\n".join(problems))
    digest = hashlib.sha256("".join(f"{n}\n{t}" for n, t in sources.items()).encode())
    return _text(
        {
            "compiler": _version(),
            "sources_sha256": digest.hexdigest(),
            "contracts": {
                name: _artifact(answer["contracts"][f"{name}.sol"][name]) for name in DEPLOYED
            },
        }
    )


def _artifact(compiled: dict[str, Any]) -> dict[str, Any]:
    """ABI without what only the compiler cares about, and the code that creates the contract."""
    return {
        "abi": _without_internal(compiled["abi"]),
        "bytecode": compiled["evm"]["bytecode"]["object"],
    }


def _without_internal(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_internal(v) for k, v in value.items() if k != "internalType"}
    if isinstance(value, list):
        return [_without_internal(item) for item in value]
    return value


def _compiler(request: str) -> str:
    try:
        done = subprocess.run(
            ["node", str(TOOLS / "compile.js")],
            input=request,
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "NODE_PATH": str(TOOLS / "node_modules")},
        )
    except OSError as error:
        raise RuntimeError(f"node cannot be started: {error}") from error
    except subprocess.CalledProcessError as error:
        raise RuntimeError(f"the compiler failed: {error.stderr[-2000:]}") from error
    return done.stdout


def _version() -> str:
    package = json.loads((TOOLS / "package.json").read_text("utf-8"))
    return f"solc {package['dependencies']['solc']}"


def _text(value: Any) -> str:
    return json.dumps(value, indent=1, sort_keys=True) + "\n"


def main() -> int:
    """Compile and write; 0 when it worked."""
    ARTIFACTS.write_text(compile_all(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
