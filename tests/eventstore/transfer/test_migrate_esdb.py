"""Migration between a file and EventStoreDB, on the protocol stub.

Not on a real server: the copy compares all of its orders, and other tests leave theirs there.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

pytest.importorskip("esdbclient")

from eventstore.eventstoredb import EventStoreDb
from eventstore.memory import MemoryStore
from eventstore.port import NO_STREAM, PAGE_MAX, StoreError
from eventstore.sqlite import SqliteStore
from eventstore.transfer.migrate import LogsDiffer, migrate
from tests.contracts.event_store import all_of, drafts, fresh_stream
from tests.esdb_stub.faults import Fault
from tests.esdb_stub.server import Stub, stub
from tests.eventstore.transfer.test_migrate import fill, have_same_events, silent
from tests.eventstore.transfer.test_mirror import Mirror, count
from tests.waiting import until


@pytest.fixture
async def esdb(server: Stub) -> AsyncIterator[EventStoreDb]:
    store = EventStoreDb(server.uri)
    yield store
    await store.aclose()


@pytest.fixture
async def file(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    store = SqliteStore.open(tmp_path / "log.db")
    yield store
    await store.aclose()


async def test_from_a_file_to_the_server_and_back_again(
    server: Stub, file: SqliteStore, esdb: EventStoreDb
) -> None:
    await fill(file, rounds=65)
    assert await count(file) > PAGE_MAX
    back = MemoryStore()

    place, copied = await migrate(file, esdb, report=silent)
    await migrate(esdb, back, report=silent)

    assert (place.events, copied) == (await count(file),) * 2
    assert await have_same_events(file, esdb)
    assert await have_same_events(file, back)
    positions = [event.position for event in await all_of(esdb.read_all())]
    assert server.counted["BatchAppend"] == 1
    assert positions != [event.position for event in await all_of(file.read_all())]


async def test_a_copy_continues_where_the_server_ends(
    file: SqliteStore, esdb: EventStoreDb
) -> None:
    await fill(file, rounds=2)
    await migrate(file, esdb, report=silent)
    before = await count(file)
    await fill(file, rounds=2, first=2)

    _, copied = await migrate(file, esdb, report=silent)

    assert copied == await count(file) - before
    assert await have_same_events(file, esdb)


async def test_a_page_is_under_way_at_once_and_keeps_its_order_when_the_call_ends(
    server: Stub, esdb: EventStoreDb
) -> None:
    source = MemoryStore()
    await fill(source, rounds=20)
    server.hooks.add(Fault.UNAVAILABLE, on="append", processed=True, skip=30, times=1)
    server.hooks.add(Fault.TIMED_OUT, on="append", processed=True, skip=60, times=1)
    server.hooks.freeze()
    migrating = asyncio.ensure_future(migrate(source, esdb, report=silent))
    await asyncio.sleep(0)
    server.hooks.thaw()
    await until(lambda: server.counted["BatchAppend message"] > 1)
    server.hooks.freeze()
    await until(lambda: server.counted["BatchAppend message"] > 50)
    server.hooks.thaw()

    await migrating

    assert server.hooks.met == {Fault.UNAVAILABLE: 1, Fault.TIMED_OUT: 1}
    assert await have_same_events(source, esdb)


async def test_streams_of_other_programs_are_ignored(server: Stub, esdb: EventStoreDb) -> None:
    source = MemoryStore()
    await fill(source, rounds=2)
    assert server.log.events, "a new server has events of its own"

    await migrate(source, esdb, report=silent)

    assert await have_same_events(source, esdb)


async def test_a_server_with_orders_of_its_own_is_refused(esdb: EventStoreDb) -> None:
    source = MemoryStore()
    await fill(source, rounds=1)
    await esdb.append(fresh_stream(), drafts(1), expected=NO_STREAM)
    head = await esdb.head()

    with pytest.raises(LogsDiffer, match="use an empty target"):
        await migrate(source, esdb, report=silent)

    assert await esdb.head() == head


def add_faults(server: Stub) -> None:
    """Answers are lost, whether or not the append was stored, and the server restarts."""
    for processed in (True, False):
        server.hooks.add(Fault.UNAVAILABLE, on="append", processed=processed, probability=0.1)
        server.hooks.add(Fault.RESTART, on="append", processed=processed, probability=0.02)
    server.hooks.add(Fault.UNAVAILABLE, on="read", probability=0.1)
    server.hooks.add(Fault.ENDED, on="event", probability=0.01)


@pytest.mark.parametrize("seed", range(3))
async def test_lost_answers_and_restarts_change_nothing_in_the_end(seed: int) -> None:
    source = MemoryStore()
    await fill(source, rounds=8)
    async with stub(seed=seed) as server:
        add_faults(server)
        runs = 0
        while True:
            runs += 1
            assert runs < 50, "it never gets to the end"
            esdb = EventStoreDb(server.uri)
            try:
                await migrate(source, esdb, report=silent)
                break
            except StoreError:
                continue
            finally:
                await esdb.aclose()
        assert server.hooks.met[Fault.RESTART] > 0
        server.hooks.clear()
        esdb = EventStoreDb(server.uri)
        assert await have_same_events(source, esdb)
        await esdb.aclose()


async def test_a_mirror_in_a_file_survives_a_restart_of_the_server(
    server: Stub, esdb: EventStoreDb, file: SqliteStore
) -> None:
    source = EventStoreDb(server.uri)
    await fill(esdb, rounds=2)
    mirror = Mirror(source, file)
    await mirror.until(await count(esdb))
    await server.restart(pause_s=0.3)
    await fill(esdb, rounds=1, first=2)
    await mirror.until(await count(esdb))
    await mirror.end()

    assert await have_same_events(esdb, file)
    await source.aclose()
