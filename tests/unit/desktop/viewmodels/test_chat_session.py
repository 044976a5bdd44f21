"""Which session answers a chat, and what is in the way of it."""

import pytest

from router.backends.base import AnsweredBy
from tests.support.chat_desk import ChatDesk, on_qt_loop
from tests.support.chat_money import MODEL, OTHER, PROVIDER, session_view

SECOND = "0x" + "bb" * 32


@on_qt_loop
async def test_local_models_need_nothing(desk: ChatDesk) -> None:
    assert desk.session.phase == "local"
    assert desk.session.choices == ()
    desk.money.ready(session_view())
    assert desk.session.phase == "local"
    assert [choice.chosen for choice in desk.session.choices] == [False]


@on_qt_loop
async def test_from_the_start_of_the_app_to_an_open_session(desk: ChatDesk) -> None:
    seen: list[str] = []
    desk.session.changed.connect(lambda: seen.append(desk.session.phase))
    desk.vm.set_model(MODEL)
    assert desk.session.phase == "loading"
    assert desk.session.name == "Remote model"
    desk.money.open()
    desk.money.connect(phase="starting")
    desk.money.connect()
    assert desk.session.phase == "loading"
    desk.money.show()
    assert desk.session.phase == "none"
    desk.money.show(session_view())
    assert desk.session.phase == "open"
    assert desk.session.name == "Llama 3.3 70B"
    assert desk.session.seconds_left == 2_538
    assert list(dict.fromkeys(seen)) == ["loading", "none", "open"]
    desk.money.connect(phase="failed")
    assert desk.session.phase == "offline"


@on_qt_loop
async def test_the_session_with_most_time_answers_for_a_model(desk: ChatDesk) -> None:
    views = session_view(1, left=60), session_view(2, left=900), session_view(3, phase="closed")
    desk.money.ready(*views)
    desk.vm.set_model(MODEL)
    assert desk.session.view == views[1]
    desk.vm.set_model(f"session:{views[0].id}")
    assert desk.session.view == views[0]
    assert [(c.model, c.left, c.chosen) for c in desk.session.choices] == [
        (f"session:{views[1].id}", "15:00", False),
        (f"session:{views[0].id}", "1:00", True),
    ]


@on_qt_loop
async def test_a_model_with_one_session_is_chosen_by_itself(desk: ChatDesk) -> None:
    """So that the chat goes on with the session that follows."""
    desk.money.ready(session_view(1), session_view(2, model=SECOND, name="\u202eQwen\n"))
    choices = {choice.name: choice.model for choice in desk.session.choices}
    assert choices == {"Llama 3.3 70B": MODEL, "Qwen": SECOND}


@pytest.mark.parametrize("phase", ["ended", "closing", "waiting", "closed"])
def test_a_session_that_is_over(tmp_path, qloop, phase) -> None:
    @on_qt_loop
    async def look(desk: ChatDesk) -> None:
        desk.money.ready(session_view(left=-5, phase=phase))
        desk.vm.set_model(MODEL)
        assert desk.session.phase == "ended"
        assert desk.session.model_on_chain == MODEL
        desk.money.show(session_view(left=-5, phase=phase), session_view(2))
        assert desk.session.phase == "open"

    look(desk=ChatDesk(tmp_path, qloop))


@on_qt_loop
async def test_time_that_runs_out_ends_it(desk: ChatDesk) -> None:
    desk.money.ready(session_view(left=1))
    desk.vm.set_model(MODEL)
    assert desk.session.phase == "open"
    desk.sessions._pass()
    assert desk.session.phase == "ended"


@on_qt_loop
async def test_a_locked_wallet_lets_its_grants_go_on(desk: ChatDesk) -> None:
    view = session_view()
    desk.money.open(key="")
    desk.money.connect()
    desk.money.show(view)
    desk.vm.set_model(MODEL)
    wallet = desk.money.wallet
    await wallet.import_key("11" * 32, "correct horse battery")
    assert desk.session.phase == "open"
    wallet.grant(f"session:{view.id}")
    wallet.lock()
    assert desk.session.phase == "open"
    wallet.revoke()
    assert desk.session.phase == "locked"


@on_qt_loop
async def test_another_provider_of_the_same_model(desk: ChatDesk) -> None:
    desk.money.ready(
        session_view(1), session_view(2, provider=OTHER), session_view(3, model=SECOND)
    )
    desk.vm.set_model(MODEL)
    assert desk.session.other_than(PROVIDER.lower()) == f"session:0x{2:064x}"
    desk.money.show(session_view(1))
    assert desk.session.other_than(PROVIDER) == ""


@on_qt_loop
async def test_a_session_nobody_knows_is_named_by_its_answers(desk: ChatDesk) -> None:
    desk.vm.set_model(f"session:0x{9:064x}")
    assert desk.session.model_on_chain == ""
    desk.backend.says("Yes.", first=(AnsweredBy("remote", "Llama"),))
    await desk.ask("Hello?")
    assert desk.session.name == "Llama"


@on_qt_loop
async def test_a_session_is_used_from_other_pages(desk: ChatDesk) -> None:
    desk.money.ready(session_view(1))
    desk.session.use(session_view(1).id)
    assert desk.vm.model_id == MODEL
    desk.session.use(session_view(2).id)
    assert desk.vm.model_id == f"session:{session_view(2).id}"
