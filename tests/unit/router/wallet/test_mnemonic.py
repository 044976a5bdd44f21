"""Phrases: made, checked word by word, turned into seeds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.errors import BadRequest
from router.wallet import mnemonic
from tests.support.money_desk import PHRASE


@pytest.mark.parametrize("count", [12, 24])
def test_new_phrases_are_right_and_never_the_same(count):
    made = {mnemonic.make(count) for _ in range(20)}
    assert len(made) == 20
    for phrase in made:
        checked = mnemonic.check(phrase)
        assert checked.is_valid
        assert (checked.language, len(checked.words)) == ("english", count)


@pytest.mark.parametrize("count", [0, 11, 15, 25])
def test_other_lengths_are_not_made(count):
    with pytest.raises(BadRequest):
        mnemonic.make(count)


@pytest.mark.parametrize(
    ("phrase", "unknown", "problem"),
    [
        (PHRASE, (), ""),
        (f"  {PHRASE.upper()}\n", (), ""),
        ("", (), "Type the words of the recovery phrase."),
        ("xx yy", (0, 1), "These are not words of a recovery phrase."),
        (PHRASE.replace("about", "abuot"), (11,), "Word 12 is not in the word list."),
        ("abandon abandom abandon abandoo", (1, 3), "Words 2, 4 are not in the word list."),
        ("abandon abandon", (), "A recovery phrase has 12, 15, 18, 21 or 24 words; these are 2."),
        ("abandon " * 12, (), "The words do not belong together"),
        ("x" * 3000, (), "This is too long for a recovery phrase."),
    ],
)
def test_what_is_wrong_is_named(phrase, unknown, problem):
    checked = mnemonic.check(phrase)
    assert checked.unknown == unknown
    assert checked.problem.startswith(problem)
    assert checked.is_valid is (problem == "")
    if problem:
        with pytest.raises(BadRequest):
            mnemonic.seed(phrase)


def test_two_words_that_were_swapped_are_noticed():
    words = [
        "legal",
        "winner",
        "thank",
        "year",
        "wave",
        "sausage",
        "worth",
        "useful",
        "legal",
        "winner",
        "thank",
        "yellow",
    ]
    assert mnemonic.check(" ".join(words)).is_valid
    words[0], words[1] = words[1], words[0]
    assert not mnemonic.check(" ".join(words)).is_valid


@given(st.text(max_size=300))
def test_no_text_breaks_it(text):
    checked = mnemonic.check(text)
    assert checked.is_valid is not bool(checked.problem)
    assert all(place < len(checked.words) for place in checked.unknown)


def test_completions_begin_when_few_are_left():
    assert mnemonic.completions("ab") == ()
    assert mnemonic.completions("abo") == ("about", "above")
    assert mnemonic.completions(" ABOU ") == ("about",)
    assert mnemonic.completions("") == ()
    assert mnemonic.completions("zzz") == ()


def test_a_passphrase_leads_elsewhere():
    assert mnemonic.seed(PHRASE) != mnemonic.seed(PHRASE, "TREZOR")
    assert mnemonic.seed(PHRASE, "TREZOR").hex().startswith("c55257c360c07c72029aebc1b53c05ed")
