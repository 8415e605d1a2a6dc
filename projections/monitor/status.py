"""How the read models are: what their workers last said of themselves, and what stands in them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from eventstore.port import EventReader
from projections.projection import Row
from projections.sources.log import LOG
from projections.storage.database import ReadDatabase
from projections.storage.errors import NotBuilt, Unreachable
from projections.storage.heartbeats import State, age, best, judge, parked_words
from projections.storage.reader import plain_rows
from projections.storage.tables import CHECKPOINT, PARKED, REPAIRED
from projections.worker.lag import LagOfModel
from runtime.disk import disk_full

PARKED_SHOWN = 10
_PARKED = (
    select(PARKED.c.order_id, PARKED.c.revision, PARKED.c.type, PARKED.c.error)
    .order_by(PARKED.c.position)
    .limit(PARKED_SHOWN)
)
_COUNTS = select(
    select(CHECKPOINT.c.position).where(CHECKPOINT.c.source == LOG).scalar_subquery(),
    select(func.count()).select_from(PARKED).scalar_subquery(),
    select(func.count()).select_from(REPAIRED).scalar_subquery(),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelStatus:
    """One read model.

    position: its checkpoint, up to which all is applied; head: of the log; behind: the log has
    events that it has not applied;
    lag: how many, which only a log with dense positions tells, or 0. None: not known. reason: why
    it is not well. parked: how many orders wait for a person; parked_orders: the first PARKED_SHOWN
    of them, {order_id, revision, type, error}. repaired: orders that were not as the log has them
    and were built anew, since its last replay.
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
    parked_orders: Sequence[Row] = ()
    repaired: int | None
    pid: int | None
    heartbeat_age_s: float | None

    @property
    def works(self) -> bool:
        """Its worker lives and works, however far behind it is."""
        return self.state == "running"

    @property
    def healthy(self) -> bool:
        """It works, and no order of it waits for a person."""
        return self.works and not self.parked

    @property
    def trouble(self) -> str:
        """What is wrong with it in a word or two, which name no order; "" where it is healthy."""
        if not self.works:
            return self.state
        return parked_words(self.parked or 0)


async def status(
    databases: Sequence[ReadDatabase],
    store: EventReader,
    folder: Path,
    now: datetime,
    *,
    dense: bool = True,
    exact: bool = True,
) -> list[ModelStatus]:
    """All of them, in their order. Raises StoreError only.

    dense: the store gives every position. exact: the checkpoints tell all that is applied; else
    (they are moved by a sweep now and then) the events behind them are looked at.
    """
    head = await store.head()
    asking = (model_status(database, head, folder, now, dense=dense) for database in databases)
    models = await asyncio.gather(*asking)
    if exact:
        return models
    return await asyncio.gather(
        *(
            looked_at(model, LagOfModel(database, store, dense=dense), now)
            for model, database in zip(models, databases, strict=True)
        )
    )


async def looked_at(model: ModelStatus, lag: LagOfModel, now: datetime) -> ModelStatus:
    """With the events after its checkpoint looked at. Raises StoreError."""
    if not model.behind:
        return model
    try:
        found = await lag.look(now)
    except Exception as error:  # noqa: BLE001 (of one model, whatever it is)
        return replace(model, behind=None, lag=None, reason=model.reason or str(error))
    behind = found.events > 0 or found.more
    known = model.lag is not None or not behind
    return replace(model, behind=behind, lag=found.events if known else None)


async def model_status(
    database: ReadDatabase, head: int | None, folder: Path, now: datetime, *, dense: bool
) -> ModelStatus:
    """One of them, by its checkpoint. head: of the log."""
    model = await _worker(database, head, folder, now)
    try:
        generation = await database.generations.live()
        model = replace(model, generation=generation)
        stored = await database.ask(_stored)
    except (NotBuilt, Unreachable) as error:
        return replace(model, reason=model.reason or str(error))
    except Exception as error:  # noqa: BLE001 (whatever a damaged database leads to is its own)
        return _unreadable(model, str(error))
    if database.damage:
        model = _unreadable(model, database.damage)
    distance = max(0, (head or 0) - (stored.position or 0))
    return replace(
        model,
        position=stored.position,
        behind=distance > 0,
        lag=distance if dense or not distance else None,
        parked=stored.parked,
        parked_orders=stored.parked_orders,
        repaired=stored.repaired,
    )


class _Stored(NamedTuple):
    """What the tables of a generation contain; see ModelStatus."""

    position: int | None
    parked: int
    repaired: int
    parked_orders: Sequence[Row]


def _stored(conn: Connection) -> _Stored:
    position, parked, repaired = conn.execute(_COUNTS).one()
    return _Stored(position, parked, repaired, plain_rows(conn.execute(_PARKED)) if parked else ())


def _unreadable(model: ModelStatus, why: str) -> ModelStatus:
    """Its worker may not have met what is damaged."""
    reason = f"cannot be read, run `daybook replay {model.name}` ({why})"
    return replace(model, state="unreadable", reason=reason) if model.works else model


async def _worker(
    database: ReadDatabase, head: int | None, folder: Path, now: datetime
) -> ModelStatus:
    """What is known without the rows."""
    state: State
    try:
        told = best(await database.generations.states(folder).told(database.name, now), now)
        state, reason = judge(told, now)
        if told is None:  # perhaps because it cannot say a word
            reason = disk_full(folder) or reason
    except Exception as error:  # noqa: BLE001 (of one model, whatever it is)
        told, state, reason = None, "unreachable", str(error)
    return ModelStatus(
        name=database.name,
        state=state,
        reason=reason,
        generation=None,
        position=None,
        head=head,
        behind=None,
        lag=None,
        parked=None,
        repaired=None,
        pid=told.pid if told else None,
        heartbeat_age_s=age(told, now).total_seconds() if told else None,
    )
