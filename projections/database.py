"""A read model's database: the tables that all models have, and connections to one generation.

WAL with synchronous=NORMAL: a power cut may take the last commits, but rows, progress and
checkpoint go in one transaction and so roll back together; the log brings the events again.
"""

import os
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import (
    URL,
    Column,
    Connection,
    Engine,
    MetaData,
    bindparam,
    create_engine,
    event,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.schema import CreateTable

from projections.asking import Question, T, Threads
from projections.columns import WHOLE, key, number, table, text, wide_table
from projections.generations import Generations, ReadModelError, generations, sync_folder
from projections.projection import Projection

COMMON = MetaData()

VIEWS = wide_table(
    "views",
    COMMON,
    key("order_id"),
    # Progress: the last revision that the view, the rows and the entries tell of.
    Column("revision", WHOLE, nullable=False),
    text("view"),
)
CHECKPOINT = table("checkpoint", COMMON, key("source"), Column("position", WHOLE, nullable=False))
LAST_READ = table(
    # The event that the log's checkpoint is the position of: it is looked up before it is trusted.
    "last_read",
    COMMON,
    key("source"),
    Column("position", WHOLE, nullable=False),
    text("stream"),
    Column("revision", WHOLE, nullable=False),
    text("digest"),
)
PARKED = table(
    "parked",
    COMMON,
    key("order_id"),
    Column("revision", WHOLE, nullable=False),
    Column("position", WHOLE, nullable=False),
    text("type"),
    text("error"),
)
DISCARDS = table("discards", COMMON, key("order_id"), number("revision"), text("who"), text("why"))

APPLICATION_ID = 0x44614279
"""Says in the file's header that it is a read model of Daybook ("DaBy")."""

BUSY_MS = 1_000
"""How long a connection waits for another one's lock before it is an OperationalError."""

_READ = ("query_only = 1",)
_LIVE = ("journal_mode = WAL", "synchronous = NORMAL")
# Nobody reads it yet, and what a crash leaves of it is thrown away: a log would write all twice.
_BULK = ("journal_mode = MEMORY", "synchronous = OFF", "cache_size = -65536")


_APPLIED = select(VIEWS.c.revision).where(VIEWS.c.order_id == bindparam("order_id"))


def applied(conn: Connection, order_id: str) -> int | None:
    """The last revision of this order that the read model has applied; None for none."""
    return conn.execute(_APPLIED, {"order_id": order_id}).scalar_one_or_none()


def applied_of(conn: Connection, order_ids: Collection[str]) -> dict[str, int]:
    """As applied(), for several orders; those of which nothing is applied are left out."""
    wanted = select(VIEWS.c.order_id, VIEWS.c.revision).where(VIEWS.c.order_id.in_(order_ids))
    return {row.order_id: row.revision for row in conn.execute(wanted)}


@dataclass(slots=True)
class _Pool:
    """Connections to one generation, and how many are out."""

    number: int
    engine: AsyncEngine
    threads: Threads
    users: int = 0

    async def aclose(self) -> None:
        await self.threads.aclose()
        await self.engine.dispose()


class ReadDatabase:
    """The live generation of one read model, for reading; one per model and process.

    Whatever the pointer says when a connection is asked for is what it reads, to its end.
    """

    def __init__(self, projection: Projection[Any], url: str) -> None:
        self.name = projection.name
        self.generations = generations(url)
        self._pool: _Pool | None = None

    async def ask(self, question: Question[T]) -> T:
        """The answer of the live generation; all it is asked sees one state. Raises NotBuilt."""
        async with self._using() as pool:
            return await pool.threads.ask(question)

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[AsyncConnection]:
        """A read-only connection; all it is asked sees one state. Raises NotBuilt."""
        async with self._using() as pool, pool.engine.connect() as conn:
            yield conn

    async def aclose(self) -> None:
        """Let go of the connections; those that are out close when they come back."""
        pool, self._pool = self._pool, None
        if pool is not None and not pool.users:
            await pool.aclose()

    @asynccontextmanager
    async def _using(self) -> AsyncIterator[_Pool]:
        pool = await self._live()
        pool.users += 1
        try:
            yield pool
        finally:
            pool.users -= 1
            if pool is not self._pool and not pool.users:
                await pool.aclose()

    async def _live(self) -> _Pool:
        number = self.generations.live()
        if self._pool is None or self._pool.number != number:
            path = self.generations.path(number)
            old, self._pool = self._pool, _Pool(number, reading(path), Threads(asking(path)))
            pool = self._pool
            if old is not None and not old.users:
                await old.aclose()
            return pool
        return self._pool


def reading(path: Path) -> AsyncEngine:
    """For any process, beside a live writer."""
    engine = create_async_engine(_url("sqlite+aiosqlite", path, "ro"))
    _configure(engine.sync_engine, "BEGIN", _READ)
    return engine


def asking(path: Path) -> Engine:
    """As reading(), for threads."""
    engine = create_engine(_url("sqlite", path, "ro"), connect_args={"check_same_thread": False})
    _configure(engine, "BEGIN", _READ)
    return engine


def writing(path: Path, *, bulk: bool = False) -> Engine:
    """For the one process that holds the generation; the file must be there.

    bulk: for a generation that is not live yet: nothing is durable before finish().
    """
    # Read then write in a deferred transaction fails at once where another one has written.
    engine = create_engine(_url("sqlite", path, "rw"), connect_args={"check_same_thread": False})
    _configure(engine, "BEGIN IMMEDIATE", _BULK if bulk else _LIVE)
    return engine


def create(projection: Projection[Any], path: Path, *, indexed: bool = True) -> None:
    """A new generation's file with its empty tables. FileExistsError where one is there.

    indexed: with the indexes of the tables; else add_indexes() is to follow when they are full.
    """
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    engine = writing(path)
    try:
        with engine.connect() as conn:
            conn.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
            conn.exec_driver_sql(f"PRAGMA user_version = {projection.version}")
            COMMON.create_all(conn)
            for empty in projection.tables.sorted_tables:
                conn.execute(CreateTable(empty))
            if indexed:
                add_indexes(conn, projection)
            conn.commit()
    finally:
        engine.dispose()
    sync_folder(path.parent)


def add_indexes(conn: Connection, projection: Projection[Any]) -> None:
    """The indexes of the model's tables. Over full tables they are sorted once: a bulk load that
    adds them last takes a tenth less time.
    """
    for full in projection.tables.sorted_tables:
        for index in sorted(full.indexes, key=lambda index: index.name or ""):
            index.create(conn)


def ensure_built(projection: Projection[Any], url: str) -> Generations:
    """Where there is no generation yet, make an empty one live. Raises ReadModelError."""
    found = generations(url)
    if found.pointer().live is None:
        with found.building():
            if found.pointer().live is None:
                number = found.claim()
                create(projection, found.path(number))
                found.switch(number)
    return found


def check_version(projection: Projection[Any], path: Path, found: int) -> None:
    """Raises ReadModelError where the tables are of another version of the projection."""
    if found < projection.version:
        raise ReadModelError(
            f"{path.name} has version {found} of {projection.name}, this Daybook version"
            f" {projection.version}: run `daybook replay {projection.name}`"
        )
    if found > projection.version:
        raise ReadModelError(
            f"{path.name} has version {found} of {projection.name}, this Daybook knows version"
            f" {projection.version}: start a newer Daybook"
        )


def _url(driver: str, path: Path, mode: str) -> URL:
    database = f"file:{quote(str(path.absolute()))}"
    return URL.create(driver, database=database, query={"mode": mode, "uri": "true"})


def _configure(engine: Engine, begin: str, settings: tuple[str, ...]) -> None:
    """On Python 3.11 the driver opens transactions only before DML; here we open them."""

    @event.listens_for(engine, "connect")
    def connected(dbapi: Any, _record: object) -> None:
        dbapi.isolation_level = None
        cursor = dbapi.cursor()
        # The wait for locks first: to change the journal mode already needs one.
        for setting in (f"busy_timeout = {BUSY_MS}", *settings):
            cursor.execute(f"PRAGMA {setting}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begun(conn: Any) -> None:
        conn.exec_driver_sql(begin)
