"""Asking a generation: a question of several statements crosses to the database once."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeAlias, TypeVar

from sqlalchemy import Connection, Engine

T = TypeVar("T")
Question: TypeAlias = Callable[[Connection], T]
"""Statements over one connection, which see one state; a plain function, so that it runs in a
thread (SQLite) as under AsyncConnection.run_sync (a server).
"""

THREADS_MAX = 4
"""A list that reads a whole table leaves the others to the views."""


class Threads:
    """Answers questions about a SQLite file, each in a thread.

    Through aiosqlite each statement crosses to a thread several times: beside 200 commands a second
    a view that was waited for took 88 ms that way, and takes 15 ms this way.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._threads = ThreadPoolExecutor(THREADS_MAX, thread_name_prefix="read")

    async def ask(self, question: Question[T]) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._answer, question)

    async def aclose(self) -> None:
        """What is being answered is waited for: it has a connection."""
        await asyncio.to_thread(self._threads.shutdown)
        self._engine.dispose()

    def _answer(self, question: Question[T]) -> T:
        with self._engine.connect() as conn:
            return question(conn)
