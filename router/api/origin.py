"""Keeps web pages out: only requests that mean this server, from no page but its own.

A page in a browser may send requests to this computer, under its own name (Origin), hidden in
an image or script tag (Sec-Fetch-Site), or under a name of its own that points here (Host, DNS
rebinding). None of them is served anything, and no CORS header is ever sent.
"""

import ipaddress
from collections.abc import Mapping, Sequence

from router.api.errors import ApiError

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_ANY = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - compared, never bound


class Doorway:
    """The names under which this server may be called.

    Args:
        host: the address it listens on; "0.0.0.0" also allows any literal address, because
            only names can be rebound.
    """

    def __init__(self, host: str, port: int) -> None:
        self._names = _LOOPBACK | {host.lower()} - _ANY
        self._any_address = host in _ANY
        self._port = port

    def check(
        self, hosts: Sequence[str], origins: Sequence[str], fetch_sites: Sequence[str]
    ) -> None:
        """Refuse what is not meant for this server or comes from a foreign page.

        Args:
            hosts, origins, fetch_sites: all headers Host, Origin and Sec-Fetch-Site.

        Raises:
            ApiError: 403 host_not_allowed or origin_not_allowed.
        """
        if len(hosts) != 1 or not self.allows(hosts[0]):
            raise ApiError(
                403,
                "host_not_allowed",
                "The request names another host. Use the address that the app shows.",
                param="Host",
            )
        own = f"http://{hosts[0].lower()}"
        foreign = any(origin.lower() != own for origin in origins)
        if foreign or any(site.lower() not in ("same-origin", "none") for site in fetch_sites):
            raise ApiError(
                403,
                "origin_not_allowed",
                "Web pages may not use this interface.",
                param="Origin",
            )

    def allows(self, host: str) -> bool:
        """Whether a Host header means this server."""
        name, port = _split(host.lower())
        if port is not None and port != str(self._port):
            return False
        return name in self._names or (self._any_address and _is_address(name))


def may_be_a_browser(headers: Mapping[str, str]) -> bool:
    """Whether a page may have had a browser send this: its marks, or a program without a name.

    Every browser names itself Mozilla. A page can neither change that nor leave out the origin,
    unless it asks first, and that is refused.
    """
    agent = headers.get("User-Agent", "")
    return not agent or "Mozilla/" in agent or "Origin" in headers or "Sec-Fetch-Site" in headers


def _split(host: str) -> tuple[str, str | None]:
    if host.startswith("["):
        name, bracket, rest = host[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            return "", None
        return name, rest[1:] if rest else None
    name, colon, port = host.partition(":")
    return name, port if colon else None


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
