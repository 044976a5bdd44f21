"""The market page: its states, what cells say, what the keyboard reaches."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from morpheus_desktop.market.body import MarketBody
from morpheus_desktop.market.cells import mark_of
from morpheus_desktop.market.source import market_source
from morpheus_desktop.viewmodels.market import STALE_S, MarketViewModel
from morpheus_desktop.widgets.menu import Menu
from router.chain.session_cost import stake_for
from router.errors import ChainUnavailable
from tests.support.looks import clipped, unnamed
from tests.support.session_pages import (
    BUDGET,
    PRICE,
    SUPPLY,
    SessionPages,
    StatedWallet,
    a_market,
    a_model,
    provider_of,
)
from tests.support.waiting import until, within

EVIL = "<b>bold</b> \u202egnp\n" + "x" * 90
NAMES = ("Llama 3.3 70B", EVIL, "Kimi K2")


@pytest.fixture
def pages() -> SessionPages:
    made = SessionPages()
    made.sessions.market = a_market(3, 2, NAMES)
    return made


@pytest.fixture
def wallet() -> StatedWallet:
    return StatedWallet()


@pytest.fixture
def vm(pages, wallet, clock, qloop) -> Iterator[MarketViewModel]:
    made = MarketViewModel(market_source(pages, wallet), clock=clock)
    yield made
    qloop.run_until_complete(made.close())


@pytest.fixture
def body(vm, theme, qtbot) -> MarketBody:
    made = MarketBody(vm, theme)
    made.setObjectName("page")
    made.resize(1064, 792)
    # Between two runs of the loop nothing may be started.
    made._looking.setInterval(10**6)
    qtbot.addWidget(made)
    return made


def shown(body, qloop) -> None:
    async def look() -> None:
        body.show()
        await until(lambda: body._vm.models and not body._vm.reading)
        body.activateWindow()
        body.grab()

    qloop.run_until_complete(look())


def chosen(body, qloop, place: int = 0) -> None:
    vm = body._vm
    model = vm.models[place].id
    within(qloop, lambda: vm.choose(model), lambda: vm.bids and vm.bids[0].rated)


def words(widget: QWidget) -> str:
    return "\n".join(each.text() for each in widget.findChildren(QLabel) if each.isVisible())


def texts(table, row: int) -> list[str]:
    model = table._model
    return [model.index(row, column).data() for column in range(model.columnCount())]


def keys(body, qloop, qtbot, widget, *pressed) -> None:
    async def press() -> None:
        qtbot.keyClick(widget, *pressed)

    qloop.run_until_complete(press())


def test_while_it_is_read_there_is_the_shape_of_it(body, pages, qloop):
    body._vm._source.network = lambda: pages.network

    async def look() -> None:
        body.show()
        assert body._panel.currentWidget() is body._panel._pages["waiting"]
        await until(lambda: body._vm.models)

    qloop.run_until_complete(look())
    assert body._panel.currentWidget() is body.models


def test_models_with_prices_stakes_and_availability(body, qloop):
    shown(body, qloop)
    first = texts(body.models, 0)
    assert first[0] == "Llama 3.3 70B"
    assert first[4] == "0.03600"
    assert first[6] == "11.4035"
    assert "3 models, 6 bids" in words(body)
    assert texts(body.models, 1)[0].startswith("<b>bold</b>")
    within(qloop, lambda: body._vm.look_at([provider_of(0)]), lambda: body._vm.reach)
    within(qloop, lambda: None, lambda: texts(body.models, 0)[3] == "1 of 2 up")


def test_prices_are_rounded_up_and_never_down(body, vm, qloop):
    shown(body, qloop)
    vm.set_unit("second")
    assert texts(body.models, 0)[4] == "0.00001000"
    exact = stake_for(PRICE, 3600, SUPPLY, BUDGET)
    shown_wei = int(texts(body.models, 0)[6].replace(".", "")) * 10**14
    assert exact <= shown_wei < exact + 10**14


def test_bids_are_shown_with_what_is_known_of_each(body, vm, qloop):
    shown(body, qloop)
    chosen(body, qloop)
    best, new = texts(body.bids.table, 0), texts(body.bids.table, 1)
    assert best[0].endswith("Best match")
    assert best[3:7] == ["85", "41.0", "0.62\u00a0s", "95.0\u00a0% of 40"]
    assert new[3:7] == ["unknown", "—", "—", "no sessions yet"]
    assert mark_of(vm.bids[1]) == ("New", "")
    tips = [c.tip(vm.bids[0]) for c in body.bids._rows.columns if c.tip is not None]
    assert any("host1.example:3333" in tip for tip in tips)
    assert any("You have not used this provider yet." in tip for tip in tips)
    assert any("From 40 sessions on the chain." in tip for tip in tips)


def test_old_rows_stay_when_reading_fails_and_the_banner_says_why(body, vm, pages, qloop):
    shown(body, qloop)
    pages.market.problem = ChainUnavailable("The node does not answer.", hint="Wait.")
    within(qloop, vm.refresh, lambda: vm.problem)
    assert "The node does not answer." in words(body._note)
    assert body._retry.isVisible()
    assert len(body.models._model.rows) == 3
    pages.market.problem = None
    within(qloop, body._retry.click, lambda: vm.problem is None and not vm.reading)
    assert not body._note.isVisible()


def test_old_prices_are_said_and_nothing_can_be_opened(body, vm, clock, qloop):
    shown(body, qloop)
    chosen(body, qloop)
    clock.now += STALE_S + 1
    body._tick()
    assert "The prices may be others now." in words(body._note)
    (tip,) = [c.tip(vm.bids[0]) for c in body.bids._rows.columns if c.key == "open"]
    assert "have to be read again" in tip
    body.bids.grab()


def test_without_a_network_or_without_models_there_is_a_next_step(body, vm, pages, qloop, qtbot):
    pages.connect(None)
    within(qloop, body.show)
    assert "The market is not read yet" in words(body._panel)
    pages.sessions.market = a_market(0)
    within(qloop, lambda: pages.connect(pages.network), lambda: vm.market)
    assert "No models on this network yet" in words(body._panel)
    (demo,) = [b for b in body._panel.findChildren(QPushButton) if b.isVisible()]
    with qtbot.waitSignal(body.demo_asked):
        demo.click()


def test_what_fits_nothing_names_the_filter_and_takes_it_away(body, vm, qloop):
    shown(body, qloop)
    body.filters.search.setText("nothing like that")
    assert "No model matches “nothing like that”" in words(body._panel)
    assert "Names, tags and providers were searched." in words(body._panel)
    assert "3 models would be there without this filter." in words(body._panel)
    assert not body._panel._clear.isVisible()
    body._panel._loosen.click()
    assert len(vm.models) == 3
    assert body.filters.search.text() == ""


def test_a_search_and_filters_that_all_hide_everything_are_cleared_together(body, vm, qloop):
    shown(body, qloop)
    vm.set_filters(query="zzzz", tee=True)
    assert "No model fits the search and the filters" in words(body._panel)
    assert "You searched for “zzzz”." in words(body._panel)
    assert not body._panel._loosen.isVisible()
    body._panel._clear.click()
    assert len(vm.models) == 3
    assert vm.filters_set == []


def test_what_no_filter_lets_through_is_not_offered_below(body, vm, qloop):
    shown(body, qloop)
    chosen(body, qloop)
    assert body.bids._stack.currentWidget() is body.bids.table
    vm.set_filters(query="zzzz")
    assert body.bids._stack.currentWidget() is body.bids._no_choice
    assert (body.bids._name.text(), body.bids._facts.text()) == ("", "")
    models = vm.totals[0]
    assert body._header._facts.text() == f"0 of {models} models"
    asked: list[str] = []
    body.open_asked.connect(asked.append)
    body._open_best()  # Ctrl+Enter
    assert asked == []
    vm.set_filters(query="")
    assert body.bids._stack.currentWidget() is body.bids.table


def test_filters_show_what_is_set(body, vm, qloop):
    shown(body, qloop)
    body.filters._price.setText("0.04")
    body.filters._price.textEdited.emit("0.04")
    assert len(vm.models) == 1
    body.filters._price.textEdited.emit("cheap")
    assert body.filters._price.toolTip()
    vm.set_unit("day")
    assert body.filters._price.text() == "0.96"
    vm.clear_filter("price")
    assert body.filters._price.text() == ""
    body.filters._kinds.chosen.emit("speech")
    assert vm.filters.kind == "speech"
    body.filters._kinds.chosen.emit("all")
    body.filters._tee.click()
    body.filters._online.click()
    assert (vm.filters.kind, vm.filters.tee, vm.filters.online) == (None, True, False)


def test_the_order_can_be_chosen_without_a_mouse(body, vm, qloop):
    shown(body, qloop)
    body.filters._order.click()
    menu = body.findChildren(Menu)[-1]
    lines = [action.text() for action in menu.actions()]
    assert lines[0] == "Model"
    menu.actions()[0].trigger()
    menu.close()
    assert vm.kept.model_order == ("name", False)


def test_keys_search_star_and_open(body, vm, qloop, qtbot):
    shown(body, qloop)
    keys(body, qloop, qtbot, body.filters.search, Qt.Key.Key_Return)
    assert body.models.current == vm.models[0].id
    within(qloop, lambda: None, lambda: vm.bids and vm.bids[0].rated)
    keys(body, qloop, qtbot, body.models, Qt.Key.Key_F)
    assert vm.kept.stars == {vm.models[0].id}
    asked: list[str] = []
    body.open_asked.connect(asked.append)
    control = Qt.KeyboardModifier.ControlModifier
    keys(body, qloop, qtbot, body.models, Qt.Key.Key_Return, control)
    assert asked == [vm.bids[0].id]
    keys(body, qloop, qtbot, body.models, Qt.Key.Key_Return)
    assert body.bids.table.current == vm.bids[0].id
    keys(body, qloop, qtbot, body.bids.table, Qt.Key.Key_Down)
    keys(body, qloop, qtbot, body.bids.table, Qt.Key.Key_Return)
    assert asked[1:] == [vm.bids[1].id]
    keys(body, qloop, qtbot, body.bids.table, Qt.Key.Key_Slash)
    assert body.focusWidget() is body.filters.search
    keys(body, qloop, qtbot, body.filters.search, Qt.Key.Key_Return, control)
    assert len(asked) == 3, "from the search too"


def test_a_bid_can_be_opened_before_they_are_rated(body, vm, qloop, qtbot):
    shown(body, qloop)
    asked: list[str] = []
    body.open_asked.connect(asked.append)
    control = Qt.KeyboardModifier.ControlModifier
    keys(body, qloop, qtbot, body.models, Qt.Key.Key_Return, control)
    assert asked == [], "no model is chosen"
    assert body.models.current == vm.models[0].id, "now one is"
    vm._rated = []
    vm._show_bids()
    keys(body, qloop, qtbot, body.models, Qt.Key.Key_Return, control)
    assert asked == [vm.bids[0].id]


def test_a_click_on_the_star_stars(body, vm, qloop):
    shown(body, qloop)
    body.models.cell_clicked.emit(vm.models[1].id, "name", 30)
    assert vm.kept.stars == {vm.models[1].id}
    body.models.cell_clicked.emit(vm.models[1].id, "name", 90)
    assert vm.kept.stars == {vm.models[1].id}


def test_a_provider_that_is_silent_is_asked_again_not_opened(body, vm, pages, qloop):
    shown(body, qloop)
    chosen(body, qloop)
    silent = vm.bids[0].provider
    pages.providers.silent.add(silent)
    within(qloop, lambda: vm.ask_again(silent), lambda: vm.bids[0].reach.state == "down")
    assert texts(body.bids.table, 0)[-1] == "Ask again"
    asked: list[str] = []
    body.open_asked.connect(asked.append)
    before = len(pages.providers.pinged)
    within(qloop, lambda: body.bids.table.opened.emit(vm.bids[0].id), lambda: True)
    within(qloop, lambda: None, lambda: len(pages.providers.pinged) > before)
    assert asked == []


def test_providers_that_can_be_seen_are_asked_by_themselves(body, pages, qloop):
    shown(body, qloop)
    within(qloop, body._look, lambda: len(set(pages.providers.pinged)) == 2)
    body._vm.sort_models("name", True)
    assert body._looking.isActive()


def test_where_it_is_low_models_and_bids_are_two_pages(body, vm, qloop, qtbot):
    body.resize(904, 500)
    shown(body, qloop)
    assert not body.bids.isVisible()
    keys(body, qloop, qtbot, body.filters.search, Qt.Key.Key_Return)
    within(qloop, lambda: None, lambda: vm.bids)
    keys(body, qloop, qtbot, body.models, Qt.Key.Key_Return)
    assert (body.bids.isVisible(), body.models.isVisible()) == (True, False)
    keys(body, qloop, qtbot, body.bids.table, Qt.Key.Key_Escape)
    assert (body.bids.isVisible(), body.models.isVisible()) == (False, True)


def test_where_the_line_stands_is_kept(body, vm, qloop, qtbot):
    shown(body, qloop)
    body._split.setSizes([300, 340])
    body._split.splitterMoved.emit(300, 1)
    assert vm.kept.split == tuple(body._split.sizes())


@pytest.mark.parametrize(
    ("width", "height", "scale"),
    [(1064, 792, 1.0), (904, 612, 1.0), (1196, 736, 1.5), (876, 556, 1.5)],
)
def test_nothing_is_cut_and_everything_is_named(body, theme, qloop, width, height, scale):
    theme.set_scale(scale)
    body.resize(width, height)
    shown(body, qloop)
    chosen(body, qloop, 1)
    body.grab()
    assert clipped(body) == []
    assert unnamed(body) == []


@pytest.mark.parametrize(("width", "scale"), [(904, 1.0), (876, 1.5)])
def test_the_best_match_is_told_where_it_is_narrow(body, theme, qloop, width, scale):
    theme.set_scale(scale)
    body.resize(width, 900)
    shown(body, qloop)
    chosen(body, qloop)
    table = body.bids.table
    body.grab()
    cell = table.visualRect(table._model.index(0, 0))
    address = cell.left() + theme.px(24 + 22 + 8 + 90)
    image = table.viewport().grab(cell.adjusted(address - cell.left(), 0, 0, 0)).toImage()
    inks = {image.pixelColor(x, image.height() // 2).name() for x in range(image.width())}
    assert len(inks) > 3, "letters of the chip"


def test_a_network_that_does_not_answer_turns_open_off_with_its_reason(body, vm, pages, qloop):
    shown(body, qloop)
    chosen(body, qloop)
    model = body.bids.table._model

    def opening() -> tuple[bool, str, str]:
        last = model.index(0, model.columnCount() - 1)
        tip = model.columns[-1].tip(vm.bids[0])
        return not vm.cannot_open, tip, last.data(Qt.ItemDataRole.AccessibleTextRole)

    assert opening() == (True, "", "Open")
    pages.market.problem = ChainUnavailable("The node does not answer.")
    within(qloop, vm.refresh, lambda: vm.problem)
    reason = "The network does not answer. Sessions can be opened when it does again."
    assert opening() == (False, reason, f"Open {reason}")
    pages.market.problem = None
    within(qloop, vm.refresh, lambda: vm.problem is None and not vm.reading)
    assert opening() == (True, "", "Open")


def test_where_bids_are_a_page_it_says_why_nothing_can_be_opened(body, vm, pages, qloop):
    body.resize(876, 556)
    body._theme.set_scale(1.5)
    shown(body, qloop)
    chosen(body, qloop)
    body._go_to_bids(vm.models[0].id)
    assert (body._filters.isVisible(), body.bids.isVisible()) == (False, True)
    pages.market.problem = ChainUnavailable("The node does not answer.")
    within(qloop, vm.refresh, lambda: vm.problem)
    assert (body._note.isVisible(), body.filters.isVisible()) == (True, False)
    pages.market.problem = None
    within(qloop, vm.refresh, lambda: vm.problem is None and not vm.reading)
    assert not body._filters.isVisible()
    body._go_back()
    assert body.filters.isVisible()


def test_a_model_without_bids_says_so(body, vm, pages, qloop):
    pages.sessions.market = a_market(1)
    lonely = a_model(7, "Lonely")
    found = pages.sessions.market
    pages.sessions.market = found.__class__(7, found.timestamp, (lonely,), {}, {})
    vm.set_filters(online=False)
    shown(body, qloop)
    within(qloop, lambda: vm.choose(lonely.id), lambda: vm.chosen_row)
    assert "No bids for this model" in words(body.bids)
    assert texts(body.models, 0)[3] == "none"
    body.grab()
