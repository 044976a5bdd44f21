"""The steps of an opening in their dialog."""

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QDialog, QLabel, QWidget

from morpheus_desktop.amounts import Amounts
from morpheus_desktop.dialogs.opening import OpeningDialog
from morpheus_desktop.viewmodels.progress import ProgressViewModel
from router.devnet.deploy import MOR
from router.errors import ProviderError
from tests.support.looks import clipped, unnamed
from tests.support.session_pages import NOON, StatedSessions, a_quote, an_opening, id_of
from tests.support.waiting import within

SILENT = ProviderError("It did not answer within 10 s.", safe="No MOR was staked.")


@pytest.fixture
def sessions() -> StatedSessions:
    return StatedSessions()


@pytest.fixture
def make(theme, qtbot, qloop, prefs, sessions) -> Iterator[object]:
    made: list[ProgressViewModel] = []

    def build(step: str, *, width: int = 1280, **changes: object) -> OpeningDialog:
        opening = an_opening(step, **changes)
        sessions.openings = (opening,)
        vm = ProgressViewModel(sessions, opening, "Base", clock=lambda: NOON + 7.0)
        made.append(vm)
        over = QWidget()
        over.resize(width, 640)
        qtbot.addWidget(over)
        over.show()
        dialog = OpeningDialog(theme, over, vm, Amounts(prefs))
        dialog.vm, dialog.over, dialog.answers = vm, over, []
        dialog.finished.connect(dialog.answers.append)
        dialog.open()
        return dialog

    yield build
    for each in made:
        qloop.run_until_complete(each.close())


def words(dialog: OpeningDialog) -> str:
    return "\n".join(each.text() for each in dialog.findChildren(QLabel) if each.isVisible())


def names(dialog: OpeningDialog) -> list[str]:
    return [row.accessibleName() for row in dialog._stepper._rows]


def test_it_shows_how_far_it_is_and_can_be_left(make):
    dialog = make("confirming", permission_tx=1, open_tx=2)
    assert names(dialog) == [
        "Provider signs an approval: done",
        "Allow up to 12\u00a0MOR: done",
        "Open the session on Base: going on",
        "Start chatting: not yet",
    ]
    assert "You can close this window" in words(dialog)
    assert dialog._time.text() == "0:07"
    assert not dialog._give_up.isVisible()
    dialog._later.click()
    assert (dialog.answers, dialog.wish) == ([QDialog.DialogCode.Rejected], "")


def test_it_closes_by_itself_when_the_session_is_open(make, sessions):
    dialog = make("confirming", open_tx=2)
    sessions.step(an_opening("done", session_id=id_of(3)))
    assert dialog.answers == [QDialog.DialogCode.Accepted]


def test_a_failed_step_says_what_is_safe_and_what_can_be_done(make, sessions, qloop):
    dialog = make("failed", failed_at="provider", error=SILENT)
    assert names(dialog)[0].endswith("failed")
    assert "No MOR was staked." in words(dialog)
    assert not dialog._left.isVisible()
    within(qloop, dialog._retry.click, lambda: sessions.asked and not dialog.vm.busy)
    assert sessions.asked == [("retry", 1)]
    assert "did not answer" not in words(dialog)


def test_a_permission_that_is_left_is_said(make):
    dialog = make("failed", failed_at="sending", error=SILENT, permission_tx=4)
    assert "The contract still has permission for 12\u00a0MOR." in words(dialog)
    dialog._give_up.click()
    assert (dialog.wish, dialog.answers) == ("cancel", [QDialog.DialogCode.Rejected])


def test_another_bid_can_be_chosen(make):
    dialog = make("failed", failed_at="provider", error=SILENT)
    dialog._other.click()
    assert dialog.wish == "other"


def test_worse_terms_are_shown_beside_the_old_ones(make, sessions, qloop):
    dialog = make("asked", worse=a_quote(amount=13 * MOR + 1, granted_s=1800))
    text = words(dialog)
    assert "Now 13.0001\u00a0MOR for 30\u00a0min, instead of 12\u00a0MOR for 1\u00a0h." in text
    assert dialog._agree.text() == "Stake 13.0001\u00a0MOR and go on"
    assert not dialog._retry.isVisible()
    within(qloop, dialog._agree.click, lambda: sessions.asked and not dialog.vm.busy)
    assert sessions.asked == [("agree", 1)]


@pytest.mark.parametrize(("width", "scale"), [(1280, 1.0), (960, 1.5)])
@pytest.mark.parametrize("step", ["confirming", "failed", "asked"])
def test_nothing_is_cut_and_everything_is_named(make, theme, qloop, step, width, scale):
    theme.set_scale(scale)
    changes = {"failed": {"failed_at": "sending", "error": SILENT, "permission_tx": 4}}
    changes["asked"] = {"worse": a_quote(amount=13 * MOR)}
    dialog = make(step, width=width, **changes.get(step, {}))
    for _ in range(4):
        within(qloop, dialog.over.grab)
    assert clipped(dialog) == []
    assert unnamed(dialog) == []
