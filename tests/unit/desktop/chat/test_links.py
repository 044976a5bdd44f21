"""An address is described as what it is."""

import pytest

from morpheus_desktop.chat import links


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "//evil.example/x",
        "https://",
        "https:///path",
        "https://a.example\\@evil.example",
        "https://a.example/\u202egpj",
        "https://a.exam\u200bple/",
        "https://a.example/\nX",
        "https://a example/",
        "https://a.example:99999/",
        "https://" + "a" * 3_000,
        "https://\u2024\u2024/",
        "",
    ],
)
def test_what_cannot_be_opened(url: str) -> None:
    assert not links.openable(url)
    link = links.describe(url)
    assert (link.target, link.host) == ("", "")
    assert link.warnings
    assert "\u202e" not in link.url


@pytest.mark.parametrize(
    "url",
    ["https://mor.org", "http://a.example:8080/x?y=1#z", "HTTPS://A.EXAMPLE", "https://[2606::1]/"],
)
def test_what_can_be_opened(url: str) -> None:
    assert links.openable(url)


def test_an_ordinary_address_has_no_warnings() -> None:
    assert links.describe("https://mor.org/docs?a=b", "the docs") == links.Link(
        "https://mor.org/docs?a=b", "mor.org", "https://mor.org/docs?a=b"
    )


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("https://user:pass@evil.example/", "before the @ sign"),
        ("https://xn--80ak6aa92e.com/", "look like others"),
        ("https://аррӏе.com/", "xn--80ak6aa92e.com"),
        ("http://mor.org", "not encrypted"),
        ("https://127.0.0.1:8082/", "this computer"),
        ("https://[::1]/", "this computer"),
        ("https://192.168.1.1/", "local network"),
        ("https://printer/", "local network"),
        ("https://localhost/", "this computer"),
    ],
)
def test_warnings(url: str, word: str) -> None:
    assert any(word in warning for warning in links.describe(url).warnings)


def test_a_foreign_name_is_opened_in_its_network_form() -> None:
    link = links.describe("https://аррӏе.com/x")
    assert link.host == "xn--80ak6aa92e.com"
    assert link.target == "https://xn--80ak6aa92e.com/x"


@pytest.mark.parametrize(
    ("text", "url", "expected"),
    [
        ("https://mor.org", "https://evil.example", True),
        ("mor.org", "https://evil.example", True),
        ("www.mor.org/login", "https://mor.org/login", False),
        ("MOR.org", "https://mor.org", False),
        ("read this", "https://evil.example", False),
        ("mor.org.", "https://mor.org", False),
    ],
)
def test_misleading(text: str, url: str, *, expected: bool) -> None:
    assert links.misleading(text, url) is expected
    assert any("another site" in w for w in links.describe(url, text).warnings) is expected
