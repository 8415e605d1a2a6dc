"""Many appends over one BatchAppend call: what is sent, and what happens when the call ends."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import count
from uuid import UUID

import pytest

pytest.importorskip("esdbclient")

from esdbclient.protos.Grpc import shared_pb2
from esdbclient.protos.Grpc.streams_pb2 import BatchAppendResp

from domain.commands import ConfirmOrder
from eventstore.eventstoredb import EventStoreDb, pipeline
from eventstore.ledger.ledger import Ledger
from eventstore.port import (
    NO_STREAM,
    AppendTooLarge,
    Draft,
    OutcomeUnknown,
    Revision,
    StoreUnavailable,
    StreamName,
)
from tests.contracts.event_store import draft, fresh_stream, ids
from tests.esdb_stub.faults import Fault
from tests.esdb_stub.relay import relay
from tests.esdb_stub.server import Stub, stub
from tests.eventstore.esdb import FAST, GIVES_UP, lead, store_on, stored
from tests.eventstore.ledgers import HOLD, PLAN, RELEASE, Clock, authorize, note, place, submission
from tests.waiting import HUNG_S, until

MANY = 300


@pytest.fixture
async def store(server: Stub) -> AsyncIterator[EventStoreDb]:
    async with store_on(server) as store:
        yield store


class Appends:
    """One event to each of many new streams, all asked for at once."""

    def __init__(self, store: EventStoreDb, number: int = MANY, *, size: int = 10) -> None:
        self.drafts = {fresh_stream(): large(size) for _ in range(number)}
        self.tasks = [
            asyncio.ensure_future(store.append(stream, [one], expected=NO_STREAM))
            for stream, one in self.drafts.items()
        ]

    async def done(self) -> Sequence[int]:
        """The positions. Raises the first error."""
        async with asyncio.timeout(HUNG_S):
            return await asyncio.gather(*self.tasks)

    def are_stored_once_in_order(self, server: Stub) -> bool:
        wanted = [one.event_id for one in self.drafts.values()]
        found = [event.event_id for event in server.log.events if event.stream in self.drafts]
        return found == wanted

    def are_stored_once(self, server: Stub) -> bool:
        return all(stored(server, name) == [one.event_id] for name, one in self.drafts.items())


# One message for a command


async def test_every_command_is_one_message_on_the_one_call(server: Stub) -> None:
    async with store_on(server) as store:
        ledger = Ledger(store, clock=Clock(), resends_max=0)
        await ledger.submit(place("first"))
        await ledger.submit(place("second"))  # the log is verified once for each connection
        before = server.counted.copy()
        confirm = submission(ConfirmOrder(), "confirm")
        commands = [place(), note(1), confirm, HOLD, RELEASE, PLAN, place("another"), authorize(1)]
        for number, command in enumerate(commands, 1):
            await ledger.submit(command)

            asked = server.counted - before
            assert asked == {"BatchAppend message": number}, command


async def test_many_appends_are_under_way_on_one_call_and_stored_in_the_order_of_asking(
    server: Stub, store: EventStoreDb
) -> None:
    appends = Appends(store)

    positions = await appends.done()

    assert list(positions) == sorted(positions)
    assert appends.are_stored_once_in_order(server)
    assert server.counted["BatchAppend"] == 1
    assert server.counted["BatchAppend message"] == MANY


async def test_requests_and_bytes_under_way_are_bounded(
    monkeypatch: pytest.MonkeyPatch, server: Stub, store: EventStoreDb
) -> None:
    monkeypatch.setattr(pipeline, "REQUESTS_MAX", 10)
    server.hooks.freeze()
    few = Appends(store, 50)
    await until(lambda: server.counted["BatchAppend message"] == 10)
    await asyncio.sleep(0.05)
    assert server.counted["BatchAppend message"] == 10
    server.hooks.thaw()
    await few.done()

    monkeypatch.setattr(pipeline, "BYTES_MAX", 3 * len(large().data))
    server.hooks.freeze()
    before = server.counted["BatchAppend message"]
    big = [
        asyncio.ensure_future(store.append(fresh_stream(), [large()], expected=NO_STREAM))
        for _ in range(8)
    ]
    await until(lambda: server.counted["BatchAppend message"] == before + 2)
    await asyncio.sleep(0.05)
    assert server.counted["BatchAppend message"] == before + 2
    server.hooks.thaw()
    async with asyncio.timeout(HUNG_S):
        await asyncio.gather(*big)


def large(size: int = 100_000) -> Draft:
    return draft(b'{"x":"' + b"x" * size + b'"}')


async def test_ten_thousand_requests_at_once(server: Stub) -> None:
    async with store_on(server, timing=replace(FAST, append_s=30.0)) as store:
        appends = Appends(store, 10_000)

        await appends.done()

        assert appends.are_stored_once_in_order(server)
        assert server.counted["BatchAppend"] == 1


async def test_a_request_that_is_too_large_is_not_sent_and_harms_no_other(server: Stub) -> None:
    async with store_on(server, timing=replace(FAST, append_s=30.0)) as store:
        appends = Appends(store, 50)
        with pytest.raises(AppendTooLarge, match="17,000,"):
            await store.append(fresh_stream(), [large(17_000_000)], expected=NO_STREAM)

        await appends.done()
        assert appends.are_stored_once(server)
        assert server.counted["BatchAppend"] == 1
        assert server.counted["BatchAppend message"] == 50


async def test_a_cancelled_caller_harms_no_other_and_its_append_is_not_sent_again(
    server: Stub, store: EventStoreDb
) -> None:
    server.hooks.freeze()
    appends = Appends(store, 20)
    await until(lambda: server.counted["BatchAppend message"] == 20)
    appends.tasks[3].cancel()
    appends.tasks[7].cancel()
    server.hooks.thaw()

    answers = await asyncio.gather(*appends.tasks, return_exceptions=True)

    assert sum(isinstance(answer, asyncio.CancelledError) for answer in answers) == 2
    assert sum(isinstance(answer, int) for answer in answers) == 18
    assert appends.are_stored_once(server)
    assert server.counted["BatchAppend"] == 1
    assert server.counted["BatchAppend message"] == 20


async def test_appends_cancelled_while_they_are_written_leave_the_call_open(
    server: Stub, store: EventStoreDb
) -> None:
    """Cancelled at each of the first turns of the event loop after asking."""
    await store.append(fresh_stream(), [draft()], expected=NO_STREAM)
    for turns in range(12):
        appending = asyncio.ensure_future(
            store.append(fresh_stream(), [large()], expected=NO_STREAM)
        )
        for _ in range(turns):
            await asyncio.sleep(0)
        appending.cancel()
        with suppress(asyncio.CancelledError):
            await appending

    await store.append(fresh_stream(), [draft()], expected=NO_STREAM)
    assert server.counted["BatchAppend"] == 1


# The call ends


@pytest.mark.parametrize("processed", [False, True])
@pytest.mark.parametrize("skip", [0, 1, 50, MANY - 1])
@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.RESTART])
async def test_a_call_that_ends_at_any_point_loses_and_doubles_nothing_and_keeps_the_order(
    server: Stub, store: EventStoreDb, fault: Fault, skip: int, *, processed: bool
) -> None:
    server.hooks.add(fault, on="append", processed=processed, skip=skip, times=1)
    appends = Appends(store)

    positions = await appends.done()

    assert server.hooks.met[fault] == 1
    assert list(positions) == sorted(positions)
    assert appends.are_stored_once_in_order(server)


async def test_a_call_that_ends_while_nothing_is_under_way_is_made_anew(
    server: Stub, store: EventStoreDb
) -> None:
    for calls in (1, 2, 3):
        await store.append(fresh_stream(), [draft()], expected=NO_STREAM)
        assert server.counted["BatchAppend"] == calls
        await server.restart()


async def test_a_network_that_cuts_every_100_kb_delays_appends_and_no_more(server: Stub) -> None:
    async with relay(server.port) as between:
        between.cut_every_bytes = 100_000
        store = EventStoreDb(between.uri, timing=FAST)
        appends = Appends(store, size=2_000)

        positions = await appends.done()
        await store.aclose()

    assert between.cuts > 2
    assert list(positions) == sorted(positions)
    assert appends.are_stored_once_in_order(server)


async def test_a_server_that_takes_requests_and_never_answers(server: Stub) -> None:
    server.hooks.add(Fault.SILENCE, on="append")
    async with store_on(server, timing=GIVES_UP) as store:
        appends = Appends(store, 20)

        async with asyncio.timeout(HUNG_S):
            answers = await asyncio.gather(*appends.tasks, return_exceptions=True)

        assert {type(answer) for answer in answers} == {OutcomeUnknown}
        server.hooks.clear()
        for stream, one in appends.drafts.items():
            await store.append(stream, [one], expected=NO_STREAM)
    assert appends.are_stored_once(server)


async def test_a_request_that_is_passed_over_is_sent_again_while_others_are_answered(
    server: Stub, store: EventStoreDb
) -> None:
    silent = fresh_stream()
    server.hooks.add(Fault.SILENCE, on="append", stream=silent, times=1)
    waiting = asyncio.ensure_future(store.append(silent, [draft()], expected=NO_STREAM))
    async with asyncio.timeout(HUNG_S):
        while not waiting.done():
            await store.append(fresh_stream(), [draft()], expected=NO_STREAM)

    assert await waiting > 0
    assert len(stored(server, silent)) == 1


# A cluster


async def test_a_leader_that_steps_down_with_requests_under_way() -> None:
    """Its call stays open, and answers that it is not ready."""
    async with stub() as first, stub() as second:
        lead(first, second)
        second.log = first.log  # as replicated
        url = f"esdb://127.0.0.1:{first.port},127.0.0.1:{second.port}?Tls=false"
        store = EventStoreDb(url, timing=FAST)
        for _ in range(2):  # the log is verified before the second one
            await store.append(fresh_stream(), [draft()], expected=NO_STREAM)
        first.hooks.freeze()
        appends = Appends(store)
        await until(lambda: first.counted["BatchAppend message"] > 100)
        lead(second, first)
        first.hooks.thaw()

        await appends.done()
        await store.aclose()

    assert appends.are_stored_once(first)
    assert second.counted["BatchAppend"] == 1


async def test_a_node_without_a_leader_is_not_ready_and_what_it_got_is_stored_once(
    server: Stub, store: EventStoreDb
) -> None:
    server.hooks.add(Fault.TIMED_OUT, on="append", processed=True, times=5)
    server.hooks.add(Fault.NOT_READY, on="append", times=20)
    appends = Appends(store)

    await appends.done()

    assert server.hooks.met[Fault.NOT_READY] == 20
    assert appends.are_stored_once(server)


async def test_a_server_that_is_never_ready_is_reported(server: Stub) -> None:
    server.hooks.add(Fault.NOT_READY, on="append")
    async with store_on(server, timing=GIVES_UP) as store:
        with pytest.raises(OutcomeUnknown, match="is not ready"):
            await store.append(fresh_stream(), [draft()], expected=NO_STREAM)


# Answers that are not as they should be


def in_another_order() -> Callable[[BatchAppendResp], Sequence[BatchAppendResp]]:
    held: list[BatchAppendResp] = []

    def altered(answer: BatchAppendResp) -> Sequence[BatchAppendResp]:
        held.append(answer)
        if len(held) < 10:
            return ()
        answers = held[::-1]
        held.clear()
        return answers

    return altered


def doubled(answer: BatchAppendResp) -> Sequence[BatchAppendResp]:
    return answer, answer


def with_unknown_ids(answer: BatchAppendResp) -> Sequence[BatchAppendResp]:
    unknown, malformed, without = BatchAppendResp(), BatchAppendResp(), BatchAppendResp()
    for altered in (unknown, malformed, without):
        altered.CopyFrom(answer)
    unknown.correlation_id.string = "454716a4-6d99-4206-9605-4fa2db63634c"
    malformed.correlation_id.string = "no id"
    without.ClearField("correlation_id")
    return unknown, malformed, without, answer


def with_ids_as_numbers(answer: BatchAppendResp) -> Sequence[BatchAppendResp]:
    number = UUID(answer.correlation_id.string).int
    most, least = number >> 64, number & (2**64 - 1)
    structured = shared_pb2.UUID.Structured(
        most_significant_bits=most - 2**64 if most >> 63 else most,
        least_significant_bits=least - 2**64 if least >> 63 else least,
    )
    answer.correlation_id.CopyFrom(shared_pb2.UUID(structured=structured))
    return (answer,)


@pytest.mark.parametrize(
    "altered", [in_another_order(), doubled, with_unknown_ids, with_ids_as_numbers]
)
async def test_answers_find_their_requests(
    server: Stub,
    store: EventStoreDb,
    altered: Callable[[BatchAppendResp], Sequence[BatchAppendResp]],
) -> None:
    server.altered = altered
    appends = Appends(store)

    positions = await appends.done()

    for stream, position in zip(appends.drafts, positions, strict=True):
        assert [event.position for event in server.log.every(stream)] == [position]
    assert server.counted["BatchAppend"] == 1


async def test_an_answer_without_a_result_leaves_the_outcome_open_and_it_is_sent_again(
    server: Stub, store: EventStoreDb
) -> None:
    numbers = count()

    def empty_at_first(answer: BatchAppendResp) -> Sequence[BatchAppendResp]:
        if next(numbers) < 20:
            answer.ClearField("success")
        return (answer,)

    server.altered = empty_at_first
    appends = Appends(store, 50)

    await appends.done()

    assert appends.are_stored_once(server)


async def test_an_answer_that_cannot_be_read_ends_the_call(
    monkeypatch: pytest.MonkeyPatch, server: Stub, store: EventStoreDb
) -> None:
    class Garbled:
        @staticmethod
        def FromString(message: bytes) -> BatchAppendResp:  # noqa: N802
            monkeypatch.undo()
            answer: BatchAppendResp = BatchAppendResp.FromString(b"\xff" + message)
            return answer

    monkeypatch.setattr(pipeline, "BatchAppendResp", Garbled)
    appends = Appends(store, 50)

    await appends.done()

    assert appends.are_stored_once(server)
    assert server.counted["BatchAppend"] == 2


# Closing


async def test_closing_the_store_answers_whoever_waits(server: Stub) -> None:
    server.hooks.freeze()
    async with store_on(server) as store:
        stream: StreamName = fresh_stream()
        sent = asyncio.ensure_future(store.append(stream, [draft()], expected=NO_STREAM))
        await until(lambda: server.counted["BatchAppend message"] == 1)
    with pytest.raises(OutcomeUnknown, match="closed"):
        await sent
    with pytest.raises(StoreUnavailable, match="closed"):
        await store.append(stream, [draft()], expected=Revision(0))
    server.hooks.thaw()
    async with store_on(server) as store:
        assert len(await ids(store, stream)) <= 1
