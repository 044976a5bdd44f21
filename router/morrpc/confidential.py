"""Questions that nobody on the way can read, between two peers that both know how.

Deployed peers send requests in clear text. A provider that can open sealed requests says so in the
version of its pong, which deployed consumers show and ignore, and which is signed together with
the nonce of the asker: whoever is in between can neither take the word out nor repeat an old pong
without it. See docs/wire.md.
"""

import struct
from dataclasses import replace
from typing import Any

from eth_utils.crypto import keccak

from router.morrpc.envelope import Request
from router.morrpc.errors import Fault, WireError
from router.morrpc.gojson import quote
from router.morrpc.limits import Limits
from router.morrpc.members import HEX
from router.morrpc.parsing import parse
from router.morrpc.sealing import seal, unseal
from router.morrpc.signing import Signer

METHOD = "sealed.request"
_WORD = "seals/1"
_HEADER = struct.Struct(">16sI")


class Binding:
    """Ties the pieces of an answer to one sealed request, and to their order.

    What is encrypted begins with 16 bytes of the request's digest and the number of the piece.
    Both sides make one for a request, and count by it.
    """

    def __init__(self, box: bytes) -> None:
        self._request = keccak(box)[:16]
        self._number = 0

    def wrap(self, plain: bytes) -> bytes:
        """The next piece, as it is to be encrypted."""
        self._number += 1
        return _HEADER.pack(self._request, self._number) + plain

    def unwrap(self, data: bytes) -> bytes:
        """The piece that must be the next one.

        Raises:
            WireError: it is of another request, or not the next.
        """
        self._number += 1
        if data[: _HEADER.size] != _HEADER.pack(self._request, self._number):
            raise WireError(Fault.WRONG_ANSWER, "a piece of something else")
        return data[_HEADER.size :]


def announce(version: str) -> str:
    """The version of a pong, with the word that sealed requests are understood."""
    return f"{version} {_WORD}".strip()


def is_announced(version: str) -> bool:
    """Whether a version has that word."""
    return _WORD in version.split()


def seal_request(name: str, request: bytes, public_key: bytes) -> tuple[bytes, Binding]:
    """What goes out instead of a written request, and what its answer is bound to."""
    box = seal(request, public_key)
    params = f'{{"box":{HEX.write(box)}}}'
    return f'{{"id":{quote(name)},"method":"{METHOD}","params":{params}}}'.encode(), Binding(box)


def open_request(request: Request, signer: Signer, limits: Limits) -> tuple[Request, Binding]:
    """The request in a sealed one.

    Raises:
        WireError: it is not for the signer, damaged, or what is in it is no request of this id.
    """
    params: Any = request.params
    box = HEX.read(params.get("box")) if isinstance(params, dict) else None
    if box is None:
        raise WireError(Fault.BAD_MESSAGE, "no box")
    # What is in it is a request, and gets no more parts than one in clear text.
    members = parse(unseal(box, signer), replace(limits, payload_marks=limits.marks))
    inner = Request.read(members if isinstance(members, dict) else {})
    if inner.id != request.id or inner.method == METHOD:
        raise WireError(Fault.BAD_MESSAGE, "another request in the box")
    return inner, Binding(box)
