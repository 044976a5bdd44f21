"""The window: how soon it is there, how evenly it moves, what it takes at rest."""

import tempfile
from pathlib import Path

from benchmarks import profiles
from benchmarks.child import Answer, Child
from benchmarks.report import Figure, show
from benchmarks.screen import screen

RUNS = 5
STREAM_S, QUICK_STREAM_S = 20.0, 3.0
IDLE_S, QUICK_IDLE_S = 20.0, 2.0
# One model thread, as many as the app takes on two cores; and a prompt that is soon read.
STREAMING = {"inference.threads": 1, "inference.context_tokens": 1024}


def measure(*, quick: bool) -> int:
    """Print the figures; 0 when all could be taken.

    Raises:
        RuntimeError: something could not be measured, or web3 is imported at the start.
    """
    runs = 1 if quick else RUNS
    with screen(), tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        for part in (_first_window, _idle, _open, _stream, _stream_long):
            part(Path(folder) / part.__name__, runs, quick)
    return 0


def _first_window(folder: Path, runs: int, _quick: bool) -> None:
    profiles.prepare(folder)
    ratios = []
    for run in range(runs + 1):
        with Child("bare_window") as bare:
            bare_s = bare.next()["painted"] - bare.started
        with Child("inside", str(folder)) as app:
            first = app.next()
            app_s = first["painted"] - app.started
        if first["web3"]:
            raise RuntimeError("web3 was imported before the first frame")
        if run:  # the first ones read the files from disk
            ratios.append(app_s / bare_s)
    _show("first_window_vs_bare_qt", ratios, "ratio", 4)


def _idle(folder: Path, runs: int, quick: bool) -> None:
    (chat,) = profiles.prepare(folder, 20)
    results = []
    for _ in range(runs):
        with Child("inside", str(folder)) as app:
            app.next()
            results.append(app.ask("rest", chat=chat, seconds=QUICK_IDLE_S if quick else IDLE_S))
    _show("idle_rss_mb", [result["rss_mb"] for result in results], "MiB", 220)
    _show("idle_cpu_percent", [result["cpu_percent"] for result in results], "%", 1)


def _open(folder: Path, runs: int, _quick: bool) -> None:
    short, long = profiles.prepare(folder, 20, 10_000)
    times = []
    with Child("inside", str(folder)) as app:
        app.next()
        for _ in range(runs):
            app.ask("open_chat", chat=short)
            times.append(app.ask("open_chat", chat=long)["ms"])
    _show("open_10000_messages_ms", times, "ms", 300)


def _stream(folder: Path, runs: int, quick: bool) -> None:
    profiles.prepare(folder, settings=STREAMING)
    gaps = _gaps(folder, runs, quick)
    _show("stream_gap_max_ms", [gap["max_ms"] for gap in gaps], "ms", 25)
    _show("stream_gap_p99_ms", [gap["p99_ms"] for gap in gaps], "ms", 16)


def _stream_long(folder: Path, runs: int, quick: bool) -> None:
    (chat,) = profiles.prepare(folder, 1_000, settings=STREAMING)
    gaps = _gaps(folder, runs, quick, chat)
    _show("stream_gap_max_ms_1000_messages", [gap["max_ms"] for gap in gaps], "ms", 25)


def _gaps(folder: Path, runs: int, quick: bool, chat: str = "") -> list[Answer]:
    with Child("inside", str(folder)) as app:
        app.next()
        seconds = QUICK_STREAM_S if quick else STREAM_S
        return [app.ask("stream", seconds=seconds, chat=chat) for _ in range(runs)]


def _show(metric: str, values: list[float], unit: str, at_most: float) -> None:
    show(Figure("gui", metric, values, unit, at_most=at_most))
