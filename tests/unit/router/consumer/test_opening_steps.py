"""What an opening took of the coin: all of its transactions count against what was shown.

How openings go on is in integration/test_openings.
"""

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest

from router.chain.journal import Attempt, Journal, TxRecord
from router.consumer.book import Begun
from router.consumer.opening_steps import Steps
from router.consumer.records import Opening
from tests.support.quoted import a_quote

USER, DIAMOND = "0x" + "22" * 20, "0x" + "33" * 20


@pytest.fixture
async def journal() -> AsyncIterator[Journal]:
    made = Journal(None)
    await made.open()
    yield made
    await made.close()


async def add(journal: Journal, nonce: int, key: str, state: Any, **values: Any) -> None:
    record = TxRecord(
        0, f"opening-abc-{key}", 1337, USER, nonce, DIAMOND, 0, b"", "", "sent", 1.0, 1.0
    )
    attempt = Attempt(f"0x{nonce:064x}", "original", b"", 100, 2, 1, 1.0)
    added = await journal.add(record, attempt)
    await journal.update(added.id, state=state, **values)


async def test_all_of_its_transactions_count(journal: Journal) -> None:
    quote = a_quote(block=7)
    begun = Begun(Opening(1, quote, "sending", 1.0, permission_tx=99), "abc", USER)
    tools: Any = SimpleNamespace(transactions=SimpleNamespace(journal=journal))
    steps = Steps(tools, begun, lambda _: None)
    assert await steps._spent() == 0, "a journal that was lost knows of nothing"
    await add(journal, 0, "permission-0", "safe", block=7, fee=1_000)
    assert await steps._spent() == 0, "what was mined before the quote is not part of it"
    await add(journal, 1, "permission-1", "included", block=8, fee=10)
    await add(journal, 2, "permission-2", "not_sent")
    await add(journal, 3, "open-0", "failed", block=9, fee=20)
    assert await steps._spent() == 30
    await add(journal, 4, "permission-3", "pending")
    assert await steps._spent() == 30 + 100 * 2, "on the way it counts with its most"
