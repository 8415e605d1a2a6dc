"""Many commands as a stream: NDJSON lines in, a result per line out, in the same order.

Lines of one order are executed one after the other, those of different orders concurrently, so that
they share commits. `window` limits the lines without an answer, so that a client that reads the
answers slowly slows the reading of lines. api.http.sharing limits the lines in progress of all
streams together, and how long one stream keeps the others waiting. Used by POST /v1/commands and,
in process, by `daybook submit`.
"""

import asyncio
from codecs import BOM_UTF8
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from pydantic_core import to_json

from api.commands.handler import CommandHandler, Result
from api.commands.headers import Sender
from api.commands.parse import from_line
from api.http.problems import Rejected
from api.http.sharing import Sharing
from eventstore.ledger.submission import Submission

Line: TypeAlias = bytes | Rejected | None
"""A line without its end; None for one over the limit, whose bytes were dropped; or why it is none.
"""


@dataclass(frozen=True, slots=True)
class LineResult:
    """The result of one line. line: its number from 1; blank lines count."""

    line: int
    result: Result

    def json(self) -> bytes:
        """The line of the answer, with its line end."""
        if self.result.problem is None:
            members = {"line": self.line, "status": self.result.status, **self.result.members}
        else:
            problem = self.result.members
            members = {"line": self.line, "status": self.result.status, "problem": problem}
        return to_json(members) + b"\n"


async def split_lines(chunks: AsyncIterator[bytes], bytes_max: int) -> AsyncIterator[Line]:
    """The lines of a stream. Holds at most one line over the limit and one chunk.

    A byte order mark at the start is dropped: some editors write one into UTF-8 files.
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
    handler: CommandHandler,
    sender: Sender,
    clock: Callable[[], datetime],
    window: int,
    line_max_bytes: int,
    sharing: Sharing,
) -> AsyncGenerator[Sequence[LineResult], None]:
    """Results in the order of the lines, in groups of those that are ready at the same time.

    An error of `lines` is raised after the results of the lines before it. Whoever stops early
    calls aclose(): lines in progress are then finished, but their results are not returned.
    """
    stream = _Stream(
        handler=handler,
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
    """One stream: the results that are due, and the last line in progress of each order."""

    def __init__(
        self,
        *,
        handler: CommandHandler,
        sender: Sender,
        clock: Callable[[], datetime],
        window: int,
        line_max_bytes: int,
        sharing: Sharing,
    ) -> None:
        self._turn = sharing.turns.new()
        self._share = sharing.places.new()
        self._handler = handler
        self._sender = sender
        self._clock = clock
        self._too_long = Rejected("body-too-large", f"a line may have {line_max_bytes} bytes")
        self._due: asyncio.Queue[asyncio.Future[LineResult] | None] = asyncio.Queue(window)
        self._error: Exception | None = None
        self._last: dict[str, asyncio.Task[LineResult]] = {}
        self._in_progress: set[asyncio.Task[LineResult]] = set()

    async def read(self, lines: AsyncIterator[Line]) -> None:
        """Start every line, until the end of the lines or an error of theirs."""
        number = 0
        try:
            async for line in lines:
                number += 1
                await self._turn.go_on()
                if not isinstance(line, bytes) or line.strip():
                    await self._due.put(await self._start(number, line))
        except Exception as error:  # noqa: BLE001 (raised after the results of the lines before)
            self._error = error
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
        if self._error is not None:
            raise self._error

    async def finish(self) -> None:
        """Wait for the lines in progress: an append cannot be undone."""
        if self._in_progress:
            await asyncio.wait(self._in_progress)

    async def _start(self, number: int, line: Line) -> asyncio.Future[LineResult]:
        if not isinstance(line, bytes):
            return _done(LineResult(number, self._handler.failed(line or self._too_long)))
        try:
            with self._turn:
                submission = from_line(line, sender=self._sender, now=self._clock())
        except Exception as error:  # noqa: BLE001 (a bad line is answered, and the next one read)
            return _done(LineResult(number, self._handler.failed(error)))
        await self._share.take()
        before = self._last.get(submission.order_id)
        task = asyncio.create_task(self._execute(number, submission, before))
        self._last[submission.order_id] = task
        self._in_progress.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[LineResult]) -> None:
        self._in_progress.discard(task)
        self._share.give_back()

    async def _execute(
        self, number: int, submission: Submission, before: asyncio.Task[LineResult] | None
    ) -> LineResult:
        if before is not None and not before.done():
            await asyncio.wait((before,))
        try:
            return LineResult(number, await self._handler.result(submission))
        finally:
            if self._last.get(submission.order_id) is asyncio.current_task():
                del self._last[submission.order_id]


def _done(result: LineResult) -> asyncio.Future[LineResult]:
    future: asyncio.Future[LineResult] = asyncio.get_running_loop().create_future()
    future.set_result(result)
    return future
