"""A member of a group that is given what the test says, in place of a consumer of Kafka's."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from eventstore.port import Recorded
from eventstore.relay.kafka.record import encode
from projections.sources.kafka_member import Bounds, Lost
from tests.eventstore.leases import SECRET

SWEEPER = frozenset({0, 1})
"""What it holds in the end; partition 0 is the sweeper's."""
OTHER = frozenset({1})


@dataclass(frozen=True)
class Sent:
    """What a consumer's record has that is read of it."""

    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]
    offset: int = 0


def sent(recorded: Recorded, *, epoch: int = 1, secret: bytes = SECRET) -> Sent:
    return Sent(*encode(recorded, epoch=epoch, published_through=-1, secret=secret))


Poll = Sequence[Sent] | Exception


@dataclass
class ScriptedMember:
    """Gives polls one by one, in partition 1; then it becomes the sweeper, by a rebalance, unless
    it stays what it is.
    """

    polls: list[Poll]
    held: frozenset[int] | None = OTHER
    stays: bool = False
    turn: int = 1
    offset: int = 0
    read_from: list[Mapping[int, int]] = field(default_factory=list)
    told: list[Mapping[int, int]] = field(default_factory=list)
    in_hand: bool = False
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
        assert not self.in_hand
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
    def hand(self) -> Iterator[None]:
        self.in_hand = True
        try:
            yield
        finally:
            self.in_hand = False

    def tell(self, places: Mapping[int, int]) -> None:
        self.told.append(dict(places))


def gone(*partitions: int) -> Lost:
    return Lost(partitions, "they are gone")
