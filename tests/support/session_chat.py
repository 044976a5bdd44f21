"""A chat through real sessions: opened on a chain, answered over sockets.

Everything is as in the app but the models and the providers, which do as they are told.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from router.backends.routing import RoutingBackend
from router.chat import Conversations
from router.consumer.records import SessionView
from router.consumer.sessions import Sessions
from router.store.chats import ChatStore
from router.store.db import Database
from router.store.records import Message
from router.tasks import Tasks
from tests.support.lying_provider import LyingProvider
from tests.support.scripted_backend import ScriptedBackend
from tests.support.sellers import Sellers
from tests.support.wallet_desk import WalletDesk, wallet_desk
from tests.support.world import PRICE

SECONDS = 3_600


class Chatting:
    """A chat over the money of a wallet desk."""

    def __init__(self, desk: WalletDesk, store: ChatStore, temporary: ChatStore) -> None:
        self.desk = desk
        self.store = store
        self.local = ScriptedBackend()
        self.sellers = Sellers(desk.world)
        self.conversations = Conversations(
            store,
            temporary,
            RoutingBackend(self.local, lambda: desk.funds.backend(self.local, lambda: "SmolLM2")),
            name_of=lambda model: desk.funds.model_name(model) or model,
        )

    @property
    def sessions(self) -> Sessions:
        return self.desk.funds.connection.sessions

    async def offer(self, name: str, price: int = PRICE) -> LyingProvider:
        return await self.sellers.offer(name, price)

    async def open(self, provider: LyingProvider) -> SessionView:
        rated = await self.sessions.rated(self.sellers.model_id)
        bid = next(r.bid for r in rated if r.bid.provider == provider.account.address)
        opening = await self.sessions.open(await self.sessions.quote(bid.id, SECONDS))
        opening = await self.sessions.opening_done(opening.id)
        assert opening.step == "done", opening.error
        await self.sessions.refresh()
        return self.sessions.view(opening.session_id)

    async def ask(self, text: str, chat_id: str = "") -> Message:
        chat_id = chat_id or (await self.store.create(model=self.sellers.model_id)).id
        answer = await self.conversations.send(chat_id, text)
        await answer.ended()
        return answer.message

    async def staked(self) -> int:
        """MOR of the user that is in open sessions, asked of the chain."""
        account = await self.desk.world.market.account(self.desk.funds.address)
        return sum(session.stake for session in account.sessions if not session.closed_at)

    def allow(self, extra: str) -> None:
        self.desk.settings.change({"market.allow_private": True, "market.extra_stake_limit": extra})


@asynccontextmanager
async def chatting(folder: Path) -> AsyncIterator[Chatting]:
    database, memory = Database(None), Database(None)
    await database.open()
    await memory.open()
    tasks = Tasks()
    async with wallet_desk(folder) as desk:
        chat = Chatting(desk, ChatStore(database), ChatStore(memory))
        chat.allow("0")
        await chat.sessions.start(watching=False)
        tasks.spawn("follow", desk.funds.connection.follower.run())
        try:
            yield chat
        finally:
            await chat.conversations.close()
            await tasks.close()
            await chat.sellers.close()
            await memory.close()
            await database.close()
