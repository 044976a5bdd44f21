"""What the status bar says: block and node, wallet, model in memory, HTTP interface, failed parts.

Each part of the node has its own state and its own Retry; none waits for another.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QObject, Signal

from morpheus_desktop import format as fmt
from morpheus_desktop.problems import describe
from morpheus_desktop.ui_tasks import UiTasks
from morpheus_desktop.viewmodels.account import AccountViewModel
from morpheus_desktop.viewmodels.sessions import SessionsViewModel
from router.config import ApiConfig, Settings, is_loopback
from router.inference.host import HostState, InferenceHost
from router.parts import Part, PartState
from router.untrusted import one_line

# "plain" has no sign in front of its words.
Tone = Literal["plain", "quiet", "good", "busy", "warn", "bad"]

MINUTE = 60


@dataclass(frozen=True)
class Fact:
    """One entry of the status bar.

    Args:
        text: a few words; empty hides the entry.
        icon: name of an icon, or empty for a dot.
        tip: the whole story, shown as a tooltip.
        retry: name of the part that a click tries again, or empty.
        page: name of the page that a click opens, or empty.
        command: name of the command that a click runs, or empty; `offer` says what that does.
    """

    text: str
    tone: Tone = "quiet"
    icon: str = ""
    tip: str = ""
    retry: str = ""
    page: str = ""
    command: str = ""
    offer: str = ""


class StatusViewModel(QObject):
    """The facts of the status bar, always up to date.

    Signals:
        changed: one of the facts is new.
        failed: an exception to show.
    """

    changed = Signal()
    failed = Signal(object)

    def __init__(
        self,
        host: InferenceHost,
        settings: Settings,
        parts: Sequence[Part],
        account: AccountViewModel | None = None,
        sessions: SessionsViewModel | None = None,
    ) -> None:
        super().__init__()
        self._sessions = sessions
        self._account = account
        self._host = host
        self._settings = settings
        self._parts = {part.state.name: part for part in parts}
        self._online = ""
        self._tasks = UiTasks(self.failed.emit)
        self._unsubscribe = [
            host.changed.subscribe(lambda _state: self.changed.emit()),
            settings.changed.subscribe(lambda _config: self.changed.emit()),
            *(part.changed.subscribe(lambda _state: self.changed.emit()) for part in parts),
        ]
        if account is not None:
            account.changed.connect(self.changed)
        if sessions is not None:
            sessions.changed.connect(self.changed)

    @property
    def network(self) -> Fact:
        """Whether anything leaves this computer right now."""
        if self._online:
            return Fact(self._online, "busy", "wifi", "This goes on besides what the wallet asks.")
        account = self._account
        if account is not None and (account.problem or account.phase in ("on", "connecting")):
            return block_fact(account)
        return Fact(
            "No network used", icon="wifi-off", tip="The app has no connection to the internet."
        )

    @property
    def latency(self) -> Fact:
        """How fast the node in use answers."""
        seconds = self._account.latency_s if self._account is not None else None
        if seconds is None:
            return Fact("")
        tip = "How long the node in use took for its last answer."
        return Fact(f"RPC {fmt.short_time(seconds)}", "plain", tip=tip, page="settings")

    @property
    def sessions(self) -> Fact:
        """Sessions that run, or the one that is being opened."""
        sessions = self._sessions
        if sessions is None or not sessions.words:
            return Fact("")
        tip = "Sessions with remote models, and the MOR that they hold."
        return Fact(sessions.words, "plain", "hourglass", tip, page="staking")

    @property
    def wallet(self) -> Fact:
        """Whether the wallet can sign."""
        words = self._account.words if self._account is not None else None
        if words is None or not words.address:
            return Fact("")
        if words.locked:
            tip = "Nothing can be signed until it is unlocked."
            return Fact(
                "Wallet locked", icon="lock", tip=tip, command="wallet.unlock", offer="Unlock"
            )
        return Fact(words.title, icon="wallet", tip=fmt.full_address(words.address), page="wallet")

    def set_online(self, use: str) -> None:
        """Say what the network is used for now, in words, or with "" that it is not used."""
        self._online = one_line(use)
        self.changed.emit()

    @property
    def model(self) -> Fact:
        """The local model and its memory."""
        part = self._parts["models"].state
        if part.phase == "failed":
            return _failed(part, "Local models stopped")
        if part.phase in ("waiting", "starting"):
            return Fact("Looking for local models", "busy")
        return model_fact(self._host.state)

    @property
    def api(self) -> Fact:
        """Where other programs reach this app."""
        return api_fact(self._parts["api"].state, self._settings.current.api)

    @property
    def troubles(self) -> tuple[Fact, ...]:
        """The parts that failed and have no entry of their own."""
        return tuple(
            _failed(part.state, f"{part.state.title} stopped")
            for name, part in self._parts.items()
            if name not in ("models", "api") and part.state.phase == "failed"
        )

    @property
    def promise(self) -> str:
        """What may be said about privacy now; empty when there is nothing to promise."""
        api = self._settings.current.api
        shared = api.enabled and not is_loopback(api.host)
        account = self._account
        asks = account is not None and account.phase != "off" and not account.local
        return "" if self._online or shared or asks else "Everything stays on this computer"

    def retry(self, name: str) -> None:
        """Start a failed part again; with "host" load the model again."""
        if name == "host":
            self._tasks.start(name, self._reload())
        elif name == "chain" and self._account is not None and self._account.problem:
            self._account.refresh()
        elif part := self._parts.get(name):
            self._tasks.start(name, part.start())

    async def close(self) -> None:
        """Stop listening and end what runs."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        await self._tasks.close()

    async def _reload(self) -> None:
        model = self._host.state.model
        await self._host.load(model.id if model is not None else "")


def block_fact(account: AccountViewModel) -> Fact:
    """The newest block of the network and how old it is."""
    head, title = account.head, account.network.title
    if account.problem:
        tip = f"{account.problem} What is shown may be old."
        return Fact(f"{title} is not reached", "warn", "wifi-off", tip, retry="chain")
    if head is None:
        return Fact(f"Connecting to {title}", "busy")
    age = (
        f"{fmt.duration(account.block_age_s)} ago"
        if account.block_age_s >= MINUTE
        else (f"{int(account.block_age_s)}\u00a0s ago")
    )
    number = f"Block {fmt.count(head.number)}"
    if behind := account.clock_behind_s:
        tip = (
            f"The newest block of {title} is {fmt.duration(behind)} later than the clock of this "
            "computer. Set the clock: providers refuse messages of a wrong time."
        )
        return Fact(f"{number}, clock is behind", "warn", tip=tip, page="wallet")
    text = number + ("" if account.local else f", {age}")
    tip = f"The newest block of {title}."
    if account.stale:
        tip = (
            f"{title} told of no newer block since, or the clock of this computer is ahead. "
            "What is shown may be old."
        )
    return Fact(text, "warn" if account.stale else "good", tip=tip, page="wallet")


def model_fact(state: HostState) -> Fact:
    """The entry of the local model."""
    name = one_line(state.model.name, 32) if state.model is not None else "The model"
    used = f", {fmt.memory(state.memory_bytes)}" if state.memory_bytes else ""
    if state.phase == "loading":
        done = f", {state.progress:.0%}".replace("%", " %") if state.progress else ""
        return Fact(f"Loading {name}{done}", "busy", page="models")
    if state.phase == "ready":
        tip = one_line(state.note, 200)
        return Fact(f"{name} in memory{used}", "good", tip=tip, page="models")
    if state.phase == "busy":
        queue = f", {state.waiting} waiting" if state.waiting else ""
        return Fact(f"{name} is writing{used}{queue}", "good", page="models")
    if state.phase in ("failed", "missing"):
        tip = describe(state.error).text if state.error is not None else ""
        if state.phase == "missing":
            return Fact("Local chat is not ready", "warn", "triangle-alert", tip, page="models")
        return Fact(f"{name} stopped", "bad", "circle-x", tip, retry="host")
    return Fact("No model in memory", tip="It loads with the first question.", page="models")


def api_fact(state: PartState, config: ApiConfig) -> Fact:
    """The entry of the HTTP interface."""
    if state.phase == "failed":
        return _failed(state, "API stopped")
    if state.phase != "ready" or not config.enabled:
        return Fact("")
    if not is_loopback(config.host):
        tip = "Other computers in your network can reach it with a key."
        return Fact(f"API open at {state.detail}", "warn", "triangle-alert", tip, page="settings")
    tip = "Other programs on this computer can use your models here, with a key."
    return Fact(f"API {state.detail}", icon="plug", tip=tip, page="settings")


def _failed(state: PartState, text: str) -> Fact:
    tip = describe(state.error).text if state.error is not None else ""
    return Fact(text, "bad", "circle-x", tip, retry=state.name)
