"""Named keys: made with scopes, shown once, revoked alone."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from morpheus_desktop.settings.keys import KeysCard
from morpheus_desktop.widgets.basic import ThemedButton
from tests.support.waiting import emitted


@pytest.fixture
def card(settings_vm, theme, qtbot):
    made = KeysCard(settings_vm, theme)
    qtbot.addWidget(made)
    made.show()
    return made


def make(card, vm, qloop, qtbot, name):
    def type_it() -> None:
        card._name.setText(name)
        qtbot.keyClick(card._name, Qt.Key.Key_Return)

    return emitted(qloop, vm.key_made, type_it)[0]


def test_a_key_has_the_scopes_that_are_ticked(card, settings_vm, qloop, qtbot):
    card._scopes["chats"].click()
    card._scopes["embeddings"].click()
    make(card, settings_vm, qloop, qtbot, "Editor")
    assert settings_vm.keys[0].scopes == ("models", "chat", "chats")


def test_it_is_shown_once_and_copied(card, settings_vm, qloop, qtbot):
    text = make(card, settings_vm, qloop, qtbot, "Editor")
    assert text in card._note.accessibleName()
    assert card._name.text() == ""
    copy = next(b for b in card.findChildren(ThemedButton) if b.text() == "Copy")
    copy.click()
    assert QGuiApplication.clipboard().text() == text
    assert text not in [row.words for row in card.rows]


def test_a_name_that_is_taken_is_refused_in_place(card, settings_vm, qloop, qtbot):
    make(card, settings_vm, qloop, qtbot, "Editor")

    def again() -> None:
        card._name.setText("Editor")
        card._make()

    emitted(qloop, settings_vm.refused, again)
    assert "already a key with this name" in card._form.said
    assert card._name.property("problem") == "true"
    make(card, settings_vm, qloop, qtbot, "Other")
    assert card._form.said == ""
    assert card._name.property("problem") == "false"


def test_keys_are_listed_inert_and_revoked_alone(card, settings_vm, qloop, qtbot):
    make(card, settings_vm, qloop, qtbot, "Edi\u202etor")
    make(card, settings_vm, qloop, qtbot, "Other")
    assert [row.words.split(" mk-")[0] for row in card.rows[1:]] == ["editor", "other"]
    revoke = next(
        b for b in card.findChildren(ThemedButton) if b.accessibleName() == "Revoke Editor"
    )
    emitted(qloop, settings_vm.keys_changed, revoke.click)
    assert [key.name for key in settings_vm.keys] == ["Other"]
    assert [row.words.split(" mk-")[0] for row in card.rows[1:]] == ["other"]


def test_without_a_scope_there_is_no_key(card, settings_vm, qloop):
    for box in card._scopes.values():
        box.setChecked(False)
    card._name.setText("Editor")
    emitted(qloop, settings_vm.refused, card._make)
    assert card._form.said.startswith("Choose from the scopes")
    assert settings_vm.keys == ()
