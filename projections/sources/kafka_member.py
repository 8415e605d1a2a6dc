"""Membership of a consumer group. No partition is given up while a batch of it is being applied."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition  # type: ignore[import-untyped]
from aiokafka.abc import ConsumerRebalanceListener  # type: ignore[import-untyped]
from aiokafka.coordinator.assignors.sticky.sticky_assignor import (  # type: ignore[import-untyped]
    StickyPartitionAssignor,
)
from aiokafka.errors import (  # type: ignore[import-untyped]
    InvalidSessionTimeoutError,
    KafkaConnectionError,
    KafkaError,
    NoOffsetForPartitionError,
    OffsetOutOfRangeError,
)

from eventstore.relay.bus import BusUnavailable
from eventstore.relay.kafka.connection import UNREADABLE, end, words
from projections.storage.errors import ReadModelError

SESSION_S: Final = 3.0
"""A member that is silent for so long loses its partitions."""
SESSION_ALLOWED_S: Final = 6.0
"""The least that a broker allows by default."""
BEAT_S: Final = 0.5
"""Also how soon a member learns of a rebalance."""
REBALANCE_S: Final = 10.0
"""How long the other members wait for one that is applying a batch."""
REQUEST_S: Final = 15.0
"""Longer than REBALANCE_S: joining is a request that is answered at the end of a rebalance."""
METADATA_S: Final = 3.0
"""How soon it is noticed that the topic was deleted or recreated."""
ASSIGN_S: Final = 30.0
LEAVE_S: Final = 3.0
POLL_S: Final = 0.2

Offsets: TypeAlias = Mapping[int, int]
"""By partition: the offset of the next record."""
Polled: TypeAlias = Mapping[int, Sequence[ConsumerRecord]]

Why: TypeAlias = Callable[[], Awaitable[str]]
"""Returns what keeps the cluster from being reached; empty if nothing does."""

_log = logging.getLogger("daybook.worker")


class NoTopic(ReadModelError):
    """The topic does not exist."""


class NotAssigned(ReadModelError):
    """The group does not assign its partitions."""


class Unreadable(Exception):
    """The records at the current offsets of these partitions are gone, or cannot be decoded."""

    def __init__(self, partitions: Sequence[int], why: str) -> None:
        super().__init__(why)
        self.partitions = partitions


@dataclass(frozen=True, slots=True)
class Bounds:
    """Of the partitions held: the offsets of the first record, and of the next one to come."""

    begins: Offsets
    ends: Offsets


class Member(ConsumerRebalanceListener):  # type: ignore[misc]
    """One consumer of a group, for one topic. join() once; leave() in any case.

    held: the partitions assigned to it; None during a rebalance. turn: the number of assignments so
    far. Newly assigned partitions are paused until read().
    """

    def __init__(
        self, options: Mapping[str, Any], *, topic: str, group: str, why: Why | None = None
    ) -> None:
        """options: for every client of the cluster. why: asked where it cannot be reached."""
        self.held: frozenset[int] | None = None
        self.turn = 0
        self._topic = topic
        self._group = group
        self._why = why
        self._idle = asyncio.Event()
        self._idle.set()
        self._committing: asyncio.Task[None] | None = None
        self._options = options
        self._session_s = SESSION_S
        self._consumer = self._new_consumer()

    async def join(self) -> None:
        """Raises NoTopic, BusUnavailable."""
        try:
            await self._start()
            topics = await self._consumer.topics()
        except (KafkaError, OSError) as error:
            # The client does not report why it cannot connect.
            asked = self._why if isinstance(error, KafkaConnectionError) else None
            why = await asked() if asked else ""
            raise BusUnavailable(
                f"the group {self._group} is out of reach: {why or words(error)}"
            ) from error
        # Asking for it by name would create it, on a cluster that creates topics automatically.
        if self._topic not in topics:
            raise self._no_topic()
        self._consumer.subscribe([self._topic], listener=self)

    async def leave(self) -> None:
        """Within bounded time, whether or not the cluster answers."""
        self._idle.set()
        self._stop_committing()
        await self._close()

    async def assigned(self) -> frozenset[int]:
        """Wait for an assignment; returns its partitions.

        Raises NotAssigned, KafkaError, and what join() raises, as it may have to join again.
        """
        try:
            async with asyncio.timeout(ASSIGN_S):
                while self.held is None:
                    await self._wait()
        except TimeoutError:
            raise NotAssigned(
                f"the group {self._group} has assigned no partitions in {ASSIGN_S:g} s:"
                " is Kafka well?"
            ) from None
        if not self.held and self._consumer.partitions_for_topic(self._topic) is None:
            raise self._no_topic()
        return self.held

    def holds(self, turn: int) -> bool:
        """Whether the assignment of that turn still holds."""
        return self.held is not None and self.turn == turn

    async def bounds(self) -> Bounds:
        """As they are now. Raises KafkaError."""
        partitions = self._of(self.held or ())
        begins = await self._consumer.beginning_offsets(partitions)
        ends = await self._consumer.end_offsets(partitions)
        return Bounds(_offsets(begins), _offsets(ends))

    def read(self, places: Offsets) -> None:
        """Read these partitions from these offsets on."""
        for partition, offset in places.items():
            self._consumer.seek(TopicPartition(self._topic, partition), offset)
        self._consumer.resume(*self._of(places))

    def pause(self) -> None:
        """Read nothing until read(), and stay a member."""
        self._consumer.pause(*self._of(self.held or ()))

    async def poll(self, wait_s: float, limit: int) -> Polled:
        """The records that come within wait_s, at most limit; none of an assignment that ended.

        Raises Unreadable, KafkaError.
        """
        turn = self.turn
        try:
            polled = await self._consumer.getmany(timeout_ms=int(1000 * wait_s), max_records=limit)
        except OffsetOutOfRangeError as error:
            raise Unreadable(
                [found.partition for found in error.args[0]], "they are gone"
            ) from None
        except NoOffsetForPartitionError as error:
            raise Unreadable([error.args[0].partition], "no offset is known") from None
        except UNREADABLE as error:
            # Its partition is not known: all are read again, from after what cannot be decoded.
            raise Unreadable(sorted(self.held or ()), words(error)) from None
        if not self.holds(turn):
            return {}
        return {found.partition: records for found, records in polled.items()}

    @contextmanager
    def applying(self) -> Iterator[None]:
        """While the block lasts the partitions are not given up."""
        self._idle.clear()
        try:
            yield
        finally:
            self._idle.set()

    def commit_offsets(self, places: Offsets) -> None:
        """Commit the group's offsets on the cluster, for tools to see; they are never read here."""
        if places and (self._committing is None or self._committing.done()):
            offsets = {TopicPartition(self._topic, place): at for place, at in places.items()}
            self._committing = asyncio.create_task(self._commit(offsets))

    async def on_partitions_revoked(self, _revoked: object) -> None:
        self.held = None
        self._stop_committing()
        await self._idle.wait()

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        # At once: else the client would take offsets that the group committed on the cluster.
        for partition in assigned:
            self._consumer.seek(partition, 0)
        self._consumer.pause(*assigned)
        self.turn += 1
        self.held = frozenset(partition.partition for partition in assigned)

    async def _start(self) -> None:
        """Not cancelled midway: the client would not close the connection that it is opening."""
        starting = asyncio.ensure_future(self._consumer.start())
        try:
            await asyncio.shield(starting)
        except asyncio.CancelledError:
            await end(starting)
            raise

    async def _wait(self) -> None:
        """Polling waits for the assignment, and raises what prevents it."""
        try:
            await self._consumer.getmany(timeout_ms=int(1000 * POLL_S))
        except InvalidSessionTimeoutError:
            if self._session_s >= SESSION_ALLOWED_S:
                raise
            _log.warning(
                "the broker does not allow a session timeout of %g s in the group %s: a worker that"
                " dies is noticed after %g s;"
                " its setting group.min.session.timeout.ms should be at most %d",
                *(SESSION_S, self._group, SESSION_ALLOWED_S, 1000 * SESSION_S),
            )
            await self._close()
            self._session_s = SESSION_ALLOWED_S
            self._consumer = self._new_consumer()
            await self.join()

    async def _commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        with suppress(TimeoutError, KafkaError):
            async with asyncio.timeout(REQUEST_S):
                await self._consumer.commit(offsets)

    def _stop_committing(self) -> None:
        if self._committing is not None:
            self._committing.cancel()

    def _new_consumer(self) -> AIOKafkaConsumer:
        return AIOKafkaConsumer(**_options(self._options, self._group, self._session_s))

    async def _close(self) -> None:
        if not await end(self._consumer.stop(), LEAVE_S):
            _log.warning("left the group %s without telling it: Kafka does not answer", self._group)
            await self._close_rest()

    async def _close_rest(self) -> None:
        """The client's stop() cannot be called again: close here what it did not get to."""
        consumer = self._consumer
        if consumer._fetcher is not None:  # noqa: SLF001
            for task in consumer._fetcher._pending_tasks:  # noqa: SLF001
                task.cancel()
            await end(consumer._fetcher.close())  # noqa: SLF001
        await end(consumer._client.close())  # noqa: SLF001

    def _of(self, partitions: Sequence[int] | frozenset[int] | Offsets) -> list[TopicPartition]:
        return [TopicPartition(self._topic, partition) for partition in partitions]

    def _no_topic(self) -> NoTopic:
        return NoTopic(f"there is no topic {self._topic}: start `daybook relay`, which makes it")


def _options(options: Mapping[str, Any], group: str, session_s: float) -> dict[str, Any]:
    # The assignor keeps the state of a group in the class: two groups must not share it.
    sticky = type("Sticky", (StickyPartitionAssignor,), {})
    return dict(options) | {
        "group_id": group,
        "partition_assignment_strategy": (sticky,),
        "auto_offset_reset": "none",
        "enable_auto_commit": False,
        "session_timeout_ms": int(1000 * session_s),
        "heartbeat_interval_ms": int(1000 * BEAT_S),
        "rebalance_timeout_ms": int(1000 * REBALANCE_S),
        "request_timeout_ms": int(1000 * REQUEST_S),
        "metadata_max_age_ms": int(1000 * METADATA_S),
        "retry_backoff_ms": 250,
    }


def _offsets(found: Mapping[TopicPartition, int]) -> Offsets:
    return {partition.partition: offset for partition, offset in found.items()}
