"""Keys and addresses from a seed, after BIP-32 and BIP-44."""

import re
from collections.abc import Sequence

from bip32 import BIP32, BIP32DerivationError, InvalidInputError

from router.errors import BadRequest
from router.wallet.account import Account

# Where wallets look for accounts: {index} is counted up.
STANDARD = "m/44'/60'/0'/0/{index}"
LEDGER_LIVE = "m/44'/60'/{index}'/0/0"
LEDGER_OLD = "m/44'/60'/0'/{index}"
TEMPLATES = {"standard": STANDARD, "ledger_live": LEDGER_LIVE, "ledger_old": LEDGER_OLD}
SHOWN = 20
DEEPEST = 10

_PATH = re.compile(r"m(?:/[0-9]{1,10}['hH]?)+")


def checked_path(path: str) -> str:
    """A derivation path in its usual form.

    Raises:
        BadRequest: it is none.
    """
    text = path.strip().replace("’", "'")
    steps = text.split("/")[1:]
    if not _PATH.fullmatch(text) or len(steps) > DEEPEST:
        raise BadRequest(
            "This is not a derivation path.", param="path", hint="It looks like m/44'/60'/0'/0/0."
        )
    if any(int(step.rstrip("'hH")) >= 2**31 for step in steps):
        raise BadRequest("A number in the path is too large.", param="path")
    return re.sub("[hH]", "'", text)


def derive(seed: bytes, path: str) -> bytes:
    """The private key of 32 bytes at a path.

    Raises:
        BadRequest: the path is none, or has no key (one in 2^127).
    """
    try:
        return bytes(BIP32.from_seed(seed).get_privkey_from_path(checked_path(path)))
    except (BIP32DerivationError, InvalidInputError) as error:
        raise BadRequest("There is no key at this path.", param="path") from error


def addresses(
    seed: bytes, template: str = STANDARD, start: int = 0, count: int = SHOWN
) -> Sequence[tuple[str, str]]:
    """(path, checksummed address) of several accounts in a row.

    Raises:
        BadRequest: the template has no {index}, or is no path.
    """
    if "{index}" not in template:
        raise BadRequest("The path needs {index} where accounts are counted.", param="path")
    found = []
    for index in range(start, start + count):
        path = checked_path(template.replace("{index}", str(index)))
        account = Account(derive(seed, path))
        found.append((path, account.address))
        account.wipe()
    return found
