"""Records of the chain in the shapes of the original router: its field names and number styles.

Its big integers are texts in some records and JSON numbers in others; clients rely on which.
Addresses and hashes are in lower case.
"""

from datetime import UTC, datetime
from typing import Any

from router.chain.journal import TxRecord
from router.chain.records import Bid, Model, Provider, Session, as_hex
from router.chain.review import Decoded, decode_tx
from router.consumer.mined import DEAD
from router.consumer.records import RatedBid
from router.errors import BadRequest
from router.networks import Network

ZERO_ID = "0x" + "0" * 64
ZERO_ADDRESS = "0x" + "0" * 40
_TYPES = {
    "STT": ("stt", "transcribe", "s2t", "speech", "speech-to-text", "speech2text"),
    "TTS": ("tts", "text-to-speech", "text2speech", "t2s"),
    "EMBEDDING": ("embedding", "embeddings"),
    "LLM": ("llm", "textgeneration", "text2text", "text-to-text", "t2t"),
}


def model_type(tags: tuple[str, ...]) -> str:
    """What a model is for, from the first tag that says it."""
    for tag in tags:
        for kind, words in _TYPES.items():
            if tag.lower() in words:
                return kind
    return "UNKNOWN"


def provider(record: Provider) -> dict[str, Any]:
    """A provider."""
    return {
        "Address": record.address.lower(),
        "Endpoint": record.endpoint,
        "Stake": str(record.stake),
        "CreatedAt": str(record.created_at),
        "IsDeleted": record.is_deleted,
    }


def model(record: Model) -> dict[str, Any]:
    """A model."""
    return {
        "Id": record.id,
        "IpfsCID": record.ipfs_cid,
        "Fee": record.fee,
        "Stake": record.stake,
        "Owner": record.owner.lower(),
        "Name": record.name,
        "Tags": list(record.tags),
        "CreatedAt": record.created_at,
        "IsDeleted": record.is_deleted,
        "ModelType": model_type(record.tags),
    }


def bid(record: Bid) -> dict[str, Any]:
    """A bid."""
    return {
        "Id": record.id,
        "Provider": record.provider.lower(),
        "ModelAgentId": record.model_id,
        "PricePerSecond": str(record.price_per_second),
        "Nonce": str(record.nonce),
        "CreatedAt": str(record.created_at),
        "DeletedAt": str(record.deleted_at),
    }


def rated_bid(record: RatedBid) -> dict[str, Any]:
    """A bid with its score; the original always gives an ID of zeros."""
    return {"ID": ZERO_ID, "Bid": bid(record.bid), "Score": record.score or 0.0}


def session(record: Session, of_bid: Bid | None) -> dict[str, Any]:
    """A session, with what its bid tells; all its numbers are JSON numbers."""
    return {
        "Id": record.id,
        "User": record.user.lower(),
        "Provider": ZERO_ADDRESS if of_bid is None else of_bid.provider.lower(),
        "ModelAgentId": ZERO_ID if of_bid is None else of_bid.model_id,
        "BidID": record.bid_id,
        "Stake": record.stake,
        "PricePerSecond": 0 if of_bid is None else of_bid.price_per_second,
        "CloseoutReceipt": record.closeout_receipt.hex(),  # old clients: empty while it is open
        "CloseoutType": record.closeout_type,
        "ProviderWithdrawnAmount": record.provider_withdrawn,
        "OpenedAt": record.opened_at,
        "EndsAt": record.ends_at,
        "ClosedAt": record.closed_at,
    }


def transaction(record: TxRecord, network: Network) -> dict[str, Any]:
    """What was sent: as the original tells it, and how it is, which the original does not tell."""
    try:
        decoded = decode_tx(network, record.to, record.value, record.data)
    except BadRequest:  # written down by another version of the app
        decoded = Decoded("", "", (), ())
    created = datetime.fromtimestamp(record.created_at, UTC)
    return {
        "hash": record.hash,
        "from": record.sender.lower(),
        "to": record.to.lower(),
        "contract": _contract(decoded, record.to.lower()) if decoded.function else None,
        "transfers": _transfers(decoded, record.sender.lower(), network)
        if record.state not in DEAD
        else [],
        "value": str(record.value),
        "nonce": record.nonce,
        "state": record.state,
        "purpose": record.purpose,
        "block": record.block,
        "fee": None if record.fee is None else str(record.fee),
        "timestamp": created.isoformat(timespec="seconds").replace("+00:00", "Z"),
    }


def _contract(decoded: Decoded, address: str) -> dict[str, Any]:
    assert decoded.function is not None
    kinds = decoded.function.inputs
    return {
        "contractAddress": address,
        "contractName": decoded.contract,
        "methodName": decoded.call,
        "decodedInput": [
            {"key": name, "type": kind, "value": _argument(value)}
            for (name, value), kind in zip(decoded.arguments, kinds, strict=True)
        ],
    }


def _transfers(decoded: Decoded, sender: str, network: Network) -> list[dict[str, Any]]:
    """The coins that left; of a session its stake is one."""
    return [
        {
            "from": sender,
            "to": effect.counterparty.lower(),
            "value": str(effect.amount),
            "tokenAddress": network.token.lower() if effect.token == "MOR" else None,
            "tokenSymbol": effect.token,
            "tokenName": {"MOR": "Morpheus", "ETH": "Ether"}[effect.token],
            "tokenIcon": "",
            "tokenDecimals": 18,
        }
        for effect in decoded.effects
        if effect.direction == "out"
    ]


def _argument(value: Any) -> Any:
    """An argument of a call in JSON: texts, and lists of them."""
    if isinstance(value, bytes):
        return as_hex(value)
    if isinstance(value, list | tuple):
        return [_argument(one) for one in value]
    return value if isinstance(value, bool) else str(value)


def held_session(record: Session) -> dict[str, Any]:
    """A session as `GET /blockchain/stakes` shows it, with our own names; amounts as texts."""
    return {
        "id": record.id,
        "bidId": record.bid_id,
        "stake": str(record.stake),
        "openedAt": record.opened_at,
        "endsAt": record.ends_at,
        "direct": record.is_direct,
    }
