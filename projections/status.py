"""How the read models are: what their workers last said of themselves, and what stands in them."""

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, TypeAlias

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from eventstore.port import EventStore
from projections.database import CHECKPOINT, PARKED, ReadDatabase
from projections.generations import ReadModelError, write_durably
from projections.source import LOG

WEDGED_AFTER = timedelta(seconds=15)
"""A worker beats once a second, whatever it waits for."""

Told: TypeAlias = Literal["running", "paused", "stopped"]
State: TypeAlias = Literal["running", "paused", "stopped", "wedged", "dead", "never started"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerState:
    """What a worker says of itself. reason: why it pauses, else empty. heartbeat: RFC 3339."""

    name: str
    pid: int
    state: Told
    reason: str
    generation: int | None
    position: int | None
    heartbeat: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelStatus:
    """One read model.

    position: its checkpoint; head: of the log; behind: the log has events that it has not applied;
    lag: how many, which only a log with dense positions tells, or 0. None: not known. reason: why
    it is not well.
    """

    name: str
    state: State
    reason: str
    generation: int | None
    position: int | None
    head: int | None
    behind: bool | None
    lag: int | None
    parked: int | None
    pid: int | None
    heartbeat_age_s: float | None

    @property
    def healthy(self) -> bool:
        """Its worker lives and works, however far behind it is."""
        return self.state == "running"


def write_state(folder: Path, state: WorkerState) -> None:
    """Replace what the worker said before."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_durably(_path(folder, state.name), json.dumps(asdict(state)).encode(), sync=False)


def read_state(folder: Path, name: str) -> WorkerState | None:
    """What this model's worker said last; None where it never did, or not legibly."""
    with suppress(FileNotFoundError, ValueError, TypeError):
        return WorkerState(**json.loads(_path(folder, name).read_bytes()))
    return None


def works_elsewhere(folder: Path, name: str, now: datetime) -> bool:
    """Whether another process that lives and beats has this model's say."""
    told = read_state(folder, name)
    if told is None or told.pid == os.getpid():
        return False
    return _judge(told, now)[0] in ("running", "paused")


async def status(
    databases: Sequence[ReadDatabase],
    store: EventStore,
    folder: Path,
    now: datetime,
    *,
    dense: bool = True,
) -> list[ModelStatus]:
    """All of them, in their order. Raises StoreError only.

    dense: the store gives every position.
    """
    head = await store.head()
    return [await _model(database, head, folder, now, dense=dense) for database in databases]


async def _model(
    database: ReadDatabase, head: int | None, folder: Path, now: datetime, *, dense: bool
) -> ModelStatus:
    told = read_state(folder, database.name)
    state, reason = _judge(told, now)
    generation = position = parked = None
    try:
        generation = database.generations.live()
        async with database.connect() as conn:
            at = select(CHECKPOINT.c.position).where(CHECKPOINT.c.source == LOG)
            position = (await conn.execute(at)).scalar_one_or_none()
            parked = (await conn.execute(select(func.count()).select_from(PARKED))).scalar_one()
    except (ReadModelError, DBAPIError) as error:
        reason = reason or str(error)
    distance = None if parked is None else max(0, (head or 0) - (position or 0))
    return ModelStatus(
        name=database.name,
        state=state,
        reason=reason,
        generation=generation,
        position=position,
        head=head,
        behind=None if distance is None else distance > 0,
        lag=distance if dense or not distance else None,
        parked=parked,
        pid=told.pid if told else None,
        heartbeat_age_s=_age(told, now).total_seconds() if told else None,
    )


def _judge(told: WorkerState | None, now: datetime) -> tuple[State, str]:
    if told is None:
        return "never started", "no worker has run yet"
    if told.state == "stopped":
        return "stopped", told.reason
    if not _alive(told.pid):
        return "dead", f"process {told.pid} ended without a word"
    if _age(told, now) > WEDGED_AFTER:
        return "wedged", f"process {told.pid} does not beat any more"
    return told.state, told.reason


def _age(told: WorkerState, now: datetime) -> timedelta:
    return now - datetime.fromisoformat(told.heartbeat)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _path(folder: Path, name: str) -> Path:
    return folder / f"{name}.worker.json"
