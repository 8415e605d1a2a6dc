"""What the batches of a live read model ask of the server, counted."""

from pathlib import Path

import pytest

from projections.runner import apply
from projections.source import LOG, Batch
from projections.writer import Writer
from tests.projections.toy import Log, placed, writer_of

pytestmark = pytest.mark.usefixtures("on_postgres")

ORDERS = 40
BATCH = 4
"""One order at a time shows nothing: the server then goes on planning each statement anew."""


async def whole_scans(writer: Writer) -> int:
    """How often all of the views' table was read, by whomever."""
    connection = writer._session.connection

    def ask() -> int:
        connection.exec_driver_sql("SELECT pg_stat_force_next_flush()")
        connection.commit()
        asked = "SELECT seq_scan FROM pg_stat_user_tables WHERE relid = 'views'::regclass"
        found: int = connection.exec_driver_sql(asked).scalar_one()
        connection.rollback()
        return found

    return await writer._session.run(ask)


async def test_a_new_generation_is_never_read_whole_for_a_batch(tmp_path: Path) -> None:
    log = Log()
    for n in range(ORDERS):
        await log.append(f"o-{n}", placed(f"o-{n}"))
    async with writer_of(tmp_path) as writer:
        before = await whole_scans(writer)
        items = await log.items()
        for first in range(0, ORDERS, BATCH):
            some = items[first : first + BATCH]
            await apply(writer, Batch(some, {LOG: some[-1].position}), log.store)

        assert await whole_scans(writer) == before
