"""Chat templates: the small programs in model files that turn a conversation into a prompt.

They come from strangers, so they run in a sandbox that reaches nothing but the conversation,
with a limit on memory where the system has one. The time they take is limited by the host,
which ends the whole worker process when it does not answer.
"""

import contextlib
import datetime
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import jinja2
import jinja2.ext
import jinja2.meta
import jinja2.nodes
import jinja2.parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

from router.backends.base import ToolCall, Turn
from router.errors import BadRequest, ModelError
from router.inference.limits import memory_limit
from router.untrusted import one_line

LONGEST_TEMPLATE = 256 * 1024
EXTRA_MEMORY = 512 * 1024 * 1024

CHATML = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)

# Everything a hostile or careless template makes Python raise.
_TEMPLATE_FAULTS = (
    jinja2.TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    RecursionError,
    TypeError,
    ValueError,
)


class ChatTemplate:
    """One chat template; compiled at its first use.

    Args:
        source: the template as the model file has it; empty uses ChatML.
        bos, eos: texts of the tokens that begin and end a text.
        now: the time for templates that tell the model the date.
    """

    def __init__(
        self,
        source: str,
        *,
        bos: str = "",
        eos: str = "",
        now: Callable[[], datetime.datetime] = lambda: datetime.datetime.now().astimezone(),
    ) -> None:
        self.is_fallback = not source
        self._source = source or CHATML
        self._constants = {
            "bos_token": bos,
            "eos_token": eos,
            "raise_exception": _refuse,
            "strftime_now": lambda form: now().strftime(form),
            "add_generation_prompt": True,
        }
        self._environment = _Sandbox()
        self._compiled: jinja2.Template | None = None

    def uses_tools(self) -> bool:
        """Whether the template tells the model about functions.

        Raises:
            ModelError: the template is no template.
        """
        with self._guarded():
            tree = self._environment.parse(self._source)
            return "tools" in jinja2.meta.find_undeclared_variables(tree)

    def render(self, turns: Sequence[Turn], tools: Sequence[Mapping[str, Any]] = ()) -> str:
        """The prompt for a conversation, up to where the model's answer begins.

        A template that refuses system messages, or two messages of one side in a row, is given
        the same conversation with such messages put together.

        Raises:
            BadRequest: the template refuses the conversation.
            ModelError: the template is faulty, or does what the sandbox forbids.
        """
        try:
            return self._render(turns, tools)
        except _Refused as refused:
            try:
                return self._render(merged(turns), tools)
            except _Refused:
                raise BadRequest(
                    f"This model does not take such a conversation: {one_line(str(refused), 120)}.",
                    param="messages",
                    code="template_refused",
                ) from refused

    def _render(self, turns: Sequence[Turn], tools: Sequence[Mapping[str, Any]]) -> str:
        with self._guarded():
            if self._compiled is None:
                self._compiled = self._environment.from_string(self._source)
            return self._compiled.render(
                messages=[_message(turn) for turn in turns],
                tools=list(tools) or None,
                **self._constants,
            )

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        """Limits, and errors that say whose fault it is."""
        try:
            if len(self._source) > LONGEST_TEMPLATE:
                raise ValueError("it is too long")
            with memory_limit(EXTRA_MEMORY):
                yield
        except _TEMPLATE_FAULTS as error:
            reason = "it needs too much memory" if isinstance(error, MemoryError) else str(error)
            raise ModelError(
                f"The model's chat template is faulty: {one_line(reason, 120).rstrip('.')}.",
                safe="It ran in a sandbox and could reach nothing.",
                hint="Get the model from another source, or choose another model.",
            ) from error


def merged(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    """The same conversation for models without system messages: it becomes part of the first
    question, and messages of one side in a row become one.
    """
    result: list[Turn] = []
    for turn in turns:
        role = "user" if turn.role == "system" else turn.role
        last = result[-1] if result else None
        plain = not (turn.tool_calls or turn.tool_call_id)
        if last is not None and plain and last.role == role and not last.tool_calls:
            result[-1] = Turn(role, f"{last.content}\n\n{turn.content}")
        else:
            result.append(Turn(role, turn.content, turn.name, turn.tool_calls, turn.tool_call_id))
    return tuple(result)


def _message(turn: Turn) -> dict[str, Any]:
    """A turn as templates expect it, in the shape of the OpenAI interface."""
    message: dict[str, Any] = {"role": turn.role, "content": turn.content}
    if turn.name is not None:
        message["name"] = turn.name
    if turn.tool_call_id is not None:
        message["tool_call_id"] = turn.tool_call_id
    if turn.tool_calls:
        message["tool_calls"] = [_tool_call(call) for call in turn.tool_calls]
    return message


def _tool_call(call: ToolCall) -> dict[str, Any]:
    # Templates write arguments with `tojson`, so they need the object and not its text.
    try:
        arguments = json.loads(call.arguments)
    except (ValueError, RecursionError):
        arguments = call.arguments
    function = {"name": call.name, "arguments": arguments}
    return {"id": call.id, "type": "function", "function": function}


class _Refused(Exception):
    """The template called raise_exception."""


def _refuse(message: object = "") -> None:
    raise _Refused(str(message))


class _GenerationTag(jinja2.ext.Extension):
    """`{% generation %}` marks what a model is trained on; for us it means nothing."""

    tags = {"generation"}  # noqa: RUF012 - jinja2 declares it so

    def parse(self, parser: jinja2.parser.Parser) -> list[jinja2.nodes.Node]:
        """Give back what the tag encloses."""
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


class _Sandbox(ImmutableSandboxedEnvironment):
    """A sandbox with the few names that chat templates use, and no way to unbounded text."""

    def __init__(self) -> None:
        super().__init__(
            trim_blocks=True,
            lstrip_blocks=True,
            # Without the optimizer a template cannot compute while it is being read.
            optimized=False,
            extensions=[jinja2.ext.loopcontrols, _GenerationTag],
        )
        self.globals = {name: self.globals[name] for name in ("range", "dict", "namespace")}
        self.filters["tojson"] = _to_json


def _to_json(value: Any, indent: int | None = None, **_: Any) -> str:
    # jinja2's own filter escapes for HTML, which models were not trained on.
    return json.dumps(value, ensure_ascii=False, indent=indent)
