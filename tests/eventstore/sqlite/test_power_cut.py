"""The real writer on a disk whose power is cut, at hundreds of points."""

import uuid
from pathlib import Path
from typing import Any

import apsw
import pytest

from eventstore.port import NO_STREAM
from eventstore.sqlite.database import check, configure_writer, connect_writer, create
from eventstore.sqlite.writer import Append, BatchWriter
from tests.contracts.event_store import drafts, fresh_stream
from tests.eventstore.power_cut import RecordedDisk, cuts
from tests.eventstore.processes import stored_streams
from tests.given import amount

BATCHES = 150
CUTS = amount("CUTS", quick=40, deep=400)


class Run:
    """Batches of appends on a recorded disk, and when each was acknowledged."""

    def __init__(self, folder: Path, weakened: str | None) -> None:
        disk = RecordedDisk(f"recorded-{uuid.uuid4().hex}")
        connection: Any = apsw.Connection(str(folder / "log.db"), vfs=disk.name)
        # A file system in Python has no shared memory; the syncs are the same.
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        configure_writer(connection)
        create(connection)
        if weakened is not None:
            connection.execute(weakened)
        self.operations = disk.operations
        self.acked_at: dict[str, int] = {}
        self.started_at = len(disk.operations)
        self._write(BatchWriter(connection))
        # The state after a cut comes from the record; the files themselves are not read again.
        connection.close()

    def _write(self, writer: BatchWriter) -> None:
        for batch in range(BATCHES):
            appends = [Append(fresh_stream(), drafts(2), NO_STREAM) for _ in range(1 + batch % 8)]
            assert all(isinstance(answer, int) for answer in writer.append_all(appends))
            writer.pause(quiet=True)
            self.acked_at |= dict.fromkeys((a.stream for a in appends), len(self.operations))
        self.ended_at = len(self.operations)


def lost_in_cuts(tmp_path: Path, weakened: str | None = None) -> int:
    """Cuts that lost an acknowledged event. Whatever a cut left, it opens and is intact."""
    (tmp_path / "run").mkdir()
    run = Run(tmp_path / "run", weakened)
    losing = 0
    operations = run.operations[: run.ended_at]
    for done, files in cuts(operations, first=run.started_at, count=CUTS, seed=7):
        folder = tmp_path / f"cut-{done}"
        folder.mkdir()
        for name, content in files.items():
            (folder / name).write_bytes(content)
        connection = connect_writer(folder / "log.db")
        check(connection, None)
        connection.close()
        stored = stored_streams(folder / "log.db")
        assert set(stored.values()) <= {2}
        acked = {stream for stream, at in run.acked_at.items() if at <= done}
        losing += not acked <= set(stored)
    return losing


@pytest.fixture(autouse=True)
def checkpoints_come_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eventstore.sqlite.writer.CHECKPOINT_QUIET_BYTES", 100_000)


@pytest.mark.slow
def test_a_power_cut_at_any_point_loses_nothing_acknowledged(tmp_path: Path) -> None:
    assert lost_in_cuts(tmp_path) == 0


@pytest.mark.slow
def test_control_without_a_sync_per_commit_power_cuts_lose_events(tmp_path: Path) -> None:
    assert lost_in_cuts(tmp_path, "PRAGMA synchronous = NORMAL") > CUTS // 10
