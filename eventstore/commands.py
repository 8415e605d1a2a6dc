"""The command migrate."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager

from eventstore.port import EventReader, EventStore
from eventstore.stores import MEMORY, file_of, is_dense, open_reader, open_store
from eventstore.transfer.migrate import LogsDiffer, Place, Report, migrate
from eventstore.transfer.mirror import keep_mirror
from runtime.settings import Settings
from runtime.stop import stop_on_signal
from runtime.terminal import Bar, Exit, ExitError, progress, put, put_json, say
from runtime.urls import is_esdb, redacted, refuse_plain_text


async def migrate_log(
    settings: Settings,
    source: str,
    target: str,
    *,
    follow: bool,
    wanted_bar: bool | None,
    as_json: bool,
) -> Exit:
    """Raises ExitError, ChainBroken, StoreError."""
    _refuse(settings, source, target)
    try:
        if follow:
            await _mirror(source, target, wanted_bar=wanted_bar, as_json=as_json)
        else:
            await _migrate(source, target, wanted_bar=wanted_bar, as_json=as_json)
    except LogsDiffer as error:
        raise ExitError(str(error), Exit.FOUND) from error
    return Exit.DONE


async def _migrate(source: str, target: str, *, wanted_bar: bool | None, as_json: bool) -> None:
    async with _opened(source, target) as (reader, store):
        head = await reader.head()
        with _bars(source, head, wanted=wanted_bar) as report:
            place, copied = await migrate(reader, store, report=report)
        complete = place.source == await reader.head()
    _show(source, target, place, {"copied": copied, "complete": complete}, as_json=as_json)
    if not complete:
        say("the source has grown meanwhile: run this again; to switch, stop its writers first")


async def _mirror(source: str, target: str, *, wanted_bar: bool | None, as_json: bool) -> None:
    reached = Place()
    with (
        stop_on_signal() as stop,
        progress("mirror", total=None, unit="events", wanted=wanted_bar) as bar,
    ):

        def report(place: Place) -> None:
            nonlocal reached
            reached = place
            _advance(bar, place.events)

        await keep_mirror(
            lambda: _opened(source, target),
            report=report,
            stop=stop,
        )
    _show(source, target, reached, {}, as_json=as_json)


@asynccontextmanager
async def _opened(source: str, target: str) -> AsyncIterator[tuple[EventReader, EventStore]]:
    async with AsyncExitStack() as open_:
        try:
            reader = open_reader(source)
            open_.push_async_callback(reader.aclose)
            store = open_store(target)
            open_.push_async_callback(store.aclose)
        except ValueError as error:
            raise ExitError(str(error), Exit.USAGE) from error
        yield reader, store


def _refuse(settings: Settings, source: str, target: str) -> None:
    if MEMORY in {source, target}:
        raise ExitError(f"{MEMORY} can be read by its own process only: name a file", Exit.USAGE)
    if _file(source) == _file(target):
        raise ExitError("the source and the target are the same log", Exit.USAGE)
    try:
        for url in (source, target):
            if is_esdb(url) and not settings.esdb_insecure:
                refuse_plain_text(url)
    except ValueError as error:
        raise ExitError(f"the store's URL: {error}", Exit.USAGE) from error


def _file(url: str) -> str:
    path = file_of(url)
    return url if path is None else str(path.resolve())


@contextmanager
def _bars(
    source: str, head: int | None, *, wanted: bool | None
) -> Iterator[Callable[[str], Report]]:
    """Progress bars, one after the other: each from where its step begins to the source's head."""
    unit = "events" if is_dense(source) else "positions"
    with ExitStack() as shown:

        def report(step: str) -> Report:
            shown.close()
            bar = shown.enter_context(progress(step, total=head, unit=unit, wanted=wanted))

            def advance(place: Place) -> None:
                _advance(bar, place.source or 0)
                bar.set_postfix_str(f"{place.events:,} events", refresh=False)

            return advance

        yield report


def _advance(bar: Bar, reached: int) -> None:
    """What was copied before does not count for the rate."""
    if not bar.n:
        bar.initial = bar.n = reached
    bar.update(reached - bar.n)


def _show(
    source: str, target: str, place: Place, more: dict[str, object], *, as_json: bool
) -> None:
    if as_json:
        logs = {"from": redacted(source), "to": redacted(target)}
        put_json(logs | {"events": place.events, "position": place.target} | more)
        return
    put(f"{redacted(source)} -> {redacted(target)}")
    put(f"events    {place.events:,} in both")
    if "copied" in more:
        put(f"copied    {more['copied']:,} of them now")
        put("verified  every byte of both, and the hash chain of every order")
