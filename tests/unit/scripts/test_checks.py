"""devtools.checks: the first check that fails ends it."""

from devtools import checks


def test_all_steps_run_until_one_fails(add_program, monkeypatch, capsys):
    folder = add_program("good").parent
    add_program("bad", code=3)
    monkeypatch.setattr(checks, "TOOLS", folder)
    assert checks.run((("good", "a"), ("good", "b"))) == 0
    assert checks.run((("bad", "c"), ("good", "d"))) == 3
    assert (folder / "good.calls").read_text() == "a\nb\n"
    assert "> bad c" in capsys.readouterr().err
