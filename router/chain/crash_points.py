"""Named places at which a test can end the process, to see that nothing is lost or paid twice.

They do nothing unless the environment names one and says that this is a test.
"""

import os
import signal

POINTS = (
    "before_sign",
    "after_sign",
    "after_journal",
    "before_send",
    "after_send",
    "after_answer",
    "during_poll",
    "after_receipt",
)
_HERE = os.environ.get("MORPHEUS_CRASH_AT", "") if os.environ.get("MORPHEUS_TEST") == "1" else ""


def reach(name: str) -> None:
    """End the process here, if the test wants it, as suddenly as a power cut would."""
    if _HERE and name == _HERE:
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
