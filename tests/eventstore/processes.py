"""Starting tests.eventstore.appending_process, and reading what it told."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
MODULE = "tests.eventstore.appending_process"


class Told(NamedTuple):
    word: str
    stream: str
    event_id: str


def start(
    path: Path, mode: str, *, tasks: int, count: int, under: Sequence[str] = ()
) -> "subprocess.Popen[str]":
    """Returns when the process has opened its store."""
    process = subprocess.Popen(
        [*under, sys.executable, "-m", MODULE, str(path), mode, str(tasks), str(count)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("ready")
    return process


def told(process: "subprocess.Popen[str]") -> list[Told]:
    """Every whole line of a process, up to its end."""
    assert process.stdout is not None
    with process.stdout:
        lines = process.stdout.read().splitlines(keepends=True)
    process.wait()
    return [Told(*[*line.split(), ""][:3]) for line in lines if line.endswith("\n")]


def stored_ids(path: Path) -> list[str]:
    """The hex of every event id in the log's file, without any of our code."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return [row[0].hex() for row in connection.execute("SELECT event_id FROM events")]
    finally:
        connection.close()


def lost(path: Path, lines: Sequence[Told]) -> list[Told]:
    """What was acknowledged and is not in the log."""
    there = set(stored_ids(path))
    acked = [line for line in lines if line.word == "acked"]
    return [line for line in acked if line.event_id.replace("-", "") not in there]
