"""The processes of a replay: each folds a part of the orders, for all read models to rebuild.

Folding is Python code, which uses one core in one process. Each process reads the log once and
writes generations of its own; replay.rebuild copies their rows into the new generation.
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from eventstore.stores import events_up_to
from projections.projection import Row
from projections.storage.errors import ReadModelError

JOBS_MAX = 8
"""Most processes. SQLite can attach ten databases to one, from which rows are copied."""
PARTS_MIN = 100_000
"""Fewest events for which several processes are faster. Starting a process costs as much as 20,000
events; at 60,000 events two processes on two busy cores gained nothing."""
PROGRAM = Path(__file__).parents[2] / "daybook.py"
LINE_MAX = 2**26
"""Bytes of a line between the processes: more than all discards of a read model or an error need.
"""


class PartFailed(ReadModelError):
    """A process could not fold its part of a read model; the message is that process's."""


@dataclass(frozen=True, slots=True)
class Share:
    """The first line to a process. part: its number, of so many; until: the last
    position to fold.
    """

    log: str
    part: int
    of: int
    until: int
    verify: bool


@dataclass(frozen=True, slots=True)
class Target:
    """A read model to rebuild. numbers: of its empty generations, one for each part; discards:
    rows.
    """

    name: str
    url: str
    numbers: Sequence[int]
    discards: Sequence[Row]


def usable_cores() -> int:
    """The cores that this process may use, at most JOBS_MAX."""
    on_linux = hasattr(os, "sched_getaffinity")
    found = len(os.sched_getaffinity(0)) if on_linux else os.cpu_count() or 1
    return min(found, JOBS_MAX)


@asynccontextmanager
async def parts_of(
    log: str, names: Collection[str], *, jobs: int, until: int, verify: bool
) -> AsyncIterator["Parts | None"]:
    """Processes for one fill() of each of these read models; None where one process is as fast.

    log: the URL. Raises PartFailed.
    """
    if jobs == 1 or events_up_to(log, until) < PARTS_MIN:
        yield None
        return
    shares = [Share(log, part, jobs, until, verify) for part in range(jobs)]
    parts = Parts(names, until)
    try:
        for share in shares:
            parts.add(await _Process.start(share))
        yield parts
    finally:
        await parts.end()


class Parts:
    """The processes of one replay. until: the position up to which they fold."""

    def __init__(self, names: Collection[str], until: int) -> None:
        self.until = until
        self._names = set(names)
        self._failed: dict[str, PartFailed] = {}
        self._processes: list[_Process] = []

    @property
    def count(self) -> int:
        return len(self._processes)

    @property
    def pids(self) -> Sequence[int]:
        return [process.pid for process in self._processes]

    def add(self, process: "_Process") -> None:
        self._processes.append(process)

    async def fill(self, target: Target, report: Callable[[int], object]) -> Sequence[int]:
        """Have each process fill its generation. Returns the position that each has reached.

        Afterwards no process holds a generation. report: called with their average position. Raises
        PartFailed.
        """
        positions = [0] * self.count

        async def one(part: int) -> None:
            def reached(position: int) -> None:
                positions[part] = position
                report(sum(positions) // len(positions))

            await self._one(part, target, reached)

        try:
            await asyncio.gather(*map(one, range(self.count)))
        except asyncio.CancelledError:
            await self.end()
            raise
        if target.name in self._failed:
            raise self._failed[target.name]
        return positions

    async def end(self) -> None:
        """End the processes at once: unfinished generations are deleted by the next replay."""
        for process in self._processes:
            process.kill()
        await asyncio.gather(*(process.ended for process in self._processes))

    async def _one(self, part: int, target: Target, report: Callable[[int], object]) -> None:
        try:
            await self._processes[part].fill(target, target.numbers[part], report)
        except PartFailed as error:
            self._failed.setdefault(target.name, error)
            if self._failed.keys() >= self._names:
                await self.end()


class _Process:
    """A child process: it gets a line for each read model, and ends when its input or we do."""

    @classmethod
    async def start(cls, share: Share) -> "_Process":
        """Raises PartFailed."""
        try:
            child = await asyncio.create_subprocess_exec(
                *(sys.executable, str(PROGRAM), "replay", "--as-part"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                limit=LINE_MAX,
                start_new_session=True,  # Ctrl-C is for this process alone
            )
        except OSError as error:
            raise PartFailed(f"no process can be started ({error}): --jobs 1 needs none") from error
        return cls(child, share)

    def __init__(self, child: asyncio.subprocess.Process, share: Share) -> None:
        self.pid = child.pid
        self.ended = asyncio.create_task(self._listen())
        self._child = child
        self._reports: dict[str, Callable[[int], object]] = {}
        self._done: dict[str, asyncio.Future[str]] = {}
        self._send(asdict(share))

    async def fill(self, target: Target, number: int, report: Callable[[int], object]) -> None:
        """Fill one generation. report: called with the position reached. Raises PartFailed."""
        done = self._done[target.name] = asyncio.get_running_loop().create_future()
        self._reports[target.name] = report
        line = {"name": target.name, "url": target.url, "number": number}
        self._send(line | {"discards": list(target.discards)})
        await asyncio.wait({done, self.ended}, return_when=asyncio.FIRST_COMPLETED)
        if not done.done():
            code = self._child.returncode
            raise PartFailed(f"a process of the replay has ended with code {code}: run it again")
        if done.result():
            raise PartFailed(done.result())

    def kill(self) -> None:
        if self._child.returncode is None:
            self._child.kill()

    def _send(self, line: object) -> None:
        """Through a pipe: a URL may contain a password, and arguments can be seen by others."""
        assert self._child.stdin is not None
        self._child.stdin.write(json.dumps(line).encode() + b"\n")

    async def _listen(self) -> None:
        assert self._child.stdout is not None
        async for line in self._child.stdout:
            answer = json.loads(line)
            if "at" in answer:
                self._reports[answer["name"]](answer["at"])
            else:
                self._done[answer["name"]].set_result(answer["error"])
        await self._child.wait()
