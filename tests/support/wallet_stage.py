"""A window with everything that the wallet page leads to, over a real chain."""

from collections.abc import Coroutine
from typing import Any

from PySide6.QtWidgets import QLabel, QWidget

from morpheus_desktop.dialogs.review import ReviewDialog
from morpheus_desktop.dialogs.send import SendDialog
from morpheus_desktop.viewmodels.activity import Activity
from morpheus_desktop.wallet.flow import WalletFlow
from morpheus_desktop.widgets.overlay import Overlay
from router.chain.journal import TxRecord
from tests.support.waiting import until

LENA = "0x8f26C64f2e734d191e0B7CaF07d8FD1b4ac8F5c1"


class Stage:
    """A window with the flow in it; what is said is kept."""

    def __init__(self, desk, theme, amounts, qloop) -> None:
        self.desk, self._loop = desk, qloop
        self.over = QWidget()
        self.over.resize(1280, 820)
        self.said: list[str] = []
        self.errors: list[Exception] = []
        self.saved: list[str] = []
        self.flow = WalletFlow(
            desk.money,
            theme,
            amounts,
            self.over,
            say=self.said.append,
            report=self.errors.append,
            link=self.said.append,
            save=lambda _title, _name, text: self.saved.append(text),
        )

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        self._loop.run_until_complete(work)

    def records(self) -> list[TxRecord]:
        return self._loop.run_until_complete(self.desk.funds.transactions())

    @property
    def dialog(self) -> Any:
        shown = [d for d in self.over.findChildren(Overlay) if d.isVisible()]
        assert len(shown) <= 1, "dialogs are nested"
        return shown[0] if shown else None

    async def shown(self, kind: type) -> Any:
        await until(lambda: isinstance(self.dialog, kind))
        return self.dialog

    async def row(self, tx_id: int, status: str) -> Activity:
        """The row of a transaction, once it is so."""

        def found() -> list[Activity]:
            rows = self.flow.vm.rows or []
            return [r for r in rows if r.record and r.record.id == tx_id and r.status == status]

        await until(found)
        return found()[0]

    async def gone(self) -> None:
        await until(lambda: not self.flow.turns.busy)
        await until(lambda: not self.flow.vm.reading)

    async def ready(self) -> None:
        self.flow.vm.refresh()
        await until(lambda: self.flow.vm.account and not self.flow.vm.reading)

    async def fill(self, amount: str, to: str) -> SendDialog:
        dialog = await self.shown(SendDialog)
        for field, text in ((dialog._amount, amount), (dialog._to, to)):
            field.setText(text)
            field.textEdited.emit(text)
        return dialog

    async def review(self, amount: str, to: str) -> ReviewDialog:
        form = await self.fill(amount, to)
        form._go.click()
        dialog = await self.shown(ReviewDialog)
        await until(lambda: dialog._vm.state != "preparing")
        return dialog


def words(widget: QWidget) -> str:
    return "\n".join(each.text() for each in widget.findChildren(QLabel) if each.isVisible())
