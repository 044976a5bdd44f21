"""Quotes and errors as text for the book, and back."""

import dataclasses
import json
from typing import Any

from router.chain.records import Bid, Model, Provider
from router.consumer.records import Ending, Quote
from router.errors import MorpheusError


def quote_text(quote: Quote) -> str:
    """A quote as JSON; whole numbers of any size stay as they are."""
    return json.dumps(dataclasses.asdict(quote))


def read_quote(text: str) -> Quote:
    """A quote that `quote_text` wrote.

    Raises:
        ValueError, KeyError, TypeError: it was written by something else.
    """
    values: dict[str, Any] = json.loads(text)
    model = values["model"] | {"tags": tuple(values["model"]["tags"])}
    values |= {
        "model": Model(**model),
        "bid": Bid(**values["bid"]),
        "provider": Provider(**values["provider"]),
        "endings": tuple(Ending(**ending) for ending in values["endings"]),
    }
    return Quote(**values)


def error_text(error: MorpheusError) -> str:
    """What an error says, as JSON."""
    parts = {"message": error.message, "safe": error.safe, "hint": error.hint}
    return json.dumps(parts | {"code": error.code})


def read_error(text: str) -> MorpheusError:
    """An error that says the same; its kind is told by its code alone.

    Raises:
        ValueError, KeyError, TypeError: it was written by something else.
    """
    parts: dict[str, str] = json.loads(text)
    error = MorpheusError(parts["message"], safe=parts["safe"], hint=parts["hint"])
    error.code = parts["code"]
    return error
