"""router.node_urls: which addresses nodes can have, and that no key is told."""

import pytest

from router.networks import NETWORKS
from router.node_urls import LONGEST, hide_key, host_of, is_node_url, without_key


@pytest.mark.parametrize(
    "url",
    [
        "https://base.example/v2/key-that-costs",
        "http://127.0.0.1:8545",
        "http://localhost",
        "http://[::1]:8545/",
        "https://me:secret@base.example/?key=1",
        "https://münchen.example/rpc",
        *(url for network in NETWORKS.values() for url in network.nodes),
    ],
)
def test_addresses_of_nodes(url: str) -> None:
    assert is_node_url(url)
    assert host_of(url)


@pytest.mark.parametrize(
    "url",
    [
        *("", "base.example", "ftp://base.example", "https://", "https:///key", "http://:80"),
        "http://a..b/",
        f"http://{'a' * 64}.example/",
        "http://host:99999/",
        "http://me:pass/word@base.example/",
        "http://[::/",
        "http://[base.example]/",
        *("http://ho st/", "http://a\nb/", "http://host/\x00", "http://host\\@other/"),
        *("http://\ud800/", "http://host/\udcff", "http://%zz/", "http://<b>/"),
        "https://base.example/" + "x" * LONGEST,
    ],
    ids=ascii,
)
def test_what_no_node_can_have(url: str) -> None:
    assert not is_node_url(url)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://base.example/v2/key-that-costs", "https://base.example"),
        ("https://me:secret@base.example:8545/?key=1", "https://base.example:8545"),
        ("https://base.example?key=secret", "https://base.example"),
        ("https://base.example#secret", "https://base.example"),
        ("http://[::1]:8545", "http://[::1]:8545"),
        ("http://me:pass/word@base.example", ""),
        ("http://[::/secret", ""),
        ("", ""),
    ],
)
def test_what_is_shown_of_an_address(url: str, shown: str) -> None:
    assert without_key(url) == shown
    assert host_of(url) == shown.partition("://")[2]


def test_a_node_that_repeats_the_key_does_not_get_it_told() -> None:
    url = "https://someone:longpassword@base.example/v2/0123456789abcdef?token=fedcba9876543210"
    said = "base.example: 0123456789abcdef of someone is over its v2 quota; fedcba9876543210"
    assert hide_key(said, url) == "base.example: … of someone is over its v2 quota; …"
    assert hide_key("longpassword /v2/0123456789abcdef", url) == "… /v2/…"
    assert hide_key("rate limit", "http://127.0.0.1:8545") == "rate limit"
