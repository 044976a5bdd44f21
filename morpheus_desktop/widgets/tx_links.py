"""What can be done with a transaction: copy its hash, look at it in an explorer."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.address import CopyButton
from morpheus_desktop.widgets.basic import button
from morpheus_desktop.widgets.tip import set_tip
from morpheus_desktop.widgets.wrap import Wrap


class TxLinks(QWidget):
    """Two links, and what is added to them.

    Signals:
        link_asked: address of a page about the transaction.
    """

    link_asked = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._link = ""
        self._copy = CopyButton(theme, "Copy hash")
        self._explorer = button(theme, "Open in explorer", "link")
        self._explorer.clicked.connect(lambda: self.link_asked.emit(self._link))
        self._wrap = Wrap(self, gap=12)
        for each in (self._copy, self._explorer):
            self._wrap.addWidget(each)

    def add(self, link: QWidget) -> None:
        """Put another one behind them."""
        self._wrap.addWidget(link)

    def show_tx(self, tx_hash: str, explorer: str) -> None:
        """Lead to this one.

        Args:
            explorer: address of a page with {hash} in it, or empty.
        """
        self._copy.set_text_to_copy(tx_hash)
        self._copy.setVisible(bool(tx_hash))
        self._link = explorer.format(hash=tx_hash) if explorer and tx_hash else ""
        self._explorer.setVisible(bool(self._link))
        set_tip(self._explorer, self._link.split("/")[2] if self._link else "")
