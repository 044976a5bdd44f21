"""Whom something is sent to, and what speaks against it."""

from dataclasses import dataclass

from router.errors import BadRequest
from router.funds import Funds
from router.wallet.checks import checked_address, danger_of, look_alikes


@dataclass(frozen=True)
class Recipient:
    """An address and what is known of it.

    Args:
        name: from the address book, or empty.
        first_time: nothing was sent there from here, and it has no name.
        alike: known addresses that begin and end like it, with their names.
    """

    address: str
    name: str = ""
    first_time: bool = False
    is_contract: bool = False
    is_own: bool = False
    alike: tuple[tuple[str, str], ...] = ()


def read_recipient(text: str, funds: Funds) -> str:
    """The address that was typed, or that a typed name stands for.

    Raises:
        BadRequest: none, its checksum is wrong, or what is sent there is lost.
    """
    typed = text.strip()
    named = [a for a, name in funds.book.names.items() if name.casefold() == typed.casefold()]
    address = named[0] if typed and named else checked_address(typed)
    if danger := danger_of(address):
        raise BadRequest(danger, param="address")
    if funds.is_connected and address == funds.connection.network.token:
        raise BadRequest(
            "This is the MOR contract itself; what is sent there is lost.", param="address"
        )
    return address


async def look_at(address: str, funds: Funds) -> Recipient:
    """Find out what is known of an address.

    Known are names in the address book and addresses something was sent to from here. Logs of
    the token are no witness: a thief can have his look-alike address logged.

    Raises:
        ChainUnavailable
    """
    sent_to = await funds.sent_to()
    names = funds.book.names
    network = funds.connection.network
    known = {*names, *sent_to, funds.address, network.diamond, network.token}
    words = {funds.address: "your own address", network.diamond: "the marketplace"} | names
    return Recipient(
        address,
        names.get(address, ""),
        first_time=address not in sent_to and address not in names,
        is_contract=await funds.is_contract(address),
        is_own=address == funds.address,
        alike=tuple((other, words.get(other, "")) for other in look_alikes(address, known)),
    )


def address_in(text: str) -> str:
    """The address that a text is, checksummed; empty when it is none."""
    try:
        return checked_address(text)
    except BadRequest:
        return ""
