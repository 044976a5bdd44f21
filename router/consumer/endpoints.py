"""Addresses of providers: read with suspicion, resolved once, and connected to as resolved.

Anybody can register any text as an endpoint. Without these checks it would aim the app at what
listens on this computer or in its network. A name is looked up once; every address it gives is
checked, and the connection goes to one of those addresses and to nothing else.
"""

import asyncio
import contextlib
import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from router.errors import ProviderError
from router.untrusted import one_line

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Lookup = Callable[[str, int], Awaitable[Sequence[str]]]
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]

LONGEST = 261  # a name of 253 letters, a colon and a port, and brackets
DIAL_S = 3.0
# Then the next address has its turn: networks without a way to IPv6 just swallow what is sent.
SILENT_S = 0.3
MOST_ADDRESSES = 8

_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_PORT = re.compile(r"[1-9][0-9]{0,4}")
# Names of this computer, or of a network that is not the internet.
_HOME_NAMES = ("localhost", "local", "internal", "intranet", "lan", "home", "corp", "home.arpa")
# Below 1024 only what web servers use; above it services that act on whatever text they are sent.
_WEB_PORTS = frozenset({80, 443})
_OTHER_SERVICES = frozenset(
    {1433, 1521, 2049, 2375, 2376, 2379, 3306, 3389, 5432, 5900, 5984, 6000, 6379, 9200, 11211}
    | {27017}
)
# IPv6 addresses that carry an IPv4 address, and at which byte.
_CARRIERS = (
    (ipaddress.IPv6Network("::ffff:0:0/96"), 12),
    (ipaddress.IPv6Network("::/96"), 12),
    (ipaddress.IPv6Network("64:ff9b::/96"), 12),
    (ipaddress.IPv6Network("2002::/16"), 2),
)


@dataclass(frozen=True)
class Endpoint:
    """Where a provider says it listens; `host` is a name in small letters or an address."""

    host: str
    port: int

    def __str__(self) -> str:
        """As it is written: host:port, with brackets around an IPv6 address."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def checked_endpoint(text: str, *, allow_private: bool = False) -> Endpoint:
    """The endpoint in a text of the chain; nothing is looked up.

    Args:
        allow_private: on the demo network, or when the user set it: this computer and private
            networks too.

    Raises:
        ProviderError: "bad_endpoint": not host:port, or not in the internet.
    """
    if not text or len(text) > LONGEST or not text.isascii():
        raise _refused(text, "It must be a host and a port, like example.org:3333.")
    host, colon, port = text.rpartition(":")
    if not colon or not _PORT.fullmatch(port) or int(port) > 65535:
        raise _refused(text, "It must be a host and a port, like example.org:3333.")
    if int(port) in _OTHER_SERVICES or (int(port) < 1024 and int(port) not in _WEB_PORTS):
        raise _refused(text, "Its port belongs to another kind of service.")
    return Endpoint(_checked_host(text, host, allow_private=allow_private), int(port))


async def resolve(
    endpoint: Endpoint, *, allow_private: bool = False, lookup: Lookup | None = None
) -> tuple[Address, ...]:
    """The addresses of an endpoint; all of them were checked.

    Raises:
        ProviderError: "provider_unreachable" when the name is not known, "bad_endpoint" when one
            of its addresses is not in the internet.
    """
    literal = _literal(endpoint.host)
    if literal is not None:
        return (_checked_address(str(endpoint), literal, allow_private=allow_private),)
    try:
        found = await (lookup or _look_up)(endpoint.host, endpoint.port)
    except OSError as error:
        raise unreachable(f"The provider's name {endpoint.host} is not known.") from error
    known = tuple(dict.fromkeys(ipaddress.ip_address(text.partition("%")[0]) for text in found))
    if not known:
        raise unreachable(f"The provider's name {endpoint.host} has no address.")
    return tuple(
        _checked_address(str(endpoint), address, allow_private=allow_private) for address in known
    )[:MOST_ADDRESSES]


async def dial(
    endpoint: Endpoint,
    *,
    allow_private: bool = False,
    limit_s: float = DIAL_S,
    lookup: Lookup | None = None,
) -> Streams:
    """A connection to an endpoint, within a few seconds; who calls it closes it.

    Raises:
        ProviderError: "provider_unreachable" or "bad_endpoint".
    """
    try:
        async with asyncio.timeout(limit_s):
            addresses = await resolve(endpoint, allow_private=allow_private, lookup=lookup)
            return await _connect(addresses, endpoint.port)
    except TimeoutError as error:
        raise unreachable(
            f"The provider at {endpoint} did not take a connection within {limit_s:g} s."
        ) from error
    except OSError as error:
        raise unreachable(
            f"The provider at {endpoint} cannot be reached: {error.strerror or error}."
        ) from error


def unreachable(message: str) -> ProviderError:
    """The error for a provider that nobody can talk to."""
    return ProviderError(
        message,
        code="provider_unreachable",
        safe="Nothing was sent to it, and nothing was paid.",
        hint="Try again, or choose another provider.",
    )


async def _connect(addresses: Sequence[Address], port: int) -> Streams:
    """Connect to the first address that answers; one that says nothing is not waited for long."""
    for address in addresses[:-1]:
        with contextlib.suppress(OSError):  # a TimeoutError is one
            async with asyncio.timeout(SILENT_S):
                return await asyncio.open_connection(str(address), port)
    return await asyncio.open_connection(str(addresses[-1]), port)


async def _look_up(host: str, port: int) -> list[str]:
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


def _checked_host(text: str, host: str, *, allow_private: bool) -> str:
    if host.startswith("[") or host.endswith("]"):
        literal = _literal(host[1:-1]) if host[:1] + host[-1:] == "[]" else None
        if not isinstance(literal, ipaddress.IPv6Address):
            raise _refused(text, "What is in brackets must be an IPv6 address.")
        return str(_checked_address(text, literal, allow_private=allow_private))
    labels = host.lower().split(".")
    if not all(_LABEL.fullmatch(label) for label in labels) or len(host) > 253:
        raise _refused(text, "It must be a host and a port, like example.org:3333.")
    if labels[-1].isdigit() or labels[-1].startswith("0x"):
        # Systems read 127.1, 0x7f.1 and 2130706433 as addresses too: one way to write is enough.
        literal = _literal(host)
        if literal is None:
            raise _refused(text, "Its address is not written as four numbers.")
        return str(_checked_address(text, literal, allow_private=allow_private))
    name = ".".join(labels)
    if not allow_private and (
        len(labels) == 1 or any(f".{name}".endswith(f".{home}") for home in _HOME_NAMES)
    ):
        raise _not_outside(text)
    return name


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host) if "%" not in host else None
    except ValueError:
        return None


def _checked_address(text: str, address: Address, *, allow_private: bool) -> Address:
    """The address, if the app may connect to it.

    Raises:
        ProviderError: "bad_endpoint"
    """
    inner = _carried(address)
    for one in (address, inner) if inner is not None else (address,):
        if one.is_unspecified or one.is_multicast or one.is_link_local or _is_broadcast(one):
            raise _not_outside(text)
    plain = inner if inner is not None else address
    if not plain.is_global and not allow_private:
        raise _not_outside(text)
    return address


def _carried(address: Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 address stands for; the network may deliver to it."""
    if isinstance(address, ipaddress.IPv4Address) or address in (
        ipaddress.IPv6Address("::"),
        ipaddress.IPv6Address("::1"),
    ):
        return None
    for network, first in _CARRIERS:
        if address in network:
            return ipaddress.IPv4Address(address.packed[first : first + 4])
    return None


def _is_broadcast(address: Address) -> bool:
    return address == ipaddress.IPv4Address("255.255.255.255")


def _not_outside(text: str) -> ProviderError:
    return _refused(
        text,
        "It leads to this computer or to a private network.",
        "Choose another provider. For a provider of your own, allow private addresses in the "
        "settings.",
    )


def _refused(text: str, why: str, hint: str = "Choose another provider.") -> ProviderError:
    return ProviderError(
        f"The provider's address {one_line(text)!r} cannot be used. {why}",
        code="bad_endpoint",
        safe="Nothing was sent to it.",
        hint=hint,
    )
