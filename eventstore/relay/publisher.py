"""One session of publishing: the log is read into an outbox, and sent a batch per partition."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Final

from eventstore.lease import LeaseLost
from eventstore.port import EventReader, Position, Recorded
from eventstore.relay.bus import BEFORE_FIRST, Publisher, TooLarge, Unpublished
from eventstore.relay.outbox import Outbox, size_of
from eventstore.relay.resume import Resume

DRAIN_S: Final = 3.0
"""How long a relay that stops waits for batches under way."""
BATCH_MAX: Final = 250
"""Events of a partition under way at once. This also bounds what a stopped relay can still write
when it wakes up; larger batches are not faster.
"""
BATCH_BYTES: Final = 512 * 1024


@dataclass(slots=True)
class Limits:
    """Limits of a session, some learned by the sessions before it.

    refused: events too large for the bus. They are skipped: readers get them from the log.
    """

    buffer_bytes: int
    batch_max: int = BATCH_MAX
    batch_bytes: int = BATCH_BYTES
    refused: set[Position] = field(default_factory=set)

    def learn(self, events: Sequence[Recorded]) -> None:
        """These were too large for one batch."""
        if len(events) == 1:
            self.refused.add(events[0].position)
        else:
            self.batch_bytes = sum(map(size_of, events)) // 2


@dataclass(slots=True)
class Progress:
    """published: events acknowledged. The rest as in RelayState."""

    published_through: int = BEFORE_FIRST
    in_flight_bytes: int = 0
    published: int = 0


class PublishSession:
    """Publishes until it is stopped or fails; then another session resumes."""

    def __init__(
        self,
        store: EventReader,
        publisher: Publisher,
        found: Resume,
        *,
        epoch: int,
        limits: Limits,
        progress: Progress,
        check: Callable[[], Awaitable[None]],
    ) -> None:
        """check: awaited before each batch; raises LeaseLost if it must not be sent."""
        self._store = store
        self._publisher = publisher
        self._after = found.after
        self._epoch = epoch
        self._limits = limits
        self._progress = progress
        self._check = check
        partitions = len(publisher.ends)
        self._outbox = Outbox(
            partitions,
            publisher.partition_of,
            after=found.after,
            acknowledged=found.acknowledged,
            refused=limits.refused,
        )
        self._ready = [asyncio.Event() for _ in range(partitions)]
        self._room = asyncio.Event()
        self._closing = False
        self._note()

    async def run(self, stop: asyncio.Event) -> None:
        """Until stop is set; batches under way then have DRAIN_S to be acknowledged.

        Raises LeaseLost, BusError, StoreError: the first one if there are several.
        """
        try:
            async with asyncio.timeout(None) as limit, asyncio.TaskGroup() as tasks:
                reading = tasks.create_task(self._read())
                for partition in range(len(self._ready)):
                    tasks.create_task(self._send(partition))
                await stop.wait()
                limit.reschedule(asyncio.get_running_loop().time() + DRAIN_S)
                reading.cancel()
                self._closing = True
                for ready in self._ready:
                    ready.set()
        except TimeoutError:
            pass  # the next relay will find out whether they arrived
        except BaseExceptionGroup as group:
            raise _foremost(group) from group

    async def _read(self) -> None:
        async with aclosing(self._store.follow(after=self._after)) as pages:
            async for page in pages:
                for partition in self._outbox.put(page):
                    self._ready[partition].set()
                self._note()
                while self._outbox.bytes > self._limits.buffer_bytes:
                    self._room.clear()
                    await self._room.wait()

    async def _send(self, partition: int) -> None:
        ready, limits = self._ready[partition], self._limits
        while not self._closing:
            events = self._outbox.take(
                partition, count_max=limits.batch_max, bytes_max=limits.batch_bytes
            )
            if not events:
                ready.clear()
                await ready.wait()
                continue
            await self._check()
            await self._publish(partition, events)
            self._outbox.acknowledge(partition)
            self._progress.published += len(events)
            self._room.set()
            self._note()

    async def _publish(self, partition: int, events: Sequence[Recorded]) -> None:
        try:
            await self._publisher.publish(
                partition,
                events,
                epoch=self._epoch,
                published_through=self._outbox.published_through,
            )
        except TooLarge as error:
            self._limits.learn(events)
            first = events[0]
            raise Unpublished(
                f"a batch of {len(events)} from {first.stream} revision {first.revision}: {error}"
            ) from error

    def _note(self) -> None:
        self._progress.published_through = self._outbox.published_through
        self._progress.in_flight_bytes = self._outbox.bytes


def _foremost(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """A lost lease explains the errors that come with it."""
    errors = list(group.exceptions)
    return next((error for error in errors if isinstance(error, LeaseLost)), errors[0])
