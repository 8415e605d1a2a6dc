"""What workers report of themselves, and how to assess it."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol, TypeAlias

WEDGED_AFTER = timedelta(seconds=8)
"""A worker reports once a second, whatever it waits for. A frozen one is to be noticed within 10 s,
and one on a busy machine is not to be taken for frozen."""

HOST = platform.node()

ReportedState: TypeAlias = Literal["running", "stalled", "sweeping", "paused", "stopped"]
State: TypeAlias = Literal[
    "running",
    "stalled",
    "sweeping",
    "paused",
    "stopped",
    "wedged",
    "dead",
    "never started",
    "unreachable",
    "unreadable",
]
_MOST_ALIVE_FIRST: Sequence[State] = (
    *("stalled", "running", "sweeping", "paused"),
    *("wedged", "dead", "stopped"),
)
"""Stalled first: it is true of the model, and another of its workers may just have started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerState:
    """The state that a worker reports.

    reason: why it does not run as it should, else empty. sweeping: it gets nothing from Kafka and
    follows the log by the sweep alone. heartbeat: RFC 3339. host: the machine that pid is on.
    """

    name: str
    pid: int
    state: ReportedState
    reason: str
    generation: int | None
    position: int | None
    heartbeat: str
    host: str = HOST


class HeartbeatStore(Protocol):
    """Where the workers of one read model report how they are."""

    async def write(self, state: WorkerState, *, holding: bool) -> None:
        """Replace this worker's last report. holding: it is the worker that writes the model."""
        ...

    async def read(self, name: str, now: datetime) -> list[WorkerState]:
        """Each worker's last legible report. now: heartbeats are relative to it."""
        ...


def assess(reported: WorkerState | None, now: datetime) -> tuple[State, str]:
    """How a worker is, and why."""
    if reported is None:
        return "never started", "no worker has run yet"
    if reported.state == "stopped":
        return "stopped", reported.reason
    here = reported.host == HOST
    if here and not _is_alive(reported.pid):
        return "dead", f"process {reported.pid} ended without a word"
    if age(reported, now) > WEDGED_AFTER:
        where = "" if here else f" on {reported.host}"
        return "wedged", f"process {reported.pid}{where} does not report any more"
    return reported.state, reported.reason


def most_alive(reported: Sequence[WorkerState], now: datetime) -> WorkerState | None:
    """The worker that represents its model: one that works, if any does."""

    def rank(state: WorkerState) -> tuple[int, timedelta]:
        return _MOST_ALIVE_FIRST.index(assess(state, now)[0]), age(state, now)

    return min(reported, key=rank, default=None)


def age(reported: WorkerState, now: datetime) -> timedelta:
    """Of its heartbeat."""
    return now - datetime.fromisoformat(reported.heartbeat)


def parked_words(orders: int) -> str:
    """How many orders are parked; "" for none."""
    return f"{orders} {'order' if orders == 1 else 'orders'} parked" if orders else ""


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
