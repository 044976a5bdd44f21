"""`python -m benchmarks NAME --quick`: runs, and prints every metric that was agreed on.

What the figures are is not looked at here: that depends on the computer and what else it does.
"""

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
KEYS = {"benchmark", "metric", "value", "unit", "runs", "target", "ok"}
TARGETS = {
    "chain": {
        "unlock_ms": None,
        "unlock_gap_max_ms": 25,
        "sign_ms": None,
        "devnet_start_s": 5,
        "mined_tx_ms": None,
        "market_33x5_embedded_s": 5,
        "market_1000x5_s": 5,
        "market_1000x5_http_requests": 40,
    },
    "local": {
        "bare_tokens_per_s": None,
        "worker_vs_bare": 0.95,
        "http_vs_bare": 0.95,
        "window_vs_bare": 0.95,
        "http_added_ttft_ms": 20,
        "stop_while_generating_ms": 100,
        "stop_during_prompt_ms": 100,
    },
    "gui": {
        "first_window_vs_bare_qt": 4,
        "idle_rss_mb": 220,
        "idle_cpu_percent": 1,
        "open_10000_messages_ms": 300,
        "stream_gap_max_ms": 25,
        "stream_gap_p99_ms": 16,
        "stream_gap_max_ms_1000_messages": 25,
    },
    "relay": {
        "added_ttft_ms_1": 15,
        "added_chunk_ms_1": None,
        "stop_ms": 200,
        "chunks_per_s_1": None,
        "chunks_per_s_10": None,
        "chunks_per_s_50": 3000,
        "cpu_s_per_1000_chunks": None,
        "direct_chunks_per_s_50": None,
    },
    "market": {
        "open_ms": 50,
        "filter_ms": 50,
        "sort_ms": 50,
        "load_gap_max_ms": 50,
        "load_s": None,
    },
    "wire": {
        f"{name}_per_s_{size}": None
        for size in (32, 1024)
        for name in ("seal", "open", "sign", "verify")
    },
}


def benchmark(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.model
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", sorted(TARGETS))
def test_quick(name: str) -> None:
    done = benchmark(name, "--quick")
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert {line["metric"]: line["target"] for line in lines} == TARGETS[name]
    for line in lines:
        assert line.keys() == KEYS
        assert line["benchmark"] == name
        assert math.isfinite(line["value"])
        assert line["runs"] == 1
        assert (line["ok"] is None) == (line["target"] is None)
        assert f"  {line['metric']}: " in done.stderr


def test_an_unknown_name_is_refused() -> None:
    done = benchmark("speed")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "gui" in done.stderr
