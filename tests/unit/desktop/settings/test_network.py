"""The network section."""

import pytest
from PySide6.QtCore import Qt

from morpheus_desktop.settings.network import NetworkSection
from morpheus_desktop.viewmodels.network import NetworkViewModel
from tests.support.looks import clipped, unnamed
from tests.support.money_desk import MoneyBench
from tests.support.waiting import within

URLS = ("https://one.example/v2/secret-one", "https://two.example/v2/secret-two")


@pytest.fixture
def bench(tmp_path, qloop):
    made = MoneyBench(tmp_path).open()
    within(qloop, lambda: made.settings.change({"chain.base": URLS}))
    yield made
    qloop.run_until_complete(made.money.close())


@pytest.fixture
def section(bench, theme, qtbot, qloop):
    vm = NetworkViewModel(bench.money, bench.settings)
    made = NetworkSection(vm, theme)
    made.resize(872, 760)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    yield made
    qloop.run_until_complete(vm.close())


def rows(section):
    return [row for row in section._rows if row.isVisible()]


def test_the_nodes_by_their_hosts_only(section):
    assert [row._host.text() for row in rows(section)] == ["one.example", "two.example"]
    words = [*rows(section)[0].accessibleName(), rows(section)[0]._host.toolTip()]
    assert "secret" not in "".join(words)


def test_where_the_keys_are_is_said_below_the_field(section, bench, qloop):
    assert "The keys for one.example, two.example are in the settings file" in (
        section._about_keys.text()
    )
    assert section._about_keys.isVisible()
    within(qloop, lambda: bench.settings.change({"chain.base": ("https://one.example",)}))
    assert not section._about_keys.isVisible()


def test_the_keyboard_moves_a_node_and_stays_on_it(section, bench, qtbot, qloop):
    second = rows(section)[1]
    second.setFocus()
    alt = Qt.KeyboardModifier.AltModifier
    within(qloop, lambda: qtbot.keyClick(second, Qt.Key.Key_Up, alt))
    assert bench.settings.current.chain.base == URLS[::-1]
    assert section.focusWidget() is rows(section)[0]
    first = rows(section)[0]
    within(qloop, lambda: qtbot.keyClick(first, Qt.Key.Key_Down, alt))
    assert bench.settings.current.chain.base == URLS
    assert section.focusWidget() is rows(section)[1]


def test_the_defaults_come_back(section, bench, qloop):
    within(qloop, section._restore.click)
    assert bench.settings.current.chain.base == ()
    assert not section._restore.isEnabled()


def test_what_is_refused_is_said_at_the_field_and_not_lost(section, qtbot, qloop):
    section._url.setText("ftp://nothing")
    within(
        qloop,
        lambda: qtbot.keyClick(section._url, Qt.Key.Key_Return),
        lambda: section._field.problem,
    )
    assert section._field.problem == "A node's address begins with https://."
    assert section._url.text() == "ftp://nothing"
    section._url.setText("h")
    assert section._field.problem == ""


def test_another_network(section, bench, qloop):
    within(qloop, lambda: section._networks.chosen.emit("demo"))
    assert bench.settings.current.network == "demo"
    assert section._title.text() == "Nodes for Demo"
    assert not section._adding.isVisible()
    assert rows(section) == []


def test_it_is_found_by_its_words(section):
    assert section.keep_matching("rpc latency")
    assert section.keep_matching("arbitrum")
    assert not section.keep_matching("password")


@pytest.mark.parametrize("mode", ["dark", "light"])
@pytest.mark.parametrize(("width", "scale"), [(872, 1.0), (640, 1.0), (872, 1.5)])
def test_nothing_is_cut_or_unnamed(section, theme, shot, qtbot, mode, width, scale):
    theme.set_mode(mode)
    theme.set_scale(scale)
    section.resize(width, 760)
    shot(section, f"network-{mode}-{width}-{round(scale * 100)}")
    qtbot.waitUntil(lambda: clipped(section) == [])
    assert unnamed(section) == []
