"""The first screen without its looks: what the four ways in say, and whether the first one works."""

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QObject, Signal

from router.inference.library import ModelLibrary
from router.untrusted import one_line

WayName = Literal["chat", "create", "import", "demo"]
BUNDLED_NAME = "SmolLM2 135M"


@dataclass(frozen=True)
class Way:
    """One way to start: what it is, and at the right what it costs."""

    name: WayName
    icon: str
    title: str
    sentence: str
    fact: str
    chip: str = ""
    chip_tone: str = ""


MONEY_WAYS = (
    Way(
        "create",
        "circle-plus",
        "Create a wallet",
        "Makes a new 12-word recovery phrase, kept encrypted here.",
        "About 3 minutes",
    ),
    Way(
        "import",
        "download",
        "Import a wallet",
        "From a recovery phrase, private key, keystore file or address to watch.",
        "About 1 minute",
    ),
    Way(
        "demo",
        "flask-conical",
        "Try the demo network",
        "The full marketplace with play money and a practice provider.",
        "Nothing to install",
        chip="Play money",
        chip_tone="warn",
    ),
)


class WelcomeViewModel(QObject):
    """The ways in; the first one follows the state of the bundled model.

    Signals:
        changed: `ways` is new.
    """

    changed = Signal()

    def __init__(self, library: ModelLibrary) -> None:
        super().__init__()
        self._library = library
        self._scanned = bool(library.models)
        self._unsubscribe = library.changed.subscribe(self._library_changed)

    @property
    def usable(self) -> bool:
        """Whether local chat can start: a model works, or none has been looked for yet."""
        return self._library.default is not None or not self._scanned

    @property
    def ways(self) -> tuple[Way, ...]:
        """The ways in, in their order on the screen."""
        return (self._chat_way(), *MONEY_WAYS)

    def close(self) -> None:
        """Stop listening to the library."""
        self._unsubscribe()

    def _library_changed(self, _nothing: None) -> None:
        self._scanned = True
        self.changed.emit()

    def _chat_way(self) -> Way:
        if not self.usable:
            damaged = any(model.bundled and model.problem for model in self._library.models)
            what = "The bundled model is damaged." if damaged else "There is no model here."
            return Way(
                "chat",
                "triangle-alert",
                "Add a model file",
                f"{what} Any GGUF file lets you chat.",
                "Nothing was lost" if damaged else "No wallet, no account",
            )
        default = self._library.default
        if default is None or default.bundled:
            sentence = f"Uses the bundled {BUNDLED_NAME} model. Works offline."
        else:
            sentence = f"Uses {one_line(default.name)} on this computer. Works offline."
        return Way(
            "chat",
            "message-square-text",
            "Chat free on this computer",
            sentence,
            "No wallet, no account",
            chip="Fastest",
            chip_tone="accent",
        )
