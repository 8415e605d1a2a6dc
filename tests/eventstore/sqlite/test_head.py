"""The head file beside the log, and the names that a log may have."""
# ruff: noqa: ASYNC240 - a test may block on its own small files

import json
import shutil
import stat
from pathlib import Path

import pytest

from eventstore.decisions import LOSSES, AcceptedLoss
from eventstore.port import NO_STREAM, EventsLost, StoreUnavailable, StreamName
from eventstore.sqlite import FileDecisions, HeadFile, SqliteStore, writer
from eventstore.sqlite import store as store_module
from tests.contracts.event_store import drafts


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.db"


async def append(store: SqliteStore, *names: str) -> None:
    for name in names:
        await store.append(StreamName(f"order-{name}"), drafts(2), expected=NO_STREAM)


async def written(path: Path, *names: str) -> None:
    store = SqliteStore.open(path)
    await append(store, *names)
    await store.aclose()


async def accept(path: Path) -> None:
    known = HeadFile(path).read()
    assert known is not None
    await FileDecisions(path, LOSSES).add(AcceptedLoss("ann", "2026-01-01", "fire", None, (known,)))


async def test_at_stop_the_head_file_has_the_last_event_and_only_its_owner_can_read_it(
    path: Path,
) -> None:
    await written(path, "a", "b")

    known = HeadFile(path).read()

    assert known is not None
    assert (known.stream, known.revision, known.position) == ("order-b", 1, 4)
    assert stat.S_IMODE(HeadFile(path).path.stat().st_mode) == 0o600


async def test_the_head_is_noted_while_the_store_is_open(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "HEAD_EVERY_S", 0.0)
    store = SqliteStore.open(path)
    await append(store, "a", "b")  # before it answers the second one, it has noted the first
    known = HeadFile(path).read()
    assert known is not None
    assert known.stream in {"order-a", "order-b"}
    await store.aclose()


async def test_commits_in_quick_succession_share_a_head_file_write(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "HEAD_EVERY_S", 3600.0)
    store = SqliteStore.open(path)
    await append(store, *map(str, range(20)))
    known = HeadFile(path).read()
    assert known is not None
    assert known.stream == "order-0"
    await store.aclose()


@pytest.mark.parametrize("lost", ["end", "file", "all but the name", "other events"])
async def test_a_log_without_its_noted_head_is_not_opened_for_writing(
    path: Path, tmp_path: Path, lost: str
) -> None:
    await written(path, "a")
    older = tmp_path / "older.db"
    shutil.copy(path, older)
    await written(path, "b")
    path.unlink()
    if lost == "end":
        shutil.copy(older, path)
    elif lost == "all but the name":
        path.touch()
    elif lost == "other events":
        await written(tmp_path / "other" / "log.db", "x", "y", "z")
        shutil.copy(tmp_path / "other" / "log.db", path)

    with pytest.raises(EventsLost, match=r"order-b revision 1 at position 4.*--accept-loss"):
        SqliteStore.open(path)
    assert path.exists() == (lost != "file")

    await accept(path)
    await written(path, "c")
    known = HeadFile(path).read()
    assert known is not None
    assert known.stream == "order-c"


async def test_without_the_guard_a_lost_log_would_be_a_new_one(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await written(path, "a")
    path.unlink()
    monkeypatch.setattr(store_module, "_refuse_loss", lambda *_: None)

    await written(path, "b")


async def test_a_newer_copy_of_the_log_is_accepted(path: Path, tmp_path: Path) -> None:
    await written(path, "a")
    head = HeadFile(path).path.read_bytes()
    await written(path, "b")
    HeadFile(path).path.write_bytes(head)

    await written(path, "c")


async def test_a_head_file_that_cannot_be_read_is_reported(path: Path) -> None:
    await written(path, "a")
    HeadFile(path).path.write_text("{")

    with pytest.raises(StoreUnavailable, match=r"log\.db\.head cannot be read.*daybook check"):
        SqliteStore.open(path)


async def test_accepted_losses_are_kept_and_added_to(path: Path) -> None:
    await written(path, "a")
    await accept(path)
    await accept(path)

    losses = FileDecisions(path, LOSSES).read()

    assert [loss.why for loss in losses] == ["fire", "fire"]
    file = path.with_name("log.db.losses")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [json.loads(line)["who"] for line in file.read_text().splitlines()] == ["ann", "ann"]


async def test_a_log_with_two_names_is_refused_under_each(path: Path, tmp_path: Path) -> None:
    store = SqliteStore.open(path)
    await append(store, "a")
    (tmp_path / "copy").mkdir()
    copy = tmp_path / "copy" / "log.db"
    copy.hardlink_to(path)

    with pytest.raises(StoreUnavailable, match="2 names"):
        SqliteStore.open(copy)
    await store.aclose()
    with pytest.raises(StoreUnavailable, match="2 names"):
        SqliteStore.open(path)

    copy.unlink()
    await written(path, "b")
