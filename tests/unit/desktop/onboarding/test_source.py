"""What a wallet is imported from."""

import pytest
from PySide6.QtCore import Qt

from tests.support.money_desk import FIRST, PHRASE


@pytest.fixture
def step(way):
    way.vm.begin("import")
    return way.pane.step("source")


def test_a_wrong_word_is_named(way, step):
    step._phrase.setPlainText("abandon abandom abandon ")
    assert step._phrase_field.problem == "Word 2 is not in the word list. “abandom”"
    assert not way.pane._next.isEnabled()


def test_a_wrong_checksum_keeps_from_going_on(way, step):
    step._phrase.setPlainText("abandon " * 12)
    assert "do not belong together" in step._phrase_field.problem
    assert not way.pane._next.isEnabled()
    step._phrase.setPlainText(PHRASE)
    assert step._phrase_field.problem == ""
    assert step._found.text() == "12 words, the checksum is right"
    assert way.pane._next.isEnabled()


def test_a_phrase_of_another_language(way, step):
    japanese = "そつう れきだい ほんやく わかす りくつ ばいか ろせん やちん そつう れきだい ほんやく わかめ"
    step._phrase.setPlainText(japanese)
    assert step._phrase_field.problem == ""


def test_a_huge_paste_is_refused_with_a_reason(step, qapp):
    qapp.clipboard().setText("abandon " * 6_000_000)
    step._phrase.paste()
    assert step._phrase.toPlainText() == ""
    assert "at most 2,000" in step._phrase_field.problem
    step._phrase.setPlainText(PHRASE)
    assert step._phrase_field.problem == ""


def test_half_a_phrase_is_not_complained_about(step):
    step._phrase.setPlainText("abandon aban")
    assert step._phrase_field.problem == ""


def test_the_phrase_cannot_be_undone_and_is_wiped(way, step, qtbot):
    qtbot.keyClicks(step._phrase, "abandon about")
    assert not step._phrase.document().isUndoAvailable()
    step._with_more.setChecked(True)
    qtbot.keyClicks(step._passphrase.line, "more")
    assert way.vm.draft.passphrase == "more"
    way.vm.forget()
    assert step._phrase.toPlainText() == ""
    assert step._passphrase.text == ""


def test_each_source_keeps_what_was_typed(way, step, qtbot):
    step._phrase.setPlainText(PHRASE)
    step._sources.chosen.emit("key")
    qtbot.keyClicks(step._key.line, "12")
    qtbot.keyClick(step._key.line, Qt.Key.Key_Return)
    assert way.vm.step == "source"
    assert "64 hexadecimal digits" in step._key.field.problem
    step._sources.chosen.emit("watch")
    step._address.setText(FIRST[:-1] + "5")
    assert "checksum" in step._address_field.problem
    assert way.pane._next.text() == "Watch this address"
    step._sources.chosen.emit("phrase")
    assert step._phrase.toPlainText() == PHRASE
    assert step._key.text == "12"


def test_a_key_file_is_read(way, step, tmp_path):
    step._sources.chosen.emit("file")
    file = tmp_path / "key.json"
    file.write_bytes(b"{}")
    way.run(lambda: step.take_file(str(file)), lambda: way.vm.draft.file)
    assert (way.vm.draft.file, step._file_name.text()) == (b"{}", "key.json")
    way.run(lambda: step.take_file(str(tmp_path / "gone.json")), step._file_problem.text)
    assert step._file_problem.text() == "gone.json cannot be read: No such file or directory."
    assert way.vm.draft.file == b"{}"
