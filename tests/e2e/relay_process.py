"""The relay as a process that ends itself at a chosen point. Started by tests.e2e.relays."""

import asyncio
import os
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import eventstore.relay.relay
from eventstore.port import Recorded
from eventstore.relay.bus import BEFORE_FIRST, Bus, PartitionEnds, Publisher
from eventstore.relay.process import open_bus, relay_of
from eventstore.relay.resume import Resume, resume
from runtime.environment import load_settings
from runtime.loop import run
from runtime.stop import stop_on_signal

BEFORE_PUBLISH = "before-publish"
AFTER_PUBLISH = "after-publish"
AFTER_ACK = "after-ack"
AT_SHUTDOWN = "at-shutdown"
FAILPOINTS = (BEFORE_PUBLISH, AFTER_PUBLISH, AFTER_ACK, AT_SHUTDOWN)
BATCH_MAX = 5


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of the process: at its publish number `at` the signal, at the failpoint.

    later_s: how long after the failpoint. until: it ends in order when the log is published up to
    this position. wrong_rule: it resumes from the largest position: the negative control.
    """

    failpoint: str = ""
    at: int = 0
    signal: int = signal.SIGKILL
    later_s: float = 0.0
    until: int = BEFORE_FIRST
    wrong_rule: bool = False


class Doomed:
    """A publisher that carries the plan out."""

    calls = 0

    def __init__(self, inner: Publisher, plan: Plan, stop: asyncio.Event) -> None:
        self.ends: PartitionEnds = inner.ends
        self.partition_of = inner.partition_of
        self._inner = inner
        self._plan = plan
        self._stop = stop

    async def publish(
        self, partition: int, events: Sequence[Recorded], *, epoch: int, published_through: int
    ) -> None:
        Doomed.calls += 1  # of the process: it may open the topic several times
        is_it = Doomed.calls == self._plan.at
        failpoint = self._plan.failpoint
        if is_it and failpoint == BEFORE_PUBLISH:
            self._strike()
        sending = asyncio.create_task(
            self._inner.publish(partition, events, epoch=epoch, published_through=published_through)
        )
        if is_it and failpoint == AFTER_PUBLISH:
            await asyncio.sleep(self._plan.later_s)
            self._strike()
        await sending
        if is_it and failpoint == AFTER_ACK:
            self._strike()
        if is_it and failpoint == AT_SHUTDOWN:
            self._stop.set()

    async def aclose(self) -> None:
        if self._plan.failpoint == AT_SHUTDOWN and self._stop.is_set():
            await asyncio.sleep(self._plan.later_s)
            self._strike()
        await self._inner.aclose()

    def _strike(self) -> None:
        os.kill(os.getpid(), self._plan.signal)


@dataclass(frozen=True, slots=True)
class DoomedBus:
    inner: Bus
    plan: Plan
    stop: asyncio.Event

    async def open(self, secret: bytes) -> Doomed:
        return Doomed(await self.inner.open(secret), self.plan, self.stop)


def main(environment: dict[str, str], plan: Plan) -> None:
    """In a process of its own."""
    for name in [name for name in os.environ if name.startswith("DAYBOOK_")]:
        del os.environ[name]
    os.environ.update(environment)
    if plan.wrong_rule:
        eventstore.relay.relay.resume = _from_the_largest_position
    run(_relay(plan))


async def _relay(plan: Plan) -> None:
    settings = load_settings()
    with stop_on_signal() as stop:
        bus = DoomedBus(open_bus(settings), plan, stop)
        async with relay_of(settings, bus, on_change=lambda _: None) as relay:
            relay._limits.batch_max = BATCH_MAX
            watching = asyncio.create_task(
                _until(lambda: BEFORE_FIRST < plan.until <= relay.state.published_through, stop)
            )
            await relay.run(stop)
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching


async def _until(reached: Callable[[], bool], stop: asyncio.Event) -> None:
    while not reached():  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    stop.set()


def _from_the_largest_position(ends: PartitionEnds) -> Resume:
    found = resume(ends)
    return replace(found, after=found.last and found.last.position)
