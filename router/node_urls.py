"""Addresses of nodes: which can be used, and what of one may be shown.

What follows the host, and what stands before it, is often a key that costs money. An address
whose key is in the keychain of the system is written https://host/{key:0123456789ab}: all of it
but scheme and host is kept there, under the name of these digits.
"""

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

from router.untrusted import one_line

LONGEST = 500
# Pieces of an address that are shorter are words like "v2" and "rpc".
SHORTEST_KEY = 8

_NAME = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?")
_KEPT = re.compile(r"/\{key:([0-9a-f]{12})\}")
# The longer words that are no keys.
_WORDS = frozenset({"arbitrum", "base", "mainnet", "one", "sepolia"})
_BETWEEN = re.compile(r"[/?&=#:@;]")


def is_node_url(url: str) -> bool:
    """Whether this is an address of the web that a node can have."""
    if len(url) > LONGEST or not url.isprintable() or " " in url or "\\" in url:
        return False
    parts = _split(url)
    return parts is not None and parts.scheme in ("http", "https") and _is_host(parts)


def host_of(url: str) -> str:
    """Host and port of an address, which may be shown and logged; empty when it has none."""
    parts = _split(url)
    return "" if parts is None else one_line(parts.netloc.rpartition("@")[2], 80)


def without_key(url: str) -> str:
    """Scheme and host of an address: all of it that may be told."""
    parts, host = _split(url), host_of(url)
    return f"{parts.scheme}://{host}" if parts is not None and host else ""


def hide_key(text: str, url: str) -> str:
    """A text of a node, without what it repeats of the key in its address."""
    _, _, rest = url.partition("://")
    host = host_of(url)
    pieces = {
        piece for piece in _BETWEEN.split(rest) if len(piece) >= SHORTEST_KEY and piece not in host
    }
    for piece in sorted(pieces, key=len, reverse=True):
        text = text.replace(piece, "…")
    return text


def has_key(url: str) -> bool:
    """Whether a part of an address may be a secret: rather once too often."""
    parts = _split(url)
    if parts is None or key_name(url):
        return False
    pieces = parts.path.split("/")
    return (
        "@" in parts.netloc
        or bool(parts.query or parts.fragment)
        or any(
            len(each) >= SHORTEST_KEY and not _WORDS.issuperset(each.split("-")) for each in pieces
        )
    )


def with_key_kept(url: str, name: str) -> str:
    """How an address is written whose key is in the keychain under a name."""
    return f"{_start(url)}/{{key:{name}}}"


def key_name(url: str) -> str:
    """Under which name the keychain has the key of an address; empty when it is written here."""
    start = _start(url)
    match = _KEPT.fullmatch(url.removeprefix(start)) if start and url.startswith(start) else None
    return match.group(1) if match else ""


def same_host(one: str, other: str) -> bool:
    """Whether two addresses have the same scheme, host and port, and are any."""
    return bool(_start(one)) and _start(one) == _start(other)


def _start(url: str) -> str:
    parts = _split(url)
    return "" if parts is None else f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port  # what is no number may be half of a password
    except ValueError:
        return None
    return parts if parts.hostname else None


def _is_host(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    try:
        if "[" in parts.netloc:
            ipaddress.IPv6Address(host)
            return True
        return _NAME.fullmatch(host.encode("idna").decode()) is not None
    except ValueError:
        return False
