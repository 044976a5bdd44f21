"""What is written of quotes and errors is read back the same."""

import pytest

from router.consumer.written import error_text, quote_text, read_error, read_quote
from router.errors import TxFailed
from tests.support.quoted import a_quote


def test_a_quote_comes_back_to_the_wei():
    quote = a_quote()
    assert read_quote(quote_text(quote)) == quote


def test_an_error_says_the_same():
    error = TxFailed("No.", code="SessionTooShort", safe="Nothing was sent.", hint="Longer.")
    again = read_error(error_text(error))
    assert (again.message, again.safe, again.hint, again.code) == (
        "No.",
        "Nothing was sent.",
        "Longer.",
        "SessionTooShort",
    )


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"model": 1}'])
def test_what_was_written_by_something_else_is_refused(text):
    for read in (read_quote, read_error):
        with pytest.raises((ValueError, KeyError, TypeError)):
            read(text)
