"""The security section and its dialogs."""

import asyncio

import pytest

from morpheus_desktop.settings.security import SecuritySection
from morpheus_desktop.viewmodels.security import SecurityViewModel
from morpheus_desktop.widgets.overlay import Overlay
from router.units import WEI
from tests.support.looks import clipped, unnamed
from tests.support.money_desk import FIRST, PASSWORD, PHRASE, MoneyBench
from tests.support.waiting import within


class Desk:
    """The section, and the dialog that lies over it."""

    def __init__(self, bench, vm, section, loop):
        self.bench, self.vm, self.section, self.loop = bench, vm, section, loop

    def run(self, act, condition=lambda: True):
        return within(self.loop, act, condition)

    @property
    def dialogs(self) -> list[Overlay]:
        return [each for each in self.section.findChildren(Overlay) if each.isVisible()]

    def open(self, button) -> Overlay:
        self.run(button.click, lambda: self.dialogs)
        return self.dialogs[-1]


@pytest.fixture
def desk(tmp_path, theme, qtbot, qloop):
    bench = MoneyBench(tmp_path).open()
    vm = SecurityViewModel(bench.money, bench.settings)
    section = SecuritySection(vm, theme)
    section.resize(824, 760)
    # Not given to qtbot, which would end it before what it does was ended.
    with qtbot.waitExposed(section):
        section.show()
    section.activateWindow()
    yield Desk(bench, vm, section, qloop)
    for dialog in section.findChildren(Overlay):
        dialog.close()
    qloop.run_until_complete(section.close_tasks())
    qloop.run_until_complete(vm.close())
    qloop.run_until_complete(bench.money.close())
    section.close()
    section.deleteLater()


@pytest.fixture
def own(desk):
    desk.run(lambda: None)
    desk.loop.run_until_complete(desk.bench.wallet.create(PHRASE, PASSWORD))
    return desk


def test_without_a_wallet_it_offers_one(desk, qtbot):
    assert desk.section._none.isVisible()
    assert not desk.section._reveal.isEnabled()
    assert desk.section._reveal.toolTip() == "There is no wallet yet."
    with qtbot.waitSignal(desk.section.setup_asked):
        desk.section._set_up.click()


def test_a_phrase_is_shown_after_the_password(own, qtbot):
    dialog = own.open(own.section._reveal)
    assert not dialog.go.isEnabled()
    dialog.password.line.setText("wrong password")
    own.run(dialog.submit, lambda: dialog.password.field.problem)
    assert "The password is wrong." in dialog.password.field.problem
    assert dialog.isVisible()
    dialog.password.line.setText(PASSWORD)
    own.run(dialog.submit, lambda: own.dialogs and own.dialogs[-1] is not dialog)
    shown = own.dialogs[-1]
    assert shown._view.visible_words == tuple(PHRASE.split())
    own.run(shown.accept, lambda: not own.dialogs)
    assert shown._secret == ""


@pytest.mark.parametrize("name", ["_reveal", "_key"])
def test_a_shown_secret_goes_when_the_wallet_locks(own, name):
    dialog = own.open(getattr(own.section, name))
    dialog.password.line.setText(PASSWORD)
    own.run(dialog.submit, lambda: own.dialogs and own.dialogs[-1] is not dialog)
    shown = own.dialogs[-1]
    own.run(own.bench.money.lock, lambda: not own.dialogs)
    assert shown._secret == ""


def test_waiting_counts_down(own, qtbot):
    async def five():
        for _ in range(5):
            with pytest.raises(Exception, match="wrong"):
                await own.vm.key("wrong password")

    own.loop.run_until_complete(five())
    dialog = own.open(own.section._key)
    assert dialog.password.field.problem == "Too many wrong passwords. Next try in 0:30"
    assert not dialog.go.isEnabled()
    own.bench.now += 10
    qtbot.waitUntil(lambda: "0:20" in dialog.password.field.problem)
    own.bench.now += 20
    qtbot.waitUntil(lambda: dialog.password.field.problem == "")
    dialog.password.line.setText(PASSWORD)
    assert dialog.go.isEnabled()


def test_a_new_password_needs_the_old_one_and_the_rules(own):
    dialog = own.open(own.section._change)
    dialog.password.line.setText(PASSWORD)
    dialog.new.line.setText("short")
    dialog.again.line.setText("short")
    assert dialog.go.toolTip() == "The password needs at least 8 characters."
    dialog.new.line.setText("another horse")
    dialog.again.line.setText("another house")
    assert dialog.again.field.problem == "The two passwords are not the same."
    dialog.again.line.setText("another horse")
    own.run(dialog.submit, lambda: not own.dialogs)
    assert own.loop.run_until_complete(own.vm.phrase("another horse"))


def test_erasing_says_first_what_is_still_held(own):
    own.bench.funds.in_sessions, own.bench.funds.on_hold = 60 * WEI, 5 * WEI
    dialog = own.open(own.section._erase)
    own.run(lambda: None, lambda: "60" in dialog._held.accessibleName())
    assert dialog._held.accessibleName().startswith("60\u00a0MOR in sessions, 5\u00a0MOR on hold.")
    dialog.password.line.setText(PASSWORD)
    assert dialog.go.toolTip() == "Type “erase” first"
    dialog.word.setText("erase")
    own.run(dialog.submit, lambda: not own.dialogs)
    assert own.bench.wallet.state.kind == "none"


def test_what_is_held_is_not_waited_for_after_the_dialog(own, monkeypatch):
    answer, ended = asyncio.Event(), []
    account = own.bench.funds.account

    async def late():
        try:
            await answer.wait()
            return await account()
        finally:
            ended.append(True)

    monkeypatch.setattr(own.bench.funds, "account", late)
    own.vm.failed.connect(lambda error: pytest.fail(repr(error)))
    dialog = own.open(own.section._erase)
    own.run(dialog.reject, lambda: ended)
    assert own.dialogs == []


def test_erasing_without_a_network_says_that_it_is_not_known(own):
    own.bench.funds.problem = "No node answered."
    dialog = own.open(own.section._erase)
    own.run(lambda: None, lambda: "not known" in dialog._held.accessibleName())
    assert "No node answered." in dialog._held.accessibleName()


def test_a_watched_wallet_is_removed_without_a_password(desk):
    desk.loop.run_until_complete(desk.bench.wallet.watch(FIRST))
    dialog = desk.open(desk.section._erase)
    assert not dialog.password.isVisible()
    dialog.word.setText("erase")
    desk.run(dialog.submit, lambda: not desk.dialogs)
    assert desk.bench.wallet.state.kind == "none"


def test_the_keychain_is_used_only_when_it_is_asked_for(own):
    own.run(lambda: own.section._show(), lambda: own.vm.keychain)
    assert own.section._remembered.isEnabled()
    own.run(own.section._remembered.click, lambda: own.dialogs)
    dialog = own.dialogs[-1]
    dialog.password.line.setText(PASSWORD)
    own.run(dialog.submit, lambda: own.bench.wallet.state.in_keychain)
    own.run(lambda: None, lambda: not own.dialogs)
    own.run(own.section._remembered.click, lambda: not own.bench.wallet.state.in_keychain)


def test_a_refused_keychain_says_why(desk):
    desk.bench.keychain.reason = "There is no keychain on this system."
    desk.loop.run_until_complete(desk.bench.wallet.create(PHRASE, PASSWORD))
    desk.run(lambda: None, lambda: desk.vm.keychain)
    assert not desk.section._remembered.isEnabled()
    assert desk.section._keychain._about.text() == "There is no keychain on this system."


def test_locking(own):
    own.section._lock.click()
    assert own.bench.wallet.state.kind == "locked"
    assert own.section._lock.toolTip() == "It is locked already."
    assert own.section._lock_row._about.text() == "It is locked."
    own.section._idle.chosen.emit("300")
    assert own.bench.settings.current.wallet.lock_after_s == 300
    assert own.section._idle.current == "300"


def test_what_the_lock_leaves_is_named(own):
    wallet = own.bench.wallet
    for name in ("session:0x01", "session:0x02", "claims", "provider"):
        wallet.grant(name)
    own.section._lock.click()
    about = own.section._lock_row._about
    assert about.text() == (
        "It is locked. Locked or not, this goes on: 2 running sessions, taking back returned "
        "stake, serving models."
    )
    wallet.revoke()
    assert about.text() == "It is locked."


def test_a_key_file_is_saved_for_its_owner_only(own, tmp_path):
    file = tmp_path / "key.json"
    own.section._write(file, b"{}")
    assert file.read_bytes() == b"{}"
    assert file.stat().st_mode & 0o077 == 0


def test_it_is_found_by_its_words(desk):
    assert desk.section.keep_matching("recovery phrase")
    assert not desk.section.keep_matching("nothing like this")


@pytest.mark.parametrize("mode", ["dark", "light"])
@pytest.mark.parametrize(("width", "scale"), [(824, 1.0), (640, 1.0), (824, 1.5)])
def test_nothing_is_cut_or_unnamed(own, theme, shot, qtbot, mode, width, scale):
    theme.set_mode(mode)
    theme.set_scale(scale)
    own.section.resize(width, 760)
    own.run(lambda: None, lambda: own.vm.keychain)
    shot(own.section, f"security-{mode}-{width}-{round(scale * 100)}")
    qtbot.waitUntil(lambda: clipped(own.section) == [])
    assert unnamed(own.section) == []
    dialog = own.open(own.section._erase)
    own.run(lambda: None, lambda: "Nothing" in dialog._held.accessibleName())
    shot(own.section, f"erase-{mode}-{width}-{round(scale * 100)}")
    qtbot.waitUntil(lambda: clipped(dialog) == [])
    assert unnamed(dialog) == []


def test_an_open_dialog_ends_with_the_section(own):
    own.open(own.section._reveal)
    own.loop.run_until_complete(own.section.close_tasks())
    assert own.dialogs == []
