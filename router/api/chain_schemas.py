"""The shapes of what is said about wallet and chain, beside those of `router.api.schemas`."""

from router.api.schemas import Schema, array, either, flag, ref, table, text, whole

_WEI = "In wei, as a text."
_HASH = "0x and 64 hexadecimal digits."


def _wei(about: str = _WEI) -> Schema:
    return {"type": "string", "pattern": "^[0-9]+$", "description": about}


def _amount() -> Schema:
    return either(_wei(), whole("In wei."))


CHAIN_SCHEMAS: dict[str, Schema] = {
    "WalletAddress": table({"address": text("In lower case.")}, "address"),
    "PrivateKey": table({"privateKey": text("64 hexadecimal digits.")}, "privateKey"),
    "Mnemonic": table(
        {
            "mnemonic": text("12 to 24 words."),
            "derivationPath": text("A path, or the number of the account; 0 is the default."),
        },
        "mnemonic",
    ),
    "Status": table({"status": text()}, "status"),
    "NodeUrls": table({"urls": array(text(), "Addresses of nodes.", minItems=1)}, "urls"),
    "Balance": table({"mor": _wei(), "eth": _wei()}, "mor", "eth"),
    "LatestBlock": table({"block": whole()}, "block"),
    "Allowance": table({"allowance": _wei()}, "allowance"),
    "Transactions": table({"transactions": array(ref("SentTransaction"))}, "transactions"),
    "SentTransaction": table(
        {
            "hash": text(_HASH),
            "from": text(),
            "to": text(),
            "value": _wei(),
            "nonce": whole(),
            "state": text("signed, sent, pending, included, safe, failed, cancelled, replaced."),
            "purpose": text(),
            "contract": either(ref("ContractCall"), {"type": "null"}),
            "transfers": array(ref("Transfer")),
            "timestamp": text("When it was written down, as 2026-01-31T12:00:00Z."),
        },
        "hash",
        "state",
        "timestamp",
    ),
    "ContractCall": table(
        {
            "contractAddress": text(),
            "contractName": text(),
            "methodName": text(),
            "decodedInput": array(table({"key": text(), "type": text(), "value": {}})),
        },
        "contractAddress",
        "methodName",
        "decodedInput",
    ),
    "Transfer": table(
        {
            "from": text(),
            "to": text(),
            "value": _wei(),
            "tokenAddress": either(text(), {"type": "null", "description": "The chain's coin."}),
            "tokenSymbol": text(),
            "tokenName": text(),
            "tokenIcon": text("Always empty."),
            "tokenDecimals": whole(),
        },
        "from",
        "to",
        "value",
        "tokenSymbol",
        "tokenDecimals",
    ),
    "Stakes": table(
        {
            "block": whole("All amounts are of this block."),
            "timestamp": whole("Of the block, in seconds since 1970."),
            "wallet": _wei(),
            "inSessions": _wei(),
            "onHold": _wei("Comes back at releaseAt. In wei, as a text."),
            "claimable": _wei(),
            "total": _wei("The sum of the four. In wei, as a text."),
            "sessions": array(ref("HeldSession")),
        },
        "block",
        "wallet",
        "inSessions",
        "onHold",
        "claimable",
        "total",
        "sessions",
    ),
    "HeldSession": table(
        {
            "id": text(_HASH),
            "bidId": text(_HASH),
            "stake": _wei(),
            "openedAt": whole(),
            "endsAt": whole(),
            "direct": flag(),
        },
        "id",
        "stake",
    ),
    "RegisterProvider": table(
        {"stake": _amount(), "endpoint": text("Host and port that others can reach.")},
        "stake",
        "endpoint",
    ),
    "RegisterModel": table(
        {
            "id": text(
                "Its id on the chain is made of this and of the account; missing: a new one."
            ),
            "ipfsID": text(_HASH),
            "fee": _amount(),
            "stake": _amount(),
            "name": text("Up to 64 characters."),
            "tags": array(text(), "One says what it is for: LLM, STT, TTS or Embedding."),
        },
        "ipfsID",
        "fee",
        "stake",
        "name",
        "tags",
    ),
    "PostBid": table(
        {"modelID": text(_HASH), "pricePerSecond": _amount()}, "modelID", "pricePerSecond"
    ),
    "OneProvider": table({"provider": ref("Provider")}, "provider"),
    "OneModel": table({"model": ref("MarketModel")}, "model"),
    "Providers": table({"providers": array(ref("Provider"))}, "providers"),
    "Provider": table(
        {
            "Address": text(),
            "Endpoint": text("Written by the provider: not to be trusted."),
            "Stake": _wei(),
            "CreatedAt": text("Seconds since 1970, as a text."),
            "IsDeleted": flag(),
        },
        "Address",
    ),
    "MarketModels": table({"models": array(ref("MarketModel"))}, "models"),
    "MarketModel": table(
        {
            "Id": text(_HASH),
            "IpfsCID": text(_HASH),
            "Fee": whole("In wei."),
            "Stake": whole("In wei."),
            "Owner": text(),
            "Name": text("Written by a stranger: not to be trusted."),
            "Tags": array(text()),
            "CreatedAt": whole(),
            "IsDeleted": flag(),
            "ModelType": text("LLM, STT, TTS, EMBEDDING or UNKNOWN."),
        },
        "Id",
        "Name",
    ),
    "Bids": table({"bids": array(ref("Bid"))}, "bids"),
    "OneBid": table({"bid": ref("Bid")}, "bid"),
    "Bid": table(
        {
            "Id": text(_HASH),
            "Provider": text(),
            "ModelAgentId": text(_HASH),
            "PricePerSecond": _wei(),
            "Nonce": text(),
            "CreatedAt": text(),
            "DeletedAt": text("0 while it is open."),
        },
        "Id",
        "Provider",
        "PricePerSecond",
    ),
    "Supply": table({"supply": _wei()}, "supply"),
    "Budget": table({"budget": _wei()}, "budget"),
    "SendRequest": table(
        {
            "to": text("An address."),
            "amount": _wei(),
            "legacy": flag("Pay with a gas price, as before EIP-1559."),
        },
        "to",
        "amount",
    ),
    "Sent": table({"tx": text(_HASH)}, "tx"),
}
