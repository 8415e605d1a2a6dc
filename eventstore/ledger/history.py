"""The history of one order: its events folded, and the commands that wrote them."""

from collections import OrderedDict
from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple
from uuid import UUID

from domain.events import Event, RefundAccepted, RefundGranted
from domain.order import Order, evolve
from eventstore.known import KnownEvent, events_lost
from eventstore.port import (
    NO_STREAM,
    EventReader,
    Expected,
    Page,
    Position,
    Recorded,
    Revision,
    StreamName,
)
from eventstore.record.chain import GENESIS, ChainBroken, is_sealed_with, verify_content
from eventstore.record.codec import OrderEvent, decode, stream_name

FIRST_REVISION: Final = Revision(0)
EMPTY_RECORDED_AT: Final = ""
"""Sorts before every time."""


@dataclass(frozen=True, slots=True)
class FoldedOrder:
    """An order as of one of its events; revision to recorded_at are that event's.

    created_at: recorded_at of the order's first event.
    """

    order: Order
    revision: Revision
    position: Position
    hash: str
    recorded_at: str
    created_at: str


class CommandRecord(NamedTuple):
    """What a command wrote: events from revision on; position is that of the last one.

    credit_cents: of the refund that it granted or accepted, which may be a default of that time.
    """

    request_hash: str
    revision: Revision
    position: Position
    types: tuple[str, ...]
    event_ids: tuple[UUID, ...]
    credit_cents: int | None = None


_GRANTS: Final = (RefundGranted, RefundAccepted)


def credit_of(events: Iterable[Event]) -> int | None:
    """The credit that events of one command grant; None if they grant no refund."""
    for event in events:
        if isinstance(event, _GRANTS):
            return event.credit_cents
    return None


class OrderHistory(NamedTuple):
    """A durable stream, or the beginning of one. The next command is decided on it.

    commands is passed on to the history that continues this one, not copied, so that a command
    costs the same on a long order. A history that was continued must not be used again.
    """

    folded: FoldedOrder | None
    commands: dict[str, CommandRecord]

    @classmethod
    def empty(cls) -> "OrderHistory":
        return cls(None, {})

    @property
    def order(self) -> Order | None:
        return self.folded.order if self.folded else None

    @property
    def revision(self) -> Revision | None:
        return self.folded.revision if self.folded else None

    @property
    def expected(self) -> Expected:
        """What an append after it expects of the stream."""
        return self.folded.revision if self.folded else NO_STREAM

    @property
    def next_revision(self) -> Revision:
        return Revision(self.folded.revision + 1) if self.folded else FIRST_REVISION

    @property
    def hash(self) -> str:
        return self.folded.hash if self.folded else GENESIS

    @property
    def recorded_at(self) -> str:
        return self.folded.recorded_at if self.folded else EMPTY_RECORDED_AT


def apply_event(folded: FoldedOrder | None, event: OrderEvent) -> FoldedOrder:
    """The order after the event. Raises ChainBroken unless it is the next one of its stream."""
    revision, prev_hash = (
        (Revision(folded.revision + 1), folded.hash) if folded else (FIRST_REVISION, GENESIS)
    )
    if event.revision != revision or event.metadata.prev_hash != prev_hash:
        raise ChainBroken(event.recorded, f"does not continue the stream at revision {revision}")
    return FoldedOrder(
        evolve(folded.order if folded else None, event.event),
        event.revision,
        event.position,
        event.metadata.hash,
        event.metadata.recorded_at,
        folded.created_at if folded else event.metadata.recorded_at,
    )


def extend(history: OrderHistory, events: Iterable[OrderEvent]) -> OrderHistory:
    """The history after events that were read from the log."""
    folded, commands = history
    for event in events:
        folded = apply_event(folded, event)
        command_id = event.metadata.command_id
        before = commands.get(command_id)
        commands[command_id] = CommandRecord(
            event.metadata.request_hash,
            before.revision if before else event.revision,
            event.position,
            (*before.types, event.type) if before else (event.type,),
            (*before.event_ids, event.event_id) if before else (event.event_id,),
            before.credit_cents if before else credit_of((event.event,)),
        )
    return OrderHistory(folded, commands)


def after_append(
    history: OrderHistory,
    command_id: str,
    record: CommandRecord,
    events: Sequence[Event],
    *,
    hash_: str,
    recorded_at: str,
) -> OrderHistory:
    """The history after an append of this process. Only for an append that is durable.

    hash_, recorded_at: of the last event.
    """
    order = history.order
    for event in events:
        order = evolve(order, event)
    if order is None:
        raise ValueError("an append has events")
    history.commands[command_id] = record
    last = Revision(record.revision + len(events) - 1)
    created_at = history.folded.created_at if history.folded else recorded_at
    folded = FoldedOrder(order, last, record.position, hash_, recorded_at, created_at)
    return OrderHistory(folded, history.commands)


async def read_rest(store: EventReader, order_id: str, history: OrderHistory) -> OrderHistory:
    """The history continued to the end of the stream.

    Each event is verified: nothing is decided on one that was altered. Raises as decode(),
    ChainBroken, EventsLost, StoreError.
    """
    async for page in pages_after(store, order_id, history.folded):
        history = extend(history, map(_verified, page))
    return history


@dataclass(frozen=True, slots=True, kw_only=True)
class Until:
    """Where the fold of an order ends: before the first event that is later than any of these.

    as_of: when it was recorded. occurred_as_of: when it happened, by the reporter's word. Texts as
    in the metadata. None: does not matter.
    """

    revision: int | None = None
    as_of: str | None = None
    occurred_as_of: str | None = None

    def is_before(self, event: OrderEvent) -> bool:
        metadata = event.metadata
        return (
            (self.revision is not None and event.revision > self.revision)
            or (self.as_of is not None and metadata.recorded_at > self.as_of)
            or (self.occurred_as_of is not None and metadata.occurred_at > self.occurred_as_of)
        )


THE_END: Final = Until()


async def fold_until(
    store: EventReader,
    order_id: str,
    *,
    start: FoldedOrder | None = None,
    until: Until = THE_END,
) -> FoldedOrder | None:
    """The order as the fold of its events until then.

    start: a fold to continue; no later than the result. None for an unknown order. Raises as
    decode(), ChainBroken, EventsLost if the log does not have the last event of start.
    """
    folded = start
    async for page in pages_after(store, order_id, start):
        for event in map(decode, page):
            if until.is_before(event):
                return folded
            folded = apply_event(folded, event)
    return folded


async def pages_after(
    store: EventReader, order_id: str, folded: FoldedOrder | None
) -> AsyncGenerator[Page, None]:
    """The order's events after a fold of it; all of them for None.

    The fold's last event is read again with them. Raises EventsLost if the log does not have it.
    """
    stream = stream_name(order_id)
    if folded is None:
        async for page in store.read_stream(stream):
            yield page
        return
    was_seen = False
    after = Revision(folded.revision - 1) if folded.revision else None
    async for page in store.read_stream(stream, after=after):
        rest = page
        if not was_seen:
            was_seen = is_sealed_with(page[0], folded.hash)
            if not was_seen:
                break
            rest = page[1:]
        if rest:
            yield rest
    if not was_seen:
        by, position = "this process", folded.position
        raise events_lost([KnownEvent(by, stream, folded.revision, position, digest=folded.hash)])


async def events_after(
    store: EventReader, order_id: str, *, after: int | None, limit: int | None
) -> Sequence[OrderEvent] | None:
    """The order's events after a revision, at most limit; None for an unknown order."""
    stream = stream_name(order_id)
    found: list[OrderEvent] = []
    start = None if after is None else Revision(after)
    async for page in store.read_stream(stream, after=start):
        room = None if limit is None else limit - len(found)
        found += map(decode, page[:room])
        if limit is not None and len(found) >= limit:
            return found
    if found or (after is not None and await _exists(store, stream)):
        return found
    return None


class Unfolded(NamedTuple):
    """An append of this process that is durable, and not folded yet. Called, it is the history."""

    history: OrderHistory
    command_id: str
    record: CommandRecord
    events: Sequence[Event]
    hash: str
    recorded_at: str

    def __call__(self) -> OrderHistory:
        return after_append(
            self.history,
            self.command_id,
            self.record,
            self.events,
            hash_=self.hash,
            recorded_at=self.recorded_at,
        )


class _Cached(NamedTuple):
    size: int
    history: OrderHistory | Unfolded


class OrderCache:
    """The histories used last, up to a total size of size_max; the last one whatever its size.

    An order that was placed is folded when it is used again, which many never are.
    """

    def __init__(self, size_max: int) -> None:
        self._size_max = size_max
        self._size = 0
        self._cached: OrderedDict[str, _Cached] = OrderedDict()

    @property
    def size(self) -> int:
        """In events, about 1 kB each; an order takes as much as two events on top."""
        return self._size

    @property
    def order_ids(self) -> Sequence[str]:
        """The one used longest ago first."""
        return list(self._cached)

    def get(self, order_id: str) -> OrderHistory | None:
        cached = self._cached.get(order_id)
        if cached is None:
            return None
        self._cached.move_to_end(order_id)
        history = cached.history
        if not isinstance(history, OrderHistory):
            history = history()
            self._cached[order_id] = _Cached(cached.size, history)
        return history

    def put(self, order_id: str, history: OrderHistory) -> None:
        """Only what is durable may be put in."""
        self._put(order_id, _Cached(2 + history.next_revision, history))

    def put_unfolded(self, order_id: str, last: Revision, appended: Unfolded) -> None:
        """The history up to the revision last, which is folded when it is needed, at most once."""
        self._put(order_id, _Cached(3 + last, appended))

    def unfolded(self, order_id: str) -> Unfolded | None:
        """What was appended last, if nobody has needed it since."""
        cached = self._cached.get(order_id)
        return cached.history if cached and isinstance(cached.history, Unfolded) else None

    def clear(self) -> None:
        self._cached.clear()
        self._size = 0

    def forget(self, order_id: str) -> None:
        cached = self._cached.pop(order_id, None)
        if cached is not None:
            self._size -= cached.size

    def _put(self, order_id: str, cached: _Cached) -> None:
        self.forget(order_id)
        self._cached[order_id] = cached
        self._size += cached.size
        while self._size > self._size_max and len(self._cached) > 1:
            _, oldest = self._cached.popitem(last=False)
            self._size -= oldest.size


def _verified(recorded: Recorded) -> OrderEvent:
    event = decode(recorded)
    verify_content(recorded)
    return event


async def _exists(store: EventReader, stream: StreamName) -> bool:
    async for _ in store.read_stream(stream):
        return True
    return False
