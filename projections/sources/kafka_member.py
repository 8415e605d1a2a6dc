"""Membership of a consumer group: which partitions are ours, and none is given up in mid-batch."""

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
"""A member that is silent for so long has lost its partitions."""
SESSION_ALLOWED_S: Final = 6.0
"""The least that a broker allows unless it is told otherwise."""
BEAT_S: Final = 0.5
"""Also how soon a member hears that the partitions are shared out anew."""
REBALANCE_S: Final = 10.0
"""How long the others wait for a member with a batch in hand."""
REQUEST_S: Final = 15.0
"""Longer than REBALANCE_S: joining is a request that is answered at the end of a rebalance."""
METADATA_S: Final = 3.0
"""How soon it is seen that the topic is gone, or made anew."""
ASSIGN_S: Final = 30.0
LEAVE_S: Final = 3.0
POLL_S: Final = 0.2

Offsets: TypeAlias = Mapping[int, int]
"""By partition: the offset of the next record."""
Polled: TypeAlias = Mapping[int, Sequence[ConsumerRecord]]

Why: TypeAlias = Callable[[], Awaitable[str]]
"""Says what keeps the cluster from being reached; empty where nothing does."""

_log = logging.getLogger("daybook.worker")


class NoTopic(ReadModelError):
    """The topic is not there."""


class NotAssigned(ReadModelError):
    """The group does not come to share out the partitions."""


class Lost(Exception):
    """The records at the place of these partitions are gone, or cannot be read."""

    def __init__(self, partitions: Sequence[int], why: str) -> None:
        super().__init__(why)
        self.partitions = partitions


@dataclass(frozen=True, slots=True)
class Bounds:
    """Of the partitions held: offset of the first record there is, and of the next one to come."""

    begins: Offsets
    ends: Offsets


class Member(ConsumerRebalanceListener):  # type: ignore[misc]
    """One consumer of a group, for one topic. join() once; leave() whatever came of it.

    held: the partitions that are ours; None while they are shared out. turn: counts assignments.
    Newly assigned partitions are paused: read() says from where.
    """

    def __init__(
        self, options: Mapping[str, Any], *, topic: str, group: str, why: Why | None = None
    ) -> None:
        """options: what every client of the cluster takes."""
        self.held: frozenset[int] | None = None
        self.turn = 0
        self._topic = topic
        self._group = group
        self._why = why
        self._idle = asyncio.Event()
        self._idle.set()
        self._telling: asyncio.Task[None] | None = None
        self._options = options
        self._session_s = SESSION_S
        self._consumer = self._new_consumer()

    async def join(self) -> None:
        """Raises NoTopic, BusUnavailable."""
        try:
            await self._start()
            topics = await self._consumer.topics()
        except (KafkaError, OSError) as error:
            # Of whatever keeps it from connecting the client says no more than that.
            asked = self._why if isinstance(error, KafkaConnectionError) else None
            why = await asked() if asked else ""
            raise BusUnavailable(
                f"the group {self._group} is out of reach: {why or words(error)}"
            ) from error
        # Asked for by name it would be made, on a cluster that makes topics of itself.
        if self._topic not in topics:
            raise self._no_topic()
        self._consumer.subscribe([self._topic], listener=self)

    async def leave(self) -> None:
        """In bounded time, with or without the cluster."""
        self._idle.set()
        self._stop_telling()
        await self._close()

    async def assigned(self) -> frozenset[int]:
        """The partitions that are ours, as soon as they are.

        Raises NotAssigned, KafkaError; and what join() does, where the broker wants it otherwise.
        """
        try:
            async with asyncio.timeout(ASSIGN_S):
                while self.held is None:
                    await self._wait()
        except TimeoutError:
            raise NotAssigned(
                f"the group {self._group} has shared out no partitions in {ASSIGN_S:g} s:"
                " is Kafka well?"
            ) from None
        if not self.held and self._consumer.partitions_for_topic(self._topic) is None:
            raise self._no_topic()
        return self.held

    def holds(self, turn: int) -> bool:
        """Whether the partitions of that turn are still ours."""
        return self.held is not None and self.turn == turn

    async def bounds(self) -> Bounds:
        """As they are now. Raises KafkaError."""
        partitions = self._of(self.held or ())
        begins = await self._consumer.beginning_offsets(partitions)
        ends = await self._consumer.end_offsets(partitions)
        return Bounds(_offsets(begins), _offsets(ends))

    def read(self, places: Offsets) -> None:
        """From these offsets on, in these partitions."""
        for partition, offset in places.items():
            self._consumer.seek(TopicPartition(self._topic, partition), offset)
        self._consumer.resume(*self._of(places))

    def pause(self) -> None:
        """Read nothing until read(), and stay a member."""
        self._consumer.pause(*self._of(self.held or ()))

    async def poll(self, wait_s: float, limit: int) -> Polled:
        """What is there, within wait_s; nothing from partitions that are not ours any more.

        Raises Lost, KafkaError.
        """
        turn = self.turn
        try:
            polled = await self._consumer.getmany(timeout_ms=int(1000 * wait_s), max_records=limit)
        except OffsetOutOfRangeError as error:
            raise Lost([found.partition for found in error.args[0]], "they are gone") from None
        except NoOffsetForPartitionError as error:
            raise Lost([error.args[0].partition], "no place is known") from None
        except UNREADABLE as error:
            # Of whichever partition: all are begun anew, behind what cannot be read.
            raise Lost(sorted(self.held or ()), words(error)) from None
        if not self.holds(turn):
            return {}
        return {found.partition: records for found, records in polled.items()}

    @contextmanager
    def hand(self) -> Iterator[None]:
        """While a batch is in hand the partitions are not given up."""
        self._idle.clear()
        try:
            yield
        finally:
            self._idle.set()

    def tell(self, places: Offsets) -> None:
        """Let the group's offsets be seen on the cluster, by tools; they are never read here."""
        if places and (self._telling is None or self._telling.done()):
            offsets = {TopicPartition(self._topic, place): at for place, at in places.items()}
            self._telling = asyncio.create_task(self._tell(offsets))

    async def on_partitions_revoked(self, _revoked: object) -> None:
        self.held = None
        self._stop_telling()
        await self._idle.wait()

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        # At once: a partition without a place gets one from the group's offsets on the cluster.
        for partition in assigned:
            self._consumer.seek(partition, 0)
        self._consumer.pause(*assigned)
        self.turn += 1
        self.held = frozenset(partition.partition for partition in assigned)

    async def _start(self) -> None:
        """Not cut off in the middle: the client would forget the connection that it is making."""
        starting = asyncio.ensure_future(self._consumer.start())
        try:
            await asyncio.shield(starting)
        except asyncio.CancelledError:
            await end(starting)
            raise

    async def _wait(self) -> None:
        """Polling waits for the assignment, and brings what stands in its way."""
        try:
            await self._consumer.getmany(timeout_ms=int(1000 * POLL_S))
        except InvalidSessionTimeoutError:
            if self._session_s >= SESSION_ALLOWED_S:
                raise
            _log.warning(
                "the broker allows no session of %g s in the group %s: a worker that dies is missed"
                " after %g s; its setting group.min.session.timeout.ms should be at most %d",
                *(SESSION_S, self._group, SESSION_ALLOWED_S, 1000 * SESSION_S),
            )
            await self._close()
            self._session_s = SESSION_ALLOWED_S
            self._consumer = self._new_consumer()
            await self.join()

    async def _tell(self, offsets: Mapping[TopicPartition, int]) -> None:
        with suppress(TimeoutError, KafkaError):
            async with asyncio.timeout(REQUEST_S):
                await self._consumer.commit(offsets)

    def _stop_telling(self) -> None:
        if self._telling is not None:
            self._telling.cancel()

    def _new_consumer(self) -> AIOKafkaConsumer:
        return AIOKafkaConsumer(**_options(self._options, self._group, self._session_s))

    async def _close(self) -> None:
        if not await end(self._consumer.stop(), LEAVE_S):
            _log.warning("left the group %s without a word: Kafka does not answer", self._group)
            await self._abandon()

    async def _abandon(self) -> None:
        """The client's stop() begins no second time: what it did not come to is closed here."""
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
    # The client keeps what it remembers of a group in the class: two groups must not share it.
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
