"""What is refused on opening the log's file, and how the file is left."""
# ruff: noqa: ASYNC240 - a test may block on its own small files

import os
import sqlite3
import stat
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from eventstore.port import NO_STREAM, Recorded, StoreUnavailable, StreamName
from eventstore.sqlite import LogDamaged, SqliteReader, SqliteStore
from eventstore.sqlite import file_lock as place
from eventstore.sqlite.database import connect_reader, connect_writer
from eventstore.sqlite.sql import CHECKED_AT_START, FORMAT
from tests.contracts.event_store import all_of, drafts
from tests.eventstore.processes import Appending

MOUNTS = """\
/dev/vda / ext4 rw 0 0
server:/export /srv/shared nfs4 rw 0 0
//host/share /mnt/my\\040share cifs rw 0 0
me@host: /home/me/remote fuse.sshfs rw 0 0
/dev/vdb /srv/shared/local xfs rw 0 0
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "log.db"


async def written(path: Path, count: int) -> None:
    store = SqliteStore.open(path)
    for start_at in range(0, count, 100):
        await store.append(
            StreamName(f"order-{start_at}"), drafts(min(100, count - start_at)), expected=NO_STREAM
        )
    await store.aclose()


def altered(path: Path, *statements: str) -> None:
    """A change to the file by another program."""
    connection = sqlite3.connect(path)
    try:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    finally:
        connection.close()


# Folder and files


async def test_the_files_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "one" / "two" / "log.db"
    store = SqliteStore.open(path)
    await store.append(StreamName("order-1"), drafts(1), expected=NO_STREAM)

    names = {"log.db", "log.db-wal", "log.db-shm", "log.db.lock"}
    modes = {name: stat.S_IMODE((path.parent / name).stat().st_mode) for name in names}

    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE((tmp_path / "one").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "one" / "two").stat().st_mode) == 0o700
    await store.aclose()
    assert {file.name for file in path.parent.iterdir()} == {"log.db", "log.db.head", "log.db.lock"}


async def test_a_folder_that_cannot_be_created_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StoreUnavailable, match="cannot be created"):
        SqliteStore.open(tmp_path / "file" / "log.db")


async def test_a_path_may_have_odd_characters(tmp_path: Path) -> None:
    await written(tmp_path / "what? a #1 %41 log.db", 1)

    assert (tmp_path / "what? a #1 %41 log.db").stat().st_size > 0


@pytest.mark.parametrize(
    ("folder", "named"),
    [
        ("/var/lib/daybook", "ext4"),
        ("/srv/shared/daybook", "nfs4"),
        ("/srv/shared/local/daybook", "xfs"),
        ("/srv/sharedother", "ext4"),
        ("/mnt/my share/daybook", "cifs"),
        ("/home/me/remote", "fuse.sshfs"),
    ],
)
def test_the_file_system_of_a_folder_is_that_of_its_nearest_mount(folder: str, named: str) -> None:
    assert place.file_system(Path(folder), MOUNTS) == named


@pytest.mark.parametrize("named", ["nfs4", "cifs", "fuse.sshfs", "9p"])
async def test_a_network_file_system_is_refused(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/vda / ext4 rw 0 0\nx {tmp_path} {named} rw 0 0\n")
    monkeypatch.setattr(place, "MOUNTS", mounts)

    with pytest.raises(StoreUnavailable, match=rf"network file system \({named}\).*local disk"):
        SqliteStore.open(path)

    assert not path.exists()


# One writer


async def test_a_second_writer_of_this_process_is_refused_under_any_name(path: Path) -> None:
    store = SqliteStore.open(path)
    other_name = path.parent.parent / "link.db"
    other_name.symlink_to(path)

    for name in (path, other_name):
        with pytest.raises(StoreUnavailable, match=f"being written by process {os.getpid()} on"):
            SqliteStore.open(name)

    await store.append(StreamName("order-1"), drafts(1), expected=NO_STREAM)
    await store.aclose()


async def test_a_second_writing_process_is_refused_and_the_first_is_named(path: Path) -> None:
    other = Appending(path, "honest", tasks=1, count=10**9)
    try:
        with pytest.raises(
            StoreUnavailable, match=f"being written by process {other.process.pid} on"
        ):
            SqliteStore.open(path)
    finally:
        other.kill()

    # The lock ended with its process.
    store = SqliteStore.open(path)
    await store.aclose()


async def test_a_refused_opening_leaves_the_lock_free(path: Path) -> None:
    await written(path, 1)
    altered(path, f"PRAGMA user_version = {FORMAT + 1}")
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match="format"):
            SqliteStore.open(path)


# Files left by the last process


async def test_commits_of_a_killed_process_are_synced_before_anything_is_read(path: Path) -> None:
    other = Appending(path, "honest", tasks=8, count=10**9)
    while (path.parent / "log.db-wal").stat().st_size == 0:
        assert other.process.poll() is None
    other.kill()

    store = SqliteStore.open(path)

    assert (path.parent / "log.db-wal").stat().st_size == 0
    await store.aclose()


async def test_a_reader_that_blocks_the_start_is_reported(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eventstore.sqlite.database.BUSY_TIMEOUT_MS", 50)
    store = SqliteStore.open(path)
    reader = connect_reader(path)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM events").fetchone()
    await store.append(StreamName("order-1"), drafts(1), expected=NO_STREAM)
    await store.aclose()

    with pytest.raises(
        StoreUnavailable, match="a reader still reads an old state of the log: stop it"
    ):
        SqliteStore.open(path)
    reader.close()
    await SqliteStore.open(path).aclose()


async def test_every_commit_is_synced_and_no_checkpoint_is_automatic(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    connection = connect_writer(path)

    wanted = {"journal_mode": "wal", "synchronous": 2, "fullfsync": 1, "wal_autocheckpoint": 0}
    found = {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in wanted}
    connection.close()

    assert found == wanted


# Files of others, of other versions, damaged ones


async def test_a_newer_format_is_refused_by_writer_and_reader(path: Path) -> None:
    await written(path, 1)
    altered(path, f"PRAGMA user_version = {FORMAT + 1}")

    for opening in (SqliteStore.open, SqliteReader.open):
        with pytest.raises(StoreUnavailable, match=rf"format {FORMAT + 1}.* {FORMAT}.*install"):
            opening(path)


async def test_another_programs_database_is_refused_and_left_as_it_was(path: Path) -> None:
    path.parent.mkdir()
    altered(path, "CREATE TABLE theirs (n)", "INSERT INTO theirs VALUES (1)")
    before = path.read_bytes()

    for opening in (SqliteStore.open, SqliteReader.open):
        with pytest.raises(StoreUnavailable, match="belongs to another program"):
            opening(path)

    assert path.read_bytes() == before


async def test_a_file_that_is_not_a_database_is_refused_and_left_as_it_was(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"Dear diary, " * 1_000)

    for opening in (SqliteStore.open, SqliteReader.open):
        with pytest.raises(LogDamaged, match="not a database"):
            opening(path)

    assert path.read_bytes() == b"Dear diary, " * 1_000


@pytest.mark.parametrize("opening", [SqliteStore.open, SqliteReader.open])
@pytest.mark.parametrize("place", [-12, 2, 9, 35])
async def test_a_damaged_schema_is_named_although_its_message_is_no_text(
    tmp_path: Path, opening: Callable[[Path], Any], place: int
) -> None:
    path = tmp_path / "log.db"
    await SqliteStore.open(path).aclose()
    content = bytearray(path.read_bytes())
    begin = content.index(b"CREATE TABLE") + place
    content[begin : begin + 3] = b"\xf5" * 3
    path.write_bytes(content)

    with pytest.raises(LogDamaged, match="its schema is damaged"):
        opening(path)


async def test_a_damaged_page_is_refused_and_the_last_readable_position_named(path: Path) -> None:
    await written(path, 2_000)
    [page, first] = page_in_the_middle(path)
    with path.open("r+b") as file:
        file.seek((page - 1) * 4_096)
        file.write(b"\xff" * 4_096)

    with pytest.raises(LogDamaged, match=rf"damaged .* readable up to position {first - 1}$"):
        SqliteStore.open(path)


async def test_a_missing_event_is_refused_and_its_position_named(path: Path) -> None:
    await written(path, 20)
    altered(
        path,
        "DROP TRIGGER events_are_never_removed",
        "DELETE FROM events WHERE position = 13",
    )

    with pytest.raises(LogDamaged, match="position 13 is missing"):
        SqliteStore.open(path)


async def test_the_log_refuses_to_be_changed_by_hand(path: Path) -> None:
    await written(path, 3)

    for statement in ("UPDATE events SET data = x'00'", "DELETE FROM events"):
        with pytest.raises(sqlite3.IntegrityError, match="only ever appended"):
            altered(path, statement)


async def test_the_verifier_gets_the_last_events_and_its_refusal_is_passed_on(path: Path) -> None:
    await written(path, CHECKED_AT_START + 100)
    seen: list[Recorded] = []

    def refuse(events: Sequence[Recorded]) -> None:
        seen.extend(events)
        raise LookupError(f"position {events[-1].position}: not what was written")

    with pytest.raises(LookupError, match=f"position {CHECKED_AT_START + 100}"):
        SqliteStore.open(path, verify=refuse)

    assert [event.position for event in seen] == list(range(101, CHECKED_AT_START + 101))
    store = SqliteStore.open(path, verify=lambda _events: None)
    assert len(await all_of(store.read_all())) == CHECKED_AT_START + 100
    await store.aclose()


async def test_an_empty_file_becomes_a_log(path: Path) -> None:
    path.parent.mkdir()
    path.touch()

    await written(path, 1)

    assert path.stat().st_size > 0


def page_in_the_middle(path: Path) -> tuple[int, int]:
    """A leaf page of the table that is not the last one, and the first position on it.

    Found by its bytes: a table leaf starts with 0x0d, and its first cell has a position.
    """
    content = path.read_bytes()
    leaves = []
    for number in range(2, len(content) // 4_096 + 1):
        leaf = content[(number - 1) * 4_096 : number * 4_096]
        if leaf[0] == 0x0D and int.from_bytes(leaf[3:5]) > 1:
            cell = int.from_bytes(leaf[8:10])
            leaves.append((number, varint(leaf, varint_end(leaf, cell))))
    leaves.sort(key=lambda leaf: leaf[1])
    return leaves[len(leaves) // 2]


def varint_end(page: bytes, at: int) -> int:
    while page[at] & 0x80:
        at += 1
    return at + 1


def varint(page: bytes, at: int) -> int:
    value = 0
    for byte in page[at : varint_end(page, at)]:
        value = value << 7 | byte & 0x7F
    return value
