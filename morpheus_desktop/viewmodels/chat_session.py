"""The session through which the open chat is answered: which one, how it is, and what to do next.

Without the network the chat goes on with local models; this only tells what is in the way.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, Signal

from morpheus_desktop import format as fmt
from morpheus_desktop.viewmodels.chat import ChatViewModel
from morpheus_desktop.viewmodels.sessions import SessionsViewModel
from router.backends.routing import SESSION, is_named
from router.money import Money
from router.networks import DEMO
from router.untrusted import one_line

if TYPE_CHECKING:  # start-up cost: they bring web3 along
    from router.consumer.records import SessionView

# "local": a model of this computer is asked. "loading": money or sessions are not read yet.
# "offline": no network. "none": there is no session. "locked": the wallet has to be unlocked.
Phase = Literal["local", "loading", "offline", "none", "locked", "open", "ended"]
# "on hold": a part of it, until midnight UTC. "claimable": a part may wait to be claimed.
StakeIs = Literal["unknown", "on hold", "claimable", "back"]

UNNAMED = "Remote model"
LONGEST_NAME = 32


@dataclass(frozen=True)
class RemoteChoice:
    """A session that can be asked.

    Args:
        model: what the chat's model becomes.
        left: time left, for people.
    """

    model: str
    name: str
    left: str
    chosen: bool


class ChatSessionViewModel(QObject):
    """What the chat page shows of remote models.

    Signals:
        changed: any of it; each second while a session runs.
    """

    changed = Signal()

    def __init__(self, chat: ChatViewModel, sessions: SessionsViewModel, money: Money) -> None:
        super().__init__()
        self._chat, self._sessions, self._money = chat, sessions, money
        for signal in (chat.opened, chat.chat_changed, chat.model_changed, sessions.changed):
            signal.connect(self.changed)
        self._unsubscribe = [
            part.changed.subscribe(lambda _: self.changed.emit())
            for part in (money.wallet_part, money.chain_part)
        ]
        self._unsubscribe.append(money.loaded.subscribe(lambda _: self._loaded()))
        if money.wallet is not None:
            self._loaded()

    def close(self) -> None:
        """Stop listening."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()

    def _loaded(self) -> None:
        wallet = self._money.wallet
        assert wallet is not None
        self._unsubscribe += [
            wallet.changed.subscribe(lambda _: self.changed.emit()),
            wallet.grants_changed.subscribe(lambda _: self.changed.emit()),
        ]
        self.changed.emit()

    # The session of the open chat

    @property
    def phase(self) -> Phase:
        """How things are."""
        if not self._chat.is_remote:
            return "local"
        view = self.view
        if view is not None and view.phase == "open" and self.seconds_left > 0:
            return "open" if self._can_sign(view) else "locked"
        if view is not None:
            return "ended"
        return self._without()

    @property
    def view(self) -> "SessionView | None":
        """The one that answers, or the last one that did."""
        named = [view for view in self._sessions.views if self._is_named(view)]
        running = [view for view in named if view.phase == "open"]
        return max(running or named, key=lambda view: view.session.ends_at, default=None)

    @property
    def stake_is(self) -> StakeIs:
        """Where what a closed session held is now."""
        view, account = self.view, self._sessions.account
        if view is None or account is None:
            return "unknown"
        if self.held_until > view.as_of and account.on_hold:
            return "on hold"
        return "claimable" if account.claimable else "back"

    @property
    def held_until(self) -> int:
        """The midnight UTC until which a part of it was or is on hold."""
        view = self.view
        if view is None:
            return 0
        ended = min(view.session.closed_at or view.session.ends_at, view.session.ends_at)
        return ended - ended % fmt.DAY + fmt.DAY

    @property
    def seconds_left(self) -> int:
        """Of the session; 0 without one."""
        view = self.view
        return self._sessions.seconds_left(view) if view is not None else 0

    @property
    def name(self) -> str:
        """What the remote model is called, as far as that is known."""
        view = self.view
        if view is not None and (name := one_line(view.model_name, LONGEST_NAME)):
            return name
        said = (m.model for m in reversed(self._chat.messages) if m.origin == "remote" and m.model)
        return one_line(next((name for name in said if not name.startswith("0x")), UNNAMED))

    @property
    def on_demo(self) -> bool:
        """Whether it is the demo network, whose providers are on this computer."""
        funds = self._money.funds
        if funds is None or not funds.is_connected:
            return False
        return funds.connection.network.name == DEMO

    @property
    def model_on_chain(self) -> str:
        """Id of the model, where another session of it could be opened; may be empty."""
        view = self.view
        if view is not None and view.bid is not None:
            return view.bid.model_id
        model = self._chat.model_id
        return "" if model.startswith(SESSION) else model

    # What else could be asked

    @property
    def choices(self) -> tuple[RemoteChoice, ...]:
        """All sessions that run, the one that ends last at the top."""
        running = sorted(self._sessions.running, key=lambda view: -view.session.ends_at)
        current = self.view if self._chat.is_remote else None
        return tuple(
            RemoteChoice(
                self._id_of(view),
                one_line(view.model_name) or UNNAMED,
                fmt.duration(self._sessions.seconds_left(view)),
                current is not None and view.id == current.id,
            )
            for view in running
        )

    def use(self, session_id: str) -> None:
        """Have the open chat answered through a session, also one that was opened just now."""
        running = {view.id: view for view in self._sessions.running}
        view = running.get(session_id)
        self._chat.set_model(self._id_of(view) if view is not None else SESSION + session_id)

    def other_than(self, provider: str) -> str:
        """A running session of the same model with another provider, for the chat's model."""
        wanted = self.model_on_chain
        for view in self._sessions.running:
            same = view.bid is not None and view.bid.model_id == wanted
            if same and view.provider.lower() != provider.lower():
                return SESSION + view.id
        return ""

    def _is_named(self, view: "SessionView") -> bool:
        model_id = view.bid.model_id if view.bid is not None else ""
        return is_named(self._chat.model_id, view.id, model_id)

    def _id_of(self, view: "SessionView") -> str:
        """Its model, so that the next session of it goes on; itself where there are several."""
        model = view.bid.model_id if view.bid is not None else ""
        same = [each for each in self._sessions.running if each.bid and each.bid.model_id == model]
        return model if len(same) == 1 else SESSION + view.id

    def _can_sign(self, view: "SessionView") -> bool:
        wallet = self._money.wallet
        if wallet is None:
            return False
        return wallet.state.kind == "unlocked" or SESSION + view.id in wallet.grants

    def _without(self) -> Phase:
        """Why there is no session."""
        money = self._money
        parts = (money.wallet_part.state.phase, money.chain_part.state.phase)
        if "waiting" in parts or "starting" in parts:
            return "loading"
        if money.funds is None or not money.funds.is_connected:
            return "offline"
        return "none" if self._sessions.is_read else "loading"
