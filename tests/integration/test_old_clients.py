"""The calls of the original command line and window, against a node in a process of its own.

Neither program can run here. The tables say what each asks, in the order of a user, and what it
reads of the answer; the headers are those of its HTTP library. Left out is what contradicts
OpenAI's shapes (`GET /v1/models`) and what the window asks from inside a page.
"""

import base64
import http.client
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.support.headless import HANG_S, Headless, headless

pytestmark = [pytest.mark.model, pytest.mark.slow, pytest.mark.timeout(120)]

HASH, ADDRESS, WEI = "0x[0-9a-f]{64}", "0x[0-9a-f]{40}", "[0-9]+"
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
CHAT = "0x" + "7" * 64
STRANGER = "0x1212121212121212121212121212121212121212"
MOR = 10**18
OTHER_KEY = "0x" + "11" * 32
OTHER = "0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a"
QUESTION = {"messages": [{"role": "user", "content": "Say hello."}], "max_tokens": 8}


class U64:
    """A number that fits where the command line puts it; it reads nothing of a list otherwise."""


class Ends:
    """The answer is a stream."""


@dataclass(frozen=True)
class Kept:
    """A part of an answer that later calls name."""

    name: str
    shape: Any


@dataclass(frozen=True)
class Only:
    """All values of an object, whatever their names."""

    shape: Any


BID = {"Id": Kept("bid", HASH), "Provider": ADDRESS, "ModelAgentId": HASH, "PricePerSecond": WEI}
SESSION = {
    "Id": HASH,
    "BidID": HASH,
    "ModelAgentId": HASH,
    "Provider": ADDRESS,
    "User": ADDRESS,
    "PricePerSecond": U64,
    "OpenedAt": U64,
    "EndsAt": U64,
    "CloseoutType": U64,
}
OPEN = {**SESSION, "ClosedAt": 0, "CloseoutReceipt": "", "Stake": int}
CLOSED = {**SESSION, "ClosedAt": U64, "CloseoutReceipt": "([0-9a-f]{2})+"}

COMMAND_LINE = [
    ("GET", "/healthcheck", None, {"status": "healthy"}),
    ("GET", "/wallet", None, {"address": Kept("user", ADDRESS)}),
    ("GET", "/blockchain/balance", None, Only(WEI)),
    (
        "GET",
        "/config",
        None,
        {"Config": {"Marketplace": {"DiamondContractAddress": Kept("diamond", ADDRESS)}}},
    ),
    ("POST", "/blockchain/approve?spender={diamond}&amount=1000", None, {"tx": HASH}),
    ("GET", "/blockchain/allowance?spender={diamond}", None, {"allowance": "1000"}),
    (
        "GET",
        "/blockchain/providers",
        None,
        {"providers": [{"Address": Kept("provider", ADDRESS), "Endpoint": ".+"}]},
    ),
    (
        "GET",
        "/blockchain/models",
        None,
        {"models": [{"Id": Kept("model", HASH), "Name": ".+", "Owner": ADDRESS}]},
    ),
    (
        "GET",
        "/blockchain/models/{model}/bids?offset=0&limit=100",
        None,
        {"bids": [{**BID, "DeletedAt": "0"}]},
    ),
    ("GET", "/blockchain/providers/{provider}/bids?offset=0&limit=10", None, {"bids": [BID]}),
    (
        "POST",
        "/blockchain/models/{model}/session",
        {"modelId": "{model}", "sessionDuration": 3600},
        {"sessionID": Kept("session", HASH)},
    ),
    ("POST", "/v1/chat/completions", {**QUESTION, "model": "", "stream": True}, Ends),
    ("GET", "/blockchain/sessions/user?user={user}", None, {"sessions": [OPEN]}),
    ("POST", "/blockchain/sessions/{session}/close", None, {}),
    ("GET", "/blockchain/sessions/user?user={user}", None, {"sessions": [CLOSED]}),
    ("GET", "/blockchain/sessions/provider?provider={provider}", None, {"sessions": list}),
    (
        "POST",
        "/blockchain/approve?spender={diamond}&amount=5000000000000000000",
        None,
        {"tx": HASH},
    ),
    (
        "POST",
        "/blockchain/providers",
        {"stake": MOR, "endpoint": "node.example:3333"},
        {"provider": dict},
    ),
    (
        "POST",
        "/blockchain/models",
        {"Stake": MOR, "IpfsID": OTHER_KEY, "Name": "Mine", "Fee": 0, "Tags": ["llm"]},
        {"model": {"Id": Kept("model", HASH), "Name": "Mine", "Stake": MOR, "Tags": [str]}},
    ),
    (
        "POST",
        "/blockchain/bids",
        {"modelId": "{model}", "pricePerSecond": 10_000_000_000},
        {"bid": {"Id": HASH}},
    ),
]

WINDOW = [
    ("GET", "/healthcheck", None, {"status": "healthy"}),
    ("GET", "/wallet", None, {"address": Kept("user", ADDRESS)}),
    ("GET", "/blockchain/balance", None, {"mor": WEI, "eth": WEI}),
    ("POST", "/blockchain/send/eth", {"to": STRANGER, "amount": "1000"}, {"tx": HASH}),
    ("POST", "/blockchain/send/mor", {"to": STRANGER, "amount": "2000"}, {"tx": HASH}),
    (
        "GET",
        "/blockchain/transactions?page=1&limit=1",
        None,
        {
            "transactions": [
                {
                    "hash": HASH,
                    "from": ADDRESS,
                    "to": ADDRESS,
                    "timestamp": TIME,
                }
            ]
        },
    ),
    ("GET", "/blockchain/sessions/budget", None, {"budget": WEI}),
    ("GET", "/blockchain/token/supply", None, {"supply": WEI}),
    (
        "GET",
        "/blockchain/providers",
        None,
        {
            "providers": [
                {
                    "Address": Kept("provider", ADDRESS),
                    "Endpoint": Kept("endpoint", ".+"),
                    "IsDeleted": False,
                }
            ]
        },
    ),
    (
        "POST",
        "/proxy/provider/ping",
        {"providerAddr": "{provider}", "providerUrl": "{endpoint}"},
        {"ping": U64},
    ),
    (
        "GET",
        "/blockchain/models?offset=0&limit=100&order=asc",
        None,
        {
            "models": [
                {
                    "Id": Kept("model", HASH),
                    "Name": ".+",
                    "Tags": [str],
                    "IsDeleted": False,
                    "Fee": int,
                    "Stake": int,
                }
            ]
        },
    ),
    (
        "GET",
        "/blockchain/models/{model}/bids/active?offset=0&limit=50&order=desc",
        None,
        {"bids": [{**BID, "DeletedAt": "0"}]},
    ),
    ("GET", "/blockchain/bids/{bid}", None, {"bid": BID}),
    (
        "POST",
        "/blockchain/models/{model}/session",
        {"failover": True, "sessionDuration": 3600, "directPayment": False},
        {"sessionID": Kept("session", HASH)},
    ),
    (
        "GET",
        "/blockchain/sessions/user/ids?user={user}&offset=0&limit=50",
        None,
        [HASH],
    ),
    ("GET", "/blockchain/sessions/{session}", None, {"session": OPEN}),
    ("POST", "/v1/chat/completions", {**QUESTION, "stream": True}, Ends),
    (
        "POST",
        "/v1/chat/completions",
        QUESTION,
        {"choices": [{"message": {"role": "assistant", "content": str}}]},
    ),
    (
        "GET",
        "/v1/chats",
        None,
        [{"chatId": CHAT, "title": ".+", "modelId": HASH, "isLocal": False, "createdAt": U64}],
    ),
    ("POST", f"/v1/chats/{CHAT}", {"title": "Greetings"}, {"result": True}),
    (
        "GET",
        f"/v1/chats/{CHAT}",
        None,
        {
            "title": "Greetings",
            "messages": [
                {
                    "prompt": {"messages": [{"role": "user", "content": str}]},
                    "response": str,
                    "promptAt": U64,
                    "responseAt": U64,
                    "isImageContent": False,
                }
            ],
        },
    ),
    ("DELETE", f"/v1/chats/{CHAT}", None, {"result": True}),
    ("POST", "/blockchain/sessions/{session}/close", None, {"tx": HASH}),
    ("GET", "/blockchain/sessions/{session}", None, {"session": CLOSED}),
    ("GET", "/proxy/sessions/{session}/providerClaimableBalance", None, {"balance": WEI}),
    ("GET", "/blockchain/sessions/provider?provider={provider}", None, {"sessions": list}),
    (
        "GET",
        "/config",
        None,
        {"DerivedConfig": {"WalletAddress": "{user}", "ChainID": 1337, "EthNodeURLs": list}},
    ),
    ("POST", "/wallet/privateKey", {"PrivateKey": OTHER_KEY}, {"address": OTHER}),
    ("DELETE", "/wallet", None, {"status": "ok"}),
]


@dataclass
class OldClient:
    """Asks as an old program does, and remembers what its next calls need.

    Args:
        headers: what its library sends with everything.
        text: the content type that its library gives to a text, if any.
        of_chat: further headers of a chat.
    """

    port: int
    headers: dict[str, str]
    text: str
    of_chat: dict[str, str]
    names: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: Any) -> tuple[int, bytes]:
        """The status and the whole answer."""
        headers = {"Host": f"localhost:{self.port}", **self.headers}
        if path == "/v1/chat/completions":
            headers |= {**self.of_chat, "session_id": self.names["session"]}
        elif body is not None and self.text:
            headers["Content-Type"] = self.text
        data = b"" if body is None else self.named(json.dumps(body)).encode()
        if method == "POST" and body is None and not self.text:
            data = b"null"  # the command line writes that it has nothing to say
        if method == "POST":
            headers["Content-Length"] = str(len(data))
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=HANG_S)
        try:
            connection.putrequest(
                method, self.named(path), skip_host=True, skip_accept_encoding=True
            )
            for name, value in headers.items():
                connection.putheader(name, value)
            connection.endheaders(data)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def named(self, text: str) -> str:
        """A text with the names in it replaced."""
        for name, value in self.names.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    def log_in(self) -> None:
        """Find the key as both clients do: ask where its file is, and read that."""
        status, body = self.ask("GET", "/auth/cookie/path", None)
        assert status == 200, body
        pair = Path(json.loads(body)["path"]).read_text().strip()
        assert ":" in pair
        self.headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"

    def read(self, shape: Any, value: Any, where: str) -> None:
        """Fail when a value is not what the client expects."""
        match shape:
            case Kept(name, inner):
                self.read(inner, value, where)
                self.names[name] = value
            case Only(inner):
                assert isinstance(value, dict), where
                self.read(dict.fromkeys(value, inner), value, where)
            case dict():
                assert isinstance(value, dict), where
                for name, inner in shape.items():
                    assert name in value, f"{where}.{name} is missing"
                    self.read(inner, value[name], f"{where}.{name}")
            case [inner]:
                assert isinstance(value, list), where
                assert value, f"{where} is empty"
                for one in value:
                    self.read(inner, one, f"{where}[]")
            case _:
                assert self.fits(shape, value), f"{where}: {value!r}"

    def fits(self, shape: Any, value: Any) -> bool:
        """Whether a single value is of a type, a number of the command line, or like a text."""
        if shape is U64:
            return type(value) is int and 0 <= value < 2**64
        if isinstance(shape, type):
            return type(value) is shape
        if isinstance(shape, str) and isinstance(value, str):
            return re.fullmatch(self.named(shape), value) is not None
        return type(value) is type(shape) and bool(value == shape)


def go(port: int) -> OldClient:
    """The command line: Go's library says nothing of what is in a body."""
    nobody = base64.b64encode(b":").decode()  # it has no key yet, and says so
    return OldClient(
        port,
        {
            "User-Agent": "Go-http-client/1.1",
            "Authorization": f"Basic {nobody}",
            "Accept-Encoding": "gzip",
        },
        "",
        {"Accept": "application/json", "Content-Type": "application/json"},
    )


def node_js(port: int) -> OldClient:
    """The window's main process: its library calls each text a text."""
    return OldClient(
        port,
        {
            "User-Agent": "node",
            "Accept": "*/*",
            "Accept-Language": "*",
            "Sec-Fetch-Mode": "cors",
            "Accept-Encoding": "gzip, deflate",
        },
        "text/plain;charset=UTF-8",
        {"Accept": "application/json", "Content-Type": "application/json", "chat_id": CHAT},
    )


def read_stream(body: bytes) -> None:
    """Read a streamed answer in both ways; each would stop at what it does not know."""
    lines = [line for line in body.decode().split("\n") if line]
    assert lines.pop() == "data: [DONE]"
    assert all(line.startswith("data: ") for line in lines)
    assert max(map(len, lines)) < 64 * 1024, "the command line reads no longer lines"
    events = [json.loads(line.removeprefix("data: ")) for line in lines]
    assert all(event["id"] and isinstance(event["id"], str) for event in events)
    assert len({event["id"] for event in events}) == 1, "the window shows one message for each id"
    parts = [event["choices"][0]["delta"].get("content") or "" for event in events]
    assert "".join(parts)


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Headless]:
    """A node on the demo network, as its one word on the command line gives it."""
    folder = tmp_path_factory.mktemp("node")
    with headless(folder, "--api", "127.0.0.1:0", "--network", "demo") as made:
        yield made.ready()


@pytest.mark.parametrize(
    ("client", "calls"),
    [(go, COMMAND_LINE), (node_js, WINDOW)],
    ids=["command line", "window"],
)
def test_an_old_client_does_what_a_user_does(node: Headless, client: Any, calls: Any) -> None:
    asking = client(int(node.url.rpartition(":")[2]))
    asking.log_in()
    for method, path, body, shape in calls:
        where = f"{method} {path}"
        status, answer = asking.ask(method, path, body)
        assert status == 200, f"{where}: {status} {answer!r}"
        if shape is Ends:
            read_stream(answer)
        else:
            asking.read(shape, json.loads(answer), where)
