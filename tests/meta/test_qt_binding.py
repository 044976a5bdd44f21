"""PySide6 6.12.0 takes one reference from None with each Qt call that returns None. Python 3.11
then aborts after some ten thousand calls; from 3.12 on None cannot be freed.
"""

import sys

import pytest
from PySide6.QtWidgets import QLabel

CALLS = 20_000
# Other parts of the process take and drop references to None meanwhile.
NOISE = 200


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is never freed from Python 3.12 on")
def test_none_keeps_its_references_across_qt_calls(qapp):
    label = QLabel()
    # Kept so that a faulty binding fails this test instead of ending the process.
    reserve = [None] * (2 * CALLS)
    before = sys.getrefcount(None)
    for _ in range(CALLS):
        label.setText("x")
    lost = before - sys.getrefcount(None)
    del reserve
    assert abs(lost) < NOISE, (
        f"{CALLS} calls of QLabel.setText took {lost} references from None. This PySide6 aborts "
        "the app: pin PySide6-Essentials below 6.12 again (docs/decisions/0002)."
    )
