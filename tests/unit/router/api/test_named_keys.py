"""router.api.named_keys: keys made over HTTP."""

from pathlib import Path

from tests.support.api_client import Api, running_api

PATH = "/auth/keys"


async def test_a_key_is_made_used_listed_and_revoked(api: Api) -> None:
    wish = {"name": "editor", "scopes": ["models"], "models": ["small-one"]}
    made = (await api.send("POST", PATH, wish)).json
    assert made["key"].startswith(f"mk-{made['id']}-")
    assert (await api.send("GET", "/v1/models", key=made["key"])).status == 200
    listed = await api.send("GET", PATH)
    assert listed.json == {
        "keys": [
            {
                "id": made["id"],
                "name": "editor",
                "scopes": ["models"],
                "models": ["small-one"],
                "created": made["created"],
            }
        ]
    }
    assert (await api.send("DELETE", f"{PATH}/{made['id']}")).json == {"result": True}
    assert (await api.send("GET", "/v1/models", key=made["key"])).status == 401
    answer = await api.send("DELETE", f"{PATH}/{made['id']}")
    assert (answer.status, answer.code) == (404, "not_found")


async def test_the_text_of_a_key_is_not_logged(tmp_path: Path) -> None:
    async with running_api(tmp_path, log_bodies=True) as api:
        made = (await api.send("POST", PATH, {"name": "a", "scopes": ["chat"]})).json
        assert made["key"] not in repr(api.server.request_log.records)


async def test_wrong_wishes_are_refused(api: Api) -> None:
    for wish in ({}, {"name": "a"}, {"name": "a", "scopes": ["fly"]}, {"scopes": ["chat"]}):
        answer = await api.send("POST", PATH, wish)
        assert answer.status == 400, wish
