"""Sessions that are over, newest first, with what they cost."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from morpheus_desktop import format as fmt
from morpheus_desktop.amounts import Amounts
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.places import local_time
from morpheus_desktop.viewmodels.rows import Column, RowsModel
from morpheus_desktop.viewmodels.staking import StakingViewModel, closed_with, paid
from morpheus_desktop.widgets.basic import Chip, label
from morpheus_desktop.widgets.table import HEAD, ROW, Table
from router.consumer.records import SessionView
from router.untrusted import one_line

MOST_ROWS_HIGH = 8


class History(QFrame):
    """The table in a card; as high as its rows, up to a limit.

    Signals:
        opened: id of the session in a row.
    """

    opened = Signal(str)

    def __init__(self, vm: StakingViewModel, theme: Theme, amounts: Amounts) -> None:
        super().__init__()
        self.setObjectName("card")
        self._vm, self._theme, self._amounts = vm, theme, amounts
        self._count = Chip(theme, "")
        self._none = label("No session has ended yet.", "small", "text-3")
        self._rows: RowsModel[SessionView] = RowsModel(self._columns(), lambda view: view.id)
        self.table = Table(theme, self._rows, "Closed sessions")
        self.table.opened.connect(self.opened)
        head = QHBoxLayout()
        head.setContentsMargins(16, 12, 16, 8)
        head.setSpacing(8)
        head.addWidget(label("Closed sessions", "lead"))
        head.addWidget(self._count)
        head.addStretch()
        foot = QHBoxLayout()
        foot.setContentsMargins(16, 0, 16, 14)
        foot.addWidget(self._none)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.table)
        column.addLayout(foot)

    def show_sessions(self) -> None:
        """Show those that are known now."""
        views = self._vm.closed_sessions
        self._rows.columns = tuple(self._columns())
        self._rows.set_rows(views)
        self._count.set(fmt.count(len(views)))
        self._count.setVisible(bool(views))
        self._none.setVisible(not views)
        self.table.setVisible(bool(views))
        px = self._theme.px
        self.table.setFixedHeight(px(HEAD) + px(ROW) * min(len(views), MOST_ROWS_HIGH))

    def _columns(self) -> list[Column[SessionView]]:
        text, tip = self._amounts.text, self._amounts.tip
        return [
            Column("closed", "Closed", 152, _closed),
            Column("model", "Model", 0, lambda v: one_line(v.model_name) or "A model that is gone"),
            Column("ran", "Ran for", 96, _ran, right=True, mono=True),
            Column(
                "stake", "Staked, MOR", 116, lambda v: text(v.session.stake), right=True,
                mono=True, tip=lambda v: tip(v.session.stake, "MOR"),
            ),
            Column(
                "paid", "Paid, MOR", 108, lambda v: text(paid(v), up=True), right=True, mono=True,
                tip=lambda v: tip(paid(v), "MOR"), tone=lambda v: "text" if paid(v) else "text-3",
            ),
            Column("with", "Closed with", 168, closed_with, tone=lambda _: "text-2", drop=1),
        ]  # fmt: skip


def _closed(view: SessionView) -> str:
    return fmt.moment(local_time(view.session.closed_at), local_time(view.as_of))


def _ran(view: SessionView) -> str:
    session = view.session
    return fmt.duration(min(session.closed_at, session.ends_at) - session.opened_at)
