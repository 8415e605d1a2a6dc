"""The processes of a replay: each folds a part of the orders, for all the read models asked for.

To fold is Python's work, which one process does on one core. Each process reads the log once and
writes generations of its own; replay.rebuild takes their rows in.
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from eventstore.stores import is_dense
from projections.projection import Row
from projections.storage.errors import ReadModelError

JOBS_MAX = 8
"""Of processes. One file of SQLite takes rows from ten others at most."""
PARTS_MIN = 100_000
"""Events from which on several processes are quicker: to start takes each as long as 20,000 events,
and of 60,000 two processes on two busy cores made nothing quicker."""
PROGRAM = Path(__file__).parents[1] / "daybook.py"
LINE_MAX = 2**26
"""Bytes of an error's words or of all the discards of a read model, with room to spare."""


class PartFailed(ReadModelError):
    """A process could not do its part of a read model; in its words."""


@dataclass(frozen=True, slots=True)
class Share:
    """What a process is told first: its part of so many of the log at a URL, up to a position."""

    log: str
    part: int
    of: int
    until: int
    verify: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """A read model: numbers of empty generations, one for each part; discards: rows."""

    name: str
    url: str
    numbers: Sequence[int]
    discards: Sequence[Row]


def usable_cores() -> int:
    """Of this process, as far as a replay makes use of them."""
    on_linux = hasattr(os, "sched_getaffinity")
    found = len(os.sched_getaffinity(0)) if on_linux else os.cpu_count() or 1
    return min(found, JOBS_MAX)


@asynccontextmanager
async def parts_of(
    log: str, names: Collection[str], *, jobs: int, until: int, verify: bool
) -> AsyncIterator["Parts | None"]:
    """Processes for one fill() of each of these read models, where they are quicker; else None.

    log: the URL. From a server they are not: there reading bounds a replay. Raises PartFailed.
    """
    if jobs == 1 or not is_dense(log) or until < PARTS_MIN:
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
    """until: the position up to which they fold."""

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

    async def fill(self, wanted: Wanted, told: Callable[[int], object]) -> Sequence[int]:
        """The positions to which the parts have come; then nobody holds the generations.

        told: how far they are, on average. Raises PartFailed.
        """
        ats = [0] * self.count

        async def one(part: int) -> None:
            def at(position: int) -> None:
                ats[part] = position
                told(sum(ats) // len(ats))

            await self._one(part, wanted, at)

        try:
            await asyncio.gather(*map(one, range(self.count)))
        except asyncio.CancelledError:
            await self.end()
            raise
        if wanted.name in self._failed:
            raise self._failed[wanted.name]
        return ats

    async def end(self) -> None:
        """At once: there is nothing that they would have to finish."""
        for process in self._processes:
            process.kill()
        await asyncio.gather(*(process.ended for process in self._processes))

    async def _one(self, part: int, wanted: Wanted, told: Callable[[int], object]) -> None:
        try:
            await self._processes[part].fill(wanted, wanted.numbers[part], told)
        except PartFailed as error:
            self._failed.setdefault(wanted.name, error)
            if self._failed.keys() >= self._names:
                await self.end()


class _Process:
    """A child that gets a line for each read model, and ends with the last of its lines or us."""

    @classmethod
    async def start(cls, share: Share) -> "_Process":
        """Raises PartFailed."""
        try:
            child = await asyncio.create_subprocess_exec(
                *(sys.executable, str(PROGRAM), "replay", "--as-part"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                limit=LINE_MAX,
                start_new_session=True,  # Ctrl-C is for us
            )
        except OSError as error:
            raise PartFailed(f"no process can be started ({error}): --jobs 1 needs none") from error
        return cls(child, share)

    def __init__(self, child: asyncio.subprocess.Process, share: Share) -> None:
        self.pid = child.pid
        self.ended = asyncio.create_task(self._listen())
        self._child = child
        self._told: dict[str, Callable[[int], object]] = {}
        self._done: dict[str, asyncio.Future[str]] = {}
        self._say(asdict(share))

    async def fill(self, wanted: Wanted, number: int, told: Callable[[int], object]) -> None:
        """told: how far it is. Raises PartFailed."""
        done = self._done[wanted.name] = asyncio.get_running_loop().create_future()
        self._told[wanted.name] = told
        line = {"name": wanted.name, "url": wanted.url, "number": number}
        self._say(line | {"discards": list(wanted.discards)})
        await asyncio.wait({done, self.ended}, return_when=asyncio.FIRST_COMPLETED)
        if not done.done():
            code = self._child.returncode
            raise PartFailed(f"a process of the replay has ended with code {code}: run it again")
        if done.result():
            raise PartFailed(done.result())

    def kill(self) -> None:
        if self._child.returncode is None:
            self._child.kill()

    def _say(self, line: object) -> None:
        """In a pipe, and not as arguments: a URL may have a password."""
        assert self._child.stdin is not None
        self._child.stdin.write(json.dumps(line).encode() + b"\n")

    async def _listen(self) -> None:
        assert self._child.stdout is not None
        async for line in self._child.stdout:
            said = json.loads(line)
            if "at" in said:
                self._told[said["name"]](said["at"])
            else:
                self._done[said["name"]].set_result(said["error"])
        await self._child.wait()
