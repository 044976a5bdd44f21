"""Sessions that are over, newest first, with what they cost."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from morpheus_desktop import format as fmt
from morpheus_desktop.amounts import Amounts
from morpheus_desktop.staking.session_details import SessionDetails
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.places import local_time
from morpheus_desktop.viewmodels.rows import Column, RowsModel
from morpheus_desktop.viewmodels.session_end import paid
from morpheus_desktop.viewmodels.staking import StakingViewModel, closed_with
from morpheus_desktop.widgets.basic import Chip, label
from morpheus_desktop.widgets.table import HEAD, ROW, Table
from router.consumer.records import SessionView
from router.untrusted import one_line

MOST_ROWS_HIGH = 8
CHOOSE = "Choose a session to see what came back of it, when, and its transaction."


class History(QFrame):
    """The table in a card, as high as its rows up to a limit; below it the details of one.

    Signals:
        link_asked: address of a page about a transaction.
    """

    link_asked = Signal(str)

    def __init__(self, vm: StakingViewModel, theme: Theme, amounts: Amounts) -> None:
        super().__init__()
        self.setObjectName("card")
        self._vm, self._theme, self._amounts = vm, theme, amounts
        self._count = Chip(theme, "")
        self._foot = label("", "small", "text-3", wrap=True)
        self._looked_at = ""
        self._details = SessionDetails(vm, theme, amounts)
        self._details.link_asked.connect(self.link_asked)
        self._rows: RowsModel[SessionView] = RowsModel(self._columns(), lambda view: view.id)
        self.table = Table(theme, self._rows, "Closed sessions")
        theme.changed.connect(self._fit)
        self.table.chosen.connect(self._look_at)
        self.table.opened.connect(self._look_at)
        head = QHBoxLayout()
        head.setContentsMargins(16, 12, 16, 8)
        head.setSpacing(8)
        head.addWidget(label("Closed sessions", "lead"))
        head.addWidget(self._count)
        head.addStretch()
        foot = QHBoxLayout()
        foot.setContentsMargins(16, 0, 16, 14)
        foot.addWidget(self._foot)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.table)
        column.addWidget(self._details)
        column.addLayout(foot)

    def show_sessions(self) -> None:
        """Show those that are known now."""
        views = self._vm.closed_sessions
        self._rows.columns = tuple(self._columns())
        self._rows.set_rows(views)
        self._count.set(fmt.count(len(views)))
        self._count.setVisible(bool(views))
        chosen = next((view for view in views if view.id == self._looked_at), None)
        if chosen is not None:
            self._details.show_session(chosen)
        self._details.setVisible(chosen is not None)
        none = "Not known yet." if self._vm.account is None else "No session has ended yet."
        self._foot.setText(CHOOSE if views else none)
        self._foot.setVisible(chosen is None)
        self.table.setVisible(bool(views))
        self._fit()

    def _fit(self) -> None:
        px, rows = self._theme.px, min(len(self._rows.rows), MOST_ROWS_HIGH)
        self.table.setFixedHeight(px(HEAD) + px(ROW) * rows)

    def _look_at(self, session_id: str) -> None:
        self._looked_at = session_id
        self._vm.look_into(session_id)

    def _columns(self) -> list[Column[SessionView]]:
        text, tip = self._amounts.text, self._amounts.tip
        return [
            Column("closed", "Closed", 152, _closed),
            Column(
                "model", "Model", 0, lambda v: one_line(v.model_name) or "A model that is gone",
                least=120,
            ),
            Column("ran", "Ran for", 96, _ran, right=True, mono=True, drop=2),
            Column(
                "stake", "Staked, MOR", 116, lambda v: text(v.session.stake), right=True,
                mono=True, tip=lambda v: tip(v.session.stake, "MOR"),
            ),
            Column(
                "paid", "Paid, MOR", 108, lambda v: text(paid(v), up=True), right=True, mono=True,
                tip=lambda v: tip(paid(v), "MOR"), tone=lambda v: "text" if paid(v) else "text-3",
                drop=3,
            ),
            Column("with", "Closed with", 168, closed_with, tone=lambda _: "text-2", drop=1),
        ]  # fmt: skip


def _closed(view: SessionView) -> str:
    return fmt.moment(local_time(view.session.closed_at), local_time(view.as_of))


def _ran(view: SessionView) -> str:
    session = view.session
    return fmt.duration(min(session.closed_at, session.ends_at) - session.opened_at)
