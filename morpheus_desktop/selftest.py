"""`--selftest`: starts the whole app with a throw-away profile and checks every part of it.

It finds what is missing from a bundle: a module, a font, a plugin, the model's runtime. The
network is the demo one, a process of its own: nothing leaves the computer.
"""

import argparse
import asyncio
import json
import logging.handlers
import os
import secrets
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from morpheus_desktop import assets
from router.backends.base import Delta, Request, Sampling, Turn
from router.errors import MorpheusError
from router.units import WEI

if TYPE_CHECKING:  # start-up: the platform is chosen before Qt is imported
    from morpheus_desktop.desk import Desk

LIMIT_S = 60.0

_ERRORS = logging.handlers.BufferingHandler(1000)
_ERRORS.setLevel(logging.ERROR)

Check = Callable[["Desk"], Awaitable[str]]


def selftest() -> int:
    """0 when everything works; a line on stdout for each part."""
    screen = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if sys.platform == "linux" and not screen:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from morpheus_desktop.app import Hooks, run  # Qt: after the platform was chosen

    results: dict[str, bool] = {}
    logging.getLogger().addHandler(_ERRORS)

    async def check(desk: "Desk") -> None:
        for name, step in CHECKS.items():
            results[name] = await _passed(name, step(desk))

    with tempfile.TemporaryDirectory(prefix="morpheus-selftest-") as folder:
        options = argparse.Namespace(data_dir=Path(folder), api=("127.0.0.1", 0), network="demo")
        code = run(options, Hooks(started=check))
    good = code == 0 and len(results) == len(CHECKS) and all(results.values())
    _print("self-test passed" if good else "self-test failed")
    return 0 if good else 1


async def _passed(name: str, step: Awaitable[str]) -> bool:
    try:
        async with asyncio.timeout(LIMIT_S):
            fact = await step
    except Exception as error:  # noqa: BLE001 - a self-test reports whatever goes wrong
        _print(f"{name}: failed: {type(error).__name__}: {error}")
        return False
    _print(f"{name}: {fact}")
    return True


def _print(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - the self-test speaks to a terminal


async def _parts(desk: "Desk") -> str:
    states = [part.state for part in desk.node.parts]
    failed = [f"{state.title}: {state.error}" for state in states if state.phase != "ready"]
    if failed:
        raise MorpheusError("; ".join(failed))
    return ", ".join(f"{state.title} {state.detail}" for state in states)


async def _fonts(_desk: "Desk") -> str:
    from PySide6.QtGui import QFontDatabase  # Qt: after the platform was chosen

    faces = json.loads(assets.text("theme", "tokens.json"))["font"].values()
    missing = {face["family"] for face in faces} - set(QFontDatabase.families())
    if missing:
        raise MorpheusError(f"not found: {', '.join(sorted(missing))}")
    return "loaded"


async def _pages(desk: "Desk") -> str:
    from morpheus_desktop.widgets.sidebar import PAGES, TOOLS  # Qt: after the platform was chosen

    names = [entry.page for entry in (*PAGES, *TOOLS)]
    for name in names:
        desk.window.open_page(name)
        if desk.window.page != name:
            raise MorpheusError(f"{name} does not open")
        await asyncio.sleep(0.05)  # let it be painted; what fails there is seen in the log
    return f"{len(names)} opened"


async def _store(desk: "Desk") -> str:
    chats = desk.node.services.chats
    chat = await chats.create()
    await chats.rename(chat.id, "Self-test")
    found = await chats.search("self")
    if [hit.chat_id for hit in found] != [chat.id]:
        raise MorpheusError("what was written was not found again")
    return "written and found"


async def _api(desk: "Desk") -> str:
    import aiohttp  # start-up cost: only the self-test is a client

    url = f"http://{desk.node.api_part.state.detail}/healthcheck"
    timeout = aiohttp.ClientTimeout(total=10)
    async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url) as answer:
        answer.raise_for_status()
        return f"{url} answers {answer.status}"


async def _model(desk: "Desk") -> str:
    request = Request(
        "", (Turn("user", "Hello"),), sampling=Sampling(max_tokens=8, temperature=0.0)
    )
    host = desk.node.services.host
    pieces = [event async for event in host.complete(request) if isinstance(event, Delta)]
    await host.unload()
    if not pieces:
        raise MorpheusError("the model wrote nothing")
    return f"wrote {sum(piece.tokens for piece in pieces)} tokens"


async def _network(desk: "Desk") -> str:
    funds = desk.node.money.needed_funds()
    head = await funds.connection.chain.head()
    account = await funds.account()
    if not account.mor:
        raise MorpheusError("there is no play money")
    return f"block {head.number}, {account.mor // WEI:,} MOR of play money"


async def _wallet(desk: "Desk") -> str:
    from router.wallet import mnemonic  # start-up cost: brought in by a part of the node

    wallet = desk.node.money.needed_wallet()
    password = secrets.token_urlsafe()
    made = await wallet.create(mnemonic.make(), password)
    wallet.lock()
    if (await wallet.unlock(password)).kind != "unlocked":
        raise MorpheusError("it was not unlocked")
    signature = wallet.signer().sign_message(b"self-test")
    return f"{made.address} signed {len(signature)} bytes"


async def _qr_code(_desk: "Desk") -> str:
    from morpheus_desktop.widgets.qr import qr_image  # Qt: after the platform was chosen

    return f"{qr_image('self-test').width()} modules wide"


async def _errors(_desk: "Desk") -> str:
    """What went wrong beside the checks: in a slot, in a paint event, in a task."""
    if _ERRORS.buffer:
        raise MorpheusError("; ".join(record.getMessage() for record in _ERRORS.buffer))
    return "none in the log"


CHECKS: dict[str, Check] = {
    "parts": _parts,
    "fonts": _fonts,
    "pages": _pages,
    "store": _store,
    "api": _api,
    "network": _network,
    "wallet": _wallet,
    "QR code": _qr_code,
    "model": _model,
    "errors": _errors,
}
