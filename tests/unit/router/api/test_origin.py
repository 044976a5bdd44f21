"""router.api.origin: web pages get nothing, under whatever name they call."""

import pytest

from router.api.errors import ApiError
from router.api.origin import Doorway, may_be_a_browser


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:8082",
        "localhost:8082",
        "LOCALHOST:8082",
        "[::1]:8082",
        "127.0.0.1",
        "localhost",
    ],
)
def test_names_of_this_computer_are_served(host: str) -> None:
    Doorway("127.0.0.1", 8082).check([host], [], [])


@pytest.mark.parametrize(
    "hosts",
    [
        [],
        [""],
        [":8082"],
        ["evil.example"],
        ["evil.example:8082"],
        ["127.0.0.1.nip.io:8082"],
        ["localhost.evil.example:8082"],
        ["localhost:9999"],
        ["localhost:"],
        ["localhost:8082:8082"],
        ["localhost@evil.example:8082"],
        ["127.1:8082"],
        ["0.0.0.0:8082"],
        ["192.168.1.5:8082"],
        ["[::1:8082"],
        ["[::1]evil:8082"],
        ["::1"],
        ["2130706433:8082"],
        ["localhost:8082", "localhost:8082"],
        ["localhost:8082", "evil.example"],
    ],
)
def test_other_hosts_are_refused(hosts: list[str]) -> None:
    with pytest.raises(ApiError) as caught:
        Doorway("127.0.0.1", 8082).check(hosts, [], [])
    assert (caught.value.status, caught.value.code) == (403, "host_not_allowed")


@pytest.mark.parametrize(
    ("origins", "fetch_sites"),
    [
        (["null"], []),
        ([""], []),
        (["file://"], []),
        (["http://evil.example"], []),
        (["https://localhost:8082"], []),
        (["http://localhost:3000"], []),
        (["http://localhost"], []),
        (["http://127.0.0.1:8082"], []),
        (["http://localhost:8082.evil.example"], []),
        (["http://localhost:8082", "http://evil.example"], []),
        ([], ["cross-site"]),
        ([], ["same-site"]),
        ([], [""]),
        ([], ["none", "cross-site"]),
        (["http://localhost:8082"], ["cross-site"]),
    ],
)
def test_foreign_pages_are_refused(origins: list[str], fetch_sites: list[str]) -> None:
    with pytest.raises(ApiError) as caught:
        Doorway("127.0.0.1", 8082).check(["localhost:8082"], origins, fetch_sites)
    assert (caught.value.status, caught.value.code) == (403, "origin_not_allowed")


@pytest.mark.parametrize("fetch_sites", [[], ["none"], ["same-origin"]])
def test_the_page_of_the_server_itself_is_served(fetch_sites: list[str]) -> None:
    Doorway("127.0.0.1", 8082).check(["localhost:8082"], ["http://localhost:8082"], fetch_sites)


def test_a_named_address_is_served_under_itself_only() -> None:
    door = Doorway("192.168.1.5", 80)
    assert door.allows("192.168.1.5:80")
    assert door.allows("localhost")
    assert not door.allows("192.168.1.6:80")
    assert not door.allows("evil.example:80")


def test_all_addresses_are_served_under_any_address_but_no_foreign_name() -> None:
    door = Doorway("0.0.0.0", 8082)
    assert door.allows("192.168.1.6:8082")
    assert door.allows("[fe80::1]:8082")
    assert not door.allows("evil.example:8082")
    assert not door.allows("192.168.1.6:80")
    assert not door.allows(":8082")


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"User-Agent": "Go-http-client/1.1"}, False),
        ({"User-Agent": "node", "Sec-Fetch-Mode": "cors"}, False),
        ({}, True),
        ({"User-Agent": ""}, True),
        ({"User-Agent": "Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15"}, True),
        ({"User-Agent": "node", "Origin": "null"}, True),
        ({"User-Agent": "node", "Sec-Fetch-Site": "same-origin"}, True),
    ],
)
def test_what_may_come_from_a_page(headers: dict[str, str], expected: bool) -> None:
    assert may_be_a_browser(headers) is expected
