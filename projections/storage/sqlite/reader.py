"""Queries of a generation that is a SQLite file, each in a thread."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import Engine

from projections.storage.generations import schema
from projections.storage.reader import Query, T
from projections.storage.sqlite.engines import reading
from projections.storage.sqlite.files import Files

THREADS_MAX = 3
"""For queries about one order, which are short."""


class ThreadedReader:
    """See projections.storage.reader.Reader.

    Through an asynchronous driver each statement crosses to a thread several times: beside 200
    commands a second a view that was waited for took 88 ms that way, and takes 15 ms this way.

    Long queries are answered one at a time. Their threads and the event loop share one interpreter
    lock: beside 400 lists that four threads answered, a command took up to 3 seconds.
    """

    def __init__(self, files: Files, number: int, beside: int | None = None) -> None:
        self._files = files
        self._number = number
        others = {} if beside is None else {schema(beside): files.path(beside)}
        self._engine: Engine = reading(files.path(number), others)
        self._short = ThreadPoolExecutor(THREADS_MAX, thread_name_prefix="read")
        self._long = ThreadPoolExecutor(1, thread_name_prefix="read-long")

    async def ask(self, query: Query[T], *, long: bool = False) -> T:
        loop = asyncio.get_running_loop()
        threads = self._long if long else self._short
        return await loop.run_in_executor(threads, self._answer, query)

    async def is_live(self) -> bool:
        return self._files.pointer().live == self._number

    async def aclose(self) -> None:
        await asyncio.to_thread(self._short.shutdown)
        await asyncio.to_thread(self._long.shutdown)
        self._engine.dispose()

    def _answer(self, query: Query[T]) -> T:
        with self._engine.connect() as conn:
            return query(conn)
