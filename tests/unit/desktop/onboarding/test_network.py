"""The network step."""

import pytest


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("base", "This is real money."),
        ("arbitrum-sepolia", "These are test tokens."),
        ("demo", "Everything stays on this computer."),
    ],
)
def test_it_says_what_the_money_is_worth(way, name, words):
    step = way.go("network")
    way.run(lambda: step._networks.chosen.emit(name))
    assert way.bench.settings.current.network == name
    assert step._networks.current == name
    assert step._meaning.accessibleName().startswith(words)
