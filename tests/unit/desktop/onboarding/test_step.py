"""What all steps have."""

from PySide6.QtCore import Qt

from router.errors import StorageError
from tests.support.money_desk import PHRASE


def test_an_error_is_explained_on_the_step_and_goes_with_the_next_key(way):
    step = way.pane.step("password")
    way.vm._show(StorageError("wallet.json could not be written to /x: No space left."))
    assert step._note.isVisible()
    assert "could not be written to /x" in step._note.accessibleName()
    step._password.line.setText("a")
    assert not step._note.isVisible()


def test_enter_goes_on_as_the_button_does_or_says_why_not(way, qtbot):
    way.vm.begin("import")
    step = way.pane.step("source")
    step._with_more.setChecked(True)
    qtbot.keyClick(step._passphrase.line, Qt.Key.Key_Return)
    assert way.vm.step == "source"
    assert step._phrase_field.problem
    way.vm.set(phrase=PHRASE)
    way.run(lambda: qtbot.keyClick(step._passphrase.line, Qt.Key.Key_Return))
    assert way.vm.step == "accounts"
