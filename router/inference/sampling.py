"""What a request may ask of the choice of tokens, and what is used where it asks for nothing."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from router.backends.base import Sampling
from router.errors import BadRequest

MOST_STOP_TEXTS = 16
LONGEST_STOP_TEXT = 256
# Below this many parameters a model loses the thread at the usual temperature, and without a
# penalty every second answer of the bundled one goes round in circles until it is stopped.
SMALL_MODEL = 500_000_000

# Field, lowest, highest value; both ends are allowed.
_RANGES = (
    ("temperature", 0.0, 5.0),
    ("top_p", 0.0, 1.0),
    ("top_k", 0, 1_000_000),
    ("min_p", 0.0, 1.0),
    ("repeat_penalty", 0.01, 10.0),
    ("presence_penalty", -2.0, 2.0),
    ("frequency_penalty", -2.0, 2.0),
    ("max_tokens", 1, 1_000_000_000),
    ("seed", -(2**63), 2**64 - 1),
)


@dataclass(frozen=True)
class Defaults:
    """How a model chooses tokens when nobody says otherwise."""

    temperature: float = 0.7
    top_p: float = 0.95
    top_k: int = 40
    min_p: float = 0.05
    repeat_penalty: float = 1.0


SMALL_DEFAULTS = Defaults(temperature=0.2, top_p=0.9, repeat_penalty=1.1)


@dataclass(frozen=True)
class Choice:
    """How the next token is chosen, with nothing left open but a random seed (None)."""

    temperature: float
    top_p: float
    top_k: int
    min_p: float
    repeat_penalty: float
    presence_penalty: float
    frequency_penalty: float
    seed: int | None


def check(sampling: Sampling) -> None:
    """Refuse values that mean nothing.

    Raises:
        BadRequest: names the first field that is wrong.
    """
    for name, lowest, highest in _RANGES:
        value = getattr(sampling, name)
        if value is not None and not (math.isfinite(value) and lowest <= value <= highest):
            raise BadRequest(f"{name} must be from {lowest} to {highest}.", param=name)
    if len(sampling.stop) > MOST_STOP_TEXTS:
        raise BadRequest(f"stop takes at most {MOST_STOP_TEXTS} texts.", param="stop")
    if not all(0 < len(text) <= LONGEST_STOP_TEXT for text in sampling.stop):
        raise BadRequest(
            f"Each text of stop must have 1 to {LONGEST_STOP_TEXT} characters.", param="stop"
        )


def defaults(metadata: Mapping[str, str], parameters: int) -> Defaults:
    """The defaults of one model: what its file recommends, else what suits its size.

    Args:
        metadata: `general.sampling.*` of the file, as text; values that are no numbers in
            range are passed over.
        parameters: number of weights of the model.
    """
    base = SMALL_DEFAULTS if parameters < SMALL_MODEL else Defaults()
    return Defaults(
        temperature=_recommended(metadata, "temp", "temperature", base.temperature),
        top_p=_recommended(metadata, "top_p", "top_p", base.top_p),
        top_k=int(_recommended(metadata, "top_k", "top_k", base.top_k)),
        min_p=_recommended(metadata, "min_p", "min_p", base.min_p),
        repeat_penalty=_recommended(
            metadata, "penalty_repeat", "repeat_penalty", base.repeat_penalty
        ),
    )


def _recommended(metadata: Mapping[str, str], key: str, field: str, otherwise: float) -> float:
    try:
        value = float(metadata[f"general.sampling.{key}"])
    except (KeyError, ValueError):
        return otherwise
    _, lowest, highest = next(known for known in _RANGES if known[0] == field)
    return value if lowest <= value <= highest else otherwise


def choose(sampling: Sampling, model: Defaults) -> Choice:
    """Fill what the request leaves open from the model's defaults."""
    return Choice(
        temperature=_given(sampling.temperature, model.temperature),
        top_p=_given(sampling.top_p, model.top_p),
        top_k=int(_given(sampling.top_k, model.top_k)),
        min_p=_given(sampling.min_p, model.min_p),
        repeat_penalty=_given(sampling.repeat_penalty, model.repeat_penalty),
        presence_penalty=_given(sampling.presence_penalty, 0.0),
        frequency_penalty=_given(sampling.frequency_penalty, 0.0),
        seed=sampling.seed,
    )


def _given(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else value
