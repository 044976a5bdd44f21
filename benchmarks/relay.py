"""Asking a model through a provider: what it adds, how fast it stops, how many pieces a second go.

Three processes: a model that does not think, the provider, the consumer; the latter two on one
core each. Every piece is signed and sealed by the provider, verified and opened by the consumer.
"""

import tempfile

from benchmarks.child import Child
from benchmarks.report import Figure, show

RUNS = 5
CHUNKS, PAUSE_MS = 200, 5.0  # of an answer whose delays are measured
AT_ONCE = {1: 2000, 10: 400, 50: 200}  # streams, and pieces of each, as fast as they come
QUICK = 20
STOPPED_AFTER = 20  # pieces
MOST_ADDED_MS, MOST_STOP_MS, LEAST_PER_S = 15, 200, 3000


def measure(*, quick: bool) -> int:
    """Print the figures; 0 when all could be taken.

    Raises:
        RuntimeError: something could not be measured.
    """
    runs = 1 if quick else RUNS
    with Child("relay_model") as model, tempfile.TemporaryDirectory() as folder:
        url = f"http://127.0.0.1:{model.next()['port']}/v1/chat/completions"
        with Child("relay_provider", folder, url) as provider:
            endpoint = provider.next()["endpoint"]
            with Child("relay_consumer", endpoint, url) as consumer:
                _greet(consumer)
                _show_added(consumer, runs, QUICK if quick else CHUNKS)
                _show_stop(consumer, runs)
                _show_rates(consumer, provider, runs, quick=quick)
    return 0


def _greet(consumer: Child) -> None:
    """Both ways once, so that keys are exchanged and modules are there."""
    for way in ("relayed", "direct"):
        for streams in (1, max(AT_ONCE)):
            consumer.ask(way, streams=streams, chunks=1, pause_ms=0)


def _show_added(consumer: Child, runs: int, chunks: int) -> None:
    """One stream at the pace of a quick model, by turns direct and relayed."""
    first, chunk = [], []
    for _ in range(runs):
        asked = {"streams": 1, "chunks": chunks, "pause_ms": PAUSE_MS}
        direct, relayed = consumer.ask("direct", **asked), consumer.ask("relayed", **asked)
        first.append(relayed["first_ms"] - direct["first_ms"])
        chunk.append(relayed["chunk_ms"] - direct["chunk_ms"])
    show(Figure("relay", "added_ttft_ms_1", first, "ms", at_most=MOST_ADDED_MS))
    show(Figure("relay", "added_chunk_ms_1", chunk, "ms"))


def _show_stop(consumer: Child, runs: int) -> None:
    """One stream at the same pace, stopped in the middle of it, each time a piece later."""
    stops = [
        consumer.ask("stop", chunks=STOPPED_AFTER + run, pause_ms=PAUSE_MS) for run in range(runs)
    ]
    show(Figure("relay", "stop_ms", [s["ms"] for s in stops], "ms", at_most=MOST_STOP_MS))


def _show_rates(consumer: Child, provider: Child, runs: int, *, quick: bool) -> None:
    """As fast as it goes; processor time is that of both sides when most streams run."""
    cpu = []
    for streams, chunks in AT_ONCE.items():
        asked = {"streams": streams, "chunks": QUICK if quick else chunks, "pause_ms": 0}
        rates = []
        for _ in range(runs):
            before = provider.ask()["cpu_s"]
            relayed = consumer.ask("relayed", **asked)
            used = provider.ask()["cpu_s"] - before + relayed["cpu_s"]
            rates.append(relayed["per_s"])
            if streams == max(AT_ONCE):
                cpu.append(used / (streams * asked["chunks"]) * 1000)
        target = LEAST_PER_S if streams == max(AT_ONCE) else None
        show(Figure("relay", f"chunks_per_s_{streams}", rates, "1/s", at_least=target))
    show(Figure("relay", "cpu_s_per_1000_chunks", cpu, "s"))
    asked = {"streams": max(AT_ONCE), "chunks": QUICK if quick else AT_ONCE[max(AT_ONCE)]}
    rates = [consumer.ask("direct", pause_ms=0, **asked)["per_s"] for _ in range(runs)]
    show(Figure("relay", "direct_chunks_per_s_50", rates, "1/s"))
