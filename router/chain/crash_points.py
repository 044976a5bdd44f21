"""Named places at which a test can end the process, to see that nothing is lost or paid twice.

They do nothing unless the process was started as a test, with MORPHEUS_TEST=1.
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
OPENING_POINTS = (
    "opening_begun",
    "approval_given",
    "approval_kept",
    "permission_sent",
    "permission_mined",
    "open_sent",
    "open_noted",
    "open_mined",
    "session_kept",
)
CLOSING_POINTS = ("report_given", "close_sent")
_IS_TEST = os.environ.get("MORPHEUS_TEST") == "1"


def reach(name: str) -> None:
    """End the process here, if the test wants it, as suddenly as a power cut would."""
    if _IS_TEST and os.environ.get("MORPHEUS_CRASH_AT") == name:
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
