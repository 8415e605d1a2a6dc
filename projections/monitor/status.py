"""How the read models are: what their workers reported last, and what their tables contain."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from eventstore.port import EventReader
from projections.monitor.lag import LagOfModel
from projections.projection import Row
from projections.sources.log import LOG
from projections.storage.database import ReadDatabase
from projections.storage.errors import NotBuilt, Unreachable
from projections.storage.heartbeats import State, age, assess, most_alive, parked_words
from projections.storage.reader import plain_rows
from projections.storage.tables import CHECKPOINT, PARKED, REPAIRED
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
    """One read model. None: not known.

    reason: why it is not well. position: its checkpoint, up to which everything is applied. head:
    the log's last position. behind: the log has events that it has not applied. lag: how many;
    known where the log's positions are dense, or if it is 0. parked: how many orders are parked;
    parked_orders: the first PARKED_SHOWN of them, {order_id, revision, type, error}. repaired:
    orders that differed from the log and were rebuilt, since its last replay.
    """

    name: str
    state: State
    reason: str
    generation: int | None = None
    position: int | None = None
    head: int | None = None
    behind: bool | None = None
    lag: int | None = None
    parked: int | None = None
    parked_orders: Sequence[Row] = ()
    repaired: int | None = None
    pid: int | None = None
    heartbeat_age_s: float | None = None

    @property
    def works(self) -> bool:
        """Its worker runs, however much it is behind."""
        return self.state == "running"

    @property
    def healthy(self) -> bool:
        """It works, and no order of it is parked."""
        return self.works and not self.parked

    @property
    def is_readable(self) -> bool:
        """Its tables were read, so that it can be queried."""
        return self.parked is not None

    @property
    def needs_attention(self) -> bool:
        """Its worker neither runs nor was stopped, its tables cannot be read, or orders are parked.

        Other than `healthy` it does not mind a worker that was stopped.
        """
        return self.state not in ("running", "stopped") or self.parked != 0

    @property
    def trouble(self) -> str:
        """What is wrong with it in a word or two, without naming an order; "" if it is healthy."""
        return parked_words(self.parked or 0) if self.works else self.state

    @property
    def explanation(self) -> str:
        """What is wrong with it, with reasons and the parked orders; "" if it is healthy."""
        named = ", ".join(str(row["order_id"]) for row in self.parked_orders)
        more = ", ..." if len(self.parked_orders) < (self.parked or 0) else ""
        parked = (
            f"{parked_words(self.parked or 0)} ({named}{more}): see `daybook parked list`"
            if named
            else ""
        )
        return ", ".join(filter(None, ("" if self.works else self.state, self.reason, parked)))


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

    dense: the store uses every position. exact: the checkpoint is how much is applied. With a
    bus it does not, as a sweep moves it now and then; the events after it are then compared with
    what is applied.
    """
    head = await store.head()
    asking = (model_status(database, head, folder, now, dense=dense) for database in databases)
    models = await asyncio.gather(*asking)
    if exact:
        return models
    return await asyncio.gather(
        *(
            with_exact_lag(model, LagOfModel(database, store, dense=dense), now)
            for model, database in zip(models, databases, strict=True)
        )
    )


async def with_exact_lag(model: ModelStatus, lag: LagOfModel, now: datetime) -> ModelStatus:
    """The status with the events after its checkpoint compared with what is applied."""
    if not model.behind:
        return model
    try:
        found = await lag.measure(now)
    except Exception as error:  # noqa: BLE001 (whatever it is, it is about one model)
        return replace(model, behind=None, lag=None, reason=model.reason or str(error))
    behind = found.events > 0 or found.more
    known = model.lag is not None or not behind
    return replace(model, behind=behind, lag=found.events if known else None)


async def model_status(
    database: ReadDatabase, head: int | None, folder: Path, now: datetime, *, dense: bool
) -> ModelStatus:
    """One of them, by its checkpoint. head: of the log. Raises nothing."""
    model = await _worker_status(database, head, folder, now)
    try:
        generation = await database.generations.live()
        model = replace(model, generation=generation)
        stored = await database.ask(_stored)
    except (NotBuilt, Unreachable) as error:
        return replace(model, reason=model.reason or str(error))
    except Exception as error:  # noqa: BLE001 (whatever a damaged database leads to)
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
    """Only if its worker works: it may not have met what is damaged."""
    reason = f"cannot be read, run `daybook replay {model.name}` ({why})"
    return replace(model, state="unreadable", reason=reason) if model.works else model


async def _worker_status(
    database: ReadDatabase, head: int | None, folder: Path, now: datetime
) -> ModelStatus:
    """What is known from its worker's report, without its tables."""
    try:
        reports = await database.generations.heartbeats(folder).read(database.name, now)
        reported = most_alive(reports, now)
        state, reason = assess(reported, now)
    except Exception as error:  # noqa: BLE001 (whatever it is, it is about one model)
        return ModelStatus(name=database.name, state="unreachable", reason=str(error), head=head)
    if reported is None:  # perhaps because it cannot write its report
        reason = disk_full(folder) or reason
        return ModelStatus(name=database.name, state=state, reason=reason, head=head)
    return ModelStatus(
        name=database.name,
        state=state,
        reason=reason,
        head=head,
        pid=reported.pid,
        heartbeat_age_s=age(reported, now).total_seconds(),
    )
