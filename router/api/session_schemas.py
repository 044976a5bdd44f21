"""The shapes of sessions, and of what providers are asked, beside those of `chain_schemas`."""

from router.api.schemas import Schema, array, choice, either, flag, number, ref, table, text, whole

_WEI = {"type": "string", "pattern": "^[0-9]+$", "description": "In wei, as a text."}
_HASH = "0x and 64 hexadecimal digits."
_HEX = "0x and hexadecimal digits."
_ADDRESS = text("An address.")
_SECONDS = either(whole(minimum=300), {"type": "string", "pattern": "^[0-9]+$"})

SESSION_SCHEMAS: dict[str, Schema] = {
    "OpenModelSession": table(
        {
            "sessionDuration": {**_SECONDS, "description": "In seconds; at least 300."},
            "directPayment": flag("Pay, instead of staking what comes back."),
            "failover": flag("Taken for old clients; changes nothing."),
        },
        "sessionDuration",
    ),
    "OpenBidSession": table(
        {"sessionDuration": {**_SECONDS, "description": "In seconds; at least 300."}},
        "sessionDuration",
    ),
    "OpenApprovedSession": table(
        {
            "approval": text(_HEX),
            "approvalSig": text(_HEX),
            "stake": either(_WEI, whole("In wei.")),
            "directPayment": flag(),
        },
        "approval",
        "approvalSig",
        "stake",
    ),
    "OpenedSession": table({"sessionID": text(_HASH)}, "sessionID"),
    "Sessions": table({"sessions": array(ref("Session"))}, "sessions"),
    "OneSession": table({"session": ref("Session")}, "session"),
    "SessionIds": array(text(_HASH)),
    "Session": table(
        {
            "Id": text(_HASH),
            "User": text(),
            "Provider": text(),
            "ModelAgentId": text(_HASH),
            "BidID": text(_HASH),
            "Stake": whole("In wei."),
            "PricePerSecond": whole("In wei."),
            "CloseoutReceipt": text("Hexadecimal digits without 0x; empty while it is open."),
            "CloseoutType": whole("1 is a dispute."),
            "ProviderWithdrawnAmount": whole("In wei."),
            "OpenedAt": whole("Seconds since 1970."),
            "EndsAt": whole(),
            "ClosedAt": whole("0 while it is open."),
        },
        "Id",
        "User",
        "BidID",
        "Stake",
        "EndsAt",
        "ClosedAt",
    ),
    "RatedBids": table({"bids": array(ref("RatedBid"))}, "bids"),
    "RatedBid": table(
        {"ID": text("Always zeros."), "Bid": ref("Bid"), "Score": number()}, "Bid", "Score"
    ),
    "StakesOnHold": table(
        {
            "block": whole("All is of this block."),
            "timestamp": whole("Of the block, in seconds since 1970."),
            "onHold": {**_WEI, "description": "Comes back at releaseAt. In wei, as a text."},
            "claimable": _WEI,
            "releaseAt": either(whole("Seconds since 1970."), {"type": "null"}),
        },
        "onHold",
        "claimable",
    ),
    "PingRequest": table(
        {
            "providerAddr": _ADDRESS,
            "providerUrl": text("Host and port; missing: as on the chain."),
        },
        "providerAddr",
    ),
    "Pong": table(
        {"ping": whole("Milliseconds, at least 1."), "version": text("Its own word.")},
        "ping",
        "version",
    ),
    "InitiateSession": table(
        {
            "user": _ADDRESS,
            "provider": _ADDRESS,
            "spend": either(_WEI, whole("In wei.")),
            "providerUrl": text("Host and port; missing: as on the chain."),
            "bidId": text(_HASH),
        },
        "provider",
        "spend",
        "bidId",
    ),
    "InitiatedSession": table(
        {
            "message": text("Public key of who signed, 65 bytes."),
            "approval": text(_HEX),
            "approvalSig": text(_HEX),
            "user": text(),
            "timestamp": whole("Milliseconds since 1970."),
        },
        "approval",
        "approvalSig",
    ),
    "ClaimableBalance": table({"balance": _WEI}, "balance"),
    "TranscriptionRequest": table(
        {
            "file": {"type": "string", "format": "binary", "description": "Up to 25 MiB."},
            "s3_presigned_url": text("Instead of file: an address at which the provider gets it."),
            "model": text("Name of a model with an open session."),
            "language": text(),
            "prompt": text(),
            "temperature": number(),
            "response_format": text("json, verbose_json, text, srt or vtt."),
            "timestamp_granularities[]": array(text("word or segment.")),
            "stream": flag("Answer as server-sent events."),
        },
    ),
    "Transcription": table({"text": text()}, "text"),
    "TranscriptionEvent": table({"type": text(), "delta": text(), "text": text()}),
    "SpeechRequest": table(
        {
            "model": text("Name of a model with an open session."),
            "input": text(),
            "voice": text(),
            "response_format": choice("mp3", "opus", "aac", "flac", "wav", "pcm"),
            "speed": number(),
        },
        "input",
    ),
    "Sound": {"type": "string", "format": "binary"},
}
