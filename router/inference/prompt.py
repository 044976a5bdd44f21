"""From a request to the tokens a model reads."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from router.backends.base import Request, Turn
from router.errors import BadRequest, ContextTooLong
from router.inference import window
from router.inference.native import Model
from router.inference.templates import ChatTemplate

THINKING = "<think>"
REMEMBERED_SIZES = 20_000
# About what a template adds to each turn.
TEMPLATE_TOKENS = 8


@dataclass(frozen=True)
class Prompt:
    """What the model reads.

    Args:
        dropped_turns: oldest turns that did not fit.
        begun: the answer's first text, where the template has already begun it.
    """

    tokens: list[int]
    dropped_turns: int = 0
    begun: str = ""


class Prompter:
    """Writes prompts for one model.

    Control tokens are only ever written by the template: a text that spells one, like
    "<|im_end|>" in a pasted page, is read letter by letter and cannot play another role.
    """

    def __init__(self, model: Model) -> None:
        self._model = model
        self._template = self._load_template(model.chat_template())
        tools = model.chat_template("tool_use")
        self._tools_template = self._load_template(tools) if tools else self._template
        texts = sorted(model.control_texts(), key=len, reverse=True)
        self._controls = re.compile("|".join(map(re.escape, texts)) or r"(?!)")
        # A mark that no text can contain by accident, nor on purpose.
        self._mark = f"\ue000{secrets.token_hex(8)}."
        self._marked = re.compile(re.escape(self._mark) + "([0-9]+)\ue001")
        self._sizes: dict[int, int] = {}

    def _load_template(self, source: str) -> ChatTemplate:
        names = self._model.name(self._model.bos), self._model.name(self._model.eos)
        return ChatTemplate(source, bos=names[0], eos=names[1])

    @property
    def is_fallback(self) -> bool:
        """Whether the file has no template and ChatML is used."""
        return self._template.is_fallback

    def write(self, request: Request, context_tokens: int) -> Prompt:
        """The prompt for a request, shortened to what fits.

        Raises:
            ContextTooLong: the newest question alone does not fit.
            BadRequest, ModelError: see ChatTemplate.
        """
        if request.prompt is not None:
            tokens = self._with_bos(self._model.tokens(request.prompt, special=True))
            self._require_fit(len(tokens), context_tokens)
            return Prompt(tokens)
        if not request.turns:
            raise BadRequest("There is no message to answer.", param="messages")
        return self._conversation(request, context_tokens)

    def count(self, turns: Sequence[Turn]) -> int:
        """Tokens of a whole conversation, with what the template adds."""
        return len(self._tokens(self._template, turns, ())[0])

    def _conversation(self, request: Request, context_tokens: int) -> Prompt:
        template = self._tools_template if request.tools else self._template
        if request.tools and not template.uses_tools():
            raise BadRequest(
                "This model does not know how to call functions. Leave out the tools, or choose "
                "a model that can use them.",
                param="tools",
                code="tools_not_supported",
            )
        room = context_tokens - window.reserve(context_tokens, request.sampling.max_tokens)
        step = max(context_tokens // 4, 1)
        sizes = [self._size(turn.content) + TEMPLATE_TOKENS for turn in request.turns]
        most = max(len(window.groups(request.turns)) - 1, 0)
        aim = room
        while True:
            drop = window.groups_to_drop(request.turns, sizes, aim, step)
            part = window.without(request.turns, drop)
            tokens, begun = self._tokens(template, part.turns, request.tools)
            if len(tokens) <= room:
                break
            if drop == most:
                self._require_fit(len(tokens), context_tokens)
                break
            aim -= step
        return Prompt(tokens, part.dropped, begun)

    def _tokens(
        self, template: ChatTemplate, turns: Sequence[Turn], tools: Sequence[dict[str, object]]
    ) -> tuple[list[int], str]:
        hidden: list[str] = []
        text = template.render([self._hide(turn, hidden) for turn in turns], tools)
        begun = f"{THINKING}\n" if text.rstrip().endswith(THINKING) else ""
        return self._with_bos(self._read(text, hidden)), begun

    def _hide(self, turn: Turn, hidden: list[str]) -> Turn:
        """Replace what spells control tokens by marks, and note what they stand for."""

        def mark(found: re.Match[str]) -> str:
            hidden.append(found.group())
            return f"{self._mark}{len(hidden) - 1}\ue001"

        content = self._controls.sub(mark, turn.content)
        return Turn(turn.role, content, turn.name, turn.tool_calls, turn.tool_call_id)

    def _read(self, text: str, hidden: Sequence[str]) -> list[int]:
        # Every second part is the number of a mark.
        tokens: list[int] = []
        for index, part in enumerate(self._marked.split(text)):
            if index % 2:
                tokens += self._model.tokens(hidden[int(part)], special=False)
            elif part:
                tokens += self._model.tokens(part, special=True)
        return tokens

    def _with_bos(self, tokens: list[int]) -> list[int]:
        if self._model.adds_bos and tokens[:1] != [self._model.bos]:
            return [self._model.bos, *tokens]
        return tokens

    def _size(self, text: str) -> int:
        """Tokens of one text; remembered, because a conversation is sent again every time."""
        key = hash(text)
        if key not in self._sizes:
            if len(self._sizes) >= REMEMBERED_SIZES:
                self._sizes.clear()
            self._sizes[key] = len(self._model.tokens(text, special=False))
        return self._sizes[key]

    def _require_fit(self, tokens: int, context_tokens: int) -> None:
        most = context_tokens - window.least_answer(context_tokens)
        if tokens > most:
            raise ContextTooLong(
                f"The question has {tokens:,} tokens, but this model can read {most:,} at once.",
                safe="Nothing was sent to the model.",
                hint="Shorten the text, or set a longer context for this model.",
            )
