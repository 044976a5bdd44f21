"""From a JSON schema to a grammar that llama.cpp can hold a model to."""

import json
from collections.abc import Mapping
from typing import Any

from llama_cpp import LlamaGrammar

from router.errors import BadRequest
from router.inference.limits import memory_limit
from router.untrusted import one_line

DEEPEST = 32
MOST_PARTS = 5_000
# The grammar repeats a rule once for each of these.
MOST_REPEATS = 1_000
LONGEST_GRAMMAR = 512 * 1024
EXTRA_MEMORY = 256 * 1024 * 1024

_COUNTS = ("minItems", "maxItems", "minLength", "maxLength")


def from_schema(schema: Mapping[str, Any]) -> str:
    """The grammar of all JSON texts that fit the schema; {} stands for any JSON object.

    Raises:
        BadRequest: the schema is wrong, too large, or uses what is not supported.
    """
    _check_size(schema)
    try:
        # The private name is the only way to the text; pinned by the version in pyproject.toml.
        with memory_limit(EXTRA_MEMORY):
            grammar: str = LlamaGrammar.from_json_schema(json.dumps(schema))._grammar  # noqa: SLF001
    except (
        ArithmeticError,
        AssertionError,
        AttributeError,
        LookupError,
        MemoryError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:
        raise _bad(one_line(str(error), 120) or "it is too large") from error
    if len(grammar) > LONGEST_GRAMMAR:
        raise _bad("it is too large")
    return grammar


def _check_size(schema: Mapping[str, Any]) -> None:
    """Refuse what would take unbounded time or memory to turn into a grammar."""
    parts = 0
    level: list[Any] = [schema]
    for _ in range(DEEPEST):
        parts += len(level)
        if parts > MOST_PARTS:
            raise _bad("it is too large")
        level = [inner for part in level for inner in _inner(part)]
        if not level:
            return
    raise _bad("it is nested too deeply")


def _inner(part: Any) -> list[Any]:
    if isinstance(part, Mapping):
        for name in _COUNTS:
            count = part.get(name)
            if isinstance(count, int | float) and not 0 <= count <= MOST_REPEATS:
                raise _bad(f"{name} must be from 0 to {MOST_REPEATS}")
        return list(part.values())
    return part if isinstance(part, list) else []


def _bad(reason: str) -> BadRequest:
    return BadRequest(
        f"The JSON schema cannot be used: {reason}.",
        param="response_format",
        code="invalid_json_schema",
    )
