"""Settings: what is taken, what is refused and why, keys, backups."""

import pytest

from morpheus_desktop.viewmodels.settings import SettingsViewModel
from router.config import Settings
from router.errors import StorageError
from tests.support.waiting import emitted


def test_a_value_is_taken_saved_and_told(settings_vm, below, qtbot):
    with qtbot.waitSignal(settings_vm.changed):
        settings_vm.change({"api.port": 9000})
    assert settings_vm.config.api.port == 9000
    assert Settings(below.paths.settings).current.api.port == 9000


def test_a_wrong_value_changes_nothing_and_says_why(settings_vm, below, qtbot):
    with qtbot.assertNotEmitted(settings_vm.changed):
        settings_vm.change({"inference.context_tokens": 17})
    assert below.refused == [
        (
            "inference.context_tokens",
            "The setting inference.context_tokens must be 0 or at least 256.",
        )
    ]
    assert settings_vm.config.inference.context_tokens == 0


def test_the_value_in_force_is_not_saved_again(settings_vm, below, qtbot):
    with qtbot.assertNotEmitted(settings_vm.changed):
        settings_vm.change({"api.port": settings_vm.config.api.port})
    assert not below.paths.settings.exists()


def test_a_full_disk_is_told_and_the_old_value_stays(settings_vm, below, monkeypatch):
    below.paths.settings.mkdir()
    settings_vm.change({"api.port": 9000})
    name, message = below.refused[0]
    assert name == "api.port"
    assert "could not be saved" in message
    assert settings_vm.config.api.port == 8082


def test_a_wrong_file_at_the_start_is_kept_and_told(below):
    below.paths.settings.write_text("[api]\nport = 'many'\n", encoding="utf-8")
    settings = Settings(below.paths.settings)
    problem = SettingsViewModel(
        settings, below.paths, below.chats, below.keys, below.api.part, lambda: None
    ).problem
    assert "api.port" in problem.message
    assert "default settings" in problem.safe
    kept = next(below.paths.data.glob("settings.bad-*.toml"))
    assert "many" in kept.read_text(encoding="utf-8")
    assert kept.name in problem.safe


def test_the_interface_as_it_is(settings_vm, below, qtbot):
    assert (settings_vm.address, settings_vm.taken_port, settings_vm.warnings) == ("", 0, ())
    with qtbot.waitSignal(settings_vm.api_changed):
        below.show_api(
            url="http://127.0.0.1:8083", port=8083, moved_from=8082, warnings=("Beware. Really.",)
        )
    assert settings_vm.address == "http://127.0.0.1:8083/v1"
    assert settings_vm.taken_port == 8082
    assert settings_vm.warnings == ("Beware. Really.",)


def test_before_its_first_start_there_is_no_interface(below):
    vm = SettingsViewModel(
        below.settings, below.paths, below.chats, below.keys, below.api.part, lambda: None
    )
    assert (vm.address, vm.taken_port, vm.warnings, vm.own_key) == ("", 0, (), "")


def test_the_key_of_the_installation(settings_vm, below):
    below.paths.cookie.write_text("admin:abc:def\n", encoding="utf-8")
    assert settings_vm.own_key == "abc:def"


def test_a_key_is_made_shown_once_and_revoked(settings_vm, below, qloop):
    (text,) = emitted(
        qloop, settings_vm.key_made, lambda: settings_vm.make_key("Editor", ("chat", "models"))
    )
    key = settings_vm.keys[0]
    assert (key.name, key.scopes) == ("Editor", ("models", "chat"))
    assert below.keys.match(text) == key
    emitted(qloop, settings_vm.keys_changed, lambda: settings_vm.revoke_key(key))
    assert settings_vm.keys == ()


@pytest.mark.parametrize(
    ("name", "scopes", "wrong"), [("", ("chat",), "name"), ("Editor", (), "scopes")]
)
def test_a_key_that_makes_no_sense_is_refused(settings_vm, below, qloop, name, scopes, wrong):
    refused = emitted(qloop, settings_vm.refused, lambda: settings_vm.make_key(name, scopes))
    assert refused[0] == wrong
    assert settings_vm.keys == ()


def test_a_backup_brings_the_chats_back_and_tells_everybody(settings_vm, below, qloop):
    chat = qloop.run_until_complete(below.chats.create())
    (backup,) = emitted(qloop, settings_vm.backed_up, settings_vm.back_up)
    assert settings_vm.backups() == [backup]
    qloop.run_until_complete(below.chats.purge(chat.id))
    told = []
    unsubscribe = below.chats.changed.subscribe(told.append)
    emitted(qloop, settings_vm.restored, lambda: settings_vm.restore(backup))
    unsubscribe()
    assert [each.id for each in qloop.run_until_complete(below.chats.list())] == [chat.id]
    assert [event.what for event in told] == ["all"]
    assert len(settings_vm.backups()) == 2


def test_what_is_no_backup_is_refused_and_nothing_is_lost(settings_vm, below, qloop):
    chat = qloop.run_until_complete(below.chats.create())
    below.paths.backups.mkdir(exist_ok=True)
    wrong = below.paths.backups / "wrong.db"
    wrong.write_bytes(b"no database")
    (error,) = emitted(qloop, settings_vm.failed, lambda: settings_vm.restore(wrong))
    assert isinstance(error, StorageError)
    assert [each.id for each in qloop.run_until_complete(below.chats.list())] == [chat.id]


def test_the_data_folder_is_measured(settings_vm, below, qloop):
    (before,) = emitted(qloop, settings_vm.measured, settings_vm.measure)
    (below.paths.models / "some.gguf").write_bytes(b"x" * 5000)
    (after,) = emitted(qloop, settings_vm.measured, settings_vm.measure)
    assert after - before == 5000


async def test_after_the_end_nothing_is_told(below, qapp):
    vm = SettingsViewModel(
        below.settings, below.paths, below.chats, below.keys, below.api.part, lambda: None
    )
    told = []
    vm.changed.connect(lambda: told.append(1))
    await vm.close()
    below.settings.change({"api.port": 9000})
    assert told == []
