"""The HTTP interface over a wallet on a chain of the test's own, and providers on real sockets."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp

from router.consumer.sessions import Sessions
from router.tasks import Tasks
from tests.support.api_client import Answer, Api, running_api
from tests.support.sellers import Sellers
from tests.support.wallet_desk import WalletDesk, wallet_desk

HOUR = 3_600
QUESTION = {"messages": [{"role": "user", "content": "Good morning"}]}


@dataclass
class SessionNode:
    """A node, the chain it is connected to, and who sells there."""

    desk: WalletDesk
    api: Api
    sellers: Sellers

    @property
    def sessions(self) -> Sessions:
        return self.desk.funds.connection.sessions

    async def get(self, path: str, **headers: str) -> Any:
        answer = await self.api.send("GET", path, **headers)
        assert answer.status == 200, answer.json
        return answer.json

    async def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        return await self.api.send("POST", path, {} if body is None else body, **headers)

    async def open(self, seconds: Any = HOUR, **headers: str) -> str:
        """Open a session of the one model over HTTP; its id."""
        path = f"/blockchain/models/{self.sellers.model_id}/session"
        answer = await self.post(path, {"sessionDuration": seconds}, **headers)
        assert answer.status == 200, answer.json
        session_id: str = answer.json["sessionID"]
        return session_id

    async def send_form(self, path: str, form: aiohttp.FormData) -> Answer:
        """Send a form with the key of the installation."""
        headers = {"Authorization": f"Bearer {self.api.key}"}
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(60)) as client,
            client.post(self.api.server.state.url + path, data=form, headers=headers) as answer,
        ):
            return Answer(answer.status, answer.headers, await answer.read())

    async def ask(self, body: Any = None, **headers: str) -> Answer:
        return await self.post("/v1/chat/completions", QUESTION | (body or {}), **headers)

    async def on_chain(self) -> tuple[Any, ...]:
        """The sessions of the user, asked of the chain past the app."""
        account = await self.desk.world.market.account(self.desk.funds.address)
        return account.sessions

    async def settle(self) -> None:
        """See that what was sent is in a block."""
        await self.desk.settle()
        await self.sessions.refresh()


@asynccontextmanager
async def session_node(folder: Path) -> AsyncIterator[SessionNode]:
    """A node until the block is left; nobody sells anything yet."""
    tasks = Tasks()
    async with wallet_desk(folder) as desk:
        desk.settings.change({"market.allow_private": True})
        connection = desk.funds.connection
        await connection.sessions.start(watching=False)
        tasks.spawn("follow", connection.follower.run())
        money: Any = SimpleNamespace(
            needed_funds=lambda: desk.funds,
            needed_wallet=lambda: desk.wallet,
            node_keys=desk.money.node_keys,
        )
        sellers = Sellers(desk.world)
        try:
            async with running_api(folder / "api", money=money) as api:
                yield SessionNode(desk, api, sellers)
        finally:
            await tasks.close()
            await sellers.close()
