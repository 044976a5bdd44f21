"""The yardstick: llama.cpp through its Python bindings and nothing else around it.

A process of its own. The model is loaded as our worker loads it: same context, batch and
threads, no flash attention (on a processor that makes answers slower, and ours does without).
What is missing is what ours has beyond: pipes, JSON, stopping, whole characters, a host.
"""

import ctypes
import json
import sys
import time

from llama_cpp import llama_cpp as api
from llama_cpp.llama_chat_format import Jinja2ChatFormatter

from benchmarks.child import Answer, serve
from benchmarks.speed import QUESTION, SAMPLING, Speed

BATCH = 512


@api.llama_log_callback  # type: ignore[untyped-decorator]
def _quiet(_level: int, _text: bytes, _user_data: object) -> None:
    """The library tells a thousand things; as a worker does, this keeps them to itself."""


class BareModel:
    """A loaded model and its context."""

    def __init__(self, path: str, context_tokens: int, threads: int) -> None:
        api.llama_log_set(_quiet, ctypes.c_void_p(0))
        api.llama_backend_init()
        self._model = api.llama_model_load_from_file(
            path.encode(), api.llama_model_default_params()
        )
        params = api.llama_context_default_params()
        params.n_ctx = context_tokens
        params.n_batch = params.n_ubatch = BATCH
        params.n_threads = params.n_threads_batch = threads
        params.no_perf = True
        params.flash_attn_type = api.LLAMA_FLASH_ATTN_TYPE_DISABLED
        self._context = api.llama_init_from_model(self._model, params)
        self._memory = api.llama_get_memory(self._context)
        self._vocabulary = api.llama_model_get_vocab(self._model)
        self._piece = ctypes.create_string_buffer(256)

    def answer(self, most: int) -> Speed:
        """Ask the question, and write at most so many tokens."""
        started = time.perf_counter()
        api.llama_memory_clear(self._memory, True)
        prompt = self._tokens(self._prompt())
        chain = _sampler()
        self._decode(prompt)
        tokens, first, text = 0, 0.0, b""
        one = (api.llama_token * 1)()
        while True:
            one[0] = api.llama_sampler_sample(chain, self._context, -1)
            if api.llama_vocab_is_eog(self._vocabulary, one[0]):
                break
            text += self._bytes(one[0])
            tokens += 1
            first = first or time.perf_counter()
            if tokens == most:
                break
            api.llama_decode(self._context, api.llama_batch_get_one(one, 1))
        last = time.perf_counter()
        api.llama_sampler_free(chain)
        return Speed(len(prompt), tokens, first - started, last - started)

    def _prompt(self) -> str:
        template = api.llama_model_chat_template(self._model, None).decode()
        texts = [
            api.llama_vocab_get_text(self._vocabulary, token).decode()
            for token in (
                api.llama_vocab_eos(self._vocabulary),
                api.llama_vocab_bos(self._vocabulary),
            )
        ]
        messages = [{"role": "user", "content": QUESTION}]
        return str(Jinja2ChatFormatter(template, *texts)(messages=messages).prompt)

    def _tokens(self, text: str) -> list[int]:
        data = text.encode()
        array = (api.llama_token * (len(data) + 8))()
        count = api.llama_tokenize(
            self._vocabulary, data, len(data), array, len(array), False, True
        )
        return list(array[:count])

    def _decode(self, tokens: list[int]) -> None:
        for start in range(0, len(tokens), BATCH):
            part = tokens[start : start + BATCH]
            array = (api.llama_token * len(part))(*part)
            api.llama_decode(self._context, api.llama_batch_get_one(array, len(part)))

    def _bytes(self, token: int) -> bytes:
        size = len(self._piece)
        length = api.llama_token_to_piece(self._vocabulary, token, self._piece, size, 0, False)
        return self._piece.raw[:length]


def _sampler() -> object:
    chain = api.llama_sampler_chain_init(api.llama_sampler_chain_default_params())
    for sampler in (
        api.llama_sampler_init_top_k(SAMPLING["top_k"]),
        api.llama_sampler_init_top_p(SAMPLING["top_p"], 1),
        api.llama_sampler_init_min_p(SAMPLING["min_p"], 1),
        api.llama_sampler_init_temp(SAMPLING["temperature"]),
        api.llama_sampler_init_dist(SAMPLING["seed"]),
    ):
        api.llama_sampler_chain_add(chain, sampler)
    return chain


def main(argv: list[str]) -> None:
    """Load the model that is named, then answer as often as is asked."""
    options = json.loads(argv[0])
    model = BareModel(options["path"], options["context_tokens"], options["threads"])

    def work(command: Answer) -> Answer:
        return model.answer(command["tokens"]).to_answer()

    serve(work)


if __name__ == "__main__":
    main(sys.argv[1:])
