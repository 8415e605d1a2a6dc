"""Copying a log into another store: same events, ids, revisions, order, bytes and hashes.

Only positions differ. A copy that was interrupted continues where the target ends, as the target
then contains a prefix of exactly this log; a target with any other content is refused.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Final, TypeAlias

from eventstore.port import (
    NO_STREAM,
    Draft,
    EventReader,
    EventStore,
    Expected,
    OutcomeUnknown,
    Page,
    Position,
    Recorded,
    Revision,
    StoreError,
    StoreUnavailable,
    StreamName,
    WrongExpectedRevision,
)
from eventstore.verified import ChainVerifier

APPEND_BYTES_MAX: Final = 512 * 1024
"""Bytes of events in one append; half of what EventStoreDB takes."""
ATTEMPTS_MAX: Final = 5

content = attrgetter("stream", "revision", "event_id", "type", "data", "metadata")
"""All of an event but its position: what two logs must have in common."""


class LogsDiffer(Exception):
    """The target is not a copy of the source. The message says where it differs and what to do."""


@dataclass(frozen=True, slots=True)
class Place:
    """How far two logs are the same: the last common event in each, and how many events."""

    source: Position | None = None
    target: Position | None = None
    events: int = 0


START: Final = Place()

Report: TypeAlias = Callable[[Place], object]
"""Called with the progress: at the start, then once a page."""


async def migrate(
    source: EventReader, target: EventStore, *, report: Callable[[str], Report]
) -> tuple[Place, int]:
    """Copy the source up to its tail and compare the whole logs. The place reached, events copied.

    report: returns the Report for each step ("compare", "copy", "verify").
    Raises LogsDiffer; ChainBroken before anything damaged is written; StoreError: run it again.
    """
    chains = ChainVerifier(source)
    common = await compare(source, target, START, chains, report=report("compare"))
    again = chains.fork()
    pages = read_whole(source, common.source)
    copied = await copy(pages, target, common, chains, report=report("copy"))
    verified = await compare(source, target, common, again, report=report("verify"))
    if verified.events < copied.events:
        raise LogsDiffer(
            f"the target ends after {verified.events:,} events, but {copied.events:,} were written "
            "to it: it does not keep events that it acknowledged; do not use it"
        )
    return verified, copied.events - common.events


async def compare(
    source: EventReader, target: EventStore, start: Place, chains: ChainVerifier, *, report: Report
) -> Place:
    """Compare both logs up to the end of the target; the source may continue after it.

    Raises LogsDiffer at the first event that is not the same, ChainBroken, StoreError.
    """
    place = start
    report(place)
    pairs = _side_by_side(read_whole(source, start.source), read_whole(target, start.target))
    async with aclosing(pairs):
        async for ours, theirs in pairs:
            for number, copy_of in enumerate(theirs):
                original = ours[number] if number < len(ours) else None
                if original is None or content(original) != content(copy_of):
                    raise LogsDiffer(difference(original, copy_of))
            await chains.verify(ours)
            place = Place(ours[-1].position, theirs[-1].position, place.events + len(ours))
            report(place)
    return place


async def copy(
    pages: AsyncGenerator[Page, None],
    target: EventStore,
    place: Place,
    chains: ChainVerifier,
    *,
    report: Report,
) -> Place:
    """Append the source's pages to the target, in the source's order. The place reached.

    The next page is read and verified meanwhile. Raises LogsDiffer, ChainBroken, StoreError.
    """
    report(place)
    reading = asyncio.ensure_future(anext(pages, None))
    appending: asyncio.Future[Place] | None = None
    try:
        while True:
            under_way: set[asyncio.Future[Any]] = {reading} | ({appending} if appending else set())
            await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
            page = await reading if reading.done() else None
            if page is not None:
                await chains.verify(page)
            if appending is not None and (page is not None or appending.done()):
                place, appending = await appending, None
                report(place)
            if page is not None:
                appending = asyncio.ensure_future(_append_page(target, page, place))
                reading = asyncio.ensure_future(anext(pages, None))
            elif reading.done() and appending is None:
                return place
    finally:
        for task in (reading, appending):
            if task is not None and not task.done():
                task.cancel()
                await asyncio.wait({task})


@dataclass(frozen=True, slots=True)
class _Append:
    stream: StreamName
    drafts: Sequence[Draft]
    expected: Expected


def _appends(page: Page) -> Iterator[_Append]:
    """Consecutive events of a stream become one append, up to APPEND_BYTES_MAX."""
    run: list[Recorded] = []
    run_bytes = 0
    for recorded in page:
        event_bytes = len(recorded.data) + len(recorded.metadata)
        if run and (recorded.stream != run[0].stream or run_bytes + event_bytes > APPEND_BYTES_MAX):
            yield _append_of(run)
            run, run_bytes = [], 0
        run.append(recorded)
        run_bytes += event_bytes
    yield _append_of(run)


def _append_of(run: Sequence[Recorded]) -> _Append:
    drafts = [Draft(event.event_id, event.type, event.data, event.metadata) for event in run]
    first = run[0].revision
    return _Append(run[0].stream, drafts, Revision(first - 1) if first else NO_STREAM)


async def _append_page(target: EventStore, page: Page, place: Place) -> Place:
    """All appends of a page are under way at once: stores perform them in the order of the calls.

    The place after it. Raises LogsDiffer if the target has them in another order, StoreError.
    """
    appends = list(_appends(page))
    tasks = [asyncio.ensure_future(_append(target, append)) for append in appends]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        # What was asked for after one that failed must not be stored without it.
        for task in tasks:
            task.cancel()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    for number, append in enumerate(appends):
        if isinstance(answers[number], OutcomeUnknown | asyncio.CancelledError):
            answers[number] = await _sent_again(target, append)
        if isinstance(answers[number], BaseException):
            break
    errors = [answer for answer in answers if isinstance(answer, BaseException)]
    positions = [answer for answer in answers if isinstance(answer, int)]
    has_hole = errors and any(isinstance(a, int) for a in answers[answers.index(errors[0]) :])
    if has_hole or positions != sorted(positions):
        why = f" ({errors[0]})" if errors else ""
        raise LogsDiffer(
            f"the target failed in the middle of a page{why}, and has its events in another order "
            "now: delete this target, and migrate again into a new one"
        )
    if errors:
        raise errors[0]
    return Place(page[-1].position, Position(positions[-1]), place.events + len(page))


async def _sent_again(target: EventStore, append: _Append) -> Position | Exception:
    """Its position, also if it had been stored; that never stores it twice."""
    error: Exception | None = None
    for _ in range(ATTEMPTS_MAX - 1):
        try:
            return await _append(target, append)
        except OutcomeUnknown as unknown:
            error = unknown
        except (LogsDiffer, StoreError) as refused:
            return refused
    return error or OutcomeUnknown(append.stream)


async def _append(target: EventStore, append: _Append) -> Position:
    try:
        return await target.append(append.stream, append.drafts, expected=append.expected)
    except WrongExpectedRevision as error:
        raise LogsDiffer(
            f"another process writes to the target ({error}): stop it, then run this again"
        ) from error


async def read_whole(store: EventReader, after: Position | None) -> AsyncGenerator[Page, None]:
    """As read_all, but never ends before the head at the start, even if a read is cut short."""
    head = await store.head()
    while head is not None and (after is None or after < head):
        before = after
        async for page in store.read_all(after=after):
            yield page
            after = page[-1].position
        if after == before:
            raise StoreUnavailable(f"the log cannot be read up to its head ({head}): run it again")


async def _side_by_side(
    source: AsyncGenerator[Page, None], target: AsyncGenerator[Page, None]
) -> AsyncGenerator[tuple[Page, Page], None]:
    """The target's pages, each with as many events of the source; fewer at the source's end."""
    ours: list[Recorded] = []
    async with aclosing(source), aclosing(target):
        async for theirs in target:
            while len(ours) < len(theirs):
                more = await anext(source, None)
                if more is None:
                    break
                ours += more
            yield ours[: len(theirs)], theirs
            ours = ours[len(theirs) :]


def difference(original: Recorded | None, copy_of: Recorded) -> str:
    """How the two differ, for people. original: the source's event; None: it has none there."""
    what = f"{copy_of.stream} revision {copy_of.revision} (position {copy_of.position})"
    if original is None:
        return (
            f"the target has {what}, which the source does not have: it is not a copy of this log; "
            "use an empty target, or the log that it is a copy of"
        )
    return (
        f"the target has {what} where the source has {original.stream} revision "
        f"{original.revision} (position {original.position}), or it differs in content: it is not "
        "a copy of this log; use an empty target, or the log that it is a copy of"
    )
