"""Kafka as a source: the fast path. The log is the truth, and progress per order decides.

There are two kinds of checkpoints. A partition's is merely the offset to continue at: events before
it may be missing. The log's is the position up to which everything is proven to be applied. The
sweep moves it, in the member that holds partition 0. So a record that Kafka lost, never got, or
that cannot be trusted costs time and nothing else. While Kafka is away, has no such topic or
refuses the connection, the sweep continues.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import aclosing
from math import inf
from typing import Any, Final

from aiokafka.errors import KafkaError  # type: ignore[import-untyped]

from eventstore.lease import LeaseReader
from eventstore.port import EventReader
from eventstore.relay.bus import BusUnavailable
from projections.fold import Item
from projections.sources.kafka_member import (
    POLL_S,
    Bounds,
    Member,
    NotAssigned,
    NoTopic,
    Offsets,
    Polled,
    Unreadable,
)
from projections.sources.kafka_records import Records
from projections.sources.log import BATCH_MAX, LOG, START, Batch, LogPage, decode_unverified
from projections.sources.sweep import Sweep

SWEEPING: Final = 0
"""The member that holds this partition sweeps."""
COMMIT_S: Final = 5.0
"""How often offsets are committed, for tools to see."""
LINGER_S: Final = 3.0
"""How long a member stays in the group after a rebalance without being asked for batches."""

PROBE_S: Final = 5.0
PATIENCE_S: Final = 3.0
"""How long joining a group or assigning its partitions may take before the log is swept."""
AGAIN_S: Final = 1.0
"""Between two attempts to join the group."""
REFUSING_S: Final = 5.0
"""Time without a believed record, though some came, until that is reported."""
AWAY: Final = (BusUnavailable, NoTopic, NotAssigned, KafkaError, OSError)

_log = logging.getLogger("daybook.worker")


class KafkaSource:
    """A topic as the source of one read model, in a consumer group of its own. aclose() when done.

    Records that are not believed are skipped (projections/sources/kafka_records.py).
    """

    def __init__(
        self,
        member: Callable[[], Member],
        store: EventReader,
        lease: LeaseReader,
        *,
        topic: str,
        sweep_s: float,
        batch_max: int = BATCH_MAX,
    ) -> None:
        """member: makes a new member of the group. store: the log. lease: of the log's relays."""
        self._new_member = member
        self._store = store
        self._lease = lease
        self._records = Records(lease, topic)
        self._topic = topic
        self._batch_max = batch_max
        self._sweep = Sweep(store, every_s=sweep_s)
        self._member: Member | None = None
        self._lingering: asyncio.TimerHandle | None = None
        self._leaving: asyncio.Task[None] | None = None
        self._places: dict[int, int] = {}
        self._from_end: list[int] = []
        self._is_paused = True
        self._committed_s = -inf
        self._away = ""

    @property
    def skipped(self) -> Mapping[str, int]:
        """How many records were not believed, by reason."""
        return self._records.refused

    def falling_back(self) -> str:
        """Why the sweep alone keeps the read model up to date; empty while Kafka does too."""
        return self._away or self._records.refusing(for_s=REFUSING_S)

    async def batches(
        self, after: Mapping[str, int], *, stop_at_tail: bool
    ) -> AsyncGenerator[Batch | LogPage, None]:
        """See Source. Ends at a rebalance, and after Kafka was away, while the log was swept."""
        self._sweep.begin(after.get(LOG, START))
        stays, swept_only = False, False
        member: Member | None = None
        try:
            while member is None:
                joining = asyncio.create_task(self._joined())
                async with aclosing(self._sweep_during(joining)) as pages:
                    async for swept in pages:
                        swept_only = True
                        yield swept
                try:
                    member = joining.result()
                except AWAY as error:
                    swept_only = True
                    self._report_fallback(str(error))
                    async with aclosing(self._sweep_for(AGAIN_S)) as pages:
                        async for swept in pages:
                            yield swept
            self._report_fallback("")
            if not swept_only:  # else other members may have moved the checkpoints since
                followed = self._followed(member, after, stop_at_tail=stop_at_tail)
                async with aclosing(followed) as batches:
                    async for batch in batches:
                        yield batch
            stays = True
        except AWAY as error:
            self._report_fallback(str(error))
        finally:
            if member is not None:
                await self._part(member, stays=stays)

    async def _followed(
        self, member: Member, after: Mapping[str, int], *, stop_at_tail: bool
    ) -> AsyncGenerator[Batch | LogPage, None]:
        """Batches of the partitions and pages of the sweep, while this assignment lasts."""
        turn = member.turn
        tail = await self._begin(member, after, turn)
        probing = asyncio.create_task(self._probe(member))
        try:
            while member.holds(turn):
                swept = await self._swept(member, turn)
                if swept is not None:
                    with member.applying():
                        yield swept
                elif self._from_end and not self._sweep.runs_now:
                    # The log is applied up to its head: the partitions may be read.
                    begun, self._from_end = (
                        {self._name(at): self._places[at] for at in self._from_end},
                        [],
                    )
                    with member.applying():
                        yield Batch([], begun)
                batch = await self._polled(member, turn, at_once=swept is not None)
                if batch is not None:
                    with member.applying():
                        yield batch
                    self._moved(member, batch)
                if stop_at_tail and self._has_reached(tail):
                    return
        finally:
            probing.cancel()
            await asyncio.wait({probing})
        # Only now: the member that had the partitions before has saved their checkpoints by then.
        assigned = asyncio.create_task(member.assigned())
        async with aclosing(self._sweep_during(assigned)) as pages:
            async for swept in pages:
                yield swept
        assigned.result()

    async def aclose(self) -> None:
        """Leave the group."""
        self._leave()
        if self._leaving is not None:
            await self._leaving
        await self._lease.aclose()

    # While Kafka is away

    def _report_fallback(self, why: str) -> None:
        """Log a change of the reason. why: empty while Kafka is available."""
        if why and why != self._away:
            _log.warning("%s; read models are kept up to date from the log, by the sweep", why)
        elif self._away and not why:
            _log.info("Kafka is available again")
        self._away = why

    async def _sweep_during(self, task: asyncio.Task[Any]) -> AsyncGenerator[LogPage, None]:
        """Sweep while the task takes longer than PATIENCE_S. The task is cancelled at the end."""
        try:
            await asyncio.wait({task}, timeout=PATIENCE_S)
            while not task.done():
                swept = await self._sweep.next_page(_now_s())
                if swept is not None:
                    yield swept
                else:
                    await asyncio.wait({task}, timeout=POLL_S)
        finally:
            task.cancel()
            await asyncio.wait({task})

    async def _sweep_for(self, pause_s: float) -> AsyncGenerator[LogPage, None]:
        until_s = _now_s() + pause_s
        while (left_s := until_s - _now_s()) > 0:
            swept = await self._sweep.next_page(_now_s())
            if swept is not None:
                yield swept
            else:
                await asyncio.sleep(min(left_s, POLL_S))

    async def _probe(self, member: Member) -> None:
        """Ask the brokers now and then: polling does not report that they are gone."""
        while True:
            await asyncio.sleep(PROBE_S)
            try:
                async with asyncio.timeout(PROBE_S):
                    await member.bounds()
            except (TimeoutError, *AWAY):
                self._report_fallback(f"Kafka does not answer for {self._topic}")
            else:
                self._report_fallback("")

    # Membership

    async def _joined(self) -> Member:
        if self._lingering is not None:
            self._lingering.cancel()
        joins = self._member is None
        if joins and self._leaving is not None:
            await self._leaving
        self._member = member = self._member or self._new_member()
        try:
            if joins:
                await member.join()
            await member.assigned()
        except BaseException:
            await self._part(member, stays=False)
            raise
        return member

    async def _part(self, member: Member, *, stays: bool) -> None:
        if stays:
            self._lingering = asyncio.get_running_loop().call_later(LINGER_S, self._leave)
        elif self._member is member:
            self._leave()
            if self._leaving is not None:
                await asyncio.shield(self._leaving)

    def _leave(self) -> None:
        if self._lingering is not None:
            self._lingering.cancel()
        if self._member is not None:
            member, self._member = self._member, None
            self._leaving = asyncio.create_task(member.leave())

    # Reading

    async def _begin(self, member: Member, after: Mapping[str, int], turn: int) -> Offsets:
        """Set where the member and the sweep continue. Returns the topic's ends."""
        bounds = await member.bounds()
        known = {
            partition: after[name]
            for partition in bounds.ends
            if (name := self._name(partition)) in after
        }
        self._places = start_offsets(known, bounds)
        # Records that were read and not committed come again, those of an older relay too.
        self._records.forget()
        self._sweep.begin(after.get(LOG, START))
        self._is_paused = True
        self._from_end = [at for at, place in self._places.items() if place != known.get(at)]
        if self._from_end:
            self._read_from_log(self._from_end)
        self._read(member, turn)
        return bounds.ends

    async def _swept(self, member: Member, turn: int) -> LogPage | None:
        """A page of the log, if one is due and this member sweeps."""
        if not self._sweeps(member):
            return None
        swept = await self._sweep.next_page(_now_s())
        return swept if member.holds(turn) else None

    async def _polled(self, member: Member, turn: int, *, at_once: bool) -> Batch | None:
        self._read(member, turn)
        try:
            polled = await member.poll(0.0 if at_once else POLL_S, self._batch_max)
        except Unreadable as lost:
            _log.warning("records of %s: %s; read from the log instead", self._topic, lost)
            ends = (await member.bounds()).ends
            self._places |= {at: ends[at] for at in lost.partitions if at in ends}
            self._read_from_log(lost.partitions)
            member.pause()
            self._is_paused = True
            return None
        return await self._batch(polled) if polled else None

    def _read_from_log(self, partitions: Iterable[int]) -> None:
        """These partitions are read from their end; the log is swept at once for what is before."""
        self._sweep.run_now()
        self._records.forget(partitions)

    def _read(self, member: Member, turn: int) -> None:
        """Start reading the partitions, but not before a sweep that runs now has ended."""
        log_first = self._sweeps(member) and self._sweep.runs_now
        if self._is_paused and not log_first and member.holds(turn):
            member.read(self._places)
            self._is_paused = False

    def _sweeps(self, member: Member) -> bool:
        """One member of the group does, and any that needs events from the log."""
        held = member.held or ()
        return SWEEPING in held or (bool(held) and self._sweep.runs_now)

    def _moved(self, member: Member, batch: Batch) -> None:
        """Note the offsets after a batch that was committed."""
        for partition in self._places:
            self._places[partition] = batch.checkpoints.get(
                self._name(partition), self._places[partition]
            )
        if _now_s() - self._committed_s > COMMIT_S:
            self._committed_s = _now_s()
            member.commit_offsets(self._places)

    def _has_reached(self, tail: Offsets) -> bool:
        return not self._is_paused and all(
            self._places[partition] >= end for partition, end in tail.items()
        )

    # Records

    async def _batch(self, polled: Polled) -> Batch:
        items: list[Item] = []
        last: dict[str, Item] = {}
        for partition, events in (await self._records.believed(polled)).items():
            # The hash of a record was verified when it was decoded.
            ours = [decode_unverified(event) for event in events]
            if ours:
                items += ours
                last[self._name(partition)] = ours[-1]
        checkpoints = {self._name(at): records[-1].offset + 1 for at, records in polled.items()}
        return Batch(items, checkpoints, last, hinted=True)

    def _name(self, partition: int) -> str:
        return f"{self._topic}/{partition}"


def start_offsets(known: Offsets, bounds: Bounds) -> dict[int, int]:
    """The offset to continue at in each partition: the known one, or the end.

    The end if none is known, if retention has removed its records, or if the topic was recreated:
    the events that are skipped are in the log.
    """
    return {
        partition: known[partition]
        if partition in known and bounds.begins[partition] <= known[partition] <= end
        else end
        for partition, end in bounds.ends.items()
    }


def _now_s() -> float:
    return asyncio.get_running_loop().time()
