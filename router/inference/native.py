"""The few calls to llama.cpp that the worker needs, with Python's manners: models and contexts.

Only the worker process may import this module: importing it loads the native library.
"""

import contextlib
import ctypes
import math
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from llama_cpp import llama_cpp as api

from router.errors import ModelError
from router.inference.abort import AbortFlag
from router.untrusted import one_line

BATCH_TOKENS = 512
ALL_LAYERS = 0x7FFFFFFF

# ggml_log_level; the bindings have no names for it.
_LOG_WARNING, _LOG_ERROR = 3, 4


class Stopped(Exception):
    """The abort flag was raised while the model was computing."""


class ContextFull(Exception):
    """The context has no room for the next token."""


@api.llama_log_callback  # type: ignore[untyped-decorator]
def _log(level: int, text: bytes, _user_data: object) -> None:
    if level in (_LOG_WARNING, _LOG_ERROR):
        sys.stderr.write(text.decode("utf-8", "replace"))


def start() -> None:
    """Prepare the library; call it once."""
    api.llama_log_set(_log, ctypes.c_void_p(0))
    api.llama_backend_init()


class Model:
    """A loaded model file: weights, vocabulary and metadata.

    Args:
        path: the GGUF file.
        gpu_layers: layers to compute on the graphics card, -1 for all; ignored where this
            build cannot use one.
        on_progress: told how much is loaded, from 0 to 1; returning False gives up.

    Raises:
        ModelError: the file is gone or cannot be loaded.
        Stopped: on_progress gave up.
    """

    def __init__(self, path: str, gpu_layers: int, on_progress: Callable[[float], bool]) -> None:
        params = api.llama_model_default_params()
        self.on_gpu = gpu_layers != 0 and api.llama_supports_gpu_offload()
        params.n_gpu_layers = (ALL_LAYERS if gpu_layers < 0 else gpu_layers) if self.on_gpu else 0
        going_on = True

        def tell(part: float, _data: object) -> bool:
            nonlocal going_on
            going_on = on_progress(part)
            return going_on

        progress = api.llama_progress_callback(tell)
        params.progress_callback = progress
        self.handle = api.llama_model_load_from_file(os.fsencode(path), params)
        if not going_on:
            raise Stopped
        if not self.handle:
            raise _not_loaded(path)
        self.vocabulary = api.llama_model_get_vocab(self.handle)
        self.size: int = api.llama_vocab_n_tokens(self.vocabulary)
        self.bos = api.llama_vocab_bos(self.vocabulary)
        self.eos = api.llama_vocab_eos(self.vocabulary)
        self.adds_bos = bool(api.llama_vocab_get_add_bos(self.vocabulary)) and self.bos >= 0
        self.trained_context: int = api.llama_model_n_ctx_train(self.handle)
        self.parameters: int = api.llama_model_n_params(self.handle)
        self.answers = bool(api.llama_model_has_decoder(self.handle))
        self._piece = ctypes.create_string_buffer(256)

    def metadata(self, key: str) -> str | None:
        """One value of the file's metadata as text, or None."""
        value = ctypes.create_string_buffer(256)
        length = api.llama_model_meta_val_str(self.handle, key.encode(), value, len(value))
        return None if length < 0 else value.value.decode("utf-8", "replace")

    def chat_template(self, name: str | None = None) -> str:
        """The chat template of that name (None is the usual one); empty when there is none."""
        source = api.llama_model_chat_template(self.handle, name.encode() if name else None)
        return source.decode("utf-8", "replace") if source else ""

    def tokens(self, text: str, *, special: bool, ends: bool = False) -> list[int]:
        """The tokens of a text.

        Args:
            special: texts like "<|im_end|>" become the control tokens they name.
            ends: add what this model wants at the beginning and end of a text.
        """
        data = text.encode("utf-8", "replace")
        room = len(data) + 8
        array = (api.llama_token * room)()
        count = api.llama_tokenize(self.vocabulary, data, len(data), array, room, ends, special)
        if count < 0:
            raise ModelError("The text cannot be turned into tokens of this model.")
        return list(array[:count])

    def piece(self, token: int) -> bytes:
        """The bytes a token stands for; control tokens stand for none."""
        while True:
            room = len(self._piece)
            length = api.llama_token_to_piece(self.vocabulary, token, self._piece, room, 0, False)
            if length >= 0:
                return self._piece.raw[:length]
            self._piece = ctypes.create_string_buffer(-length)

    def name(self, token: int) -> str:
        """How a token is written, also a control token; empty for no token."""
        if token < 0:
            return ""
        return bytes(api.llama_vocab_get_text(self.vocabulary, token)).decode("utf-8", "replace")

    def ends_answer(self, token: int) -> bool:
        """Whether the model says with this token that its answer is complete."""
        return bool(api.llama_vocab_is_eog(self.vocabulary, token))

    def control_texts(self) -> list[str]:
        """How the control tokens are written, for example "<|im_end|>"."""
        texts = (
            self.name(token)
            for token in range(self.size)
            if api.llama_vocab_get_attr(self.vocabulary, token) & api.LLAMA_TOKEN_ATTR_CONTROL
        )
        return [text for text in texts if text]


class Context:
    """What a model has read so far, and the memory for it.

    Args:
        size: tokens it holds; the library may round it up.
        embeddings: made for vectors instead of answers.

    Raises:
        ModelError: there is not enough memory, or the model cannot do this.
    """

    def __init__(
        self, model: Model, size: int, threads: int, flag: AbortFlag, *, embeddings: bool = False
    ) -> None:
        params = api.llama_context_default_params()
        params.n_ctx = size
        params.n_batch = params.n_ubatch = size if embeddings else min(size, BATCH_TOKENS)
        params.n_threads = params.n_threads_batch = threads
        params.embeddings = embeddings
        params.no_perf = True
        if embeddings and _pooling(model) == api.LLAMA_POOLING_TYPE_NONE:
            params.pooling_type = api.LLAMA_POOLING_TYPE_MEAN
        # On a processor flash attention makes answers a quarter slower (measured, SmolLM2).
        params.flash_attn_type = (
            api.LLAMA_FLASH_ATTN_TYPE_AUTO if model.on_gpu else api.LLAMA_FLASH_ATTN_TYPE_DISABLED
        )
        params.abort_callback = ctypes.cast(flag.function, api.ggml_abort_callback)
        params.abort_callback_data = flag.address
        self.handle = api.llama_init_from_model(model.handle, params)
        if not self.handle:
            raise ModelError(
                "There is not enough memory for the model.",
                hint="Close other programs, or choose a shorter context or a smaller model.",
            )
        self.size: int = api.llama_n_ctx(self.handle)
        self.width = api.llama_model_n_embd_out(model.handle)
        self.read: list[int] = []
        self._flag = flag
        self._memory = api.llama_get_memory(self.handle)
        self.can_answer = bool(self._memory)
        self._one = (api.llama_token * 1)()

    def keep(self, count: int) -> int:
        """Forget all but the first tokens; returns how many are left (models without random
        access to their memory forget everything).
        """
        if count < len(self.read):
            if count and not api.llama_memory_seq_rm(self._memory, 0, count, -1):
                count = 0
            if not count:
                api.llama_memory_clear(self._memory, True)
            del self.read[count:]
        return len(self.read)

    def add(self, tokens: Sequence[int]) -> None:
        """Read more tokens; afterwards the next one can be chosen.

        Raises:
            Stopped: the abort flag was raised; what was read before this call stays.
            ContextFull: there is no room.
        """
        for start in range(0, len(tokens), BATCH_TOKENS):
            self._decode(tokens[start : start + BATCH_TOKENS])

    def add_one(self, token: int) -> None:
        """Read one token; like `add`, without what one token does not need."""
        self._one[0] = token
        self._run(api.llama_batch_get_one(self._one, 1))
        self.read.append(token)

    def _decode(self, tokens: Sequence[int]) -> None:
        array = (api.llama_token * len(tokens))(*tokens)
        self._run(api.llama_batch_get_one(array, len(tokens)))
        self.read.extend(tokens)

    def _run(self, batch: object) -> None:
        if self._flag.raised:
            raise Stopped
        code = api.llama_decode(self.handle, batch)
        if code == 0:
            return
        # Parts of the batch may have been read: go back to what is known.
        if self._memory:
            api.llama_memory_seq_rm(self._memory, 0, len(self.read), -1)
        if code == 2:
            raise Stopped
        if code == 1:
            raise ContextFull
        raise ModelError(f"The model failed while computing (code {code}).")

    def vector(self, tokens: Sequence[int]) -> list[float]:
        """The vector of a text, of length 1; forgets what was read before.

        Raises:
            Stopped: the abort flag was raised.
        """
        if self._memory:
            api.llama_memory_clear(self._memory, True)
        with _output_batch(tokens) as batch:
            self._run(batch)
        values = api.llama_get_embeddings_seq(self.handle, 0)
        if not values:
            raise ModelError("This model cannot make vectors of texts.")
        vector = [float(value) for value in values[: self.width]]
        length = math.sqrt(sum(value * value for value in vector))
        if not math.isfinite(length) or length == 0:
            raise ModelError("This model gave no usable vector for a text.")
        return [value / length for value in vector]

    def close(self) -> None:
        """Give the memory back."""
        if self.handle:
            api.llama_free(self.handle)
            self.handle = None


def _pooling(model: Model) -> int:
    """How the file says that a text's vector is made of its tokens' vectors."""
    architecture = model.metadata("general.architecture") or ""
    said = model.metadata(f"{architecture}.pooling_type") or ""
    return int(said) if said.isdigit() else api.LLAMA_POOLING_TYPE_NONE


@contextlib.contextmanager
def _output_batch(tokens: Sequence[int]) -> Iterator[api.llama_batch]:
    batch = api.llama_batch_init(len(tokens), 0, 1)
    try:
        batch.n_tokens = len(tokens)
        for index, token in enumerate(tokens):
            batch.token[index] = token
            batch.pos[index] = index
            batch.seq_id[index][0] = 0
            batch.n_seq_id[index] = 1
            batch.logits[index] = True
        yield batch
    finally:
        api.llama_batch_free(batch)


def _not_loaded(path: str) -> ModelError:
    """Why a file was not loaded, as far as it can be told."""
    file = Path(path)
    if not file.exists():
        return ModelError(
            f"The model file {one_line(file.name)} is no longer where it was.",
            hint="Put it back, or choose another model.",
        )
    return ModelError(
        "The model file cannot be loaded.",
        hint="It may be damaged or made for a newer version. Download it again, or choose "
        "another model.",
    )
