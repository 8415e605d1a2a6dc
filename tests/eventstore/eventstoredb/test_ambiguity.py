"""Commands through the API of two processes while the server drops, delays and kills at random.

Nothing acknowledged is lost, nothing is doubled, no stored command is reported as refused, and a
command reported as not stored is not stored. DAYBOOK_TEST_COMMANDS sets the number of commands;
with CI=true it is 20,000. Stores that break one of these promises are caught.
"""

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle
from typing import Any, Literal, TypeAlias
from uuid import NAMESPACE_OID, UUID, uuid5

import httpx
import pytest

pytest.importorskip("esdbclient")

from esdbclient.protos.Grpc.streams_pb2 import BatchAppendReq, BatchAppendResp

from api.app import create_app
from api.live.log import LiveLog
from api.services import Services
from eventstore.eventstoredb import EventStoreDb, Timing
from eventstore.ledger import submission
from eventstore.ledger.ledger import Ledger
from eventstore.port import (
    NO_STREAM,
    Draft,
    Expected,
    OutcomeUnknown,
    Position,
    Revision,
    StoreUnavailable,
    StreamName,
)
from eventstore.record.chain import ChainBroken, Links, verify_chain
from eventstore.record.codec import decode, stream_name
from runtime.clock import utc_now
from tests.esdb_stub.faults import Fault
from tests.esdb_stub.server import Stub, stub
from tests.given import amount

pytestmark = pytest.mark.slow

COMMANDS = amount("COMMANDS", quick=600, deep=20_000)
COMMANDS_AN_ORDER = 20
ORDERS_AT_ONCE = 48
TRIES = 3
HEALTHY_TRIES = 40
HASTY = Timing(
    append_s=0.1, settle_s=0.6, patience_s=0.3, read_s=0.5, pause_s=0.01, pause_max_s=0.05
)
LATE_S = 2 * HASTY.append_s

Kind: TypeAlias = Literal["stored", "unknown", "not stored", "refused"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """ids: the id to ask again with after an unknown outcome. why: the error, for a failed test."""

    kind: Kind
    revision: int = -1
    event_ids: tuple[UUID, ...] = ()
    ids: Mapping[str, str] = field(default_factory=dict)
    why: str = ""


@dataclass(slots=True)
class Asked:
    """One command and the answers to it. events: how many it has to write."""

    order_id: str
    command_id: str | None
    name: str
    fields: Mapping[str, Any]
    events: int
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def is_answered(self) -> bool:
        return any(outcome.kind in {"stored", "refused"} for outcome in self.outcomes)

    @property
    def is_stored(self) -> bool:
        return any(outcome.kind == "stored" for outcome in self.outcomes)


class CommandHandler:
    """The API of one process."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def ask(self, asked: Asked) -> Outcome:
        body = dict(asked.fields)
        if asked.name == "place-order":
            path, body["order_id"] = "/v1/orders", asked.order_id
        else:
            path = f"/v1/orders/{asked.order_id}/{asked.name}"
        headers = {"Idempotency-Key": asked.command_id} if asked.command_id else {}
        answer = await self._client.post(path, json=body, headers=headers)
        document = answer.json()
        if answer.is_success:
            ids = tuple(UUID(event["event_id"]) for event in document["events"])
            return Outcome("stored", document["revision"], ids)
        why = f"{answer.status_code} {document['type']}"
        if document["type"] == "/problems#outcome-unknown":
            ids = {name: document[name] for name in ("order_id", "command_id")}
            return Outcome("unknown", ids=ids, why=why)
        return Outcome("refused" if answer.is_client_error else "not stored", why=why)


Opened: TypeAlias = Callable[[str], EventStoreDb]


def hasty(url: str) -> EventStoreDb:
    return EventStoreDb(url, timing=HASTY)


class Run:
    """Commands sent to the processes in turn, while the server has faults."""

    def __init__(self, server: Stub, desks: Sequence[CommandHandler]) -> None:
        self._server = server
        self.desks = desks
        self._slots = asyncio.Semaphore(ORDERS_AT_ONCE)
        self.asked: list[Asked] = []

    async def send(self, commands: int) -> None:
        """All commands; some are left without a final answer."""
        orders = range(commands // COMMANDS_AN_ORDER)
        await asyncio.gather(*(self._send_order(number) for number in orders))

    async def ask_again(self) -> None:
        """Commands without a final answer, sent again now that the server is healthy.

        More often than a busy machine needs. An appender that never stores one is found by check().
        """
        for asked in self.asked:
            if not asked.is_answered:
                await self._ask(asked, 0, tries=HEALTHY_TRIES)
            if not asked.is_answered:
                return

    async def check(self) -> None:
        """Raises AssertionError or ChainBroken for a broken promise."""
        refused = [asked for asked in self.asked if kinds(asked)["refused"]]
        assert refused == [], "refused although it was stored"
        assert all(asked.is_stored for asked in self.asked), "never stored"
        written = {ids[0]: ids for ids in (await commands_in_log(self._server)).values()}
        for asked in self.asked:
            answer = next(outcome for outcome in asked.outcomes if outcome.kind == "stored")
            assert len(answer.event_ids) == asked.events
            assert written.pop(answer.event_ids[0], []) == list(answer.event_ids), "lost, doubled"
        assert not written, "stored twice, under another id"

    async def _send_order(self, number: int) -> None:
        dark = "dark-" if number % 12 == 5 else ""
        async with self._slots:
            for asked in story(f"{dark}o{number}", keyed=number % 10 != 0):
                self.asked.append(asked)
                await self._ask(asked, number, tries=TRIES)
                if not asked.is_stored:
                    return

    async def _ask(self, asked: Asked, first: int, *, tries: int) -> None:
        """At one handler after the other."""
        for at in range(first, first + tries):
            outcome = await self.desks[at % len(self.desks)].ask(asked)
            asked.outcomes.append(outcome)
            asked.command_id = outcome.ids.get("command_id", asked.command_id)
            if outcome.kind in {"stored", "refused"}:
                return
            if set(kinds(asked)) == {"not stored"}:
                await self._check_denial(asked)

    async def _check_denial(self, asked: Asked) -> None:
        """A command answered "not stored" every time is not stored."""
        await asyncio.sleep(2 * LATE_S)
        stored = self._server.log.every(stream_name(asked.order_id))
        found = {json.loads(event.metadata)["command_id"] for event in stored}
        assert asked.command_id not in found, "stored, but denied"


def story(order_id: str, *, keyed: bool) -> Sequence[Asked]:
    """The commands of one order; none of them is ever refused.

    keyed: with their own idempotency key; otherwise, as careless clients do, without one until they
    are given one.
    """
    item = {"product_id": "tea", "quantity": 2, "price_cents": 990}
    place = {"customer_id": "ada", "currency": "EUR", "items": [item]}
    steps: list[tuple[str, Mapping[str, Any], int]] = [("place-order", place, 1)]
    for n in range((COMMANDS_AN_ORDER - 1) // 2 + 1):
        capture = {
            "payment_id": f"p{n}",
            "capture_id": "c",
            "amount_cents": 10,
            "currency": "USD",  # not the order's: flagged as well
        }
        steps.append(("capture-payment", capture, 2))
        steps.append(("add-note", {"note_id": f"n{n}", "text": "hello"}, 1))
    return [
        Asked(order_id, f"{order_id}-{number}" if keyed else None, name, fields, events)
        for number, (name, fields, events) in enumerate(steps[:COMMANDS_AN_ORDER])
    ]


def kinds(asked: Asked) -> Counter[Kind]:
    return Counter(outcome.kind for outcome in asked.outcomes)


async def commands_in_log(server: Stub) -> Mapping[tuple[str, str], Sequence[UUID]]:
    """Which events each command has written. Raises ChainBroken."""
    store = EventStoreDb(server.uri)
    links: Links = {}
    found: dict[tuple[str, str], list[UUID]] = defaultdict(list)
    async for page in store.read_all():
        verify_chain(page, links, from_start=True)
        for event in map(decode, page):
            found[event.order_id, event.metadata.command_id].append(event.event_id)
    await store.aclose()
    return found


def add_faults(server: Stub) -> None:
    """Each of these faults in one of a hundred appends; for `dark` orders hardly any append is
    answered.
    """
    for processed in (False, True):
        often = partial(server.hooks.add, on="append", processed=processed)
        often(Fault.SILENCE, stream="order-dark", probability=0.5)
        for fault in (Fault.SILENCE, Fault.UNAVAILABLE, Fault.TIMED_OUT):
            often(fault, probability=0.01)
        often(Fault.LATE, probability=0.01, delay_s=LATE_S)
        often(Fault.RESTART, skip=200, times=1, delay_s=0.1)
        often(Fault.RESTART, probability=0.0005, delay_s=0.1)
    server.hooks.add(Fault.UNAVAILABLE, on="read", probability=0.005)


@asynccontextmanager
async def faulty(opened: Opened, *, seed: int = 0) -> AsyncIterator[tuple[Stub, Run]]:
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(stub(seed=seed))
        desks: list[CommandHandler] = []
        for _ in range(2):
            store = opened(server.uri)
            stack.push_async_callback(store.aclose)
            ledger = Ledger(store, clock=utc_now, resends_max=0)
            desks.append(CommandHandler(await stack.enter_async_context(served(ledger, store))))
        yield server, Run(server, desks)


@asynccontextmanager
async def served(ledger: Ledger, store: EventStoreDb) -> AsyncIterator[httpx.AsyncClient]:
    async def status() -> list[Any]:
        return []

    services = Services(
        ledger=ledger,
        store=store,
        databases={},
        status=status,
        clock=utc_now,
        live=LiveLog(store),
    )
    transport = httpx.ASGITransport(create_app(services))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        yield client


async def send(server: Stub, run: Run, commands: int) -> None:
    """The whole run, up to where the promises can be checked. Raises AssertionError."""
    add_faults(server)
    await run.send(commands)
    server.hooks.clear()
    await run.ask_again()
    await run.check()


async def test_nothing_is_lost_doubled_or_wrongly_refused_and_unknown_outcomes_are_reported() -> (
    None
):
    async with faulty(hasty) as (server, run):
        await send(server, run, COMMANDS)

        outcomes = sum((kinds(asked) for asked in run.asked), Counter[Kind]())
        assert outcomes["unknown"] > 0, "the faults were too mild to test anything"
        assert all(server.hooks.met[fault] for fault in (Fault.SILENCE, Fault.LATE, Fault.RESTART))


# Stores and ledgers that break a promise


class ReadsTheRevisionAgain(EventStoreDb):
    """Fault: after an unknown outcome it appends again at the revision it then reads."""

    async def append(
        self, stream: StreamName, drafts: Sequence[Draft], *, expected: Expected
    ) -> Position:
        try:
            return await super().append(stream, drafts, expected=expected)
        except OutcomeUnknown:
            last: Expected = NO_STREAM
            async for page in self.read_stream(stream):
                last = Revision(page[-1].revision)
            return await super().append(stream, drafts, expected=last)


class DeniesWhatItDoesNotKnow(EventStoreDb):
    """Fault: an unknown outcome is reported as an unreachable server."""

    async def append(
        self, stream: StreamName, drafts: Sequence[Draft], *, expected: Expected
    ) -> Position:
        try:
            return await super().append(stream, drafts, expected=expected)
        except OutcomeUnknown as error:
            raise StoreUnavailable(str(error)) from error


class SendsNothingTheSecondTime(EventStoreDb):
    """Fault: it sends no events the second time, and an append of nothing succeeds."""

    def __init__(self, url: str, *, timing: Timing) -> None:
        super().__init__(url, timing=timing)
        pipeline = self._appender._pipeline
        ended = pipeline._call_ended

        def emptied(*arguments: Any) -> None:
            ended(*arguments)
            for request in pipeline._requests:
                message = BatchAppendReq.FromString(request.body)
                message.ClearField("proposed_messages")
                request.body = message.SerializeToString()

        pipeline._call_ended = emptied  # type: ignore[method-assign]


class MatchesAnswersInOrder(EventStoreDb):
    """Fault: it takes each answer for that of the request that was written first."""

    def __init__(self, url: str, *, timing: Timing) -> None:
        super().__init__(url, timing=timing)
        pipeline = self._appender._pipeline
        take = pipeline._take

        def first(response: BatchAppendResp) -> None:
            response.correlation_id.string = next(iter(pipeline._written), "none")
            take(response)

        pipeline._take = first  # type: ignore[method-assign]


@pytest.mark.parametrize(
    "wrong",
    [
        ReadsTheRevisionAgain,
        DeniesWhatItDoesNotKnow,
        SendsNothingTheSecondTime,
        MatchesAnswersInOrder,
    ],
)
async def test_control_an_appender_that_breaks_a_promise_is_caught(
    wrong: type[EventStoreDb],
) -> None:
    def opened(url: str) -> EventStoreDb:
        return wrong(url, timing=HASTY)

    async with faulty(opened) as (server, run):
        with pytest.raises((AssertionError, ChainBroken)):
            await send(server, run, 800)


# Two processes at once


async def send_to_both(run: Run, orders: int) -> None:
    """Every command to both processes at the same time, in either order."""
    for number in range(orders):
        for asked, first in zip(story(f"o{number}", keyed=True), cycle((1, -1)), strict=False):
            answers = await asyncio.gather(*(handler.ask(asked) for handler in run.desks[::first]))
            assert answers[0] == answers[1]
            asked.outcomes.append(answers[0])
            run.asked.append(asked)
    await run.check()


async def test_the_same_command_sent_to_two_processes_is_stored_once_and_answered_alike() -> None:
    async with faulty(EventStoreDb) as (_, run):
        await send_to_both(run, 10)


async def test_control_two_processes_whose_ids_do_not_name_the_content_are_caught(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def named_by_place(_open: bytes, *, stream: str, revision: int, **_: Any) -> UUID:
        return uuid5(NAMESPACE_OID, f"{stream} {revision}")

    monkeypatch.setattr(submission, "event_id_of", named_by_place)
    async with faulty(EventStoreDb) as (_, run):
        with pytest.raises((AssertionError, ChainBroken)):
            await send_to_both(run, 10)
