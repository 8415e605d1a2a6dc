import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from projections.storage.errors import Held, NotBuilt, ReadModelError
from projections.storage.generations import Pointer
from projections.storage.sqlite.engines import create
from projections.storage.sqlite.files import Files
from tests.projections.toy import TALLY


@pytest.fixture
def found(tmp_path: Path) -> Files:
    return Files(tmp_path / "tally")


def build(found: Files) -> int:
    number = found.claim()
    create(TALLY, found.path(number))
    return number


def test_files_are_named_after_the_url(found: Files, tmp_path: Path) -> None:
    found.switch(build(found))

    assert found.live() == 1
    assert {path.name for path in tmp_path.iterdir() if path.suffix != ".lock"} == {
        "tally.live",
        "tally.g1.db",
    }
    assert (tmp_path / "tally.g1.db").stat().st_mode & 0o777 == 0o600


def test_without_a_pointer_there_is_nothing_built(found: Files) -> None:
    assert found.pointer() == Pointer()
    with pytest.raises(NotBuilt, match="start its worker or replay it"):
        found.live()


def test_a_switch_is_seen_by_other_processes_and_keeps_the_previous_number(
    found: Files, tmp_path: Path
) -> None:
    other = Files(tmp_path / "tally")
    for number in (build(found), build(found)):
        found.switch(number)
        assert other.live() == number

    assert other.pointer() == Pointer(live=2, previous=1, last=2)


def test_switching_to_what_is_live_keeps_the_previous_one(found: Files) -> None:
    found.switch(build(found))
    found.switch(build(found))
    found.switch(2)

    assert found.pointer().previous == 1


def test_a_number_is_never_used_twice(found: Files, tmp_path: Path) -> None:
    found.switch(build(found))
    abandoned = build(found)
    with found.building():
        assert found.delete_unused() == [abandoned]

    assert found.claim() == abandoned + 1
    (tmp_path / "tally.live").unlink()
    assert found.claim() == 2  # One more than the highest stored one.


def test_the_live_the_previous_and_a_written_generation_are_not_deleted(
    found: Files,
) -> None:
    for _ in range(3):
        found.switch(build(found))
    written = build(found)
    with found.hold(written):
        assert found.delete_unused() == [1]
        assert found.numbers() == [2, 3, written]
    assert found.delete_unused() == [written]


def test_nothing_is_left_of_a_deleted_generation_that_sqlite_could_read(
    found: Files, tmp_path: Path
) -> None:
    build(found)
    for suffix in ("-wal", "-shm"):
        (tmp_path / f"tally.g1.db{suffix}").write_bytes(b"old")
    found.delete_unused()

    assert list(tmp_path.glob("tally.g1*")) == []


def test_another_model_in_the_same_folder_is_left_alone(found: Files, tmp_path: Path) -> None:
    build(found)
    build(Files(tmp_path / "tally.g1"))

    assert found.numbers() == [1]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not JSON",
        b"[]",
        b'{"live": "1"}',
        b'{"live": true}',
        b'{"last": null}',
    ],
)
def test_a_damaged_pointer_is_an_error_that_says_what_to_do(
    found: Files, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "tally.live").write_bytes(content)
    with pytest.raises(ReadModelError, match="is damaged: delete it and replay"):
        found.pointer()


def test_a_half_written_pointer_is_never_visible(
    found: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found.switch(build(found))
    seen: list[dict[str, int]] = []
    real = os.fsync

    def looking(descriptor: int) -> None:
        seen.append(json.loads((tmp_path / "tally.live").read_bytes()))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", looking)
    found.switch(9)

    # The file is on disk before the rename, the folder after it.
    assert [pointer["live"] for pointer in seen] == [1, 9]


def test_a_second_writer_of_a_generation_is_refused_with_the_process_of_the_first(
    found: Files,
) -> None:
    with found.hold(1):
        with pytest.raises(Held, match=f"tally.g1.db is being written by process {os.getpid()}"):
            found.hold(1).__enter__()
        with found.hold(2):
            pass
    with found.hold(1):
        pass


def test_a_lock_ends_with_its_process(found: Files, tmp_path: Path) -> None:
    program = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from projections.storage.sqlite.files import Files\n"
        "with Files(Path(sys.argv[1])).hold(1):\n"
        "    print('held', flush=True)\n"
        "    time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "tally")], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(Held, match=f"process {process.pid}:"):
            found.hold(1).__enter__()
        process.kill()
        process.wait()

        with found.hold(1):
            pass
