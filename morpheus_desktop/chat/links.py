"""What an address in a model's answer really is, told before anybody opens it.

Pure. Only http and https addresses can be opened at all; everything else stays text.
"""

import ipaddress
import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from router.untrusted import visible

MAX_LENGTH = 2_000  # characters; a longer address carries data, not a place

_NETWORK_NAME = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?", re.IGNORECASE)
_LOOKS_LIKE_HOST = re.compile(r"(?:https?://)?(?:www\.)?((?:[\w-]+\.)+[^\W\d_]{2,})(?:[/:?#]|$)")


@dataclass(frozen=True)
class Link:
    """An address, taken apart for a person.

    Args:
        url: the whole address, with nothing hidden in it.
        host: the site it leads to, as the browser will call it ('xn--…' is kept).
        target: what to hand to the browser; empty when it must not be opened.
        warnings: sentences about what deceives people; empty for an ordinary address.
    """

    url: str
    host: str
    target: str
    warnings: tuple[str, ...] = ()


def openable(url: str) -> bool:
    """Whether this is an http or https address without characters that deceive."""
    return _parts(url) is not None


def misleading(text: str, url: str) -> bool:
    """Whether the text of a link names another site than the one it leads to."""
    named = _LOOKS_LIKE_HOST.match(text.strip().lower())
    parts = _parts(url)
    if named is None or parts is None:
        return False
    host = (parts.hostname or "").removeprefix("www.")
    return _ascii_host(named[1]) != _ascii_host(host)


def describe(url: str, text: str = "") -> Link:
    """Everything a person needs before opening `url`, which was shown as `text`."""
    parts = _parts(url)
    if parts is None:
        return Link(visible(url), "", "", ("This address cannot be opened from here.",))
    host = _ascii_host(parts.hostname or "")
    warnings: list[str] = []
    if misleading(text, url):
        warnings.append(f"The text of the link names another site. It leads to {host}.")
    if parts.username is not None:
        warnings.append(f"What stands before the @ sign is not the site. It leads to {host}.")
    if _is_punycode(host):
        looks = _unicode_host(host)
        warnings.append(f"The name uses letters that look like others: {visible(looks)} is {host}.")
    if _is_local(host):
        warnings.append("This leads to this computer or your local network.")
    if parts.scheme == "http":
        warnings.append("This address is not encrypted.")
    netloc = parts.netloc.replace(parts.hostname or "", host) if host != parts.hostname else ""
    target = url if not netloc else parts._replace(netloc=netloc).geturl()
    return Link(visible(url), host, target, tuple(warnings))


def _parts(url: str) -> SplitResult | None:
    if not url or len(url) > MAX_LENGTH or "\\" in url or not url.isprintable() or " " in url:
        return None
    if any(unicodedata.category(char) in ("Cf", "Zs") for char in url if char > "\x7f"):
        return None
    try:
        parts = urlsplit(url)
        port_is_valid = parts.port is None or parts.port > 0
    except ValueError:
        return None
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not port_is_valid or not _ascii_host(host):
        return None
    return parts


def _ascii_host(host: str) -> str:
    """The name as it goes over the network, or '' if there is no such name."""
    if ":" in host:
        return f"[{host}]"
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            return ""
    return host.lower() if _NETWORK_NAME.fullmatch(host) else ""


def _is_punycode(host: str) -> bool:
    return any(label.startswith("xn--") for label in host.split("."))


def _unicode_host(host: str) -> str:
    try:
        return host.encode("ascii").decode("idna")
    except UnicodeError:
        return host


def _is_local(host: str) -> bool:
    if (
        host == "localhost"
        or host.endswith((".localhost", ".local", ".internal"))
        or "." not in host
    ):
        return not host.startswith("[") or _is_local_address(host.strip("[]"))
    return _is_local_address(host)


def _is_local_address(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return not address.is_global
