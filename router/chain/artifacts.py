"""The contracts as our own demo network has them: their ABI, which is the real one's, and code."""

import functools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ARTIFACTS = Path(__file__).parent / "contracts.json"
FACETS = ("MarketFacet", "SessionFacet")
DEPLOYED = ("DelegateRegistry", "Diamond", "MarketFacet", "Multicall3", "SessionFacet", "Token")


@dataclass(frozen=True)
class Artifact:
    """One contract. `abi` as compilers write it; `bytecode` without constructor arguments."""

    abi: list[dict[str, Any]]
    bytecode: bytes


@functools.cache
def artifacts() -> dict[str, Artifact]:
    """All contracts by name."""
    found = json.loads(ARTIFACTS.read_text("utf-8"))["contracts"]
    return {
        name: Artifact(item["abi"], bytes.fromhex(item["bytecode"])) for name, item in found.items()
    }


def diamond_abi() -> list[dict[str, Any]]:
    """The ABI of the Diamond with all its facets, each entry once."""
    entries: dict[str, dict[str, Any]] = {}
    for name in ("Diamond", *FACETS):
        for entry in artifacts()[name].abi:
            if entry["type"] not in ("constructor", "fallback"):
                entries[json.dumps(entry, sort_keys=True)] = entry
    return list(entries.values())
