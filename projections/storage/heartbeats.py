"""What workers say of themselves, and what to make of it."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol, TypeAlias

WEDGED_AFTER = timedelta(seconds=8)
"""A worker beats once a second, whatever it waits for: one that is frozen is to be noticed within
10 s, and one on a busy machine not to be taken for frozen."""

HOST = platform.node()

Told: TypeAlias = Literal["running", "stalled", "sweeping", "paused", "stopped"]
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
_BEST_FIRST: Sequence[State] = (
    *("stalled", "running", "sweeping", "paused"),
    *("wedged", "dead", "stopped"),
)
"""Stalled is said of the model, not of one of its workers, which may have started just now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerState:
    """What a worker says of itself. reason: why it does not run as it should, else empty. sweeping:
    it gets nothing from Kafka, and follows the log by the sweep alone. heartbeat: RFC 3339.

    host: the machine that pid is a process of.
    """

    name: str
    pid: int
    state: Told
    reason: str
    generation: int | None
    position: int | None
    heartbeat: str
    host: str = HOST


class States(Protocol):
    """Where the workers of one read model say how they are."""

    async def tell(self, state: WorkerState, *, holding: bool) -> None:
        """Replace what this worker said before. holding: it is the one that writes."""
        ...

    async def told(self, name: str, now: datetime) -> list[WorkerState]:
        """What each said last, as far as it is legible; now: what heartbeats are compared with."""
        ...


def judge(told: WorkerState | None, now: datetime) -> tuple[State, str]:
    """How a worker is, and why."""
    if told is None:
        return "never started", "no worker has run yet"
    if told.state == "stopped":
        return "stopped", told.reason
    here = told.host == HOST
    if here and not _alive(told.pid):
        return "dead", f"process {told.pid} ended without a word"
    if age(told, now) > WEDGED_AFTER:
        where = "" if here else f" on {told.host}"
        return "wedged", f"process {told.pid}{where} does not beat any more"
    return told.state, told.reason


def best(told: Sequence[WorkerState], now: datetime) -> WorkerState | None:
    """Of several workers of one model the one that speaks for it: one that works, if any does."""

    def rank(state: WorkerState) -> tuple[int, timedelta]:
        return _BEST_FIRST.index(judge(state, now)[0]), age(state, now)

    return min(told, key=rank, default=None)


def age(told: WorkerState, now: datetime) -> timedelta:
    """Of its heartbeat."""
    return now - datetime.fromisoformat(told.heartbeat)


def parked_words(orders: int) -> str:
    """How many orders are parked; "" for none."""
    return f"{orders} {'order' if orders == 1 else 'orders'} parked" if orders else ""


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
