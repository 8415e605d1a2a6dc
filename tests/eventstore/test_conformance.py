"""Every store handles random histories as the model does, and stores with a fault are caught.

SEQUENCES is set by DAYBOOK_TEST_SEQUENCES; in `make test-deep` it is 2,000.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from tests.given import amount, given

pytest.importorskip("esdbclient")

from eventstore.eventstoredb import EventStoreDb
from eventstore.memory import MemoryStore
from eventstore.port import Draft, EventStore, Expected, Position, StreamName, WrongExpectedRevision
from eventstore.sqlite import SqliteStore
from tests.contracts.store_machine import check, machine_on
from tests.esdb_stub.server import stub

pytestmark = pytest.mark.slow

SEQUENCES = amount("SEQUENCES", quick=200, deep=2_000)
MUTANT_SEQUENCES = 5_000


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


def test_all_stores_behave_as_the_model(runner: asyncio.Runner, tmp_path: Path) -> None:
    stack = AsyncExitStack()
    stores = runner.run(opened(stack, tmp_path))
    try:
        check(machine_on(stores, runner.get_loop()), sequences=SEQUENCES)
    finally:
        runner.run(stack.aclose())


async def opened(stack: AsyncExitStack, folder: Path) -> dict[str, EventStore]:
    """One store of each kind for the whole run, as opening them takes longer than a sequence."""
    url = given("ESDB_URL") or (await stack.enter_async_context(stub())).uri
    return {
        "memory": await stack.enter_async_context(closing(MemoryStore())),
        "sqlite": await stack.enter_async_context(closing(SqliteStore.open(folder / "log.db"))),
        "eventstoredb": await stack.enter_async_context(closing(EventStoreDb(url))),
    }


@asynccontextmanager
async def closing(store: EventStore) -> AsyncIterator[EventStore]:
    try:
        yield store
    finally:
        await store.aclose()


# Stores with one fault each


class StoresRepeatsAgain(MemoryStore):
    """Fault: a retry after a lost answer is a second event."""

    async def append(
        self, stream: StreamName, drafts: Sequence[Draft], *, expected: Expected
    ) -> Position:
        before = len(self._log)
        position = await super().append(stream, drafts, expected=expected)
        return self._write(stream, drafts) if len(self._log) == before else position


class AnswersTheHead(MemoryStore):
    """Fault: a repeat is answered with the position of the log's last event."""

    async def append(
        self, stream: StreamName, drafts: Sequence[Draft], *, expected: Expected
    ) -> Position:
        await super().append(stream, drafts, expected=expected)
        return self._log[-1].position


class ComparesTheFirstIdOnly(MemoryStore):
    """Fault: a longer batch that begins as a stored one succeeds, and its rest is lost."""

    async def append(
        self, stream: StreamName, drafts: Sequence[Draft], *, expected: Expected
    ) -> Position:
        try:
            return await super().append(stream, drafts, expected=expected)
        except WrongExpectedRevision:
            return await super().append(stream, drafts[:1], expected=expected)


class RefusesRepeats(MemoryStore):
    """Fault: a retry is a conflict, although its events are stored."""

    async def append(
        self, stream: StreamName, drafts: Sequence[Draft], *, expected: Expected
    ) -> Position:
        before = len(self._log)
        position = await super().append(stream, drafts, expected=expected)
        if len(self._log) == before:
            raise WrongExpectedRevision(stream, expected, self._streams[stream][-1].revision)
        return position


class RecognisesIdsOfAnyStream(MemoryStore):
    """Fault: ids of another stream are taken for a repeat."""

    async def append(
        self, stream: StreamName, drafts: Sequence[Draft], *, expected: Expected
    ) -> Position:
        known = {event.event_id: event.position for event in self._log}
        if all(draft.event_id in known for draft in drafts):
            return known[drafts[-1].event_id]
        return await super().append(stream, drafts, expected=expected)


class AppendsAtAnyRevision(MemoryStore):
    """Fault: the expected revision is not checked."""

    async def append(
        self, stream: StreamName, drafts: Sequence[Draft], *, expected: Expected
    ) -> Position:
        try:
            return await super().append(stream, drafts, expected=expected)
        except WrongExpectedRevision:
            return self._write(stream, drafts)


@pytest.mark.parametrize(
    "wrong",
    [
        StoresRepeatsAgain,
        AnswersTheHead,
        ComparesTheFirstIdOnly,
        RefusesRepeats,
        RecognisesIdsOfAnyStream,
        AppendsAtAnyRevision,
    ],
)
def test_control_a_store_with_one_fault_is_caught(
    runner: asyncio.Runner, wrong: type[MemoryStore]
) -> None:
    machine = machine_on({"wrong": wrong()}, runner.get_loop())

    with pytest.raises(AssertionError):
        check(machine, sequences=MUTANT_SEQUENCES, shrink=False)
