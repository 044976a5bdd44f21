"""Leads a chat from where no session answers to where one does: what the page does about sessions."""

from PySide6.QtCore import QObject, Signal

from morpheus_desktop import format as fmt
from morpheus_desktop.chat.composer import Composer, Way
from morpheus_desktop.chat.message_area import MessageArea
from morpheus_desktop.chat.session_bar import SessionBar
from morpheus_desktop.chat.wording import provider_of
from morpheus_desktop.viewmodels.chat import ChatViewModel
from morpheus_desktop.viewmodels.chat_session import ChatSessionViewModel

OPEN = "Open a session"
AWAY = "Your questions leave this computer: they go to a provider of the network."
HERE = "Your questions go to the practice provider on this computer."
# Where nothing can be sent and nothing can be done about it in the composer.
REASONS = {
    "loading": "Your session is being looked for",
    "offline": "No network is connected",
    "locked": "The wallet is locked",
}


class SessionGuide(QObject):
    """Tells the composer what can be sent, and does what is chosen after a failure.

    Signals:
        open_asked: a session is wanted; id of the model on the chain, or empty.
        unlock_asked: the password is needed.
    """

    open_asked = Signal(str)
    unlock_asked = Signal()

    def __init__(
        self,
        vm: ChatViewModel,
        session: ChatSessionViewModel,
        area: MessageArea,
        composer: Composer,
        bar: SessionBar,
    ) -> None:
        super().__init__()
        self._vm, self._session, self._composer = vm, session, composer
        session.changed.connect(self._show)
        area.choice_made.connect(self._choose)
        composer.offered.connect(self._open)
        bar.open_asked.connect(self._open)
        bar.unlock_asked.connect(self.unlock_asked)
        bar.local_asked.connect(lambda: vm.set_model(""))
        self._show()

    @property
    def greeting(self) -> tuple[str, str] | None:
        """Title and sentence of an empty remote chat."""
        session, view = self._session, self._session.view
        if session.phase == "local":
            return None
        told = HERE if session.on_demo else AWAY
        if session.phase == "open" and view is not None and view.bid is not None:
            price = fmt.amount(view.bid.price_per_second * fmt.HOUR, "MOR", up=True)
            told = f"{session.name} answers through your session, at {price} an hour. {told}"
        return "Ask anything", told

    def _show(self) -> None:
        phase = self._session.phase
        offer = OPEN if phase in ("none", "ended") else ""
        self._composer.set_way(Way(phase != "local", offer, REASONS.get(phase, "")))

    def _open(self) -> None:
        self.open_asked.emit(self._session.model_on_chain)

    def _choose(self, message_id: int, choice: str) -> None:
        if choice == "local":
            self._vm.answer_with(message_id, "")
        elif choice == "unlock":
            self.unlock_asked.emit()
        elif choice == "open":
            self._open()
        elif other := self._session.other_than(self._failed(message_id)):
            self._vm.answer_with(message_id, other)
        else:
            self._open()

    def _failed(self, message_id: int) -> str:
        """The provider of an answer."""
        found = (message for message in self._vm.messages if message.id == message_id)
        return next((provider_of(message) for message in found), "")
