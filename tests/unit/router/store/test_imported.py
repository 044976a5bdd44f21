"""router.store.imported: the same chat of another program gets the same id each time."""

from router.store.imported import CHAT_ID, id_from


def test_ids_are_stable_and_apart() -> None:
    ids = {id_from("chatgpt", "a"), id_from("chatgpt", "b"), id_from("original", "a")}
    assert len(ids) == 3
    assert all(CHAT_ID.fullmatch(found) for found in ids)
    assert id_from("chatgpt", "a") in ids
    assert CHAT_ID.fullmatch(id_from("chatgpt", "half a pair \ud83d"))
