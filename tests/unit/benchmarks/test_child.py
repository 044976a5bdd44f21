"""benchmarks.child: what a measured process says, and what happens when it does not."""

import time

import pytest

from benchmarks.child import Child


def test_a_child_that_fails_is_told_of() -> None:
    with Child("http_client", "127.0.0.1:1", "key") as child:
        assert child.started <= time.monotonic()
        with pytest.raises(RuntimeError, match="ended with code 1"):
            child.ask("http", tokens=1)
