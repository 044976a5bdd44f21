"""Waits for what a click starts, on the loop of the test."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

import qasync
from PySide6.QtCore import SignalInstance

LIMIT_S = 30
T = TypeVar("T")


def emitted(
    loop: qasync.QEventLoop, signal: SignalInstance, act: Callable[[], object]
) -> tuple[object, ...]:
    """Do something with the loop running, and give the arguments of the signal it leads to."""

    async def wait() -> tuple[object, ...]:
        told: asyncio.Future[tuple[object, ...]] = loop.create_future()
        connection = signal.connect(lambda *args: told.done() or told.set_result(args))
        try:
            act()
            async with asyncio.timeout(LIMIT_S):
                return await told
        finally:
            signal.disconnect(connection)

    return loop.run_until_complete(wait())


async def until(condition: Callable[[], object]) -> None:
    """Let the loop go on until something is true."""
    async with asyncio.timeout(LIMIT_S):
        while not condition():
            await asyncio.sleep(0.005)


def within(
    loop: qasync.QEventLoop, act: Callable[[], T], condition: Callable[[], object] = lambda: True
) -> T:
    """Do something with the loop running, and let it go on until something is true."""

    async def run() -> T:
        result = act()
        await until(condition)
        return result

    return loop.run_until_complete(run())
