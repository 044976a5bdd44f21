"""Asks the loaded model how full its context is."""

import contextlib
from collections.abc import Sequence

from morpheus_desktop.viewmodels.chat_page import ChatPage, Meter, texts_of
from router.backends.base import Turn
from router.errors import MorpheusError
from router.inference.host import InferenceHost
from router.inference.library import LocalModel
from router.prompts import turns_of
from router.store.chats import ChatStore
from router.store.records import Message


async def measured(
    host: InferenceHost,
    model: LocalModel | None,
    page: ChatPage,
    messages: Sequence[Message],
    store: ChatStore,
) -> Meter | None:
    """How many tokens there are, with what is typed; a model is not loaded just for that.

    None when nobody can say: nobody asked the model anything.
    """
    state = host.state
    if model is None or state.phase != "ready" or state.model is None:
        return None
    prompt = page.chat.system_prompt if page.chat is not None else page.system_prompt
    with contextlib.suppress(MorpheusError):
        files = await texts_of(messages, store)
        turns = (*turns_of(prompt, messages, files), Turn("user", page.question))
        return Meter(await host.count_tokens(model.id, turns), state.context_tokens)
    return None
