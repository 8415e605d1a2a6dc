"""What a person does to one stream in EventStoreDB parks that order at most (on the stub)."""

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from random import Random
from uuid import uuid4

import pytest

from eventstore.eventstoredb import EventStoreDb
from eventstore.ledger.ledger import Ledger
from eventstore.port import StreamDeleted
from eventstore.record.chain import ChainBroken
from eventstore.record.codec import Undecodable
from projections.worker.runner import AnotherLog
from replay.rebuild import rebuild
from tests.esdb_stub.log import JSON, Proposed
from tests.esdb_stub.refusals import ANY
from tests.esdb_stub.server import Stub, stub
from tests.eventstore.esdb import store_on
from tests.eventstore.ledgers import Clock, place
from tests.eventstore.ledgers import note as a_note
from tests.projections.toy import CONFIRMED, TALLY, Log, contents, note, placed, url_of, writer_of
from tests.projections.worker.test_runner import brought_up
from tests.waiting import until

STREAM = "order-o-1"


@pytest.fixture
async def server() -> AsyncIterator[Stub]:
    async with stub() as server:
        yield server


@pytest.fixture
async def store(server: Stub) -> AsyncIterator[EventStoreDb]:
    async with store_on(server) as store:
        yield store


def bounded(**bounds: int) -> Callable[[Stub], None]:
    def set_metadata(server: Stub) -> None:
        names = {"tb": "$tb", "max_count": "$maxCount", "max_age": "$maxAge"}
        data = json.dumps({names[name]: value for name, value in bounds.items()}).encode()
        event = Proposed(uuid4(), "$metadata", JSON, data, b"")
        server.log.append(f"$${STREAM}", [event], ANY)

    return set_metadata


def stray(type_: str, data: bytes) -> Callable[[Stub], None]:
    def append(server: Stub) -> None:
        server.log.append(STREAM, [Proposed(uuid4(), type_, JSON, data, b"{}")], ANY)

    return append


def deleted(server: Stub) -> None:
    server.log.delete(STREAM, ANY)


def tombstoned(server: Stub) -> None:
    server.log.tombstone(STREAM, ANY)


def scavenged(cut: Callable[[Stub], None]) -> Callable[[Stub], None]:
    """The stream is truncated, and its events are then gone from $all as well."""

    def change(server: Stub) -> None:
        cut(server)
        log = server.log
        left = {event.position for event in log.visible(STREAM)}
        kept = [event for event in log.events if event.stream != STREAM or event.position in left]
        log.events[:] = kept
        log._positions[:] = [event.position for event in kept]

    return change


DAMAGES = {
    "deleted": deleted,
    "tombstoned": tombstoned,
    "cut": bounded(tb=2),
    "cut to its end": bounded(tb=4),
    "bounded": bounded(max_count=1),
    "link": stray("$>", b"0@order-o-2"),
    "of a stranger": stray("SomethingElse", b"{}"),
    "not JSON": stray("NoteAdded", b"\xff"),
    **{
        f"{name}, scavenged": scavenged(cut)
        for name, cut in {
            "deleted": deleted,
            "cut": bounded(tb=2),
            "cut to its end": bounded(tb=4),
            "bounded": bounded(max_count=1),
        }.items()
    },
}


async def filled(log: Log, *, last: str) -> None:
    """Two orders; the log's last event is of `last`."""
    await log.append("o-1", placed(), CONFIRMED, note("a"))
    await log.append("o-2", placed("o-2"), CONFIRMED)
    await log.append("o-1", note("b"))
    if last == "o-2":
        await log.append("o-2", note("c"))


def revisions(folder: Path) -> dict[str, int]:
    return {row[0]: row[1] for row in contents(folder)["views"]}


def parked(folder: Path) -> set[str]:
    return {row[0] for row in contents(folder)["parked"]}


@pytest.mark.kinds("sqlite")
@pytest.mark.usefixtures("kind")
@pytest.mark.parametrize("last", ["o-1", "o-2"])
@pytest.mark.parametrize("damage", DAMAGES)
async def test_other_orders_continue_live_at_a_start_and_in_a_replay(
    tmp_path: Path, server: Stub, store: EventStoreDb, damage: str, last: str
) -> None:
    log = Log(store)
    await filled(log, last=last)
    async with writer_of(tmp_path) as writer:
        await brought_up(writer, log)
        DAMAGES[damage](server)
        await log.append("o-2", note("d"))
        await brought_up(writer, log)
        assert revisions(tmp_path)["o-2"] == log.revisions["o-2"]

    async with writer_of(tmp_path) as writer:  # as after a restart
        await log.append("o-2", note("e"))
        await brought_up(writer, log)
    assert revisions(tmp_path)["o-2"] == log.revisions["o-2"]
    assert parked(tmp_path) <= {"o-1"}

    rebuilt = await rebuild(TALLY, url_of(tmp_path), store)
    assert revisions(tmp_path)["o-2"] == log.revisions["o-2"]
    assert parked(tmp_path) <= {"o-1"}
    assert rebuilt.parked == len(parked(tmp_path))
    if "o-1" not in parked(tmp_path) and "scavenged" not in damage:
        assert revisions(tmp_path)["o-1"] == 3


@pytest.mark.kinds("sqlite")
@pytest.mark.usefixtures("kind")
async def test_another_log_is_still_recognised(
    tmp_path: Path, server: Stub, store: EventStoreDb
) -> None:
    log = Log(store)
    await filled(log, last="o-2")
    async with writer_of(tmp_path) as writer:
        await brought_up(writer, log)
    async with stub() as elsewhere, store_on(elsewhere) as other:
        strange = Log(other)
        await strange.append("o-2", placed("o-2"), note("x"))
        async with writer_of(tmp_path) as writer:
            with pytest.raises(AnotherLog):
                await brought_up(writer, strange)


@pytest.mark.usefixtures("kind")
async def test_streams_whose_names_no_read_model_can_keep_stop_nothing(
    tmp_path: Path, server: Stub, store: EventStoreDb
) -> None:
    log = Log(store)
    await filled(log, last="o-2")
    long = "".join(Random(7).choices("abcdefghijklmnopqrstuvwxyz", k=9_000))
    async with writer_of(tmp_path) as writer:
        for name in (f"order-{long}", "order-a\0b"):
            server.log.append(name, [Proposed(uuid4(), "Foo", JSON, b"{}", b"")], ANY)
        await log.append("o-2", note("d"))
        await brought_up(writer, log)
        assert revisions(tmp_path)["o-2"] == log.revisions["o-2"]

    await rebuild(TALLY, url_of(tmp_path), store)
    assert revisions(tmp_path)["o-2"] == log.revisions["o-2"]
    assert parked(tmp_path) == set()


async def test_a_name_that_is_left_out_is_not_the_end_of_the_log(
    server: Stub, store: EventStoreDb
) -> None:
    log = Log(store)
    await filled(log, last="o-2")
    head = await store.head()
    server.log.append("order-a\0b", [Proposed(uuid4(), "Foo", JSON, b"{}", b"")], ANY)

    assert await store.head() == head


REFUSALS = {
    "deleted": StreamDeleted,
    "tombstoned": StreamDeleted,
    "cut": StreamDeleted,
    "cut to its end": StreamDeleted,
    "bounded": StreamDeleted,
    "link": ChainBroken,
    "of a stranger": Undecodable,
    "not JSON": Undecodable,
}


@pytest.mark.parametrize("in_memory", [False, True])
@pytest.mark.parametrize("damage", REFUSALS)
async def test_a_command_of_that_order_is_refused_for_what_is_wrong(
    server: Stub, store: EventStoreDb, damage: str, *, in_memory: bool
) -> None:
    ledger = Ledger(store, clock=Clock())
    for order_id in ("o-1", "o-2"):
        await ledger.submit(place(order_id))
        for n in range(3):
            await ledger.submit(a_note(n, order_id))
    await until(lambda: server.counted["Read"] >= 2)  # it follows the streams' metadata
    DAMAGES[damage](server)
    server.tail.wake()
    if REFUSALS[damage] is StreamDeleted and damage != "tombstoned":
        await until(lambda: STREAM in store.touched)
    stored = len(server.log.events)
    if not in_memory:
        ledger = Ledger(store, clock=Clock())
    with pytest.raises(REFUSALS[damage]):
        await ledger.submit(a_note(7, "o-1"))
    assert len(server.log.events) == stored
    assert (await ledger.submit(a_note(7, "o-2"))).revision == 4


async def test_changed_metadata_that_cuts_nothing_stops_nothing(
    server: Stub, store: EventStoreDb
) -> None:
    ledger = Ledger(store, clock=Clock())
    await ledger.submit(place("o-1"))
    await until(lambda: server.counted["Read"] >= 2)
    bounded(max_count=1_000)(server)
    server.tail.wake()
    await until(lambda: STREAM in store.touched)

    assert (await ledger.submit(a_note(1, "o-1"))).revision == 1


async def test_a_place_order_for_a_stream_that_was_just_deleted_stores_nothing(
    server: Stub, store: EventStoreDb
) -> None:
    await Ledger(store, clock=Clock()).submit(place("o-1"))
    await until(lambda: server.counted["Read"] >= 2)
    deleted(server)
    server.tail.wake()
    await until(lambda: STREAM in store.touched)
    stored = len(server.log.events)

    ledger = Ledger(store, clock=Clock())
    await ledger.submit(place("o-2"))  # so that the next one is not the same event again
    with pytest.raises(StreamDeleted):
        await ledger.submit(place("o-1"))

    assert len(server.log.events) == stored + 1


@pytest.mark.parametrize("damage", ["link", "of a stranger", "not JSON"])
async def test_an_order_whose_stream_another_program_began_is_unreadable(
    server: Stub, store: EventStoreDb, damage: str
) -> None:
    DAMAGES[damage](server)
    ledger = Ledger(store, clock=Clock())

    for command in (place("o-1"), a_note(1, "o-1")):
        with pytest.raises(REFUSALS[damage], match="order-o-1 revision 0"):
            await ledger.submit(command)
