"""What workers say of themselves, in the read model's database, where every host sees it."""

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
_TELL = text("""
INSERT INTO daybook.worker (host, pid, name, state, reason, generation, position, heartbeat)
VALUES (:host, :pid, :name, :state, :reason, :generation, :position, clock_timestamp())
ON CONFLICT (host, pid) DO UPDATE SET
  name = excluded.name, state = excluded.state, reason = excluded.reason,
  generation = excluded.generation, position = excluded.position, heartbeat = excluded.heartbeat
""")
_SWEEP = text("DELETE FROM daybook.worker WHERE heartbeat < clock_timestamp() - interval '1 day'")
_TOLD = text("""
SELECT host, pid, name, state, reason, generation, position,
       extract(epoch FROM clock_timestamp() - heartbeat)::float8 AS age_s
FROM daybook.worker WHERE name = :name
""")


class TableStates:
    """A row for each instance of the worker; those that are long gone are deleted."""

    def __init__(self, control: Control) -> None:
        self._control = control
        self._swept = False

    async def tell(self, state: WorkerState, *, holding: bool) -> None:
        del holding
        said = {
            "host": state.host,
            "pid": state.pid,
            "name": state.name,
            "state": state.state,
            "reason": state.reason.replace("\0", "\ufffd"),
            "generation": state.generation,
            "position": state.position,
        }
        with _while_built():
            async with self._control() as conn:
                await conn.execute(_TELL, said)
                if not self._swept:
                    await conn.execute(_SWEEP)
                    self._swept = True

    async def told(self, name: str, now: datetime) -> list[WorkerState]:
        with _while_built():
            async with self._control() as conn:
                rows = (await conn.execute(_TOLD, {"name": name})).mappings().all()
            return [_state(dict(row), now) for row in rows]
        return []


@contextmanager
def _while_built() -> Iterator[None]:
    """Ahead of the first generation there is no table."""
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
