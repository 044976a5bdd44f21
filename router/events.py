"""A typed list of callbacks: how parts tell others what changed, on the loop's thread."""

import logging
from collections.abc import Callable
from typing import Generic, TypeVar

log = logging.getLogger(__name__)

E = TypeVar("E")


class Emitter(Generic[E]):
    """Calls every subscriber with each event, in the order of subscription.

    A subscriber that raises is logged and does not keep the others from hearing.
    """

    def __init__(self) -> None:
        self._callbacks: list[Callable[[E], None]] = []

    def subscribe(self, callback: Callable[[E], None]) -> Callable[[], None]:
        """Add a callback; the returned function removes it again (calling it twice is fine)."""
        self._callbacks.append(callback)

        def unsubscribe() -> None:
            if callback in self._callbacks:
                self._callbacks.remove(callback)

        return unsubscribe

    def emit(self, event: E) -> None:
        """Tell everybody; subscribers added meanwhile hear from the next event on."""
        for callback in tuple(self._callbacks):
            try:
                callback(event)
            except Exception:
                log.exception("a listener failed on %s", type(event).__name__)
