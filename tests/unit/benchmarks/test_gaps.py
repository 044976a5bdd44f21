"""benchmarks.gaps: gaps are seen, and what happens in a pause is none."""

import time

from benchmarks.gaps import INTERVAL_MS, GapMeter, percentile


def test_percentile() -> None:
    values = list(range(100, 0, -1))
    assert percentile(values, 0.99) == 99
    assert percentile(values, 1) == 100
    assert percentile([7.0], 0.99) == 7.0


def test_a_loop_that_is_held_up_shows(qtbot) -> None:
    meter = GapMeter()
    meter.start()
    qtbot.waitUntil(lambda: len(meter.gaps_ms) >= 2)
    assert min(meter.gaps_ms) > INTERVAL_MS / 2
    held, until = len(meter.gaps_ms), time.perf_counter() + 0.06
    while time.perf_counter() < until:
        pass
    qtbot.waitUntil(lambda: len(meter.gaps_ms) > held)
    assert max(meter.gaps_ms[held:]) >= 50
    meter.stop()


def test_a_pause_is_no_gap(qtbot) -> None:
    meter = GapMeter()
    meter.start()
    qtbot.waitUntil(lambda: len(meter.gaps_ms) >= 1)
    meter.stop()
    seen = len(meter.gaps_ms)
    held = time.perf_counter() + 0.3
    while time.perf_counter() < held:
        pass
    meter.start()
    qtbot.waitUntil(lambda: len(meter.gaps_ms) > seen)
    assert meter.gaps_ms[seen] < 300
    meter.stop()
