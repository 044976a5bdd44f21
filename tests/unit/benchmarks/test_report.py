"""benchmarks.report: the lines that are printed and read by other programs."""

import json

import pytest

from benchmarks.report import Figure, show


def test_a_line_has_the_agreed_keys(capsys: pytest.CaptureFixture[str]) -> None:
    show(Figure("gui", "open_ms", [5.0, 1.0, 3.00001, 2.0, 4.0], "ms", at_most=3))
    out, err = capsys.readouterr()
    assert out.count("\n") == 1
    assert json.loads(out) == {
        "benchmark": "gui",
        "metric": "open_ms",
        "value": 3.0,
        "unit": "ms",
        "runs": 5,
        "target": 3,
        "ok": False,
    }
    assert "1 to 5 ms" in err


@pytest.mark.parametrize(
    ("target", "ok"),
    [
        ({"at_least": 2.0}, True),
        ({"at_least": 2.1}, False),
        ({"at_most": 2.0}, True),
        ({"at_most": 1.9}, False),
        ({"at_most": 0}, False),
        ({}, None),
    ],
)
def test_targets(target: dict[str, float], ok: bool | None) -> None:
    figure = Figure("local", "ratio", [1.0, 2.0, 3.0], "ratio", **target)
    assert figure.ok is ok
    assert json.loads(figure.line())["target"] == next(iter(target.values()), None)
