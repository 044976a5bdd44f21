"""The wallet page with all that its buttons lead to: one dialog after the other, never nested."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from morpheus_desktop.amounts import Amounts
from morpheus_desktop.commands import Command, Commands
from morpheus_desktop.dialogs.address_book import AddressBookDialog
from morpheus_desktop.dialogs.permissions import PermissionsDialog
from morpheus_desktop.dialogs.receive import ReceiveDialog
from morpheus_desktop.dialogs.rename import RenameDialog
from morpheus_desktop.dialogs.review import ReviewDialog
from morpheus_desktop.dialogs.send import SendDialog
from morpheus_desktop.dialogs.unlock import UnlockDialog
from morpheus_desktop.theme import Theme
from morpheus_desktop.turns import Turns
from morpheus_desktop.ui_tasks import show
from morpheus_desktop.viewmodels.activity import as_csv, decoded_of
from morpheus_desktop.viewmodels.recipient import Recipient
from morpheus_desktop.viewmodels.review import ReviewViewModel, Wish
from morpheus_desktop.viewmodels.send import Draft, SendViewModel
from morpheus_desktop.viewmodels.wallet import WalletViewModel
from morpheus_desktop.wallet.body import WalletBody
from morpheus_desktop.widgets.qr import qr_image
from router.errors import StorageError
from router.money import Money
from router.units import exact

Say = Callable[[str], None]
SaveText = Callable[[str, str, str], None]
WHY_UNLOCK = "Nothing was signed yet. What you looked at is sent as soon as the wallet is unlocked."
PICTURE_SCALE = 12


class WalletFlow:
    """Owns the view-model and the page; `close` at the end.

    Args:
        over: the window; dialogs lie over it.
        say: shows a toast. report: shows an error. link: opens an address in the browser.
        save: asks where to save a text: title, name of the file, text.
    """

    def __init__(
        self,
        money: Money,
        theme: Theme,
        amounts: Amounts,
        over: QWidget,
        *,
        say: Say,
        report: Callable[[Exception], None],
        link: Callable[[str], None],
        save: SaveText,
    ) -> None:
        self.vm = WalletViewModel(money)
        self.body = WalletBody(self.vm, theme, amounts)
        self._theme, self._amounts, self._over = theme, amounts, over
        self._say = say
        self._save = save
        self._draft = Draft()
        self.turns = Turns(over, report)
        self.vm.failed.connect(report)
        body = self.body
        body.link_asked.connect(link)
        body.export_asked.connect(self._export)
        body.send_asked.connect(self.send)
        body.receive_asked.connect(self.receive)
        body.claim_asked.connect(self.claim)
        body.permissions_asked.connect(self.permissions)
        body.names_asked.connect(self.names)
        body.speed_up_asked.connect(self._speed_up)
        body.cancel_asked.connect(self._cancel)
        body.again_asked.connect(self._again)
        body.send_now_asked.connect(self.vm.send_unsent)
        body.drop_asked.connect(self.vm.drop_unsent)
        body.name_asked.connect(self._name)

    async def close(self) -> None:
        """End what runs."""
        await self.turns.close()
        await self.vm.close()

    def add_commands(self, commands: Commands) -> None:
        """Let the palette do what the page does; what moves money leads to its review."""
        commands.add(
            Command("wallet.send", "Send MOR or ETH", self.send, icon="arrow-up-right"),
            Command("wallet.receive", "Receive", self.receive, icon="arrow-down-left"),
            Command("wallet.names", "Address book", self.names, icon="book-user"),
            Command(
                "wallet.permissions", "Permissions", self.permissions, icon="shield-check",
                keywords=("allowance", "revoke", "approval"),
            ),
        )  # fmt: skip

    # What the page and the palette ask for. While a dialog is open nothing else is started.

    def send(self) -> None:
        """Fill in, review, send."""
        if reason := self.vm.cannot_sign:
            self._say(reason)
            return
        self.turns.start(self._send)

    def receive(self) -> None:
        """Show the address."""
        self.turns.start(self._receive)

    def claim(self) -> None:
        """Take back what is no longer on hold."""
        funds = self.vm.funds
        wish = Wish(
            "Claim returned stake",
            "Claim {amount}",
            "The claim is on its way",
            funds.prepare_claim,
            recipient=self._whom(funds.connection.network.diamond),
        )
        self.turns.start(lambda: self._review(wish))

    def permissions(self) -> None:
        """Show who may take MOR."""
        self.turns.start(self._permissions)

    def end_permission(self) -> None:
        """Take back what the marketplace may take."""
        network = self.vm.network
        if network is not None:
            self.turns.start(lambda: self._review(self._ending(network.diamond)))

    def names(self) -> None:
        """Show the address book."""
        self.turns.start(self._names)

    def _speed_up(self, tx_id: int) -> None:
        self.turns.start(lambda: self._review_faster(tx_id))

    async def _review_faster(self, tx_id: int) -> None:
        connection = self.vm.funds.connection
        record = await connection.journal.get(tx_id)
        decoded = decoded_of(record, connection.network)
        whom = decoded.effects[0].counterparty if decoded is not None else record.to
        wish = Wish(
            "Speed up",
            "Pay the higher fee",
            "Sent again with a higher fee",
            lambda: connection.transactions.prepare_speed_up(tx_id),
            speeds=False,
            recipient=self._whom(whom),
        )
        await self._review(wish)

    def _cancel(self, tx_id: int) -> None:
        wish = Wish(
            "Cancel the transaction",
            "Send the cancellation",
            "The cancellation is on its way",
            lambda: self.vm.funds.connection.transactions.prepare_cancel(tx_id),
            speeds=False,
        )
        self.turns.start(lambda: self._review(wish))

    def _again(self, tx_id: int) -> None:
        """Fill the form with what failed; it is reviewed like any other payment."""
        row = next((r for r in self.vm.rows or () if r.record and r.record.id == tx_id), None)
        network = self.vm.network
        if row is None or row.record is None or network is None:
            return
        decoded = decoded_of(row.record, network)
        if decoded is not None:
            effect = decoded.effects[0]
            self._draft = Draft(
                effect.token, exact(effect.amount), effect.counterparty, row.record.label
            )
            self.send()

    def _whom(self, address: str) -> Recipient:
        """An address that nobody typed."""
        network = self.vm.network
        is_contract = network is not None and address in (network.diamond, network.token)
        return Recipient(address, self.vm.name_of(address), is_contract=is_contract)

    def _name(self, address: str) -> None:
        self.turns.start(lambda: self._ask_name(address))

    def _export(self) -> None:
        self._save("Export activity", "morpheus-activity.csv", as_csv(self.vm.fitting))

    # One after the other

    async def _send(self) -> None:
        """Form and review in turns until it is sent or left; the draft stays when it is left."""
        while (wish := await self._fill_in()) is not None:
            dialog = await self._review(wish, back=True)
            if dialog.use_instead:
                self._draft = replace(self._draft, to=dialog.use_instead)
            if not dialog.went_back:
                break

    async def _fill_in(self) -> Wish | None:
        form = SendViewModel(self.vm, self._draft)
        wishes: list[Wish] = []
        form.ready.connect(wishes.append)
        try:
            await show(SendDialog(self._theme, self._over, form, self._amounts))
        finally:
            self._draft = form.draft
            await form.close()
        return wishes[0] if wishes else None

    async def _review(self, wish: Wish, *, back: bool = False) -> ReviewDialog:
        """Show it until it is sent or left; a locked wallet is unlocked in between."""
        vm = ReviewViewModel(self.vm, wish, QGuiApplication.clipboard().text)
        vm.start()
        try:
            while True:
                dialog = ReviewDialog(
                    self._theme, self._over, vm, self.vm, self._amounts, back=back
                )
                if not await show(dialog):
                    return dialog
                if vm.outcome == "locked" and await self._unlock():
                    await vm.sign()
                if vm.outcome == "sent":
                    self._sent(vm)
                    return dialog
        finally:
            await vm.close()

    def _sent(self, vm: ReviewViewModel) -> None:
        self._draft = Draft()
        self._say(vm.wish.done)
        self.vm.refresh()

    async def _unlock(self) -> bool:
        return await show(UnlockDialog(self._theme, self._over, self.vm.wallet, why=WHY_UNLOCK))

    async def _receive(self) -> None:
        network = self.vm.network
        if network is None:
            self._say("No network is connected.")
            return
        dialog = ReceiveDialog(self._theme, self._over, self.vm.state.address, network)
        dialog.save_asked.connect(self._save_code)
        await show(dialog)

    def _save_code(self) -> None:
        dialog = QFileDialog(self._over, "Save the code", "morpheus-address.png", "PNG (*.png)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("png")
        dialog.fileSelected.connect(self._write_code)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _write_code(self, name: str) -> None:
        if qr_image(self.vm.state.address, PICTURE_SCALE).save(name):
            self._say(f"Saved as {Path(name).name}")
        else:
            self.vm.failed.emit(
                StorageError(
                    f"{Path(name).name} could not be written.",
                    hint="Choose another folder, or free some space.",
                )
            )

    async def _permissions(self) -> None:
        """The list, and the review of an end, in turns."""
        while True:
            self.vm.refresh()
            asked: list[str] = []
            dialog = PermissionsDialog(self._theme, self._over, self.vm, self._amounts)
            dialog.end_asked.connect(asked.append)
            dialog.end_asked.connect(dialog.accept)
            await show(dialog)
            if not asked:
                return
            await self._review(self._ending(asked[0]))

    def _ending(self, spender: str) -> Wish:
        return Wish(
            "End a permission",
            "Remove the permission",
            "The permission ends when this is confirmed",
            lambda: self.vm.funds.prepare_approve(0, spender),
            recipient=replace(self._whom(spender), is_contract=True),
        )

    async def _names(self) -> None:
        """The list, and renaming, in turns."""
        while True:
            asked: list[str] = []
            dialog = AddressBookDialog(self._theme, self._over, self.vm.funds.book)
            dialog.rename_asked.connect(asked.append)
            dialog.rename_asked.connect(dialog.accept)
            await show(dialog)
            if not asked:
                return
            await self._ask_name(asked[0])

    async def _ask_name(self, address: str) -> None:
        dialog = RenameDialog(
            self._theme,
            self._over,
            title="Name this address",
            field="Name",
            value=self.vm.funds.book.name_of(address),
            action="Save",
        )
        if await show(dialog):
            self.vm.funds.book.set(address, dialog.text)
