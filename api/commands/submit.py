"""`daybook submit`: a file of commands into the ledger, in this process or through a server."""

import os
import sys
import time
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, Any, BinaryIO
from urllib.parse import urlsplit

import httpx
from pydantic_core import from_json, to_json

from api.commands.bulk import split_lines, submit_lines
from api.commands.handler import CommandHandler
from api.commands.headers import Sender
from api.composition import command_side
from api.http.sharing import Places, Sharing
from daybook_client import AsyncClient, DaybookError, Interrupted, Retrying
from daybook_client import Sender as ClientSender
from eventstore.port import StoreError
from runtime.abandoned import in_abandonable_thread
from runtime.clock import utc_now
from runtime.files import open_private
from runtime.settings import Settings
from runtime.telemetry import Telemetry
from runtime.terminal import Exit, ExitError, progress, put, put_json, put_table, say
from runtime.urls import redacted

CHUNK_BYTES = 65_536
TIMEOUT_S = 60.0
RETRYING = Retrying(tries_max=6, total_s=30.0)
CHANNEL = "cli"
NOT_ACCEPTED_SHOWN_MAX = 10
UTF_16_STARTS = (b"\xff\xfe", b"\xfe\xff", b"{\0", b"\0{")
"""A byte order mark of UTF-16, or the brace that a line begins with, in either byte order."""
AGAIN = "submit the same file again: what is stored is answered from the log, not stored twice"


@dataclass(slots=True)
class Summary:
    """Counts of the answers to all lines.

    answers: by HTTP status. refusals: by rule; problems: by kind, of all other refusals.
    not_accepted: the first of them, as {line, status, field, reason}.
    """

    allow_refused: bool = False
    answers: Counter[int] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    problems: Counter[str] = field(default_factory=Counter)
    not_accepted: list[dict[str, Any]] = field(default_factory=list)
    replayed: int = 0
    events: int = 0
    seconds: float = 0.0

    @property
    def accepted(self) -> int:
        return sum(n for status, n in self.answers.items() if status < httpx.codes.BAD_REQUEST)

    @property
    def undecided(self) -> bool:
        """True if some lines were answered 5xx, and may be accepted when they are sent again."""
        return any(status >= httpx.codes.INTERNAL_SERVER_ERROR for status in self.answers)

    @property
    def exit_code(self) -> Exit:
        """UNAVAILABLE: a line was answered 5xx. FOUND: a line was not accepted.

        With allow_refused a line that a rule refuses does not count.
        """
        if self.undecided:
            return Exit.UNAVAILABLE
        allowed = self.refusals.total() if self.allow_refused else 0
        return Exit.FOUND if self.answers.total() > self.accepted + allowed else Exit.DONE

    def add(self, answer: dict[str, Any]) -> None:
        self.answers[answer["status"]] += 1
        problem = answer.get("problem")
        if problem is None:
            self.replayed += answer["replayed"]
            self.events += 0 if answer["replayed"] else len(answer["events"])
            return
        if "rule" in problem:
            self.refusals[problem["rule"]] += 1
        else:
            self.problems[problem["type"].rpartition("#")[2]] += 1
        if len(self.not_accepted) < NOT_ACCEPTED_SHOWN_MAX:
            self.not_accepted.append(_not_accepted(answer))

    def show(self, *, as_json: bool) -> None:
        if as_json:
            put_json(self.document())
            return
        lines = self.answers.total()
        rate = lines / self.seconds if self.seconds else 0
        put(
            f"{lines:,} lines in {self.seconds:.1f} s ({rate:,.0f}/s): {self.accepted:,} accepted"
            f" ({self.replayed:,} of them from the log), {self.events:,} events stored"
        )
        put_table(("status", "lines"), sorted(self.answers.items()))
        reasons = [*self.refusals.most_common(), *self.problems.most_common()]
        if reasons:
            put("")
            put_table(("refused because", "lines"), reasons)
            put("")
            refused = self.answers.total() - self.accepted
            put(f"not accepted: {refused:,} lines, the first {len(self.not_accepted)} of them")
            columns = ("line", "field", "reason")
            put_table(columns, [[line[name] for name in columns] for line in self.not_accepted])
        if self.undecided:
            say(f"daybook: some lines could not be stored; {AGAIN}")

    def document(self) -> dict[str, Any]:
        return {
            "lines": self.answers.total(),
            "accepted": self.accepted,
            "replayed": self.replayed,
            "events": self.events,
            "answers": {str(status): n for status, n in sorted(self.answers.items())},
            "refusals": dict(self.refusals.most_common()),
            "problems": dict(self.problems.most_common()),
            "not_accepted": self.not_accepted,
            "seconds": round(self.seconds, 3),
        }


def _not_accepted(answer: dict[str, Any]) -> dict[str, Any]:
    problem = answer["problem"]
    where = {"line": answer["line"], "status": answer["status"]}
    if errors := problem.get("errors"):
        return where | {"field": errors[0]["field"], "reason": errors[0]["message"]}
    return where | {"field": "", "reason": problem.get("detail") or problem["title"]}


async def submit_file(
    settings: Settings,
    file: IO[bytes],
    *,
    url: str | None,
    results: Path | None,
    allow_refused: bool,
    wanted_bar: bool | None,
    as_json: bool,
) -> Exit:
    """Submit every line, count the answers, show the summary.

    results: a file for the answers as NDJSON; - is standard output. Raises ExitError, StoreError;
    what was answered until then is stored and in results.
    """
    if url is not None:
        _check_server_url(url)
    summary = Summary(allow_refused=allow_refused)
    started = time.perf_counter()
    bar = progress("submit", total=line_count(file), unit="lines", wanted=wanted_bar)
    answers = through_server(url, file) if url else in_process(settings, file)
    async with aclosing(answers):
        with bar, _opened(results) as written:
            async for answer in answers:
                document = from_json(answer)
                summary.add(document)
                if written is not None:
                    written.write(answer)
                bar.update(document["line"] - bar.n)
    summary.seconds = time.perf_counter() - started
    summary.show(as_json=as_json)
    return summary.exit_code


@contextmanager
def _opened(results: Path | None) -> Iterator[BinaryIO | None]:
    """Raises ExitError where the file cannot be written."""
    if results is None or str(results) == "-":
        yield None if results is None else sys.stdout.buffer
        return
    try:
        file = open_private(results)
    except OSError as error:
        raise ExitError(f"cannot write {results}: {error.strerror}", Exit.USAGE) from None
    with file:
        yield file


async def in_process(settings: Settings, file: IO[bytes]) -> AsyncGenerator[bytes, None]:
    """The answers of a ledger that this process opens, line by line. Raises StoreError."""
    if settings.in_memory:
        raise ExitError(
            "memory:// is gone with the process: set DAYBOOK_STORE to sqlite:///<path>, "
            "or name a running server with --url",
            Exit.USAGE,
        )
    async with command_side(settings, failed=_report_failure) as side:
        groups = submit_lines(
            split_lines(chunks(file), settings.line_max_bytes),
            handler=CommandHandler(side.ledger, Telemetry()),
            sender=Sender(channel=CHANNEL),
            clock=utc_now,
            window=settings.bulk_window,
            line_max_bytes=settings.line_max_bytes,
            sharing=Sharing(Places(settings.bulk_window)),
        )
        # Closed before the ledger, however this ends.
        async with aclosing(groups):
            async for group in groups:
                for result in group:
                    yield result.json()


def _check_server_url(url: str) -> None:
    """Raises ExitError where the URL names no server; it suggests the URL that was
    probably meant.
    """
    try:
        parts = urlsplit(url)
        named = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        named = False
    if not named:
        rest = url.rpartition("//")[2].lstrip(":/") or "127.0.0.1:8000"
        raise ExitError(f"--url {url} names no server: write --url http://{rest}", Exit.USAGE)


def _report_failure(error: StoreError) -> None:
    say(f"daybook: {error}")


async def through_server(url: str, file: IO[bytes]) -> AsyncGenerator[bytes, None]:
    """The answers of a running server, line by line, numbered as in the file. Raises ExitError."""
    sender = ClientSender(channel=CHANNEL)
    async with AsyncClient(url, sender=sender, timeout_s=TIMEOUT_S, retrying=RETRYING) as client:
        answers = client.submit(_lines(file))
        async with aclosing(answers):
            try:
                async for result in answers:
                    yield to_json(result.document) + b"\n"
            except DaybookError as error:
                again = f"; {AGAIN}" if isinstance(error, Interrupted) else ""
                raise ExitError(f"{redacted(url)}: {error}{again}", Exit.UNAVAILABLE) from None


async def _lines(file: IO[bytes]) -> AsyncIterator[bytes]:
    rest = b""
    async for chunk in chunks(file):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield line
    if rest:
        yield rest


async def chunks(file: IO[bytes]) -> AsyncIterator[bytes]:
    """The file in chunks. A pipe that waits for its writer blocks neither the loop nor the exit.

    Raises ExitError for UTF-16.
    """
    # Not the buffered read: a thread that waits in it holds a lock, which fails the exit.
    read = file.read if file.seekable() else partial(os.read, file.fileno())
    first = True
    while chunk := await in_abandonable_thread(partial(read, CHUNK_BYTES)):
        if first and chunk.startswith(UTF_16_STARTS):
            raise ExitError(
                "the file is in UTF-16: save it as UTF-8, or convert it with"
                " `iconv -f UTF-16 -t UTF-8`; nothing was sent",
                Exit.USAGE,
            )
        first = False
        yield chunk


def line_count(file: IO[bytes]) -> int | None:
    """Lines from the current position to the end; None for a file that cannot be read twice."""
    if not file.seekable():
        return None
    start = file.tell()
    count, last = 0, b"\n"
    while chunk := file.read(CHUNK_BYTES):
        count, last = count + chunk.count(b"\n"), chunk
    file.seek(start)
    return count + (not last.endswith(b"\n"))
