"""Amounts as people type them and as programs count them: wei inside, text only at the edge."""

import re
from decimal import Decimal

from router.errors import BadRequest

DECIMALS = 18
WEI: int = 10**DECIMALS
GWEI_DECIMALS = 9
GWEI: int = 10**GWEI_DECIMALS
LARGEST = 2**256 - 1
LONGEST_TEXT = 100

_PLAIN = re.compile(r"[0-9]+(?:\.[0-9]*)?|\.[0-9]+")
_GROUPED = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?")
_COMMA = re.compile(r"[0-9]+,[0-9]+")


def parse_amount(text: str, decimals: int = DECIMALS) -> int:
    """The smallest units that a typed amount means; wei for 18 decimals.

    A full stop is the decimal mark. A comma groups thousands where there is a full stop too or
    several groups; otherwise it could be either, and is refused.

    Raises:
        BadRequest: not a plain number, too many decimals, or out of range. Says which.
    """
    typed = text.strip()
    if len(typed) > LONGEST_TEXT:
        raise BadRequest("This is too long for an amount.", param="amount")
    if _GROUPED.fullmatch(typed) and ("." in typed or typed.count(",") > 1):
        typed = typed.replace(",", "")
    elif "," in typed and (_COMMA.fullmatch(typed) or _GROUPED.fullmatch(typed)):
        raise BadRequest(
            "A comma can mean thousands or decimals here.",
            param="amount",
            hint="Write the decimals after a full stop, as in 1.5, and thousands without a sign.",
        )
    # [0-9] and not \d: digits of other scripts look alike and would be taken for these.
    if not _PLAIN.fullmatch(typed):
        raise BadRequest(
            "This is not an amount.", param="amount", hint="Use digits and one full stop."
        )
    whole, _, fraction = typed.partition(".")
    if len(fraction) > decimals:
        raise BadRequest(f"An amount has at most {decimals} decimals.", param="amount")
    units = int((whole or "0") + fraction.ljust(decimals, "0"))
    if units > LARGEST:
        raise BadRequest("This amount is larger than any that exists.", param="amount")
    return units


def exact(units: int, decimals: int = DECIMALS) -> str:
    """All digits of an amount, without separators and trailing zeros; parse_amount undoes it."""
    sign, digits = ("-" if units < 0 else ""), str(abs(units)).rjust(decimals + 1, "0")
    if not decimals:
        return sign + digits
    whole, fraction = digits[:-decimals], digits[-decimals:].rstrip("0")
    return f"{sign}{whole}.{fraction}" if fraction else sign + whole


def as_decimal(units: int, decimals: int = DECIMALS) -> Decimal:
    """An amount in whole tokens, without loss."""
    return Decimal((0 if units >= 0 else 1, tuple(map(int, str(abs(units)))), -decimals))
