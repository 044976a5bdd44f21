"""What all steps have."""

from router.errors import StorageError


def test_an_error_is_explained_on_the_step_and_goes_with_the_next_key(way):
    step = way.pane.step("password")
    way.vm._show(StorageError("wallet.json could not be written to /x: No space left."))
    assert step._note.isVisible()
    assert "could not be written to /x" in step._note.accessibleName()
    step._password.line.setText("a")
    assert not step._note.isVisible()
