"""Messages to show."""

import pytest

from router.store.records import Stats
from tests.support.messages import MakeMessage, message_maker


@pytest.fixture
def make_message() -> MakeMessage:
    """Makes messages with rising ids; everything can be set."""
    return message_maker()


@pytest.fixture
def stats() -> Stats:
    """What an ordinary answer took."""
    return Stats(
        prompt_tokens=40,
        answer_tokens=341,
        first_token_s=0.18,
        total_s=6.68,
        reasoning_tokens=186,
        reasoning_s=3.4,
    )
