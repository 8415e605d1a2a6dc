"""Kafka as a source: the fast path. The log is the truth, and progress per order decides.

Two things move. A partition's checkpoint is the offset where to go on, no more than that: what
stands before it may be missing. The log's checkpoint says what is proven applied: the sweep moves
it, in the member that holds partition 0. So a record that Kafka lost, or never got, or that cannot
be trusted, costs time and nothing else; and while Kafka is away, has no such topic or does not let
us in, the sweep goes on.
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
    Lost,
    Member,
    NotAssigned,
    NoTopic,
    Offsets,
    Polled,
)
from projections.sources.kafka_records import Records
from projections.sources.log import BATCH_MAX, LOG, START, Batch, Swept, decode_unverified
from projections.sources.sweep import Sweep

SWEEPING: Final = 0
"""The partition whose holder sweeps."""
TELL_S: Final = 5.0
LINGER_S: Final = 3.0
"""How long a member waits to be asked for more after a rebalance, before it leaves the group."""

PROBE_S: Final = 5.0
PATIENCE_S: Final = 3.0
"""For so long the log waits for Kafka, to join a group or to share out its partitions."""
AGAIN_S: Final = 1.0
"""Between two tries to join the group."""
REFUSING_S: Final = 5.0
"""For so long nothing was believed of what came, until it is said."""
AWAY: Final = (BusUnavailable, NoTopic, NotAssigned, KafkaError, OSError)

_log = logging.getLogger("daybook.worker")


class KafkaSource:
    """A topic as the source of one read model, which has a group of its own. aclose() at the end.

    Records that are not believed are left out (projections/sources/kafka_records.py).
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
        """member: a new one of the group; store: the log; lease: of its relays."""
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
        self._anew: list[int] = []
        self._is_paused = True
        self._told_s = -inf
        self._away = ""

    @property
    def skipped(self) -> Mapping[str, int]:
        """Records that were not believed, by why."""
        return self._records.refused

    def falling_back(self) -> str:
        """Why the read model is kept up to date by the sweep alone; empty while it is not."""
        return self._away or self._records.refusing(for_s=REFUSING_S)

    async def batches(
        self, after: Mapping[str, int], *, stop_at_tail: bool
    ) -> AsyncGenerator[Batch | Swept, None]:
        """See Source. Ends when the group has shared out its partitions anew, and when Kafka has
        been away: meanwhile the log is swept.
        """
        self._sweep.begin(after.get(LOG, START))
        stays, swept_only = False, False
        member: Member | None = None
        try:
            while member is None:
                joining = asyncio.create_task(self._joined())
                async with aclosing(self._swept_while(joining)) as pages:
                    async for swept in pages:
                        swept_only = True
                        yield swept
                try:
                    member = joining.result()
                except AWAY as error:
                    swept_only = True
                    self._be_away(str(error))
                    async with aclosing(self._swept_for(AGAIN_S)) as pages:
                        async for swept in pages:
                            yield swept
            self._be_away("")
            if not swept_only:  # else others may have moved the checkpoints since
                followed = self._followed(member, after, stop_at_tail=stop_at_tail)
                async with aclosing(followed) as batches:
                    async for batch in batches:
                        yield batch
            stays = True
        except AWAY as error:
            self._be_away(str(error))
        finally:
            if member is not None:
                await self._part(member, stays=stays)

    async def _followed(
        self, member: Member, after: Mapping[str, int], *, stop_at_tail: bool
    ) -> AsyncGenerator[Batch | Swept, None]:
        """What the partitions bring, and the sweep, for as long as they are ours."""
        turn = member.turn
        tail = await self._begin(member, after, turn)
        probing = asyncio.create_task(self._probe(member))
        try:
            while member.holds(turn):
                swept = await self._swept(member, turn)
                if swept is not None:
                    with member.hand():
                        yield swept
                elif self._anew and not self._sweep.hurries:
                    # What the log has is applied: from now on they are begun where they are now.
                    begun, self._anew = {self._name(at): self._places[at] for at in self._anew}, []
                    with member.hand():
                        yield Batch([], begun)
                batch = await self._polled(member, turn, at_once=swept is not None)
                if batch is not None:
                    with member.hand():
                        yield batch
                    self._moved(member, batch)
                if stop_at_tail and self._has_reached(tail):
                    return
        finally:
            probing.cancel()
            await asyncio.wait({probing})
        # Only now: by then the member that had them has written their checkpoints.
        assigned = asyncio.create_task(member.assigned())
        async with aclosing(self._swept_while(assigned)) as pages:
            async for swept in pages:
                yield swept
        assigned.result()

    async def aclose(self) -> None:
        """Leave the group."""
        self._leave()
        if self._leaving is not None:
            await self._leaving
        await self._lease.aclose()

    # Kafka away

    def _be_away(self, why: str) -> None:
        """Say it where it changes. why: empty where Kafka is there."""
        if why and why != self._away:
            _log.warning("%s; read models are kept up to date from the log, by the sweep", why)
        elif self._away and not why:
            _log.info("Kafka is there again")
        self._away = why

    async def _swept_while(self, task: asyncio.Task[Any]) -> AsyncGenerator[Swept, None]:
        """Sweep while something takes longer than it should."""
        try:
            await asyncio.wait({task}, timeout=PATIENCE_S)
            while not task.done():
                swept = await self._sweep.take(_now_s())
                if swept is not None:
                    yield swept
                else:
                    await asyncio.wait({task}, timeout=POLL_S)
        finally:
            task.cancel()
            await asyncio.wait({task})

    async def _swept_for(self, pause_s: float) -> AsyncGenerator[Swept, None]:
        until_s = _now_s() + pause_s
        while (left_s := until_s - _now_s()) > 0:
            swept = await self._sweep.take(_now_s())
            if swept is not None:
                yield swept
            else:
                await asyncio.sleep(min(left_s, POLL_S))

    async def _probe(self, member: Member) -> None:
        """Ask now and then: of brokers that are gone, polling says nothing."""
        while True:
            await asyncio.sleep(PROBE_S)
            try:
                async with asyncio.timeout(PROBE_S):
                    await member.bounds()
            except (TimeoutError, *AWAY):
                self._be_away(f"Kafka does not answer for {self._topic}")
            else:
                self._be_away("")

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
        """Where to go on, told to the member and the sweep. Answers the topic's ends."""
        bounds = await member.bounds()
        known = {
            partition: after[name]
            for partition in bounds.ends
            if (name := self._name(partition)) in after
        }
        self._places = begin_at(known, bounds)
        # What was read and not committed comes again, of an older relay too.
        self._records.forget()
        self._sweep.begin(after.get(LOG, START))
        self._is_paused = True
        self._anew = [at for at, place in self._places.items() if place != known.get(at)]
        if self._anew:
            self._hurry(self._anew)
        self._read(member, turn)
        return bounds.ends

    async def _swept(self, member: Member, turn: int) -> Swept | None:
        """A page of the log where one is due and the sweep is ours."""
        if not self._sweeps(member):
            return None
        swept = await self._sweep.take(_now_s())
        return swept if member.holds(turn) else None

    async def _polled(self, member: Member, turn: int, *, at_once: bool) -> Batch | None:
        self._read(member, turn)
        try:
            polled = await member.poll(0.0 if at_once else POLL_S, self._batch_max)
        except Lost as lost:
            _log.warning("records of %s: %s; read from the log instead", self._topic, lost)
            ends = (await member.bounds()).ends
            self._places |= {at: ends[at] for at in lost.partitions if at in ends}
            self._hurry(lost.partitions)
            member.pause()
            self._is_paused = True
            return None
        return await self._batch(polled) if polled else None

    def _hurry(self, partitions: Iterable[int]) -> None:
        """These are begun at the end, and what they had before it is in the log alone."""
        self._sweep.hurry()
        self._records.forget(partitions)

    def _read(self, member: Member, turn: int) -> None:
        """Take up reading; the log first where it hurries."""
        hurries = self._sweeps(member) and self._sweep.hurries
        if self._is_paused and not hurries and member.holds(turn):
            member.read(self._places)
            self._is_paused = False

    def _sweeps(self, member: Member) -> bool:
        """One of the group does; and whoever lacks what is in the log alone."""
        held = member.held or ()
        return SWEEPING in held or (bool(held) and self._sweep.hurries)

    def _moved(self, member: Member, batch: Batch) -> None:
        """The batch is done with."""
        for partition in self._places:
            self._places[partition] = batch.checkpoints.get(
                self._name(partition), self._places[partition]
            )
        if _now_s() - self._told_s > TELL_S:
            self._told_s = _now_s()
            member.tell(self._places)

    def _has_reached(self, tail: Offsets) -> bool:
        return not self._is_paused and all(
            self._places[partition] >= end for partition, end in tail.items()
        )

    # Records

    async def _batch(self, polled: Polled) -> Batch:
        items: list[Item] = []
        last: dict[str, Item] = {}
        for partition, events in (await self._records.believed(polled)).items():
            # A record's hash was verified when it was taken apart.
            ours = [decode_unverified(event) for event in events]
            if ours:
                items += ours
                last[self._name(partition)] = ours[-1]
        checkpoints = {self._name(at): records[-1].offset + 1 for at, records in polled.items()}
        return Batch(items, checkpoints, last, hinted=True)

    def _name(self, partition: int) -> str:
        return f"{self._topic}/{partition}"


def begin_at(known: Offsets, bounds: Bounds) -> dict[int, int]:
    """The offset where to go on in each partition: the one that is known, or the end.

    The end where none is known, where retention has removed its records, and where the topic has
    been made anew: the log has what is not read.
    """
    return {
        partition: known[partition]
        if partition in known and bounds.begins[partition] <= known[partition] <= end
        else end
        for partition, end in bounds.ends.items()
    }


def _now_s() -> float:
    return asyncio.get_running_loop().time()
