"""Answers requests with one loaded model: the loop that makes token after token."""

import time
from collections.abc import Callable, Generator, Iterator, Sequence

from router.backends.base import (
    Called,
    Delta,
    Finished,
    FinishReason,
    Request,
    Said,
    Sampling,
    Started,
    Turn,
)
from router.errors import BadRequest, ContextTooLong, ModelError
from router.inference import grammar, sampling
from router.inference.abort import AbortFlag
from router.inference.chooser import Chooser
from router.inference.native import Context, ContextFull, Model
from router.inference.prompt import Prompter
from router.inference.sending import LONGEST_EMBEDDED_TOKENS
from router.inference.text import TextStream
from router.inference.toolcalls import ToolCallReader

_RECOMMENDATIONS = ("temp", "top_p", "top_k", "min_p", "penalty_repeat")


class Engine:
    """One model, ready to answer.

    Args:
        path: the GGUF file.
        context_tokens: size of the context; less when the model was trained with less.
        threads: processor threads that compute.
        gpu_layers: see Model.
        flag: raising it makes whatever is running raise Stopped.
        on_progress: see Model.
        clock: seconds that only grow.

    Raises:
        ModelError: the file cannot be loaded, or there is not enough memory.
    """

    def __init__(
        self,
        path: str,
        *,
        context_tokens: int,
        threads: int,
        gpu_layers: int,
        flag: AbortFlag,
        on_progress: Callable[[float], bool] = lambda part: True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._flag = flag
        self._threads = threads
        self._clock = clock
        self._model = Model(path, gpu_layers, on_progress)
        trained = self._model.trained_context
        size = min(context_tokens, trained) if trained > 0 else context_tokens
        self._context = Context(self._model, size, threads, flag)
        self._vectors: Context | None = None
        self._prompter = Prompter(self._model)
        metadata = {
            key: value
            for name in _RECOMMENDATIONS
            if (value := self._model.metadata(key := f"general.sampling.{name}")) is not None
        }
        self._defaults = sampling.defaults(metadata, self._model.parameters)

    @property
    def context_tokens(self) -> int:
        """Tokens of prompt and answer together."""
        return self._context.size

    @property
    def has_template(self) -> bool:
        """Whether the file says how a conversation is written for this model."""
        return not self._prompter.is_fallback

    def count(self, turns: Sequence[Turn]) -> int:
        """Tokens of a whole conversation, before anything is left out of it."""
        return self._prompter.count(turns)

    def complete(self, request: Request) -> Iterator[Said]:
        """Answer a request.

        Raises:
            BadRequest, ContextTooLong, ModelError: all that is wrong shows before Started.
            Stopped: the flag was raised.
        """
        answer = _Answer(request, self._clock)
        if not self._context.can_answer:
            raise ModelError(
                "This model makes vectors of texts and cannot answer.",
                hint="Choose a chat model.",
            )
        context = self._context
        prompt = self._prompter.write(request, context.size)
        chooser = self._chooser(request.sampling)
        try:
            yield Started(len(prompt.tokens), context.size, prompt.dropped_turns)
            if prompt.begun and request.sampling.json_schema is None:
                yield Delta(prompt.begun, tokens=0)
            self._read(prompt.tokens, fresh=request.sampling.seed is not None)
            most = min(
                request.sampling.max_tokens or context.size, context.size - len(prompt.tokens)
            )
            reason = yield from self._answer(answer, chooser, most)
            yield from answer.finish(reason, len(prompt.tokens))
        finally:
            chooser.close()

    def embed(self, texts: Sequence[str]) -> Iterator[tuple[list[float], int]]:
        """The vector of each text, of length 1, and the number of its tokens.

        Raises:
            BadRequest: a text is empty.
            ContextTooLong: a text is too long.
            Stopped: the flag was raised.
        """
        if self._vectors is None:
            size = min(LONGEST_EMBEDDED_TOKENS, self._model.trained_context)
            self._vectors = Context(self._model, size, self._threads, self._flag, embeddings=True)
        for text in texts:
            tokens = self._model.tokens(text, special=False, ends=True)
            if not tokens:
                raise BadRequest("A text to make a vector of is empty.", param="input")
            if len(tokens) > self._vectors.size:
                raise ContextTooLong(
                    f"A text has {len(tokens):,} tokens, but at most {self._vectors.size:,} "
                    "can become one vector.",
                    hint="Cut the text into parts.",
                )
            yield self._vectors.vector(tokens), len(tokens)

    def _chooser(self, wishes: Sampling) -> Chooser:
        rules = None if wishes.json_schema is None else grammar.from_schema(wishes.json_schema)
        return Chooser(self._model, sampling.choose(wishes, self._defaults), rules)

    def _read(self, tokens: Sequence[int], *, fresh: bool) -> None:
        """Read a prompt, without reading again what the last one had in common with it.

        Reading in other portions changes the last digits of the results, so who wants the same
        answer again (`fresh`) gets everything read anew.
        """
        common = 0 if fresh else _common(self._context.read, tokens)
        # The last token is always read: the first of the answer is chosen from its result.
        known = self._context.keep(min(common, len(tokens) - 1))
        self._context.add(tokens[known:])

    def _answer(
        self, answer: "_Answer", chooser: Chooser, most: int
    ) -> Generator[Delta, None, FinishReason]:
        while answer.tokens < most:
            token = chooser.next(self._context)
            if self._model.ends_answer(token):
                return "stop"
            if delta := answer.feed(self._model.piece(token)):
                yield delta
            if answer.stopped:
                return "stop"
            try:
                self._context.add_one(token)
            except ContextFull:
                break
        return "length"


class _Answer:
    """An answer on its way from tokens to events."""

    def __init__(self, request: Request, clock: Callable[[], float]) -> None:
        self.tokens = 0
        self._clock = clock
        self._started = clock()
        self._first_at: float | None = None
        self._untold = 0
        self._text = TextStream(request.sampling.stop)
        self._reader = ToolCallReader(_function_names(request))

    @property
    def stopped(self) -> bool:
        """Whether a stop text was reached."""
        return self._text.stopped

    def feed(self, piece: bytes) -> Delta | None:
        """Take the next token; returns the text that may be shown now, if any."""
        if self._first_at is None:
            self._first_at = self._clock()
        self.tokens += 1
        self._untold += 1
        return self._delta(self._reader.feed(self._text.feed(piece)))

    def finish(self, reason: FinishReason, prompt_tokens: int) -> Iterator[Said]:
        """The last events."""
        if delta := self._delta(self._reader.feed(self._text.finish()) + self._reader.finish()):
            yield delta
        if self._reader.calls:
            yield Called(self._reader.calls)
            reason = "tool_calls"
        end = self._clock()
        first = end if self._first_at is None else self._first_at
        yield Finished(
            reason, prompt_tokens, self.tokens, first - self._started, end - self._started
        )

    def _delta(self, text: str) -> Delta | None:
        if not text:
            return None
        tokens, self._untold = self._untold, 0
        return Delta(text, tokens=tokens)


def _function_names(request: Request) -> frozenset[str]:
    functions = [tool.get("function") for tool in request.tools]
    names = [function.get("name") for function in functions if isinstance(function, dict)]
    return frozenset(name for name in names if isinstance(name, str))


def _common(known: Sequence[int], wanted: Sequence[int]) -> int:
    """How many tokens both begin with."""
    for index, (one, other) in enumerate(zip(known, wanted, strict=False)):
        if one != other:
            return index
    return min(len(known), len(wanted))
