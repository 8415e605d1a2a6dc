"""Events that were taken out of a log in a file, although no order shows a hole.

An order that lacks an event in its middle shows it, and is parked. Where an order's last events or
all of them were taken out, only the positions tell, which a log in a file gives without a gap.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from eventstore.sqlite import sql
from eventstore.sqlite.database import connect_reader
from eventstore.stores import SQLITE
from eventstore.verified import LogAltered


def refuse_holes(url: str) -> None:
    """Raises LogAltered where more positions are missing than the orders' own holes account for.

    Blocks while the log's indexes are read: about a second for a million events. A file that is
    damaged passes: whatever reads it says so.
    """
    if not url.startswith(SQLITE):
        return
    with closing(connect_reader(Path(url.removeprefix(SQLITE)))) as connection:
        try:
            [missing] = connection.execute(sql.POSITIONS_MISSING).fetchone()
            [explained] = connection.execute(sql.REVISIONS_MISSING).fetchone() if missing else [0]
            if missing <= explained:
                return
            [first] = connection.execute(sql.FIRST_MISSING).fetchone()
        except sqlite3.DatabaseError:
            return
    raise LogAltered(
        f"{missing - explained:,} of the log's events were taken out, and no order shows it:"
        f" position {first} is missing. Restore the log from a backup, or build the read models"
        " without them by --no-verify"
    )
