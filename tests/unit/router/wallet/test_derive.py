"""Keys at paths."""

import pytest

from router.errors import BadRequest
from router.wallet import derive, mnemonic
from tests.support.money_desk import FIRST, PHRASE

SEED = mnemonic.seed(PHRASE)


@pytest.mark.parametrize(
    ("typed", "path"),
    [
        ("m/44'/60'/0'/0/0", "m/44'/60'/0'/0/0"),
        (" m/44h/60H/0’/0/1 ", "m/44'/60'/0'/0/1"),
        ("m/0", "m/0"),
    ],
)
def test_paths_in_their_usual_form(typed, path):
    assert derive.checked_path(typed) == path


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "m",
        "m/",
        "44'/60'",
        "m/x",
        "m/-1",
        "m/1''",
        "m/2147483648",
        "m/" + "0/" * 10 + "0",
        "m/٣",
    ],
)
def test_other_texts_are_refused(typed):
    with pytest.raises(BadRequest):
        derive.checked_path(typed)


def test_the_first_account_of_a_known_phrase():
    ((path, address),) = derive.addresses(SEED, count=1)
    assert (path, address) == ("m/44'/60'/0'/0/0", FIRST)


@pytest.mark.parametrize("template", derive.TEMPLATES.values())
def test_twenty_different_accounts(template):
    found = derive.addresses(SEED, template)
    assert len({address for _, address in found}) == derive.SHOWN
    assert found[7][0] == template.replace("{index}", "7")


def test_a_template_counts_somewhere():
    with pytest.raises(BadRequest):
        derive.addresses(SEED, "m/44'/60'/0'/0/0")
