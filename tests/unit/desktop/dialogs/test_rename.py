"""A title is asked for and cannot be empty."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QWidget

from morpheus_desktop.dialogs.rename import LONGEST, RenameDialog


def test_a_title(qtbot, theme):
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(900, 600)
    window.show()
    dialog = RenameDialog(
        theme, window, title="Rename this chat", field="Title", value="Old", action="Rename"
    )
    dialog.open()
    field = dialog.first_focus()
    assert field.accessibleName() == "Title"
    qtbot.keyClicks(field, " ")  # all of it was selected
    assert dialog.text == ""
    assert dialog._go.toolTip() == "Type something first"
    with qtbot.assertNotEmitted(dialog.finished):
        qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.keyClicks(field, "New " + "x" * 200)
    assert len(dialog.text) <= LONGEST
    with qtbot.waitSignal(dialog.finished) as told:
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert told.args == [int(QDialog.DialogCode.Accepted)]
    assert dialog.text.startswith("New xxx")
