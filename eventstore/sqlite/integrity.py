"""What no reading of events shows of a log's file: damaged indexes, pages of nothing."""

import asyncio
import sqlite3
from functools import partial
from pathlib import Path
from typing import Final

import aiosqlite

from eventstore.sqlite.database import connect_reader

DAMAGES_MAX: Final = 10


async def damages(path: Path) -> list[str]:
    """SQLite's own findings, at most DAMAGES_MAX; empty for a file that is whole.

    The one statement takes minutes for a large file. It runs in a thread of aiosqlite, and is
    interrupted when the caller is cancelled. Raises StoreUnavailable, LogDamaged.
    """
    async with aiosqlite.Connection(partial(connect_reader, path), iter_chunk_size=1) as connection:
        try:
            rows = await connection.execute_fetchall(f"PRAGMA integrity_check({DAMAGES_MAX})")
        except sqlite3.DatabaseError as error:
            return [str(error)]
        except asyncio.CancelledError:
            await connection.interrupt()
            raise
    return [text for [text] in rows if text != "ok"]
