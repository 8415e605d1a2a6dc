"""The relay: follows the log from the last published position and publishes to the bus.

At least once, and each order's events in log order. Progress is read from the topic itself: see
eventstore/relay/resume.py. One relay leads, the others stand by: see eventstore/lease.py.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

from eventstore.lease import BEAT_S, DEAD_S, Lease, LeaseLost
from eventstore.lookup import event_at, has_place
from eventstore.port import EventReader, Position, Recorded, StoreError, StreamDeleted
from eventstore.relay.bus import Bus, BusError, Publisher
from eventstore.relay.publisher import Limits, Progress, PublishSession
from eventstore.relay.resume import Resume, least_epoch, resume
from runtime.waiting import Backoff, run_until, sleep_or_stop

STANDBY_S: Final = 0.5
PAUSE_MIN_S: Final = 0.1
PAUSE_MAX_S: Final = 2.0
FRESH_S: Final = DEAD_S / 2
"""Nothing is sent on a lease not renewed for so long, as the process may have been stopped."""

Role: TypeAlias = Literal["starting", "standby", "leader", "fenced", "stopped"]

_log = logging.getLogger("daybook.relay")


@dataclass(slots=True)
class RelayState(Progress):
    """The relay's state, for metrics and health; updated in place.

    published_through: every position of the log up to it is on the bus (-1: none), except the
    `refused` events that are too large for it. in_flight_bytes: of events read and not yet
    acknowledged. published: events acknowledged by this process. rebuilds: sessions that failed.
    reason: why it does not publish now; empty while it does.
    """

    role: Role = "starting"
    epoch: int = 0
    rebuilds: int = 0
    refused: int = 0
    reason: str = ""


CheckLog: TypeAlias = Callable[[], Awaitable[None]]


async def nothing_to_check() -> None:
    """No check before publishing."""


class AnotherLog(Exception):
    """The topic was published from another log than this one, or the log is an older copy."""


class Relay:
    """Publishes a log to a bus while it holds the lease. For one event loop."""

    def __init__(
        self,
        store: EventReader,
        bus: Bus,
        lease: Lease,
        *,
        buffer_bytes: int,
        on_change: Callable[[RelayState], object] = lambda _: None,
        check_log: CheckLog = nothing_to_check,
    ) -> None:
        """on_change: called when the role or the reason has changed.

        check_log: awaited before each session; raises if nothing may be published.
        """
        self.state = RelayState()
        self.store = self._store = store
        self._bus = bus
        self._lease = lease
        self._limits = Limits(buffer_bytes)
        self._on_change = on_change
        self._check_log = check_log
        self._renewed_at = 0.0
        self._backoff = Backoff(PAUSE_MIN_S, PAUSE_MAX_S)
        self._partitions: int | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Until stop is set. Raises nothing but CancelledError."""
        try:
            while not stop.is_set():
                try:
                    await self._stand_by(stop)
                    if not stop.is_set():
                        self._become("starting")
                    await self._lead(stop)
                except LeaseLost as error:
                    self._become("fenced", str(error))
                    await self._release()
                except (StoreError, OSError) as error:
                    await self._pause(error, stop)
        finally:
            await self._release()
            self._become("stopped")

    async def _release(self) -> None:
        with suppress(StoreError, OSError):
            await self._lease.release()

    async def _stand_by(self, stop: asyncio.Event) -> None:
        """Until this relay leads or stop is set."""
        while not stop.is_set():
            began = time.monotonic()
            epoch = await self._lease.acquire()
            if epoch is not None:
                self._renewed_at, self.state.epoch = began, epoch
                self._partitions = None
                return
            self._become("standby", "another relay leads")
            await sleep_or_stop(stop, STANDBY_S)

    async def _lead(self, stop: asyncio.Event) -> None:
        """Until stop is set. Raises LeaseLost."""
        beating = asyncio.create_task(self._beat())
        publishing = asyncio.create_task(self._publish(stop))
        try:
            await asyncio.wait((beating, publishing), return_when=asyncio.FIRST_COMPLETED)
            if beating.done():
                beating.result()
            if publishing.done():
                publishing.result()
        finally:
            beating.cancel()
            publishing.cancel()
            await asyncio.gather(beating, publishing, return_exceptions=True)

    async def _beat(self) -> None:
        """Renew the lease, for ever. Raises LeaseLost."""
        while True:
            await asyncio.sleep(BEAT_S)
            try:
                await self._renew()
            except (StoreError, OSError) as error:
                if time.monotonic() - self._renewed_at > DEAD_S:
                    raise LeaseLost(f"the lease could not be renewed ({error})") from error

    async def _renew(self) -> None:
        began = time.monotonic()
        await self._lease.renew()
        self._renewed_at = began

    async def _check(self) -> None:
        if time.monotonic() - self._renewed_at > FRESH_S:
            await self._renew()

    async def _publish(self, stop: asyncio.Event) -> None:
        """One session after the other; after any failure the next one resumes from the topic."""
        while not stop.is_set():
            before = self.state.published
            try:
                await self._session(stop)
            except LeaseLost:
                raise
            except Exception as error:  # noqa: BLE001 (it becomes the reason)
                self.state.rebuilds += 1
                if self.state.published > before:
                    self._backoff.reset()
                await self._pause(error, stop)

    async def _session(self, stop: asyncio.Event) -> None:
        await self._check_log()
        publisher = await run_until(stop, self._bus.open(self._lease.secret))
        if publisher is None:
            return
        try:
            found = await self._resumed(publisher)
            self.state.refused = len(self._limits.refused)
            session = PublishSession(
                self._store,
                publisher,
                found,
                epoch=self.state.epoch,
                limits=self._limits,
                progress=self.state,
                check=self._check,
            )
            self._become("leader")
            await session.run(stop)
        finally:
            await publisher.aclose()

    async def _resumed(self, publisher: Publisher) -> Resume:
        """Where to resume. Raises LeaseLost if a newer relay has published, AnotherLog."""
        found = resume(publisher.ends)
        if found.last is not None and not await _continues(self._store, found.last, found.after):
            # The whole log is read again, and events that are in the topic are skipped.
            found = replace(found, after=None)
        if self._partitions is not None and found.epoch > self.state.epoch:
            raise LeaseLost(f"a relay of epoch {found.epoch} has published")
        least = least_epoch(found, ours=self.state.epoch, before=self._partitions)
        if least > self.state.epoch:
            await self._lease.raise_epoch(least)
            self.state.epoch = least
        self._partitions = len(found.acknowledged)
        return found

    async def _pause(self, error: Exception, stop: asyncio.Event) -> None:
        self._become(self.state.role, _words(error))
        await sleep_or_stop(stop, self._backoff.pause_s())

    def _become(self, role: Role, reason: str = "") -> None:
        state = self.state
        if (state.role, state.reason) == (role, reason):
            return
        state.role, state.reason = role, reason
        level = logging.WARNING if reason and role != "standby" else logging.INFO
        _log.log(
            level,
            "relay: %s",
            reason or role,
            extra={"role": role, "epoch": state.epoch, "through": state.published_through},
        )
        self._on_change(state)


async def _continues(store: EventReader, last: Recorded, after: Position | None) -> bool:
    """Whether the log can be read after this position. last: the event published last.

    Raises AnotherLog if the log does not have it, unless its stream was deleted or truncated by
    hand: that is damage to one order.
    """
    try:
        if await event_at(store, last.stream, last.revision) == last:
            return True
    except StreamDeleted as error:
        _log.warning("the event that was published last cannot be read: %s", error)
        return after is None or await has_place(store, after)
    raise AnotherLog(
        f"the topic has {last.stream} revision {last.revision} at position {last.position}, and "
        "this log does not: it is the topic of another log, or the log is an older copy. Set "
        "DAYBOOK_TOPIC to a new topic, or delete this one: the log is then published again"
    )


def _words(error: Exception) -> str:
    known = isinstance(error, BusError | StoreError | AnotherLog)
    return str(error) if known else f"{type(error).__name__}: {error}"
