"""The JSON-RPC interface of the demo chain: what clients of a node call, over HTTP on loop-back.

Everything runs on the loop of the process it is in, one request after another. It has no key, so
whatever a browser sends for a page of the web is refused.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from aiohttp import web
from eth.abc import LogAPI, SignedTransactionAPI
from eth_typing import Address
from eth_utils.exceptions import ValidationError

from router.devnet.evm import Call, Evm, Mined, Refused, Reverted
from router.outside import parse_json

VERSION = "MorpheusDemo/1"
LARGEST_BODY = 8 << 20
MOST_LOG_BLOCKS = 10_000
MOST_FEE_BLOCKS = 1024
MOST_MINED = 1000
LONGEST_S = 100 * 365 * 86_400  # a time from now; no block can have one of more than 256 bits
HOSTS = ("127.0.0.1", "localhost")

Json = Any
Method = Callable[..., Json]


class RpcError(Exception):
    """An answer with a code of JSON-RPC; `data` as nodes give it for a revert."""

    def __init__(self, code: int, message: str, data: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.data = data


class RpcServer:
    """Answers for one chain. `port` is the one it listens on once started."""

    def __init__(self, evm: Evm) -> None:
        self.port = 0
        self._evm = evm
        self._runner: web.AppRunner | None = None
        self._methods: dict[str, Method] = {
            "web3_clientVersion": lambda: VERSION,
            "net_version": lambda: str(evm.chain_id),
            "eth_chainId": lambda: hex(evm.chain_id),
            "eth_syncing": lambda: False,
            "eth_blockNumber": lambda: hex(evm.height),
            "eth_gasPrice": self._gas_price,
            "eth_maxPriorityFeePerGas": lambda: hex(TIP),
            "eth_feeHistory": self._fee_history,
            "eth_getBalance": self._balance,
            "eth_getTransactionCount": self._nonce,
            "eth_getCode": self._code,
            "eth_getStorageAt": self._storage,
            "eth_call": self._call,
            "eth_estimateGas": self._estimate,
            "eth_sendRawTransaction": self._send,
            "eth_getTransactionByHash": self._transaction,
            "eth_getTransactionReceipt": self._receipt,
            "eth_getBlockByNumber": self._block_by_number,
            "eth_getBlockByHash": self._block_by_hash,
            "eth_getLogs": self._logs,
            "evm_mine": self._mine,
            "evm_setAutomine": self._set_automine,
            "evm_increaseTime": self._increase_time,
            "evm_setNextBlockTimestamp": self._next_time,
            "evm_snapshot": lambda: hex(evm.snapshot()),
            "evm_revert": lambda number: evm.revert(_number(number)),
        }

    async def start(self, port: int = 0) -> None:
        """Listen on loop-back; port 0 takes a free one."""
        app = web.Application(client_max_size=LARGEST_BODY)
        app.router.add_post("/", self._answer)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        _refuse_web_pages(request)
        try:
            body = parse_json(await request.read())
        except ValueError:
            return web.json_response(_error(None, -32700, "parse error"))
        if isinstance(body, list):
            return web.json_response([self._one(item) for item in body])
        return web.json_response(self._one(body))

    def _one(self, request: Json) -> dict[str, Json]:
        if not isinstance(request, dict):
            return _error(None, -32600, "invalid request")
        number, name, params = request.get("id"), request.get("method"), request.get("params") or []
        method = self._methods.get(name) if isinstance(name, str) else None
        if method is None:
            return _error(number, -32601, f"the method {name} does not exist")
        try:
            return {"jsonrpc": "2.0", "id": number, "result": method(*params)}
        except Reverted as error:
            return _error(number, 3, _words(error), _hex(error.data))
        except Refused as error:
            return _error(number, -32000, str(error))
        except RpcError as error:
            return _error(number, error.code, str(error), error.data)
        except INVALID as error:
            return _error(number, -32602, f"invalid params: {error}")

    # Reading

    def _height(self, block: Json) -> int:
        """The number of a block from a tag, a number, or the form of EIP-1898."""
        if isinstance(block, dict):
            if "blockHash" in block:
                found = self._evm.by_hash(_bytes(block["blockHash"]))
                if found is None:
                    raise RpcError(-32001, "header not found")
                return int(found.block.number)
            block = block.get("blockNumber", "latest")
        if block in ("latest", "pending", "safe", "finalized", None):
            return self._evm.height
        if block == "earliest":
            return 0
        number = _natural(block)
        if number > self._evm.height:
            raise RpcError(-32001, "header not found")
        return number

    def _gas_price(self) -> str:
        return hex((self._evm.head.base_fee_per_gas or 0) + TIP)

    def _fee_history(self, count: Json, newest: Json, percentiles: Json = ()) -> Json:
        last = self._height(newest)
        first = max(last - min(_natural(count), MOST_FEE_BLOCKS) + 1, 0)
        headers = [mined.block.header for mined in self._evm.blocks[first : last + 1]]
        fees = [hex(header.base_fee_per_gas or 0) for header in headers]
        return {
            "oldestBlock": hex(first),
            "baseFeePerGas": [*fees, fees[-1]],
            "gasUsedRatio": [header.gas_used / header.gas_limit for header in headers],
            "reward": [[hex(TIP)] * len(percentiles or ()) for _ in headers],
        }

    def _balance(self, address: Json, block: Json = "latest") -> str:
        with self._evm.state(self._height(block)) as state:
            return hex(state.get_balance(_address(address)))

    def _nonce(self, address: Json, block: Json = "latest") -> str:
        if block == "pending":
            return hex(self._evm.pending_nonce(_bytes(address)))
        with self._evm.state(self._height(block)) as state:
            return hex(state.get_nonce(_address(address)))

    def _code(self, address: Json, block: Json = "latest") -> str:
        with self._evm.state(self._height(block)) as state:
            return _hex(state.get_code(_address(address)))

    def _storage(self, address: Json, slot: Json, block: Json = "latest") -> str:
        with self._evm.state(self._height(block)) as state:
            value: int = state.get_storage(_address(address), _number(slot))
        return _hex(value.to_bytes(32, "big"))

    def _call(self, tx: Json, block: Json = "latest", state: Json = None, over: Json = None) -> str:
        """As geth's overrides do, `state` may set the code of accounts and `over` the time."""
        if any(set(values) != {"code"} for values in (state or {}).values()):
            raise RpcError(-32602, "of accounts only the code can be overridden")
        codes = tuple((_bytes(key), _bytes(value["code"])) for key, value in (state or {}).items())
        timestamp = None if not over else _number(over["time"])
        call = replace(_as_call(tx), codes=codes)
        return _hex(self._evm.call(call, self._height(block), timestamp))

    def _estimate(self, tx: Json, block: Json = "latest") -> str:
        return hex(self._evm.estimate(_as_call(tx), self._height(block)))

    def _transaction(self, transaction_hash: Json) -> Json:
        found = self._evm.find(_bytes(transaction_hash))
        if found is None:
            return None
        if isinstance(found, tuple):
            mined, index = found
            return _transaction(mined.block.transactions[index], mined, index)
        return _transaction(found)

    def _receipt(self, transaction_hash: Json) -> Json:
        found = self._evm.find(_bytes(transaction_hash))
        return _receipt(*found) if isinstance(found, tuple) else None

    def _block_by_number(self, block: Json, full: Json = False) -> Json:
        try:
            return _block(self._evm.blocks[self._height(block)], full=bool(full))
        except RpcError:
            return None

    def _block_by_hash(self, block_hash: Json, full: Json = False) -> Json:
        found = self._evm.by_hash(_bytes(block_hash))
        return None if found is None else _block(found, full=bool(full))

    def _logs(self, wanted: Json) -> Json:
        if "blockHash" in wanted:
            first = last = self._height({"blockHash": wanted["blockHash"]})
        else:
            first = self._height(wanted.get("fromBlock", "latest"))
            last = self._last(wanted.get("toBlock", "latest"))
        if last - first > MOST_LOG_BLOCKS:
            raise RpcError(-32005, f"block range over {MOST_LOG_BLOCKS}")
        addresses, topics = _addresses(wanted.get("address")), wanted.get("topics") or []
        found = []
        for mined in self._evm.blocks[first : last + 1]:
            for number, (index, log) in enumerate(mined.logs):
                if (addresses is None or bytes(log.address) in addresses) and _fits(log, topics):
                    found.append(_log(log, mined, index, number))
        return found

    def _last(self, block: Json) -> int:
        """As `_height`, but a number that no block has yet is none that is wrong."""
        try:
            return min(_natural(block), self._evm.height)
        except (TypeError, ValueError):
            return self._height(block)

    # Sending and steering

    def _send(self, raw: Json) -> str:
        return _hex(self._evm.send(_bytes(raw)))

    def _mine(self, count: Json = 1) -> str:
        blocks = _natural(count)
        if blocks > MOST_MINED:
            raise RpcError(-32602, f"at most {MOST_MINED} blocks at once")
        self._evm.mine(max(blocks, 1))
        return "0x0"

    def _set_automine(self, on: Json) -> bool:
        self._evm.automine = bool(on)
        return True

    def _increase_time(self, seconds: Json) -> str:
        skipped = _natural(seconds)
        if skipped > LONGEST_S:
            raise RpcError(-32602, "more than 100 years at once")
        self._evm.skip(skipped)
        return hex(skipped)

    def _next_time(self, timestamp: Json) -> None:
        time = _natural(timestamp)
        if time > self._evm.now() + LONGEST_S:
            raise RpcError(-32602, "more than 100 years at once")
        self._evm.set_next_time(time)


TIP = 1_000_000  # wei; what the miner of the demo chain is content with
# What strange parameters end in, here or in the EVM.
INVALID = (
    *(TypeError, ValueError, KeyError, IndexError, AttributeError, OverflowError),
    ValidationError,
)


def _refuse_web_pages(request: web.Request) -> None:
    """Browsers send an Origin with what pages post, and ask before they send JSON to elsewhere.

    Raises:
        HTTPException: it comes from a page, or is not JSON by its content type.
    """
    if "Origin" in request.headers or request.url.host not in HOSTS:
        raise web.HTTPForbidden(text="This node is not for web pages.")
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(text="Send application/json.")


def _words(error: Reverted) -> str:
    """The reason as nodes put it: the text of Error(string), when it is one."""
    data = error.data
    if data[:4] == bytes.fromhex("08c379a0") and len(data) >= 68:
        length = int.from_bytes(data[36:68], "big")
        return f"execution reverted: {data[68 : 68 + length].decode('utf-8', 'replace')}"
    return str(error)


def _error(number: Json, code: int, message: str, data: str | None = None) -> dict[str, Json]:
    error = {"code": code, "message": message} | ({} if data is None else {"data": data})
    return {"jsonrpc": "2.0", "id": number, "error": error}


def _number(value: Json) -> int:
    """An integer from hexadecimal text or a number of JSON."""
    return int(value, 16) if isinstance(value, str) else int(value)


def _natural(value: Json) -> int:
    number = _number(value)
    if number < 0:
        raise ValueError(f"{number} is negative")
    return number


def _bytes(value: str) -> bytes:
    return bytes.fromhex(value.removeprefix("0x"))


def _address(value: str) -> Address:
    address = _bytes(value)
    if len(address) != 20:
        raise ValueError("an address has 20 bytes")
    return Address(address)


def _hex(value: bytes) -> str:
    return "0x" + value.hex()


def _as_call(tx: Json) -> Call:
    return Call(
        sender=_address(tx.get("from") or "0x" + "00" * 20),
        to=_address(tx["to"]) if tx.get("to") else b"",
        data=_bytes(tx.get("data") or tx.get("input") or ""),
        value=_natural(tx.get("value") or 0),
        gas=_natural(tx["gas"]) if tx.get("gas") else None,
    )


def _addresses(value: Json) -> set[bytes] | None:
    if value is None:
        return None
    return {_bytes(item) for item in ([value] if isinstance(value, str) else value)}


def _topic(value: int) -> bytes:
    return value.to_bytes(32, "big")


def _fits(log: LogAPI, wanted: list[Json]) -> bool:
    """Whether a log has the topics asked for: null is any, a list is one of."""
    if len(wanted) > len(log.topics):
        return False
    for have, want in zip(log.topics, wanted, strict=False):
        options = want if isinstance(want, list) else [want]
        if want is not None and _topic(have) not in {_bytes(option) for option in options}:
            return False
    return True


def _transaction(
    transaction: SignedTransactionAPI, mined: Mined | None = None, index: int | None = None
) -> dict[str, Json]:
    is_new = hasattr(transaction, "max_fee_per_gas")
    fees = (
        {"gasPrice": hex(transaction.gas_price)}
        if not is_new
        else {
            "maxFeePerGas": hex(transaction.max_fee_per_gas),
            "maxPriorityFeePerGas": hex(transaction.max_priority_fee_per_gas),
            "gasPrice": hex(transaction.max_fee_per_gas),
        }
    )
    header = mined.block.header if mined is not None else None
    chain_id = transaction.chain_id
    return {
        "hash": _hex(transaction.hash),
        "type": "0x2" if is_new else "0x0",
        "nonce": hex(transaction.nonce),
        "from": _hex(transaction.sender),
        "to": _hex(transaction.to) if transaction.to else None,
        "value": hex(transaction.value),
        "gas": hex(transaction.gas),
        "input": _hex(transaction.data),
        "chainId": hex(chain_id) if chain_id is not None else None,
        "blockHash": None if header is None else _hex(header.hash),
        "blockNumber": None if header is None else hex(header.block_number),
        "transactionIndex": None if index is None else hex(index),
        **fees,
    }


def _receipt(mined: Mined, index: int) -> dict[str, Json]:
    transaction, receipt = mined.block.transactions[index], mined.receipts[index]
    before = mined.receipts[index - 1].gas_used if index else 0
    header = mined.block.header
    created = mined.created[index]
    base_fee = header.base_fee_per_gas or 0
    tip = min(transaction.max_priority_fee_per_gas, transaction.max_fee_per_gas - base_fee)
    return {
        "transactionHash": _hex(transaction.hash),
        "transactionIndex": hex(index),
        "blockHash": _hex(header.hash),
        "blockNumber": hex(header.block_number),
        "from": _hex(transaction.sender),
        "to": _hex(transaction.to) if transaction.to else None,
        "contractAddress": None if created is None else _hex(created),
        "cumulativeGasUsed": hex(receipt.gas_used),
        "gasUsed": hex(receipt.gas_used - before),
        "effectiveGasPrice": hex(base_fee + tip),
        "status": "0x1" if receipt.state_root == b"\x01" else "0x0",
        "type": "0x2" if hasattr(transaction, "max_fee_per_gas") else "0x0",
        "logs": [
            _log(log, mined, index, number)
            for number, (place, log) in enumerate(mined.logs)
            if place == index
        ],
        "logsBloom": _hex(int(receipt.bloom).to_bytes(256, "big")),
    }


def _log(log: LogAPI, mined: Mined, index: int, number: int) -> dict[str, Json]:
    header = mined.block.header
    return {
        "address": _hex(log.address),
        "topics": [_hex(_topic(topic)) for topic in log.topics],
        "data": _hex(log.data),
        "blockHash": _hex(header.hash),
        "blockNumber": hex(header.block_number),
        "transactionHash": _hex(mined.block.transactions[index].hash),
        "transactionIndex": hex(index),
        "logIndex": hex(number),
        "removed": False,
    }


def _block(mined: Mined, *, full: bool) -> dict[str, Json]:
    header, transactions = mined.block.header, mined.block.transactions
    return {
        "number": hex(header.block_number),
        "hash": _hex(header.hash),
        "parentHash": _hex(header.parent_hash),
        "timestamp": hex(header.timestamp),
        "miner": _hex(header.coinbase),
        "gasLimit": hex(header.gas_limit),
        "gasUsed": hex(header.gas_used),
        "baseFeePerGas": hex(header.base_fee_per_gas or 0),
        "difficulty": hex(header.difficulty),
        "extraData": _hex(header.extra_data),
        "logsBloom": _hex(int(header.bloom).to_bytes(256, "big")),
        "mixHash": _hex(header.mix_hash),
        "nonce": _hex(header.nonce),
        "receiptsRoot": _hex(header.receipt_root),
        "sha3Uncles": _hex(header.uncles_hash),
        "size": "0x0",
        "stateRoot": _hex(header.state_root),
        "transactionsRoot": _hex(header.transaction_root),
        "uncles": [],
        "transactions": [
            _transaction(transaction, mined, i) if full else _hex(transaction.hash)
            for i, transaction in enumerate(transactions)
        ],
    }
