"""Starting tests.eventstore.appending_process, and reading its reports."""

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]
MODULE = "tests.eventstore.appending_process"


class Reported(NamedTuple):
    word: str
    stream: str


class Appending:
    """The process. It reports to a file, as a full pipe would make it wait."""

    def __init__(
        self, path: Path, mode: str, *, tasks: int, count: int, under: Sequence[str] = ()
    ) -> None:
        """Returns when the process has opened its store."""
        self._reports = path.parent / f"{time.monotonic_ns()}.reports"
        path.parent.mkdir(exist_ok=True)
        with self._reports.open("wb") as out:
            self.process = subprocess.Popen(
                [*under, sys.executable, "-m", MODULE, str(path), mode, str(tasks), str(count)],
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdout=out,
            )
        self.await_reports(0)

    def await_reports(self, count: int) -> None:
        """Returns when it has opened its store and reported so many results."""

        def is_reported() -> bool:
            assert self.process.poll() is None, "it ended before that"
            return self._reports.read_bytes().count(b"\n") > count

        wait_until(is_reported)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def reports(self) -> list[Reported]:
        """Every complete line, after the process has ended."""
        self.process.wait()
        lines = self._reports.read_text().splitlines(keepends=True)[1:]
        return [Reported(*line.split()) for line in lines if line.endswith("\n")]


def stored_streams(path: Path) -> dict[str, int]:
    """Events in the log's file by stream, read without code of Daybook."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        rows = connection.execute("SELECT stream, count(*) FROM events GROUP BY stream")
        return dict(rows.fetchall())
    finally:
        connection.close()


def lost(path: Path, lines: Sequence[Reported]) -> list[Reported]:
    """Acknowledged events that are not in the log."""
    stored = stored_streams(path)
    return [line for line in lines if line.word == "acked" and line.stream not in stored]
