"""router.node_urls: which addresses nodes can have, and that no key is told."""

import re

import pytest

from router.networks import NETWORKS
from router.node_urls import (
    LONGEST,
    has_key,
    hide_key,
    host_of,
    is_node_url,
    key_name,
    same_host,
    with_key_kept,
    without_key,
)

NAME = "0123456789ab"
WITH_KEY = (
    "https://base.example/v2/key-that-costs",
    "https://base.example/v2/key-that-costs/",
    "https://base.example/arbitrum/one/%6b%65%79%31",
    "https://base.example:8545/?key=1",
    "https://base.example?apikey=" + "k" * 400,
    "https://base.example/rpc;token=longer",
    "https://base.example/#k",
    "https://me:secret@base.example",
    "https://secret@base.example/",
    "https://@base.example/",
    "https://a@b@base.example/",
    "https://base.example/base.other.example@key",
    "http://me:secret@[::1]:8545/rpc",
    "HTTPS://Base.Example/V2/KEYTHATCOSTS",
    "https://münchen.example/schlüssel",
    f"https://{'a' * 60}.{'b' * 60}.example/keythatcosts",
    "https://base.example/{key:short}",
    "https://base.example/{key:0123456789ab}/more",
    "https://me@base.example/{key:0123456789ab}",
)


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


@pytest.mark.parametrize("url", WITH_KEY, ids=ascii)
def test_of_an_address_whose_key_is_kept_the_host_is_left(url: str) -> None:
    assert is_node_url(url)
    assert has_key(url)
    assert key_name(url) == ""
    kept = with_key_kept(url, NAME)
    netloc = re.split(r"[/?#]", url)[2]
    assert kept == f"{url.split(':')[0].lower()}://{netloc.rpartition('@')[2]}/{{key:{NAME}}}"
    assert (key_name(kept), has_key(kept), is_node_url(kept)) == (NAME, False, True)
    assert same_host(kept, url)


@pytest.mark.parametrize(
    "url",
    [
        *("https://base.example", "https://base.example/", "http://[::1]:8545/rpc/v2"),
        *("https://base.example/arbitrum-one/mainnet", "https://base.example/base-sepolia"),
        *(url for network in NETWORKS.values() for url in network.nodes),
    ],
)
def test_addresses_without_a_key(url: str) -> None:
    assert not has_key(url)
    assert key_name(url) == ""


@pytest.mark.parametrize(
    "other",
    [
        *("http://base.example/key", "https://base.example:8545/key", "https://base.exampl/key"),
        *("https://base.example@evil.example/", "https://evil.example/https://base.example", ""),
    ],
)
def test_another_host_is_another(other: str) -> None:
    assert not same_host("https://base.example/{key:0123456789ab}", other)
    assert not same_host(other, "")


def test_a_node_that_repeats_the_key_does_not_get_it_told() -> None:
    url = "https://someone:longpassword@base.example/v2/0123456789abcdef?token=fedcba9876543210"
    said = "base.example: 0123456789abcdef of someone is over its v2 quota; fedcba9876543210"
    assert hide_key(said, url) == "base.example: … of someone is over its v2 quota; …"
    assert hide_key("longpassword /v2/0123456789abcdef", url) == "… /v2/…"
    assert hide_key("rate limit", "http://127.0.0.1:8545") == "rate limit"
