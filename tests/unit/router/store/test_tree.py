"""router.store.tree: messages, their branches and their versions inside one transaction."""

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.errors import NotFound
from router.store import tree
from router.store.attachments import attachment_of
from router.store.records import NewMessage
from router.store.schema import MIGRATIONS, apply
from router.store.sqlite import connect

NOW = 1_790_000_000.0


@contextlib.contextmanager
def opened() -> Iterator[sqlite3.Connection]:
    with contextlib.closing(connect(None)) as connection:
        apply(connection, MIGRATIONS)
        for number in (1, 2):
            connection.execute(
                """INSERT INTO chat (id, title, named, pinned, model, origin, system_prompt,
                                     sampling, created_at, updated_at)
                   VALUES (?, '', 0, 0, '', 'local', '', '{}', 0, 0)""",
                (f"0x{number}",),
            )
        yield connection


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    with opened() as connection:
        yield connection


def add(connection: sqlite3.Connection, parent: int | None, *texts: str) -> list[int]:
    return tree.insert(connection, "0x1", parent, [NewMessage("user", text) for text in texts], NOW)


def test_ids_are_times_and_only_grow(connection: sqlite3.Connection) -> None:
    first, second = add(connection, None, "a", "b")
    assert first >> 12 == int((NOW - 1_577_836_800) * 1_000)
    assert second == first + 1 or second >> 12 == first >> 12
    (later,) = tree.insert(connection, "0x1", None, [NewMessage("user")], 0.0)
    assert later == second + 1  # a clock that was set back
    assert first < 2**53
    assert tree.next_id(connection, 3.7e9) < 2**53  # the year 2087


def test_paths_branches_and_versions(connection: sqlite3.Connection) -> None:
    root, left, leaf = add(connection, None, "root", "left", "leaf")
    right, end = add(connection, root, "right", "end")
    assert [m.content for m in tree.path_to(connection, leaf)] == ["root", "left", "leaf"]
    assert [m.content for m in tree.path_to(connection, end)] == ["root", "right", "end"]
    assert tree.path_to(connection, None) == tree.path_to(connection, 12345) == ()
    assert tree.find_message(connection, left).versions == (left, right)
    assert tree.path_to(connection, end)[1].versions == (left, right)
    assert tree.newest_below(connection, root) == end
    assert tree.newest_below(connection, left) == leaf
    everything = tree.all_messages(connection, "0x1")
    assert [m.id for m in everything] == [root, left, leaf, right, end]
    assert everything[3] == tree.find_message(connection, right)


@given(st.lists(st.integers(0, 30), max_size=30))
def test_any_tree_is_read_as_it_was_written(parents: list[int]) -> None:
    """Each number chooses the parent among the messages before it; 0 is a new beginning."""
    with opened() as connection:
        ids: list[int] = []
        above: dict[int, int | None] = {}
        for choice in parents:
            parent = ids[choice % len(ids)] if ids and choice else None
            (key,) = add(connection, parent, "x")
            ids.append(key)
            above[key] = parent
        for key in ids:
            path = [m.id for m in tree.path_to(connection, key)]
            assert path[-1] == key
            assert [above[k] for k in path] == [None, *path[:-1]]
            siblings = tuple(k for k in ids if above[k] == above[key])
            assert tree.find_message(connection, key).versions == siblings


def test_attachments_keep_their_ids_when_they_can(connection: sqlite3.Connection) -> None:
    file = attachment_of("a.txt", b"content")
    (key,) = tree.insert(connection, "0x1", None, [NewMessage("user", attachments=(file,))], NOW)
    (saved,) = tree.find_message(connection, key).attachments
    assert (saved.data, saved.size, saved.id > 0) == (None, 7, True)
    assert tree.attachments_of(connection, "0x1") == {key: (saved,)}
    assert tree.file_data(connection, saved.id) == b"content"
    for wanted, same in ((77, True), (77, False), (0, False)):
        copy = NewMessage("user", attachments=(replace(file, id=wanted),))
        (key,) = tree.insert(connection, "0x1", None, [copy], NOW)
        assert (tree.find_message(connection, key).attachments[0].id == wanted) is same


def test_what_is_not_there(connection: sqlite3.Connection) -> None:
    for find in (tree.find_message, tree.file_data):
        with pytest.raises(NotFound):
            find(connection, 5)
    with pytest.raises(NotFound, match="chat does not exist"):
        tree.find_chat(connection, "0x9")


def test_damaged_values_do_not_hide_a_message(connection: sqlite3.Connection) -> None:
    (key,) = add(connection, None, "kept")
    connection.execute("UPDATE message SET stats = 'not JSON'")
    connection.execute("UPDATE chat SET sampling = '{'")
    message = tree.find_message(connection, key)
    assert (message.content, message.stats) == ("kept", None)
    assert tree.find_chat(connection, "0x1").sampling.top_k is None
