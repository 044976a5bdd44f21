"""/v1/chats: the chats that the app keeps, in the shapes of the original router."""

from typing import Any

from aiohttp import web

from router.api.call import Call, Parameter, Route
from router.api.history import chat_id_from
from router.errors import NotFound
from router.store.chats import ChatStore
from router.store.records import Chat, Message

_ID = (Parameter("id", "path", "0x and 64 hex digits."),)


class Chats:
    """Lists, shows, renames and deletes chats. Temporary chats are in no list."""

    def __init__(self, chats: ChatStore) -> None:
        self._chats = chats

    @property
    def routes(self) -> tuple[Route, ...]:
        """The addresses of this group."""
        return (
            Route(
                "GET",
                "/v1/chats",
                self.list,
                "List the chats.",
                "Chats",
                scope="chats",
                answer="ChatList",
            ),
            Route(
                "GET",
                "/v1/chats/{id}",
                self.one,
                "Show one chat: the branch in view.",
                "Chats",
                scope="chats",
                answer="ChatHistory",
                refusals=(400, 404),
                parameters=_ID,
            ),
            Route(
                "POST",
                "/v1/chats/{id}",
                self.rename,
                "Rename a chat.",
                "Chats",
                scope="chats",
                body="ChatTitle",
                answer="Done",
                refusals=(400, 404, 408, 413, 415),
                parameters=_ID,
            ),
            Route(
                "DELETE",
                "/v1/chats/{id}",
                self.delete,
                "Delete a chat for good.",
                "Chats",
                scope="chats",
                answer="Done",
                refusals=(400, 404),
                parameters=_ID,
            ),
        )

    async def list(self, call: Call) -> web.Response:
        """Serve the list."""
        return call.answer([_summary(chat) for chat in await self._chats.list()])

    async def one(self, call: Call) -> web.Response:
        """Serve one chat."""
        chat = await self._chat(call)
        messages = await self._chats.messages(chat.id)
        return call.answer(
            {
                "title": chat.title,
                "modelId": chat.model,
                "isLocal": chat.origin == "local",
                "messages": exchanges(messages),
            }
        )

    async def rename(self, call: Call) -> web.Response:
        """Rename one chat."""
        title = (await call.fields()).needed_text("title")
        await self._chats.rename((await self._chat(call)).id, title)
        return call.answer({"result": True})

    async def delete(self, call: Call) -> web.Response:
        """Delete one chat; nobody is there to undo it, so nothing of it is kept."""
        chat = await self._chat(call)
        await self._chats.delete(chat.id)
        await self._chats.purge(chat.id)
        return call.answer({"result": True})

    async def _chat(self, call: Call) -> Chat:
        chat = await self._chats.get(chat_id_from(call.request.match_info["id"], "id"))
        if chat.deleted_at is not None:
            raise NotFound("This chat was deleted.")
        return chat


def exchanges(messages: tuple[Message, ...]) -> "list[dict[str, Any]]":
    """Questions with their answers, as the original keeps them."""
    found: list[dict[str, Any]] = []
    for message in messages:
        if message.role == "user" or not found or found[-1]["responseAt"]:
            found.append(_exchange(message))
        if message.role == "assistant":
            found[-1]["response"] = message.content
            found[-1]["responseAt"] = int(message.created_at)
            found[-1]["prompt"]["model"] = message.model
    return found


def _exchange(message: Message) -> dict[str, Any]:
    asked = [{"role": "user", "content": message.content}] if message.role == "user" else []
    return {
        "prompt": {"model": "", "messages": asked},
        "response": "",
        "promptAt": int(message.created_at),
        "responseAt": 0,
        "isImageContent": False,  # answers are text
        "isVideoRawContent": False,
        "isAudioContent": False,
    }


def _summary(chat: Chat) -> dict[str, Any]:
    return {
        "chatId": chat.id,
        "modelId": chat.model,
        "title": chat.title,
        "isLocal": chat.origin == "local",
        "createdAt": int(chat.created_at),
    }
