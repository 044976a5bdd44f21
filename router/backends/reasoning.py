"""Takes the reasoning out of an answer, whatever pieces the answer arrives in (pure).

Reasoning stands at the beginning, between a pair of tags. Tags later in the answer are text:
a model may be asked to write about them.
"""

_TAGS = {
    "<think>": "</think>",
    "<thinking>": "</thinking>",
    "[THINK]": "[/THINK]",
}


class ReasoningSplitter:
    """Divides one answer into text and reasoning.

    Whatever way the answer is cut, the pieces add up to the same two texts. White space around
    reasoning is dropped; an answer without reasoning passes unchanged.
    """

    def __init__(self) -> None:
        self._held = ""  # not yet known what it is
        self._closing = ""  # the tag that ends the reasoning we are in
        self._text_began = False
        self._tagged = False  # there was a tag
        self._thought = False  # there was reasoning in it
        self._fresh = False  # no reasoning yet since the last tag
        self._space = ""  # white space that is passed on when reasoning follows it

    def feed(self, piece: str) -> tuple[str, str]:
        """The next piece of the answer; returns what is known now of (text, reasoning)."""
        self._held += piece
        reasoning = ""
        while not self._text_began:
            if self._closing:
                found, ended = self._think()
                reasoning += found
                if not ended:
                    return "", reasoning
            elif not self._open():
                return "", reasoning
        text, self._held = self._held, ""
        return text, reasoning

    def end(self) -> tuple[str, str]:
        """The answer is over: the rest of (text, reasoning)."""
        rest, self._held = self._held, ""
        if self._closing:
            return "", self._trimmed(rest)
        return ("" if self._tagged and not rest.strip() else rest), ""

    def _open(self) -> bool:
        """Look for a tag at the beginning; whether there is something to go on with."""
        start = self._held.lstrip()
        for opening, closing in _TAGS.items():
            if start.startswith(opening):
                self._held = start[len(opening) :]
                self._closing = closing
                self._tagged = self._fresh = True
                return True
        if any(opening.startswith(start) for opening in _TAGS):
            return False
        if self._tagged:
            self._held = start
        self._text_began = True
        return True

    def _think(self) -> tuple[str, bool]:
        """The next reasoning, and whether its end was found."""
        thought, tag, rest = self._held.partition(self._closing)
        if not tag:
            kept = _overlap(thought, self._closing)
            thought, rest = thought[: len(thought) - kept], thought[len(thought) - kept :]
        self._held = rest
        reasoning = self._trimmed(thought)
        if tag:
            self._closing = ""
        return reasoning, bool(tag)

    def _trimmed(self, thought: str) -> str:
        """Reasoning without white space at its ends; a second part is set off by a line."""
        if self._fresh:
            thought = thought.lstrip()
            self._fresh = not thought
            self._space = "\n\n" if self._thought else ""
        body = thought.rstrip()
        if not body:
            self._space += thought
            return ""
        passed = self._space + body
        self._thought, self._space = True, thought[len(body) :]
        return passed


def _overlap(text: str, tag: str) -> int:
    """How many letters at the end of a text may be the beginning of a tag."""
    return next(
        size for size in range(min(len(text), len(tag) - 1), -1, -1) if text.endswith(tag[:size])
    )
