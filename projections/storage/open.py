"""Opens the generations of a read database by its URL: the one place that knows every kind."""

from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from projections.storage.errors import ReadModelError
from projections.storage.generations import Generations

URLS = (
    "a read model's URL is sqlite+aiosqlite:///folder/name.db or"
    " postgresql+asyncpg://user:password@host:port/database"
)


def open_generations(url: str) -> Generations:
    """The generations of a database URL. Raises ReadModelError for an unknown kind."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ReadModelError(URLS) from error
    if parsed.drivername == "sqlite+aiosqlite" and parsed.database not in (None, "", ":memory:"):
        from projections.storage.sqlite.generations import SqliteGenerations

        return SqliteGenerations(Path(str(parsed.database)).with_suffix(""))
    if parsed.drivername == "postgresql+asyncpg" and parsed.database:
        try:
            from projections.storage.postgres.generations import PostgresGenerations
        except ModuleNotFoundError as error:
            raise ReadModelError(
                "read models in PostgreSQL need asyncpg: install daybook[postgres]"
            ) from error

        return PostgresGenerations(parsed)
    raise ReadModelError(URLS)
