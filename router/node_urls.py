"""Addresses of nodes: which can be used, and what of one may be shown.

What follows the host, and what stands before it, is often a key that costs money.
"""

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

from router.untrusted import one_line

LONGEST = 500
# Pieces of an address that are shorter are words like "v2" and "rpc".
SHORTEST_KEY = 8

_NAME = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?")
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
