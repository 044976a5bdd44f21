"""What is typed while a wallet is set up: what is right, what is wrong, and that it is forgotten."""

import pytest

from morpheus_desktop.viewmodels.draft import CUSTOM, Draft
from router.wallet import mnemonic
from tests.support.money_desk import PHRASE


def test_a_phrase_is_made_and_three_of_its_words_are_asked_back():
    draft = Draft()
    draft.make_words(24)
    assert len(draft.words) == 24
    assert mnemonic.check(" ".join(draft.words)).is_valid
    assert len(set(draft.asked)) == 3
    assert all(0 <= place < 24 for place in draft.asked)
    assert draft.asked == tuple(sorted(draft.asked))
    draft.typed = dict.fromkeys(draft.asked, "x")
    draft.make_words(12)
    assert draft.typed == {}


def test_a_wrong_word_is_named_by_its_place_and_the_right_one_is_not_told():
    draft = Draft(words=tuple(PHRASE.split()), asked=(2, 6, 11))
    for text, problem in (
        ("", ""),
        ("ab", ""),  # it is still being typed
        ("about", "Not the word you wrote at 7"),
        ("zzz", "Not the word you wrote at 7"),
        (" Abandon ", ""),
    ):
        draft.typed[6] = text
        assert draft.word_problem(6) == problem
        assert draft.is_right(6) is (text == " Abandon ")
    assert draft.right_words == 1


@pytest.mark.parametrize(
    ("password", "repeated", "problem"),
    [
        ("short", "short", "The password needs at least 8 characters."),
        ("aaaaaaaaaa", "aaaaaaaaaa", "The password repeats too few characters."),
        ("correct horse", "correct hors", "The two passwords are not the same."),
        ("correct horse", "correct horse", ""),
    ],
)
def test_passwords(password, repeated, problem):
    draft = Draft(password=password, repeated=repeated)
    assert (draft.password_problem() or draft.repeat_problem()) == problem


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"source": "phrase", "phrase": PHRASE}, ""),
        ({"source": "phrase", "phrase": "abandon " * 12}, "do not belong together"),
        ({"source": "phrase", "phrase": PHRASE.replace("about", "abuot")}, "Word 12 is not"),
        ({"source": "key", "key": "0x" + "1" * 64}, ""),
        ({"source": "key", "key": "11"}, "not a private key"),
        ({"source": "file"}, "Choose a key file"),
        ({"source": "file", "file": b"{}"}, ""),
        ({"source": "watch", "address": "0x9858EfFD232B4033E47d90003D41EC34EcaEda94"}, ""),
        ({"source": "watch", "address": "0x9858EfFD232B4033E47d90003D41EC34EcaEda95"}, "checksum"),
    ],
)
def test_sources(fields, problem):
    found = Draft(way="import", **fields).source_problem()
    assert problem in found
    assert bool(problem) is bool(found)


def test_wrong_words_are_named_but_not_the_one_that_is_being_typed():
    draft = Draft(phrase="abandon abandom zz")
    assert draft.wrong_words_typed == ((2, "abandom"),)
    draft.phrase += " "
    assert draft.wrong_words_typed == ((2, "abandom"), (3, "zz"))


def test_paths():
    draft = Draft(index=3)
    assert draft.chosen_path == "m/44'/60'/0'/0/3"
    draft.template, draft.path = CUSTOM, "m/44'/60'/7'"
    assert draft.chosen_path == "m/44'/60'/7'"
    draft.path = "m/x"
    assert "not a derivation path" in draft.path_problem()


def test_wiping_forgets_everything():
    draft = Draft(way="import", password="p", phrase=PHRASE, key="k", file=b"f", typed={1: "w"})
    draft.make_words(12)
    draft.wipe()
    assert draft == Draft()
