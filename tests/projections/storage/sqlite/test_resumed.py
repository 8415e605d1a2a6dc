import sqlite3
from contextlib import closing
from pathlib import Path

from projections.worker.runner import resume
from tests.projections.toy import Log, captured, contents, placed, writer_of
from tests.projections.worker.test_runner import brought_up


async def test_with_a_checkpoint_without_its_event_the_log_is_read_from_its_begin(
    tmp_path: Path,
) -> None:
    log = Log()
    await log.append("o-1", placed(), captured("a"))
    async with writer_of(tmp_path) as writer:
        await brought_up(writer, log)
    right = contents(tmp_path)
    with closing(sqlite3.connect(tmp_path / "tally.g1.db")) as earlier:
        earlier.execute("DROP TABLE last_read")
        earlier.commit()

    async with writer_of(tmp_path) as writer:
        assert await resume(writer, log.store) == {}
        await brought_up(writer, log)

    assert contents(tmp_path) == right
