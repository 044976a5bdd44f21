"""Chooses tokens with llama.cpp's samplers, held to a grammar where one is asked for."""

import ctypes
import math
import secrets

import numpy as np
from llama_cpp import llama_cpp as api

from router.errors import BadRequest
from router.inference.native import Context, Model
from router.inference.sampling import Choice

# Penalties look back so many tokens of the answer.
PENALTY_WINDOW = 256

_CANDIDATE = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])


class Chooser:
    """Picks the next token of one answer; `close` frees the native parts.

    With a grammar, a token is first chosen freely and only looked up in the grammar; all
    tokens are checked only when it does not fit, which is rare and slow.

    Args:
        grammar: in llama.cpp's notation, with the rule "root"; None for free text.

    Raises:
        BadRequest: the grammar cannot be used.
    """

    def __init__(self, model: Model, choice: Choice, grammar: str | None = None) -> None:
        self._size = model.size
        self._grammar = None
        if grammar is not None:
            self._grammar = api.llama_sampler_init_grammar(
                model.vocabulary, grammar.encode("utf-8", "replace"), b"root"
            )
            if not self._grammar:
                raise BadRequest(
                    "The JSON schema cannot be used.",
                    param="response_format",
                    code="invalid_json_schema",
                )
        self._chain = _chain(model, choice)
        self._candidates = np.zeros(self._size if grammar is not None else 0, _CANDIDATE)

    def next(self, context: Context) -> int:
        """The next token after what the context has read."""
        if self._grammar is None:
            return int(api.llama_sampler_sample(self._chain, context.handle, -1))
        logits = np.ctypeslib.as_array(
            api.llama_get_logits_ith(context.handle, -1), shape=(self._size,)
        )
        token = self._pick(logits, held=False)
        if not self._fits(token):
            token = self._pick(logits, held=True)
        api.llama_sampler_accept(self._chain, token)
        api.llama_sampler_accept(self._grammar, token)
        return token

    def _pick(self, logits: np.ndarray[tuple[int], np.dtype[np.float32]], *, held: bool) -> int:
        candidates = self._candidates
        candidates["id"] = np.arange(self._size, dtype=np.int32)
        candidates["logit"] = logits
        array = _array(candidates)
        if held:
            api.llama_sampler_apply(self._grammar, ctypes.byref(array))
        api.llama_sampler_apply(self._chain, ctypes.byref(array))
        return int(array.data[array.selected].id)

    def _fits(self, token: int) -> bool:
        candidate = np.array([(token, 1.0, 0.0)], _CANDIDATE)
        array = _array(candidate)
        api.llama_sampler_apply(self._grammar, ctypes.byref(array))
        return math.isfinite(candidate["logit"][0])

    def close(self) -> None:
        """Free the native parts; the chooser is of no use afterwards."""
        for sampler in (self._chain, self._grammar):
            if sampler:
                api.llama_sampler_free(sampler)
        self._chain = self._grammar = None


def _chain(model: Model, choice: Choice) -> object:
    """The samplers of a choice, in llama.cpp's own order; those without effect are left out."""
    chain = api.llama_sampler_chain_init(api.llama_sampler_chain_default_params())
    penalties = (choice.repeat_penalty, choice.frequency_penalty, choice.presence_penalty)
    if penalties != (1.0, 0.0, 0.0):
        add = api.llama_sampler_init_penalties(model.size, PENALTY_WINDOW, *penalties)
        api.llama_sampler_chain_add(chain, add)
    if choice.temperature <= 0:
        api.llama_sampler_chain_add(chain, api.llama_sampler_init_greedy())
        return chain
    if choice.top_k > 0:
        api.llama_sampler_chain_add(chain, api.llama_sampler_init_top_k(choice.top_k))
    if choice.top_p < 1:
        api.llama_sampler_chain_add(chain, api.llama_sampler_init_top_p(choice.top_p, 1))
    if choice.min_p > 0:
        api.llama_sampler_chain_add(chain, api.llama_sampler_init_min_p(choice.min_p, 1))
    api.llama_sampler_chain_add(chain, api.llama_sampler_init_temp(choice.temperature))
    api.llama_sampler_chain_add(chain, api.llama_sampler_init_dist(_seed(choice.seed)))
    return chain


def _seed(seed: int | None) -> int:
    # The library reads the highest 32-bit number as "random", so no wish may become it.
    return secrets.randbelow(0xFFFFFFFF) if seed is None else seed % 0xFFFFFFFF


def _array(candidates: "np.ndarray[tuple[int], np.dtype[np.void]]") -> api.llama_token_data_array:
    data = candidates.ctypes.data_as(ctypes.POINTER(api.llama_token_data))
    return api.llama_token_data_array(data, len(candidates), -1, False)
