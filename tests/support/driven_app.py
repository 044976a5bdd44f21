"""The real app with an order carried out inside it: for what no key reaches without knowing the
places of widgets.

    python -m tests.support.driven_app download|crash|pay|read --data-dir DIR --api HOST:PORT
"""

import asyncio
import sys
from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from morpheus_desktop.app import Hooks, run
from morpheus_desktop.desk import Desk
from morpheus_desktop.dialogs.problem import ProblemDialog
from router import options
from router.inference import catalog
from router.inference.download import Download
from tests.support import screen_reader


def download(desk: Desk) -> None:
    """Begin a download and close the window as soon as bytes arrive."""
    downloads = desk.node.services.downloads

    def watch(now: tuple[Download, ...]) -> None:
        if any(each.done for each in now):
            stop()
            desk.window.close()

    stop = downloads.changed.subscribe(watch)
    offer = next(model for model in catalog.models() if model.repository)
    # Through the loop: it does not run yet when the first frame is painted.
    QTimer.singleShot(0, lambda: desk.models.download(offer))


def crash(desk: Desk) -> None:
    """Fail at one place twice and at another once; print how many dialogs were shown."""
    shown: list[ProblemDialog] = []

    def fail(at: int) -> None:
        if at == 3:
            raise LookupError("the other place")
        raise ValueError("the same place")

    def read() -> None:
        dialogs = [d for d in desk.window.findChildren(ProblemDialog) if d.isVisible()]
        if dialogs:
            shown.extend(dialogs)
            dialogs[0].reject()
            QTimer.singleShot(0, read)
        else:
            sys.stdout.write(f"{len(shown)} dialogs\n")
            desk.window.close()

    for at in (1, 2, 3):
        QTimer.singleShot(0, lambda at=at: fail(at))
    QTimer.singleShot(0, read)


def read(desk: Desk) -> None:
    """Tell from now on what can be read in the window; the app ends when it is closed."""
    screen_reader.tell(desk.node.services.paths.data, desk.window)


async def pay(desk: Desk) -> None:
    """Send MOR on the demo network, with the buttons of the
    window; print what was sent and what is left."""
    from morpheus_desktop.dialogs.review import ReviewDialog  # they bring web3 along
    from morpheus_desktop.dialogs.send import SendDialog
    from morpheus_desktop.wallet.body import WalletBody

    desk.window.open_page("wallet")
    body = await _shown(desk, WalletBody)
    vm = body._vm
    await _until(lambda: vm.account is not None and body._send.isEnabled())
    body._send.click()
    form = await _shown(desk, SendDialog)
    for field, text in ((form._amount, "25"), (form._to, "0x" + "12" * 20)):
        field.setText(text)
        field.textEdited.emit(text)
    form._go.click()
    review = await _shown(desk, ReviewDialog)
    await _until(lambda: review._go.text() == "Send 25\u00a0MOR" and not review._go.busy)
    review._go.click()
    await _until(lambda: [row.status for row in vm.rows if row.record] == ["confirmed"])
    await _until(lambda: vm.account.mor != 1000 * 10**18)
    sys.stdout.write(f"{vm.rows[0].status} {vm.account.mor}\n")


W = TypeVar("W", bound=QWidget)


async def _shown(desk: Desk, kind: type[W]) -> W:
    """A visible widget of a kind, once there is one."""
    found: list[W] = []

    def look() -> bool:
        found[:] = [each for each in desk.window.findChildren(kind) if each.isVisible()]
        return bool(found)

    await _until(look)
    return found[0]


async def _until(condition: Callable[[], object]) -> None:
    while not condition():
        await asyncio.sleep(0.01)


ORDERS = {
    "download": Hooks(painted=download),
    "crash": Hooks(painted=crash),
    "pay": Hooks(started=pay),
    "read": Hooks(painted=read),
}

if __name__ == "__main__":
    order, *arguments = sys.argv[1:]
    sys.exit(run(options.parser("driven", "").parse_args(arguments), ORDERS[order]))
