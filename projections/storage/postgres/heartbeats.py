"""What workers report of themselves, in the read model's database, where every host sees it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from projections.storage.heartbeats import WorkerState
from projections.storage.postgres.errors import UNDEFINED, state_of

Control = Callable[[], AbstractAsyncContextManager[AsyncConnection]]

# Heartbeats are by the database's clock: those of several hosts never agree.
_WRITE = text("""
INSERT INTO daybook.worker (host, pid, name, state, reason, generation, position, heartbeat)
VALUES (:host, :pid, :name, :state, :reason, :generation, :position, clock_timestamp())
ON CONFLICT (host, pid) DO UPDATE SET
  name = excluded.name, state = excluded.state, reason = excluded.reason,
  generation = excluded.generation, position = excluded.position, heartbeat = excluded.heartbeat
""")
_DELETE_OLD = text(
    "DELETE FROM daybook.worker WHERE heartbeat < clock_timestamp() - interval '1 day'"
)
_READ = text("""
SELECT host, pid, name, state, reason, generation, position,
       extract(epoch FROM clock_timestamp() - heartbeat)::float8 AS age_s
FROM daybook.worker WHERE name = :name
""")


class HeartbeatTable:
    """See projections.storage.heartbeats.HeartbeatStore. A row for each instance of the worker;
    rows that are a day old are deleted.
    """

    def __init__(self, control: Control) -> None:
        self._control = control
        self._old_deleted = False

    async def write(self, state: WorkerState, *, holding: bool) -> None:
        del holding
        row = {
            "host": state.host,
            "pid": state.pid,
            "name": state.name,
            "state": state.state,
            "reason": state.reason.replace("\0", "\ufffd"),
            "generation": state.generation,
            "position": state.position,
        }
        with _if_built():
            async with self._control() as conn:
                await conn.execute(_WRITE, row)
                if not self._old_deleted:
                    await conn.execute(_DELETE_OLD)
                    self._old_deleted = True

    async def read(self, name: str, now: datetime) -> list[WorkerState]:
        with _if_built():
            async with self._control() as conn:
                rows = (await conn.execute(_READ, {"name": name})).mappings().all()
            return [_state(dict(row), now) for row in rows]
        return []


@contextmanager
def _if_built() -> Iterator[None]:
    """Before the first generation there is no table."""
    try:
        yield
    except DBAPIError as error:
        if state_of(error) not in UNDEFINED:
            raise


def _state(row: dict[str, object], now: datetime) -> WorkerState:
    age_s = row.pop("age_s")
    assert isinstance(age_s, float)
    heartbeat = now - timedelta(seconds=max(0.0, age_s))
    return WorkerState(**row, heartbeat=heartbeat.isoformat())  # type: ignore[arg-type]
