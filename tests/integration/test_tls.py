"""Encrypted connections to whom nobody vouches for are closed (F49): nodes, model servers, the hub.

The authority is our own, made here; that the good certificate of it works shows that the others are
refused for what is wrong with them.
"""

import datetime
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from router.backends.openai import OpenAiBackend, open_session
from router.backends.raw import Asked
from router.chain.nodes import Nodes
from router.errors import BackendError, ChainUnavailable, DownloadError
from router.inference import catalog, fetch

CHAIN_ID = 1337
HERE, ELSEWHERE = "127.0.0.1", "127.0.0.2"
DAY = datetime.timedelta(days=1)


class Authority:
    """Vouches for servers, with certificates in a folder."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._made = 0
        certificate = self._signed(self._name, self._key, DAY, x509.BasicConstraints(True, None))
        self.file = folder / f"{name}.pem"
        self.file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def server(self, address: str, lasts: datetime.timedelta = DAY) -> ssl.SSLContext:
        """For a server that shows a certificate for an address; it may be over already."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))])
        certificate = self._signed(x509.Name([]), key, lasts, names)
        self._made += 1
        file = self._folder / f"server-{self._made}-{self.file.stem}.pem"
        file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _signed(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        lasts: datetime.timedelta,
        extension: x509.ExtensionType,
    ) -> x509.Certificate:
        now = datetime.datetime.now(datetime.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - 2 * DAY)
            .not_valid_after(now + lasts)
            .add_extension(extension, critical=True)
            .sign(self._key, hashes.SHA256())
        )


@dataclass
class Server:
    """Answers whatever is asked, and counts what it was sent."""

    url: str = ""
    asked: list[str] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        """What each of the three clients can use."""
        body = await request.text()
        self.asked.append(body)
        if request.path == "/chat":
            return web.json_response({"choices": [{"message": {"content": "yes"}}]})
        if request.path.startswith("/api/models"):
            return web.json_response([])
        number = (await request.json())["id"]
        return web.json_response({"jsonrpc": "2.0", "id": number, "result": hex(CHAIN_ID)})


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """An authority that this computer trusts, as if it came with the system."""
    made = Authority(tmp_path, "trusted")
    context = ssl.create_default_context(cafile=str(made.file))
    monkeypatch.setattr(aiohttp.connector, "_SSL_CONTEXT_VERIFIED", context)
    return made


@pytest.fixture(params=["good", "nobody vouches", "expired", "of another"])
async def server(
    request: pytest.FixtureRequest, tmp_path: Path, trusted: Authority
) -> AsyncIterator[Server]:
    context = {
        "good": lambda: trusted.server(HERE),
        "nobody vouches": lambda: Authority(tmp_path, "stranger").server(HERE),
        "expired": lambda: trusted.server(HERE, -DAY),
        "of another": lambda: trusted.server(ELSEWHERE),
    }[request.param]()
    made = Server()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", made.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, HERE, 0, ssl_context=context).start()
    made.url = f"https://{HERE}:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()


@pytest.fixture
def is_good(request: pytest.FixtureRequest) -> bool:
    return bool(request.node.callspec.params["server"] == "good")


async def test_nodes(server: Server, is_good: bool) -> None:
    nodes = Nodes(CHAIN_ID, [server.url])
    try:
        if is_good:
            assert await nodes.ask("eth_chainId") == hex(CHAIN_ID)
            return
        with pytest.raises(ChainUnavailable, match="its certificate is not valid"):
            await nodes.ask("eth_chainId")
    finally:
        await nodes.close()
    assert server.asked == []


async def test_model_servers(server: Server, is_good: bool) -> None:
    async with open_session() as session:
        backend = OpenAiBackend(session, f"{server.url}/chat", "a model", "a secret key")
        asked = Asked("chat", {"messages": []})
        if is_good:
            assert [piece async for piece in backend.ask(asked)]
            return
        with pytest.raises(BackendError, match="Certificate"):
            [piece async for piece in backend.ask(asked)]
    assert server.asked == []


async def test_the_hub(server: Server, is_good: bool) -> None:
    async def no_pause(_seconds: float) -> None: ...

    words = "does not list a file" if is_good else "The connection to the model hub failed"
    with pytest.raises(DownloadError, match=words):
        await fetch.ask(server.url, catalog.models()[0], no_pause)
    assert bool(server.asked) is is_good
