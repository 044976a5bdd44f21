"""router.provider.live: what a provider is doing, told when it changes."""

from router.provider.live import KEPT, Live, Problem, ProviderState


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_questions_are_there_while_they_are_answered() -> None:
    live, heard = Live(Clock()), list[ProviderState]()
    live.changed.subscribe(heard.append)
    with live.running("0x1", "0xm", is_sealed=True):
        with live.running("0x2", "0xm", is_sealed=False):
            assert [r.session_id for r in live.state.running] == ["0x1", "0x2"]
        assert [r.session_id for r in live.state.running] == ["0x1"]
    assert live.state.running == ()
    assert [len(state.running) for state in heard] == [1, 2, 1, 0]


def test_nothing_new_is_not_told() -> None:
    live, heard = Live(), list[ProviderState]()
    live.changed.subscribe(heard.append)
    live.update(turned_away=0)
    live.update(turned_away=1)
    assert len(heard) == 1


def test_problems_are_kept_in_order_and_bounded() -> None:
    clock = Clock()
    live = Live(clock)
    live.problem("a", "0x1")
    clock.now = 2000.0
    live.problem("a", "0x1")
    assert live.state.problems == (Problem(2000.0, "a", "0x1"),)
    for number in range(3 * KEPT):
        live.problem(str(number))
    assert len(live.state.problems) == KEPT
    assert live.state.problems[-1].text == str(3 * KEPT - 1)
