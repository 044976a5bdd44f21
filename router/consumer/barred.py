"""With whom no session is opened, whoever asks for it and however the bid was chosen.

The list of allowed providers is not looked at here: it says who is used by itself, and a bid that
somebody chose by hand is that person's decision.
"""

from collections.abc import Collection

from router.chain.preparing import NOTHING_SENT
from router.errors import BadRequest


def check_provider(provider: str, user: str, blocked: Collection[str]) -> None:
    """See whether a session can be opened with a provider.

    Raises:
        BadRequest: it is the user itself, or blocked.
    """
    if provider.lower() == user.lower():
        raise BadRequest(
            "This is a bid of your own account.",
            param="bid",
            code="own_bid",
            safe=NOTHING_SENT,
            hint="Your models answer here without a session.",
        )
    if is_blocked(provider, blocked):
        raise BadRequest(
            "This provider is blocked in your settings, so no session is opened with it.",
            param="bid",
            code="blocked_provider",
            safe=NOTHING_SENT,
            hint="Choose another bid, or take it off the list of blocked providers.",
        )


def is_blocked(provider: str, blocked: Collection[str]) -> bool:
    """Whether an address is on a list, in whatever case both are written."""
    return provider.lower() in {address.lower() for address in blocked}
