"""A member of a group that is given its records by the test, instead of a consumer of Kafka."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from eventstore.port import Recorded
from eventstore.relay.kafka.record import encode
from projections.sources.kafka_member import Bounds, Unreadable
from tests.eventstore.leases import SECRET

SWEEPER = frozenset({0, 1})
"""What it holds in the end; the holder of partition 0 sweeps."""
OTHER = frozenset({1})


@dataclass(frozen=True)
class Sent:
    """The fields of a consumer's record that are read."""

    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]
    offset: int = 0


def sent(recorded: Recorded, *, epoch: int = 1, secret: bytes = SECRET) -> Sent:
    return Sent(*encode(recorded, epoch=epoch, published_through=-1, secret=secret))


Poll = Sequence[Sent] | Exception


@dataclass
class ScriptedMember:
    """Returns the polls one by one, from partition 1; then a rebalance makes it the sweeper, unless
    `stays`.
    """

    polls: list[Poll]
    held: frozenset[int] | None = OTHER
    stays: bool = False
    turn: int = 1
    offset: int = 0
    read_from: list[Mapping[int, int]] = field(default_factory=list)
    committed: list[Mapping[int, int]] = field(default_factory=list)
    is_applying: bool = False
    paused: bool = True
    left: int = 0

    async def join(self) -> None:
        self.left = 0

    async def leave(self) -> None:
        self.left += 1

    async def assigned(self) -> frozenset[int]:
        if self.held is None:
            self.held, self.turn, self.paused = SWEEPER, self.turn + 1, True
        return self.held

    def holds(self, turn: int) -> bool:
        return self.held is not None and self.turn == turn

    async def bounds(self) -> Bounds:
        held = self.held or ()
        return Bounds(dict.fromkeys(held, 0), dict.fromkeys(held, self.offset))

    def read(self, places: Mapping[int, int]) -> None:
        self.read_from.append(dict(places))
        self.paused = False

    def pause(self) -> None:
        self.paused = True

    async def poll(self, wait_s: float, limit: int) -> Mapping[int, Sequence[Sent]]:
        assert not self.is_applying
        await asyncio.sleep(0)
        if self.paused:
            return {}
        if not self.polls:
            if self.held == OTHER and not self.stays:
                self.held = None
            return {}
        poll = self.polls.pop(0)
        if isinstance(poll, Exception):
            raise poll
        records = []
        for record in poll:
            records.append(Sent(record.key, record.value, record.headers, self.offset))
            self.offset += 1
        return {1: records} if records else {}

    @contextmanager
    def applying(self) -> Iterator[None]:
        self.is_applying = True
        try:
            yield
        finally:
            self.is_applying = False

    def commit_offsets(self, places: Mapping[int, int]) -> None:
        self.committed.append(dict(places))


def gone(*partitions: int) -> Unreadable:
    return Unreadable(partitions, "they are gone")
