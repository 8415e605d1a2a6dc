"""Asking a generation: a question of several statements crosses to the database once."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import Connection, CursorResult, Engine

T = TypeVar("T")
Question: TypeAlias = Callable[[Connection], T]
"""Statements over one connection, which see one state; a plain function, so that it runs in a
thread (SQLite) as under AsyncConnection.run_sync (a server).
"""


def plain_rows(result: CursorResult[Any]) -> list[dict[str, Any]]:
    """Every row as a dict whose keys are exactly str.

    The keys of a RowMapping are SQLAlchemy's quoted_name, a kind of str with attributes of its own:
    pydantic_core writes a dict with such keys as JSON 60 times slower, in the event loop.
    """
    names = [str(name) for name in result.keys()]  # noqa: SIM118 (of a Result)
    return [dict(zip(names, row, strict=True)) for row in result]


THREADS_MAX = 3
"""For questions about one order, which are short."""


class Threads:
    """Answers questions about a SQLite file, each in a thread.

    Through aiosqlite each statement crosses to a thread several times: beside 200 commands a second
    a view that was waited for took 88 ms that way, and takes 15 ms this way.

    Long questions are answered one at a time. Their threads and the event loop share one
    interpreter lock: beside 400 lists that four threads answered, a command took up to 3 seconds.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._short = ThreadPoolExecutor(THREADS_MAX, thread_name_prefix="read")
        self._long = ThreadPoolExecutor(1, thread_name_prefix="read-long")

    async def ask(self, question: Question[T], *, long: bool = False) -> T:
        """long: it may read many rows."""
        loop = asyncio.get_running_loop()
        threads = self._long if long else self._short
        return await loop.run_in_executor(threads, self._answer, question)

    async def aclose(self) -> None:
        """What is being answered is waited for: it has a connection."""
        await asyncio.to_thread(self._short.shutdown)
        await asyncio.to_thread(self._long.shutdown)
        self._engine.dispose()

    def _answer(self, question: Question[T]) -> T:
        with self._engine.connect() as conn:
            return question(conn)
