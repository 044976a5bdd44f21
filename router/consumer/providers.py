"""Everything that is asked of providers outside of chats: whether they are there, their signatures.

Who signs for a provider may be its delegate or, where the provider is a contract, its owner. That
is looked up on the chain the moment such a signature comes, because such rights end at once.
"""

import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from eth_utils.crypto import keccak

from router.chain.client import Chain
from router.chain.marketplace import DIAMOND
from router.chain.multicall import Multicall, Read
from router.chain.records import Bid, Provider, Session
from router.consumer.link import Link, Target
from router.consumer.records import Approval
from router.consumer.trouble import trouble
from router.errors import ChainUnavailable, MorpheusError
from router.morrpc.consumer import Peer
from router.morrpc.limits import MIB, PIECES, UNARY, Limits
from router.morrpc.seen import Seen
from router.morrpc.signing import Signer
from router.networks import Network
from router.wallet.account import Account
from router.wire_config import WireConfig

# The right to sign approvals and reports of a provider, as the contract names it.
SIGNS = keccak(text="delegation.rules.provider")

KIB = 1024
_NOTHING_STAKED = "Nothing was staked or paid."
_UNCHANGED = "The session and its stake are as they were."


@dataclass(frozen=True)
class Presence:
    """A provider answered.

    Args:
        milliseconds: it took, with the connection.
        version: its own word, as one inert line.
        sealed: it opens sealed questions.
    """

    milliseconds: int
    version: str
    sealed: bool


async def _unknown(address: str) -> bool:
    return False


class Providers:
    """The providers of one network. All raise ChainUnavailable when no node tells who may sign:

    that is no fault of the provider.

    Args:
        allow_private: whether those on this computer and in private networks may be asked.
        wire: what answers in pieces may cost, asked for at each new link.
        now: seconds since 1970 by the clock of the network.
        seals: whether a provider, by address, is known to open sealed requests; then nothing is
            agreed with it that would let questions go out in clear text.
    """

    def __init__(
        self,
        chain: Chain,
        network: Network,
        *,
        allow_private: Callable[[], bool] = lambda: False,
        seals: Callable[[str], Awaitable[bool]] = _unknown,
        limits: Limits = UNARY,
        wire: Callable[[], WireConfig] = WireConfig,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._network = network
        self._many = Multicall(chain, network.multicall)
        self._allow_private = allow_private
        self._seals = seals
        self._limits = limits
        self._wire = wire
        self._now = now
        self._seen = Seen()

    def link(self, signer: Signer) -> Link:
        """How an account speaks to providers of this network."""
        return Link(
            signer,
            self._network.chain_id,
            may_sign=self.may_sign,
            allow_private=self._allow_private,
            limits=_pieces(self._wire()),
            unary=replace(
                self._limits, upload_bytes_a_second=self._wire().upload_kb_a_second * KIB
            ),
            now_ms=lambda: int(self._now() * 1000),
            seen=self._seen,
        )

    async def ping(self, provider: Provider) -> Presence:
        """Is it there? A key made for this is used, so that nobody learns who asks.

        Raises:
            ProviderError
        """
        nobody = Account(secrets.token_bytes(32))
        begun = time.monotonic()
        try:
            greeting = await self.link(nobody).ping(_target(provider))
        except ChainUnavailable:
            raise
        except MorpheusError as error:
            raise trouble(error, safe="") from error
        finally:
            nobody.wipe()
        milliseconds = round((time.monotonic() - begun) * 1000)
        return Presence(milliseconds, greeting.version, greeting.seals)

    async def request_session(
        self, signer: Signer, bid: Bid, provider: Provider, amount: int
    ) -> Approval:
        """Ask for the signature that opens a session; it was checked against the bid.

        Raises:
            ProviderError
        """
        try:
            sealed = await self._seals(provider.address)
            opened = await self.link(signer).request_session(
                _target(provider), bid.id, amount, sealed=sealed
            )
        except ChainUnavailable:
            raise
        except MorpheusError as error:
            raise trouble(error, safe=_NOTHING_STAKED) from error
        peer = opened.peer
        return Approval(opened.approval, opened.approval_signature, peer.public_key, peer.seals)

    async def report(
        self, signer: Signer, session: Session, bid: Bid, provider: Provider, key: bytes
    ) -> tuple[bytes, bytes]:
        """The report that closes a session, and the provider's signature of it; checked.

        Args:
            key: of who signed when the session was opened, 65 bytes.

        Raises:
            ProviderError
        """
        peer = Peer(key, seals=False)
        try:
            signed = await self.link(signer).report(_target(provider), peer, session.id)
        except ChainUnavailable:
            raise
        except MorpheusError as error:
            raise trouble(error, safe=_UNCHANGED) from error
        return signed.payload, signed.signature

    async def may_sign(self, who: str, provider: str) -> bool:
        """Whether an address is a delegate of a provider, or its owner.

        Raises:
            ChainUnavailable
        """
        answers = await self._many.read(
            [
                Read(self._network.diamond, DIAMOND["isRightsDelegated"], (who, provider, SIGNS)),
                Read(provider, DIAMOND["owner"]),
            ]
        )
        is_delegate, owner = answers.values
        return bool(is_delegate) or (owner is not None and str(owner).lower() == who.lower())


def _pieces(wire: WireConfig) -> Limits:
    """The limits of answers in pieces, as they are set."""
    return replace(
        PIECES,
        frame_bytes=wire.frame_mb * MIB,
        answer_bytes=wire.answer_mb * MIB,
        depth=wire.depth,
        first_frame_s=float(wire.first_frame_s),
        gap_s=float(wire.gap_s),
        total_s=float(wire.total_s),
    )


def _target(provider: Provider) -> Target:
    return Target(provider.endpoint, provider.address)
