"""A read model of the stack held against the log."""

import json

from runtime.settings import variable
from tests.parts.postgres import PostgresServer
from tests.projections.toy import with_sums
from tests.stack.running import Stack

# What differs from run to run: where each source is, and what people have decided.
ASIDE = {"checkpoint", "last_read", "discards", "hinted", "repaired"}
Tables = dict[str, list[str]]


def live_schema(server: PostgresServer, database: str) -> str:
    [[number]] = server.ask("SELECT live FROM daybook.pointer", database=database)
    return f"g{number}"


def rows(server: PostgresServer, database: str) -> Tables:
    """What the live read model says, each row as text, in an order of their own."""
    tables = with_sums(server.tables(database, live_schema(server, database)))
    return {name: sorted(map(repr, found)) for name, found in tables.items() if name not in ASIDE}


def replayed(running: Stack, name: str) -> Tables:
    """The same read model, from the log alone, in a new database."""
    url = running.postgres.database()
    database = url.rpartition("/")[2]
    try:
        done = running.daybook("replay", name, "--json", **{variable(f"{name}_db"): url})
        assert done.returncode == 0, done.stderr.decode()
        assert json.loads(done.stdout)[0]["parked"] == 0
        return rows(running.postgres, database)
    finally:
        running.postgres.drop(database)
