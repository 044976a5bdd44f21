"""/auth/keys: named keys, for programs that set up others and for the headless node."""

from typing import Any

from aiohttp import web

from router.api.call import Call, Parameter, Route
from router.api.keys import SCOPES, ApiKey, ApiKeys


class NamedKeys:
    """Lists, makes and revokes named keys."""

    def __init__(self, keys: ApiKeys) -> None:
        self._keys = keys

    @property
    def routes(self) -> tuple[Route, ...]:
        """The addresses of this group."""
        return (
            Route(
                "GET",
                "/auth/keys",
                self.list,
                "List the named keys, without their secrets.",
                "Keys",
                scope="admin",
                answer="KeyList",
            ),
            Route(
                "POST",
                "/auth/keys",
                self.create,
                "Make a named key. Its text is in this answer and nowhere else.",
                "Keys",
                scope="admin",
                body="KeyRequest",
                answer="NewKey",
                refusals=(400, 408, 413, 415),
            ),
            Route(
                "DELETE",
                "/auth/keys/{id}",
                self.revoke,
                "Revoke a named key at once; its streams are cut.",
                "Keys",
                scope="admin",
                answer="Done",
                refusals=(404,),
                parameters=(Parameter("id", "path", "Id of the key."),),
            ),
        )

    async def list(self, call: Call) -> web.Response:
        """Serve the list."""
        return call.answer({"keys": [_key(key) for key in self._keys.all]})

    async def create(self, call: Call) -> web.Response:
        """Make a key."""
        fields = await call.fields()
        key, text = await self._keys.create(
            fields.needed_text("name"),
            fields.texts("scopes", len(SCOPES)),
            fields.texts("models", 1000),
        )
        # Not through `call.answer`: the text of a key is not for the request log.
        return web.json_response({**_key(key), "key": text})

    async def revoke(self, call: Call) -> web.Response:
        """Revoke a key."""
        await self._keys.revoke(call.request.match_info["id"])
        return call.answer({"result": True})


def _key(key: ApiKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "scopes": list(key.scopes),
        "models": list(key.models),
        "created": key.created_at,
    }
