"""devtools.say: words go to stderr, so that stdout is free for what a command prints."""

from devtools.say import say


def test_words_go_to_stderr(capsys):
    say("Set up.")
    assert capsys.readouterr() == ("", "Set up.\n")
