"""The log's files are deleted or replaced under processes that have them open."""
# ruff: noqa: ASYNC240 - a test may block on its own small files

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from eventstore.port import (
    NO_STREAM,
    EventsLost,
    OutcomeUnknown,
    StoreUnavailable,
    StreamName,
)
from eventstore.sqlite import HeadFile, SqliteReader, SqliteStore
from eventstore.sqlite.files import OpenFiles
from tests.contracts.event_store import SOON_S, drafts


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "log.db"


async def append(store: SqliteStore, name: str) -> None:
    await store.append(StreamName(f"order-{name}"), drafts(1), expected=NO_STREAM)


async def written(path: Path, *names: str) -> None:
    store = SqliteStore.open(path)
    for name in names:
        await append(store, name)
    await store.aclose()


def replace_the_log(path: Path) -> None:
    copy = path.with_name("copy.db")
    shutil.copy(path, copy)
    copy.replace(path)


def delete_the_log(path: Path) -> None:
    path.unlink()


def delete_the_write_ahead_log(path: Path) -> None:
    path.with_name(path.name + "-wal").unlink()


def cut_the_log_short(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


CHANGES = [replace_the_log, delete_the_log, delete_the_write_ahead_log, cut_the_log_short]


@pytest.mark.parametrize("change", CHANGES)
async def test_nothing_is_acknowledged_that_is_written_to_another_file(
    path: Path, change: Callable[[Path], None]
) -> None:
    await written(path, "a")
    failures: list[StoreUnavailable] = []
    noticed = asyncio.Event()

    def failed(error: StoreUnavailable) -> None:
        failures.append(error)
        noticed.set()

    store = SqliteStore.open(path, failed=failed)
    await append(store, "b")
    head = HeadFile(path).path.read_bytes()
    change(path)
    if change is cut_the_log_short:
        async with asyncio.timeout(SOON_S):
            await noticed.wait()

    with pytest.raises((OutcomeUnknown, EventsLost)):
        await append(store, "c")
    async with asyncio.timeout(SOON_S):
        await noticed.wait()
    assert isinstance(failures[0], EventsLost)
    for ask in (lambda: append(store, "d"), store.check):
        with pytest.raises(EventsLost):
            await ask()
    await store.aclose()
    assert HeadFile(path).path.read_bytes() == head


async def test_a_replaced_log_is_noticed_without_a_command(path: Path) -> None:
    noticed = asyncio.Event()
    store = SqliteStore.open(path, failed=lambda _: noticed.set())
    await append(store, "a")
    await store.check()
    replace_the_log(path)

    async with asyncio.timeout(SOON_S):
        await noticed.wait()
    with pytest.raises(EventsLost):
        await store.check()
    await store.aclose()


async def test_control_without_the_guard_it_would_be_acknowledged(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(OpenFiles, "changed", lambda _: "")
    await written(path, "a")
    store = SqliteStore.open(path)
    delete_the_log(path)

    await append(store, "b")
    await store.aclose()

    assert not path.exists()


async def test_a_reader_continues_in_a_copy_that_has_the_events_it_read(path: Path) -> None:
    await written(path, "a", "b")
    reader = SqliteReader.open(path)
    assert await reader.head() == 2
    replace_the_log(path)
    await written(path, "c")

    assert await reader.head() == 3
    await reader.aclose()


@pytest.mark.parametrize("grown", [False, True])
async def test_a_reader_does_not_continue_in_a_copy_that_lacks_events_it_read(
    path: Path, tmp_path: Path, *, grown: bool
) -> None:
    await written(path, "a")
    older = tmp_path / "older" / "log.db"
    older.parent.mkdir()
    shutil.copy(path, older)
    await written(path, "b")
    reader = SqliteReader.open(path)
    assert await reader.head() == 2
    if grown:
        await written(older, "x", "y")
    older.replace(path)

    for _ in range(2):
        with pytest.raises(EventsLost, match="this process knows order-b"):
            await reader.head()
    await reader.aclose()


async def test_a_follower_is_woken_when_the_log_is_replaced(path: Path) -> None:
    await written(path, "a")
    reader = SqliteReader.open(path)
    pages = aiter(reader.follow())
    assert len(await anext(pages)) == 1
    waiting = asyncio.ensure_future(anext(pages))
    replace_the_log(path)

    with pytest.raises(StoreUnavailable, match="another file"):
        async with asyncio.timeout(SOON_S):
            await waiting
    await written(path, "b")
    pages = aiter(reader.follow(after=None))
    assert len(await anext(pages)) == 2
    await reader.aclose()
