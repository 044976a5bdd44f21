"""The real app with an order carried out inside it: for what no key reaches without knowing the
places of widgets.

    python -m tests.support.driven_app download|crash --data-dir DIR --api HOST:PORT
"""

import sys

from PySide6.QtCore import QTimer

from morpheus_desktop.app import Hooks, run
from morpheus_desktop.desk import Desk
from morpheus_desktop.dialogs.problem import ProblemDialog
from router import options
from router.inference import catalog
from router.inference.download import Download


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


ORDERS = {"download": download, "crash": crash}

if __name__ == "__main__":
    order, *arguments = sys.argv[1:]
    sys.exit(run(options.parser("driven", "").parse_args(arguments), Hooks(painted=ORDERS[order])))
