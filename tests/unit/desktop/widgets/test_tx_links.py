"""Links of a transaction."""

from PySide6.QtGui import QGuiApplication

from morpheus_desktop.widgets.tx_links import TxLinks

HASH = "0x" + "ab" * 32


def test_it_copies_the_hash_and_leads_to_the_explorer(theme, qtbot):
    links = TxLinks(theme)
    qtbot.addWidget(links)
    links.show_tx(HASH, "https://explorer.example/tx/{hash}")
    links._copy.click()
    assert QGuiApplication.clipboard().text() == HASH
    with qtbot.waitSignal(links.link_asked) as asked:
        links._explorer.click()
    assert asked.args == [f"https://explorer.example/tx/{HASH}"]
    assert links._explorer.toolTip() == "explorer.example"


def test_without_an_explorer_or_a_hash_there_is_no_link(theme, qtbot):
    links = TxLinks(theme)
    qtbot.addWidget(links)
    links.show_tx(HASH, "")
    assert (links._copy.isHidden(), links._explorer.isHidden()) == (False, True)
    links.show_tx("", "https://explorer.example/tx/{hash}")
    assert (links._copy.isHidden(), links._explorer.isHidden()) == (True, True)
