"""The running parts of a node, by name, for its two faces: the window and the HTTP interface."""

from dataclasses import dataclass

from router.api.keys import ApiKeys
from router.chat import Conversations
from router.config import Settings
from router.inference.download import Downloads
from router.inference.host import InferenceHost
from router.inference.library import ModelLibrary
from router.log import LogBook
from router.paths import Paths
from router.store.chats import ChatStore
from router.store.db import Database


@dataclass(frozen=True)
class Services:
    """What a face may use. Everything below the faces is given only the parts it needs."""

    paths: Paths
    settings: Settings
    log: LogBook
    database: Database
    chats: ChatStore
    temporary: ChatStore
    library: ModelLibrary
    host: InferenceHost
    downloads: Downloads
    conversations: Conversations
    keys: ApiKeys
