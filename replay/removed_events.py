"""Events that were removed from a log in a file, although no order shows it.

An order that lacks an event in its middle is found by its revisions, and parked. Where an order's
last events or all of them were removed, only the positions show it: a log in a file gives them
without a gap.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from eventstore.sqlite import sql
from eventstore.sqlite.database import connect_reader
from eventstore.stores import SQLITE
from eventstore.verified import LogAltered


def refuse_removed_events(url: str) -> None:
    """Raises LogAltered where more positions are missing than revisions of orders.

    Blocks while the log's indexes are read: about a second for a million events. A damaged file
    passes: whoever reads it reports that.
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
        f"{missing - explained:,} of the log's events were removed, and no order shows it:"
        f" position {first} is missing. Restore the log from a backup, or build the read models"
        " without these events by --no-verify"
    )
