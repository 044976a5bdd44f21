"""Settings, network: which one is used, and which nodes are asked, in which order."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

from morpheus_desktop import format as fmt
from morpheus_desktop.ui_tasks import UiTasks
from morpheus_desktop.viewmodels.network_choice import NetworkChoice
from router.chain.nodes import Nodes, NodeState, Phase
from router.config import Settings, nodes_setting
from router.errors import BadRequest, MorpheusError
from router.money import Money
from router.networks import DEMO, Network
from router.node_urls import has_key, host_of, is_node_url, same_host

WORDS: dict[Phase, str] = {
    "unknown": "Not asked yet",
    "ready": "Ready",
    "limited": "Rate limited",
    "behind": "Behind",
    "unreachable": "Unreachable",
    "wrong chain": "Wrong chain",
    "no key": "Key missing",
}


@dataclass(frozen=True)
class Endpoint:
    """One node as it is shown; of its address only the host, because keys may be in the rest."""

    url: str
    host: str
    built_in: bool
    state: NodeState
    in_use: bool = False
    busy: bool = False

    @property
    def words(self) -> str:
        """How it is."""
        if self.busy:
            return "Testing"
        if self.in_use and self.state.phase == "ready":
            return "In use"
        if self.state.phase == "behind":
            return self.state.problem.capitalize()
        return WORDS[self.state.phase]

    @property
    def latency(self) -> str:
        """How long its last answer took."""
        return fmt.short_time(self.state.latency_s)

    def block(self, now: float) -> str:
        """Its newest block and how long ago it told of it."""
        if self.state.height is None:
            return fmt.UNKNOWN
        age = max(int(now - self.state.height_at), 0)
        ago = f"{age}\u00a0s ago" if age < 60 else f"{fmt.duration(age)} ago"
        return f"{fmt.count(self.state.height)}, {ago}"


class NetworkViewModel(NetworkChoice, QObject):
    """The network of the settings and its nodes.

    Signals:
        changed: network, order or state of nodes.
        added: a node was measured and added.
        refused: a MorpheusError: why a node was not added, or a setting not saved.
        failed: an exception that nobody expected.
    """

    changed = Signal()
    added = Signal()
    refused = Signal(object)
    failed = Signal(object)

    def __init__(
        self, money: Money, settings: Settings, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__()
        self.clock = clock
        self._money = money
        self._settings = settings
        self._keys = money.node_keys
        self._measured: dict[str, NodeState] = {}
        self._testing: set[str] = set()
        self._listening: Callable[[], None] | None = None
        self._tasks = UiTasks(self._went_wrong)
        self._unsubscribe: list[Callable[[], None]] = [
            settings.changed.subscribe(lambda _config: self._listen()),
            money.chain_part.changed.subscribe(lambda _state: self._listen()),
        ]
        self._listen()

    async def close(self) -> None:
        """Stop listening and end what runs."""
        if self._listening is not None:
            self._listening()
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        await self._tasks.close()

    @property
    def editable(self) -> bool:
        """Whether its nodes can be chosen; the demo network has one of its own."""
        return self.network.name != DEMO

    @property
    def own(self) -> bool:
        """Whether its nodes are not the built-in ones in their order."""
        return bool(self._settings.current.chain.nodes_of(self.network.name))

    @property
    def adding(self) -> bool:
        """Whether a node is being measured before it is added."""
        return self._tasks.running("add")

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The nodes in the order in which they are tried."""
        nodes = self._nodes()
        states = {state.url: state for state in nodes.states} if nodes is not None else {}
        in_use = nodes.in_use if nodes is not None else ""
        urls = self._urls if self.editable else tuple(states)
        return tuple(
            Endpoint(
                url,
                host_of(url),
                url in self.network.nodes or not self.editable,
                states.get(url) or self._measured.get(url) or NodeState(url),
                url == in_use,
                url in self._testing,
            )
            for url in urls
        )

    @property
    def about_keys(self) -> str:
        """What there is to know of keys in addresses; empty when there is nothing."""
        own = [each for each in self.endpoints if not each.built_in]
        in_file = dict.fromkeys(each.host for each in own if has_key(each.url))
        missing = [each for each in own if each.state.phase == "no key"]
        said = [
            f"{each.host} is not asked: {each.state.problem}. Unlock the keychain and test it, or "
            "remove it and add it again."
            for each in missing
        ]
        if in_file:
            keys, are = ("keys", "are") if len(in_file) > 1 else ("key", "is")
            said.append(
                "Keys in addresses are kept in the keychain of the system where there is a safe "
                f"one. The {keys} for {', '.join(in_file)} {are} in the settings file, which only "
                "you can read."
            )
        return " ".join(said)

    def test(self, url: str) -> None:
        """Ask a node now."""
        self._testing.add(url)
        self.changed.emit()
        self._tasks.start(f"test {url}", self._test(url))

    def test_all(self) -> None:
        """Ask all of them."""
        for endpoint in self.endpoints:
            self.test(endpoint.url)

    def move(self, url: str, step: int) -> None:
        """Try a node earlier (-1) or later (1)."""
        urls = list(self._urls)
        at = urls.index(url)
        if 0 <= at + step < len(urls):
            urls.insert(at + step, urls.pop(at))
            self._save(urls)

    def remove(self, url: str) -> None:
        """Do not ask a node any more; the last one stays."""
        left = [each for each in self._urls if each != url]
        if left:
            self._save(left)

    def restore(self) -> None:
        """The built-in nodes in their order."""
        self._save(())

    def add(self, url: str) -> None:
        """Measure a node, and ask it from now on if it is one of this network."""
        self._tasks.start("add", self._add(url.strip()))
        self.changed.emit()

    async def _add(self, url: str) -> None:
        if not is_node_url(url):
            raise BadRequest("A node's address begins with https://.", param="url")
        alike = [each for each in self._urls if same_host(each, url)]
        if url in alike or url in [await self._keys.real(each) for each in alike]:
            raise BadRequest("This node is in the list already.", param="url")
        network = self.network
        state = await self._measure(network, url)
        if state.phase != "ready":
            raise BadRequest(
                f"{host_of(url)} was not added: {state.problem or WORDS[state.phase]}.",
                param="url",
                safe="The list is unchanged.",
            )
        (written,) = await self._keys.keep(url)
        self._measured[written] = replace(state, url=written)
        if network == self.network and self._save((*self._urls, written)):
            self.added.emit()
        else:
            await self._keys.forget(written)

    async def _test(self, url: str) -> None:
        nodes = self._nodes()
        self._keys.ask_again()
        try:
            if nodes is not None and url in {state.url for state in nodes.states}:
                await nodes.check(url)
            else:
                self._measured[url] = await self._measure(self.network, url)
        finally:
            self._testing.discard(url)
            self.changed.emit()

    async def _measure(self, network: Network, url: str) -> NodeState:
        nodes = Nodes(network.chain_id, [url], address_of=self._keys.real)
        try:
            return await nodes.check(url)
        finally:
            await nodes.close()

    @property
    def _urls(self) -> tuple[str, ...]:
        network = self.network
        return self._settings.current.chain.nodes_of(network.name) or network.nodes

    def _save(self, urls: Sequence[str]) -> bool:
        """Whether these are the nodes of the network now; else it was said why not."""
        built_in = tuple(urls) == self.network.nodes
        try:
            self._settings.change(
                {nodes_setting(self.network.name): () if built_in else tuple(urls)}
            )
        except MorpheusError as error:
            self._not_chosen(error)
            return False
        return True

    def _not_chosen(self, error: MorpheusError) -> None:
        self.refused.emit(error)

    def _nodes(self) -> Nodes | None:
        """Of the connection, when it is one to the chosen network."""
        funds = self._money.funds
        if funds is None or not funds.is_connected:
            return None
        connection = funds.connection
        return connection.nodes if connection.network.name == self.network.name else None

    def _listen(self) -> None:
        """Hear of the nodes of the present connection."""
        if self._listening is not None:
            self._listening()
            self._listening = None
        nodes = self._nodes()
        if nodes is not None:
            self._listening = nodes.changed.subscribe(lambda _state: self.changed.emit())
        self.changed.emit()

    def _went_wrong(self, error: Exception) -> None:
        if isinstance(error, MorpheusError):
            self.refused.emit(error)
        else:
            self.failed.emit(error)
        self.changed.emit()
