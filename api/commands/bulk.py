"""Many commands as a stream: NDJSON lines in, a result per line out, in the same order.

Lines of one order are done one after the other, those of different orders side by side, so that
they share commits. `window` bounds how many have no answer yet; a slow reader of the results
thereby slows the reading of lines. How many lines of all streams are under way, and how long one
stream keeps the others waiting, is bounded by api.http.sharing. Used by POST /v1/commands and,
in-process, by `daybook submit`.
"""

import asyncio
from codecs import BOM_UTF8
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from pydantic_core import to_json

from api.commands.handler import Desk, Result
from api.commands.headers import Sender
from api.commands.parse import from_line
from api.http.problems import Rejected
from api.http.sharing import Sharing
from eventstore.ledger.submission import Submission

Line: TypeAlias = bytes | None
"""A line without its end; None for one over the limit, whose bytes were dropped."""


@dataclass(frozen=True, slots=True)
class LineResult:
    """line: counted from 1, blank lines too."""

    line: int
    result: Result

    def json(self) -> bytes:
        """The line of the answer, with its end."""
        if self.result.problem is None:
            members = {"line": self.line, "status": self.result.status, **self.result.members}
        else:
            problem = self.result.members
            members = {"line": self.line, "status": self.result.status, "problem": problem}
        return to_json(members) + b"\n"


async def split_lines(chunks: AsyncIterator[bytes], bytes_max: int) -> AsyncIterator[Line]:
    """The lines of a stream, never holding more than one over the limit and a chunk.

    A byte order mark before the first one is left out: editors write it into files of UTF-8.
    """
    rest = bytearray()
    async for chunk in _without_mark(chunks):
        head, *others = chunk.split(b"\n")
        rest += head
        for other in others:
            yield bytes(rest) if len(rest) <= bytes_max else None
            rest = bytearray(other)
        del rest[bytes_max + 1 :]
    if rest:
        yield bytes(rest) if len(rest) <= bytes_max else None


async def _without_mark(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    start: bytes | None = b""
    async for chunk in chunks:
        if start is None:
            yield chunk
            continue
        start += chunk
        if len(start) >= len(BOM_UTF8) or not BOM_UTF8.startswith(start):
            yield start.removeprefix(BOM_UTF8)
            start = None
    if start:
        yield start


async def submit_lines(
    lines: AsyncIterator[Line],
    *,
    desk: Desk,
    sender: Sender,
    clock: Callable[[], datetime],
    window: int,
    line_max_bytes: int,
    sharing: Sharing,
) -> AsyncGenerator[Sequence[LineResult], None]:
    """Results in the order of the lines, in groups of those that are ready at once.

    An error of `lines` is raised behind the results of the lines before it. Whoever stops early
    calls aclose(); lines already under way are then done to their end, and lost to the asker.
    """
    stream = _Stream(
        desk=desk,
        sender=sender,
        clock=clock,
        window=window,
        line_max_bytes=line_max_bytes,
        sharing=sharing,
    )
    reading = asyncio.create_task(stream.read(lines))
    try:
        async for ready in stream.results():
            yield ready
    finally:
        reading.cancel()
        await asyncio.wait((reading,))
        await stream.finish()


class _Stream:
    """One stream's state: the results that are due, and the last line of each order under way."""

    def __init__(
        self,
        *,
        desk: Desk,
        sender: Sender,
        clock: Callable[[], datetime],
        window: int,
        line_max_bytes: int,
        sharing: Sharing,
    ) -> None:
        self._turn = sharing.turns.new()
        self._share = sharing.places.new()
        self._desk = desk
        self._sender = sender
        self._clock = clock
        self._too_long = Rejected("too-large", f"a line may have {line_max_bytes} bytes")
        self._due: asyncio.Queue[asyncio.Future[LineResult] | None] = asyncio.Queue(window)
        self._broken: Exception | None = None
        self._last: dict[str, asyncio.Task[LineResult]] = {}
        self._under_way: set[asyncio.Task[LineResult]] = set()

    async def read(self, lines: AsyncIterator[Line]) -> None:
        """Until the end of the lines, or what is wrong with them. Cancelled where nobody asks."""
        number = 0
        try:
            async for line in lines:
                number += 1
                await self._turn.go_on()
                if line is None or line.strip():
                    await self._due.put(await self._begun(number, line))
        except Exception as error:  # noqa: BLE001 (raised behind the results of the lines before)
            self._broken = error
        await self._due.put(None)

    async def results(self) -> AsyncIterator[list[LineResult]]:
        ready: list[LineResult] = []
        while (due := await self._due.get()) is not None:
            if ready and not due.done():
                yield ready
                ready = []
            ready.append(await due)
            if self._due.empty():
                yield ready
                ready = []
        if ready:
            yield ready
        if self._broken is not None:
            raise self._broken

    async def finish(self) -> None:
        """Wait for the lines under way: an append cannot be called back."""
        if self._under_way:
            await asyncio.wait(self._under_way)

    async def _begun(self, number: int, line: Line) -> asyncio.Future[LineResult]:
        if line is None:
            return _done(LineResult(number, self._desk.failed(self._too_long)))
        try:
            with self._turn:
                submission = from_line(line, sender=self._sender, now=self._clock())
        except Exception as error:  # noqa: BLE001 (a bad line is answered, the next one goes on)
            return _done(LineResult(number, self._desk.failed(error)))
        await self._share.take()
        before = self._last.get(submission.order_id)
        task = asyncio.create_task(self._in_turn(number, submission, before))
        self._last[submission.order_id] = task
        self._under_way.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[LineResult]) -> None:
        self._under_way.discard(task)
        self._share.give_back()

    async def _in_turn(
        self, number: int, submission: Submission, before: asyncio.Task[LineResult] | None
    ) -> LineResult:
        if before is not None and not before.done():
            await asyncio.wait((before,))
        try:
            return LineResult(number, await self._desk.result(submission))
        finally:
            if self._last.get(submission.order_id) is asyncio.current_task():
                del self._last[submission.order_id]


def _done(result: LineResult) -> asyncio.Future[LineResult]:
    future: asyncio.Future[LineResult] = asyncio.get_running_loop().create_future()
    future.set_result(result)
    return future
