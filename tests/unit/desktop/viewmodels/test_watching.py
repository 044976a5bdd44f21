"""Reading again and again, and how old what was read is."""

import asyncio

import pytest

from morpheus_desktop.viewmodels.watching import Watching
from tests.support.waiting import until


class Reader(Watching):
    """Reads until it is told to fail."""

    def __init__(self) -> None:
        self.now = 1000.0
        super().__init__(60.0, lambda: self.now)
        self.begun = self.ended = 0
        self.fails = False

    @property
    def _is_known(self) -> bool:
        return self._read_at > 0

    async def _watch(self) -> None:
        self.begun += 1
        self._read_at = self.now
        try:
            if self.fails:
                raise ValueError("broken")
            await asyncio.Event().wait()
        finally:
            self.ended += 1


@pytest.fixture
def reader(qapp) -> Reader:
    return Reader()


def test_it_reads_once_at_a_time_while_it_is_watched(reader, qloop):
    async def run() -> None:
        reader.watch(on=True)
        reader.watch(on=True)
        await until(lambda: reader.begun)
        reader.watch(on=False)
        await until(lambda: reader.ended)
        reader.watch(on=True)
        await until(lambda: reader.begun == 2)
        await reader._tasks.close()

    qloop.run_until_complete(run())
    assert (reader.begun, reader.ended) == (2, 2)


def test_what_was_read_grows_old(reader):
    reader.now = 5000.0
    assert not reader.stale, "nothing was read"
    reader._read_at = 4940.0
    assert (reader.age_s, reader.stale) == (60.0, False)
    assert reader.read_at.timestamp() == 4940
    reader.now += 1
    assert reader.stale
    reader.now = 4000.0  # the clock was set back
    assert reader.age_s == 0


def test_a_mistake_is_told(reader, qloop):
    told: list[Exception] = []
    reader.failed.connect(told.append)

    async def run() -> None:
        reader.fails = True
        reader.watch(on=True)
        await until(lambda: told)
        await reader._tasks.close()

    qloop.run_until_complete(run())
    assert isinstance(told[0], ValueError)
