"""The last requests, for the window: what was asked, how long it took, never the words."""

import time
from collections import deque
from dataclasses import dataclass

from router.backends.chat_answer import Answer
from router.events import Emitter
from router.untrusted import one_line

KEPT = 500
LONGEST_BODY = 64 * 1024
# Recovery phrases and keys of wallets, keys in the addresses of nodes, keys of this interface.
SECRET = ("/wallet", "/config", "/auth/keys")
CLIENT_GONE = 499  # the client closed the connection before the answer was complete


@dataclass(frozen=True)
class RequestRecord:
    """One request that ended.

    Args:
        id: also sent to the client, as X-Request-Id.
        time: when it came, in seconds since 1970.
        status: HTTP status; 499 is a client that went away.
        ms: milliseconds until the last byte.
        key: name of the key, or empty.
        error: the stable code of a refusal or failure, or empty.
        request_body, answer_body: empty unless the setting api.log_bodies is on, and where they
            hold secrets.
    """

    id: str
    time: float
    method: str
    path: str
    status: int
    ms: float
    key: str = ""
    model: str = ""
    prompt_tokens: int | None = None
    answer_tokens: int | None = None
    error: str = ""
    request_body: str = ""
    answer_body: str = ""


@dataclass
class Draft:
    """What is noted about a request while it is being answered."""

    id: str
    method: str
    path: str
    keep_bodies: bool = False
    key: str = ""
    model: str = ""
    prompt_tokens: int | None = None
    answer_tokens: int | None = None
    error: str = ""
    request_body: str = ""
    answer_body: str = ""

    def __post_init__(self) -> None:
        self._time = time.time()
        self._started = time.perf_counter()
        self.keep_bodies = self.keep_bodies and not self.path.startswith(SECRET)

    def asked(self, body: bytes) -> None:
        """Note the body of the request, if bodies are kept."""
        if self.keep_bodies:
            self.request_body = body[:LONGEST_BODY].decode("utf-8", "replace")

    def answered(self, text: str) -> None:
        """Note text of the answer, if bodies are kept."""
        if self.keep_bodies and len(self.answer_body) < LONGEST_BODY:
            self.answer_body = (self.answer_body + text)[:LONGEST_BODY]

    def used(self, prompt_tokens: int, answer_tokens: int) -> None:
        """Add the tokens of one answer."""
        self.prompt_tokens = (self.prompt_tokens or 0) + prompt_tokens
        self.answer_tokens = (self.answer_tokens or 0) + answer_tokens

    def note(self, answer: Answer) -> None:
        """Note the tokens and the text of an answer.

        Raises:
            BackendError: it did not end.
        """
        self.used(*answer.tokens)
        self.answered(answer.text)

    def record(self, status: int) -> RequestRecord:
        """The finished record."""
        return RequestRecord(
            id=self.id,
            time=self._time,
            method=one_line(self.method, 20),
            path=one_line(self.path, 200),
            status=status,
            ms=round((time.perf_counter() - self._started) * 1000, 1),
            key=self.key,
            model=self.model,
            prompt_tokens=self.prompt_tokens,
            answer_tokens=self.answer_tokens,
            error=self.error,
            request_body=self.request_body,
            answer_body=self.answer_body,
        )


class RequestLog:
    """The newest records, oldest first; `added` tells of each new one."""

    def __init__(self) -> None:
        self.added: Emitter[RequestRecord] = Emitter()
        self._records: deque[RequestRecord] = deque(maxlen=KEPT)

    @property
    def records(self) -> tuple[RequestRecord, ...]:
        """Up to the last 500."""
        return tuple(self._records)

    def add(self, record: RequestRecord) -> None:
        """Keep a record and tell of it."""
        self._records.append(record)
        self.added.emit(record)

    def clear(self) -> None:
        """Forget all."""
        self._records.clear()
