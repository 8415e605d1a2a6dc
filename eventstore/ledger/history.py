"""A stream folded: the order, where it stands, and the commands that wrote it."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from domain.events import Event
from domain.order import Order, evolve
from eventstore.port import Position, Revision
from eventstore.record.chain import GENESIS, ChainBroken
from eventstore.record.codec import OrderEvent

FIRST_REVISION: Final = Revision(0)
EMPTY_RECORDED_AT: Final = ""
"""Sorts before every moment."""


@dataclass(frozen=True, slots=True)
class FoldedOrder:
    """An order as of one of its events; revision to recorded_at are that event's."""

    order: Order
    revision: Revision
    position: Position
    hash: str
    recorded_at: str


class Written(NamedTuple):
    """What a command wrote: its events from revision on, position that of the last one."""

    request_hash: str
    revision: Revision
    position: Position
    types: tuple[str, ...]


class History(NamedTuple):
    """A durable stream, or the beginning of one: what the next command is decided on.

    commands is handed on to the history that continues this one, not copied, so that a command
    costs the same on a long order: a history that was continued is not to be used again.
    """

    folded: FoldedOrder | None
    commands: dict[str, Written]

    @property
    def order(self) -> Order | None:
        return self.folded.order if self.folded else None

    @property
    def revision(self) -> Revision | None:
        return self.folded.revision if self.folded else None

    @property
    def next_revision(self) -> Revision:
        return Revision(self.folded.revision + 1) if self.folded else FIRST_REVISION

    @property
    def hash(self) -> str:
        return self.folded.hash if self.folded else GENESIS

    @property
    def recorded_at(self) -> str:
        return self.folded.recorded_at if self.folded else EMPTY_RECORDED_AT


def folded_on(folded: FoldedOrder | None, event: OrderEvent) -> FoldedOrder:
    """Raises ChainBroken for an event that is not the next one of its stream."""
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
    )


def read_on(history: History, events: Iterable[OrderEvent]) -> History:
    """The history after events that were read from the log."""
    folded, commands = history
    for event in events:
        folded = folded_on(folded, event)
        command_id = event.metadata.command_id
        before = commands.get(command_id)
        commands[command_id] = Written(
            event.metadata.request_hash,
            before.revision if before else event.revision,
            event.position,
            (*before.types, event.type) if before else (event.type,),
        )
    return History(folded, commands)


def appended(
    history: History,
    command_id: str,
    written: Written,
    events: Sequence[Event],
    *,
    hash_: str,
    recorded_at: str,
) -> History:
    """The history after an append of this process; only to be called once it is durable."""
    order = history.order
    for event in events:
        order = evolve(order, event)
    if order is None:
        raise ValueError("an append has events")
    last = Revision(written.revision + len(events) - 1)
    history.commands[command_id] = written
    return History(FoldedOrder(order, last, written.position, hash_, recorded_at), history.commands)


class _Kept(NamedTuple):
    size: int
    history: History | Callable[[], History]


class Histories:
    """The orders used last: as many as weigh size_max together, but always the last one.

    What was appended to an order is folded when the order is used again.
    """

    def __init__(self, size_max: int) -> None:
        self._size_max = size_max
        self._size = 0
        self._histories: OrderedDict[str, _Kept] = OrderedDict()

    def get(self, order_id: str) -> History | None:
        kept = self._histories.get(order_id)
        if kept is None:
            return None
        self._histories.move_to_end(order_id)
        history = kept.history
        if not isinstance(history, History):
            history = history()
            self._histories[order_id] = _Kept(kept.size, history)
        return history

    def keep(self, order_id: str, history: History) -> None:
        """Only what is durable may be kept."""
        self._keep(order_id, _Kept(_size(history.next_revision), history))

    def keep_appended(self, order_id: str, last: Revision, fold: Callable[[], History]) -> None:
        """The order's history is what fold gives, up to the revision; it is asked for once."""
        self._keep(order_id, _Kept(_size(last + 1), fold))

    def clear(self) -> None:
        """Forget all of them."""
        self._histories.clear()
        self._size = 0

    def forget(self, order_id: str) -> None:
        kept = self._histories.pop(order_id, None)
        if kept is not None:
            self._size -= kept.size

    def _keep(self, order_id: str, kept: _Kept) -> None:
        self.forget(order_id)
        self._histories[order_id] = kept
        self._size += kept.size
        while self._size > self._size_max and len(self._histories) > 1:
            _, oldest = self._histories.popitem(last=False)
            self._size -= oldest.size


def _size(events: int) -> int:
    """In events, about 1 kB each; an order with one event weighs about three times that."""
    return 2 + events
