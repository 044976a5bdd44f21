"""What is around a message: its id and method, or the error in its place."""

from dataclasses import dataclass
from typing import Any, ClassVar

from router.morrpc.errors import Fault, WireError
from router.morrpc.gojson import quote
from router.morrpc.members import HEX, TEXT, UINT, Signed
from router.morrpc.messages import Params

LONGEST_ID = 256
UNSIGNED = b"\x00"  # never empty: deployed peers cannot read that
_CODE = 400


@dataclass(frozen=True)
class Request:
    """A request as it comes: its parameters are read when its method is known."""

    id: str
    method: str
    params: Any

    @classmethod
    def read(cls, frame: dict[str, Any]) -> "Request":
        """The request in a frame.

        Raises:
            WireError: it is none; nothing can be answered then.
        """
        name, method = frame.get("id"), frame.get("method")
        if not isinstance(name, str) or not isinstance(method, str) or len(name) > LONGEST_ID:
            raise WireError(Fault.BAD_MESSAGE, "no request")
        return cls(name, method, frame.get("params"))


@dataclass(frozen=True)
class ErrorBody(Signed):
    """The error in an answer: in clear text and unsigned, or encrypted and signed."""

    blank_is_signed: ClassVar[bool] = True
    message: str
    timestamp_ms: int
    signature: bytes = b""
    code: int = _CODE

    @property
    def is_signed(self) -> bool:
        """Whether it claims to be: then it is encrypted as well."""
        return self.signature not in (b"", UNSIGNED)

    def text(self) -> str:
        """The object as it is written and signed."""
        data = f'{{"timestamp":{self.timestamp_ms},"signature":{HEX.write(self.signature)}}}'
        return f'{{"message":{TEXT.write(self.message)},"code":{self.code},"data":{data}}}'

    @classmethod
    def read(cls, members: Any) -> "ErrorBody":
        """The error in a parsed object.

        Raises:
            WireError: it is none.
        """
        data = members.get("data") if isinstance(members, dict) else None
        if not isinstance(data, dict):
            raise WireError(Fault.BAD_MESSAGE, "no error")
        message = TEXT.read(members.get("message"))
        code, timestamp = UINT.read(members.get("code")), UINT.read(data.get("timestamp"))
        signature = HEX.read(data.get("signature"))
        if message is None or code is None or timestamp is None or signature is None:
            raise WireError(Fault.BAD_MESSAGE, "an error of the wrong form")
        return cls(message, timestamp, signature, code)


def write_request(name: str, params: Params) -> bytes:
    """A signed request as it goes out."""
    return (
        f'{{"id":{quote(name)},"method":{quote(params.method)},"params":{params.text()}}}'.encode()
    )


def write_result(name: str, result: Signed) -> bytes:
    """A signed result as it goes out."""
    return f'{{"id":{quote(name)},"result":{result.text()}}}'.encode()


def write_error(name: str, error: ErrorBody) -> bytes:
    """An error as it goes out."""
    return f'{{"id":{quote(name)},"result":null,"error":{error.text()}}}'.encode()


def read_answer(frame: dict[str, Any], name: str) -> Any:
    """The parsed result in an answer to the request of this id, or its ErrorBody.

    Raises:
        WireError: it answers another request, or nothing.
    """
    if frame.get("id") != name:
        raise WireError(Fault.WRONG_ANSWER, "another request was answered")
    if frame.get("error") is not None:
        return ErrorBody.read(frame["error"])
    if frame.get("result") is None:
        raise WireError(Fault.BAD_MESSAGE, "neither a result nor an error")
    return frame["result"]
