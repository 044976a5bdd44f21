"""The local model, asked in four ways: bare, through the worker, over HTTP and in the window.

All four use the same model file, context, threads, prompt, sampler and seed, so they write the
same tokens. They take turns, and each is compared with the bare one of its own round: a computer
that grows slower or faster meanwhile changes no ratio. The window, its node and the HTTP
interface are one running app; the bare loop and the HTTP client are processes of their own.
"""

import json
import tempfile
from pathlib import Path

from benchmarks import profiles
from benchmarks.child import Child
from benchmarks.report import Figure, show
from benchmarks.screen import screen
from benchmarks.speed import Speed

WAYS = ("bare", "worker", "http", "window")
RUNS, TOKENS = 5, 256
QUICK_RUNS, QUICK_TOKENS = 1, 32

Rounds = list[dict[str, Speed]]


def measure(*, quick: bool) -> int:
    """Print the figures; 0 when all could be taken.

    Raises:
        RuntimeError: something could not be measured.
    """
    runs, tokens = (QUICK_RUNS, QUICK_TOKENS) if quick else (RUNS, TOKENS)
    with screen(), tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        profiles.prepare(Path(folder))
        with Child("inside", folder) as app:
            app.next()
            _show_speeds(_ask_in_turns(app, runs, tokens))
            writing = [app.ask("stop_writing", after_tokens=16 + 8 * n) for n in range(runs)]
            _show("stop_while_generating_ms", [a["ms"] for a in writing], "ms", at_most=100)
            # Over a second after reading began, so that reading takes longer than that.
            reading = [
                app.ask("stop_reading", number=n, after_s=1.05 + 0.13 * n) for n in range(runs)
            ]
            _show("stop_during_prompt_ms", [a["ms"] for a in reading], "ms", at_most=100)
    return 0


def _ask_in_turns(app: Child, runs: int, tokens: int) -> Rounds:
    facts = app.ask("facts")
    options = {name: facts[name] for name in ("path", "context_tokens", "threads")}
    with (
        Child("bare_model", json.dumps(options)) as bare,
        Child("http_client", facts["address"], facts["key"]) as client,
    ):
        processes = {"bare": bare, "worker": app, "http": client, "window": app}
        rounds = [
            {way: Speed(**processes[way].ask(way, tokens=tokens)) for way in WAYS}
            for _ in range(runs + 1)
        ]
    for speeds in rounds:
        if len({(speed.prompt_tokens, speed.tokens) for speed in speeds.values()}) > 1:
            raise RuntimeError(f"the four ways did not do the same work: {speeds}")
    return rounds[1:]  # the first one loads the model and warms everything


def _show_speeds(rounds: Rounds) -> None:
    _show("bare_tokens_per_s", [speeds["bare"].tokens_per_s for speeds in rounds], "tokens/s")
    for way in WAYS[1:]:
        ratios = [speeds[way].tokens_per_s / speeds["bare"].tokens_per_s for speeds in rounds]
        _show(f"{way}_vs_bare", ratios, "ratio", at_least=0.95)
    added = [(speeds["http"].first_s - speeds["worker"].first_s) * 1000 for speeds in rounds]
    _show("http_added_ttft_ms", added, "ms", at_most=20)


def _show(
    metric: str,
    values: list[float],
    unit: str,
    at_least: float | None = None,
    at_most: float | None = None,
) -> None:
    show(Figure("local", metric, values, unit, at_least=at_least, at_most=at_most))
