"""Kill a writing process with SIGKILL at every statement, check, resume, check again.

A program of its own, because it forks:
`python -m tests.projections.worker.kill_points FOLDER VARIANT`. It prints how many kills left a
state that no whole number of batches gives (torn), and how many led to wrong rows when resumed.
VARIANT is "as it is", or a wrong writer that has to be detected: "rows first" and "checkpoint
first" commit between the two.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from projections.storage.statements import Statements
from projections.storage.tables import CHECKPOINT
from projections.worker.writer import Writer
from tests.projections.toy import (
    CONFIRMED,
    Log,
    captured,
    contents,
    note,
    placed,
    voided,
    writer_of,
)

BATCH = 4
AS_IT_IS = "as it is"
Tables = dict[str, list[tuple[Any, ...]]]


async def a_log() -> Log:
    log = Log()
    for n in range(2):
        await log.append(f"o-{n}", placed(f"o-{n}"), captured("a"), captured("b"))
    for n in range(2):
        await log.append(f"o-{n}", voided("a"), CONFIRMED)
    await log.append("o-1", note("poison"), note())
    return log


async def work(folder: Path) -> None:
    """Bring the read model up to date, in batches of BATCH, from wherever it is."""
    log = await a_log()
    items = await log.items()
    async with writer_of(folder) as writer:
        at = writer.checkpoints.get("log", 0)
        left = [item for item in items if item.position > at]
        for start in range(0, len(left), BATCH):
            batch = left[start : start + BATCH]
            await writer.commit(batch, {"log": batch[-1].position})


async def states(folder: Path) -> list[Tables]:
    """The valid contents of the tables: after each number of whole batches."""
    items = await (await a_log()).items()
    async with writer_of(folder) as writer:
        found = [contents(folder)]
        for start in range(0, len(items), BATCH):
            batch = items[start : start + BATCH]
            await writer.commit(batch, {"log": batch[-1].position})
            found.append(contents(folder))
    return found


def killing_at(point: int) -> None:
    """From now on, die at the given statement or commit, counted from 1."""
    passed = 0

    def counted(step: Callable[..., Any]) -> Callable[..., Any]:
        def stepping(*arguments: Any) -> Any:
            nonlocal passed
            passed += 1
            if passed == point:
                os.kill(os.getpid(), signal.SIGKILL)
            result = step(*arguments)
            passed += 1
            if passed == point:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        return stepping

    Statements._insert = counted(Statements._insert)  # type: ignore[method-assign]
    Statements._many = counted(Statements._many)  # type: ignore[method-assign]
    Writer._commit = counted(Writer._commit)  # type: ignore[method-assign]


def break_the_transaction(variant: str) -> None:
    """Commit rows and checkpoint in two transactions, in one order or the other."""
    whole = Statements.upsert

    def split(self: Statements, conn: Connection, table: Any, rows: Sequence[Any]) -> None:
        if table is not CHECKPOINT:
            return whole(self, conn, table, rows)
        conn.exec_driver_sql("COMMIT")
        conn.exec_driver_sql("BEGIN IMMEDIATE")
        return whole(self, conn, table, rows)

    def checkpoint_first(
        self: Writer, conn: Connection, items: Any, moves: Any, **more: Any
    ) -> Any:
        whole(
            self.statements,
            conn,
            CHECKPOINT,
            [{"source": name, "position": at} for name, at in moves.checkpoints.items()],
        )
        conn.exec_driver_sql("COMMIT")
        conn.exec_driver_sql("BEGIN IMMEDIATE")
        return store(self, conn, items, moves, **more)

    store = Writer._store
    if variant == "rows first":
        Statements.upsert = split  # type: ignore[method-assign]
    if variant == "checkpoint first":
        Writer._store = checkpoint_first  # type: ignore[method-assign]


def in_a_process(task: Callable[[], None]) -> int:
    """Its exit status, or the signal it died of as a negative number."""
    pid = os.fork()
    if not pid:
        try:
            task()
        except BaseException:  # noqa: BLE001 (a child never continues as its parent)
            sys.excepthook(*sys.exc_info())
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def killed(folder: Path, point: int, variant: str) -> bool:
    def task() -> None:
        break_the_transaction(variant)
        killing_at(point)
        asyncio.run(work(folder))

    return in_a_process(task) == -signal.SIGKILL


def main(folder: Path, variant: str) -> None:
    def expected() -> None:
        folder.mkdir(exist_ok=True)
        right = asyncio.run(states(folder / "right"))
        (folder / "right.txt").write_text(repr(right))

    if in_a_process(expected):
        raise SystemExit("the reference cannot be made")
    right: list[Tables] = eval((folder / "right.txt").read_text())
    torn = wrong = point = 0
    while True:
        point += 1
        place = folder / str(point)
        if not killed(place, point, variant):
            break
        torn += (place / "tally.live").exists() and contents(place) not in right
        if in_a_process(lambda: asyncio.run(work(place))):  # noqa: B023 (called at once)
            raise SystemExit("a resume failed")
        wrong += contents(place) != right[-1]
        if (torn or wrong) and variant != AS_IT_IS:
            break
    sys.stdout.write(f"{point - 1} kills, torn {torn}, resumed wrongly {wrong}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
