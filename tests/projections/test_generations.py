import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from projections.database import create, ensure_built
from projections.generations import (
    Generations,
    Held,
    NotBuilt,
    Pointer,
    ReadModelError,
    generations,
)
from tests.projections.toy import TALLY, url_of


@pytest.fixture
def found(tmp_path: Path) -> Generations:
    return generations(url_of(tmp_path))


def build(found: Generations) -> int:
    number = found.claim()
    create(TALLY, found.path(number))
    return number


def test_files_stand_beside_each_other_under_the_urls_name(
    found: Generations, tmp_path: Path
) -> None:
    ensure_built(TALLY, url_of(tmp_path))

    assert found.live() == 1
    assert {path.name for path in tmp_path.iterdir() if path.suffix != ".lock"} == {
        "tally.live",
        "tally.g1.db",
    }
    assert (tmp_path / "tally.g1.db").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///a.db",
        "sqlite+aiosqlite://",
        "sqlite+aiosqlite:///:memory:",
        "postgresql+asyncpg://host/db",
        "nonsense",
    ],
)
def test_another_kind_of_url_is_refused_in_words(url: str) -> None:
    with pytest.raises(ReadModelError, match="URL is sqlite"):
        generations(url)


def test_without_a_pointer_there_is_nothing_built(found: Generations) -> None:
    assert found.pointer() == Pointer()
    with pytest.raises(NotBuilt, match="start its worker or replay it"):
        found.live()


def test_a_switch_is_seen_by_other_processes_and_remembers_the_previous_one(
    found: Generations, tmp_path: Path
) -> None:
    other = generations(url_of(tmp_path))
    for number in (build(found), build(found)):
        found.switch(number)
        assert other.live() == number

    assert other.pointer() == Pointer(live=2, previous=1, last=2)


def test_switching_to_what_is_live_keeps_the_previous_one(found: Generations) -> None:
    found.switch(build(found))
    found.switch(build(found))
    found.switch(2)

    assert found.pointer().previous == 1


def test_a_number_is_never_used_twice(found: Generations, tmp_path: Path) -> None:
    found.switch(build(found))
    abandoned = build(found)
    with found.building():
        assert found.sweep() == [abandoned]

    assert found.claim() == abandoned + 1
    (tmp_path / "tally.live").unlink()
    assert found.claim() == 2  # Of the files that stand, the highest one and one.


def test_a_sweep_keeps_the_live_one_the_previous_one_and_what_is_written(
    found: Generations,
) -> None:
    for _ in range(3):
        found.switch(build(found))
    written = build(found)
    with found.hold(written):
        assert found.sweep() == [1]
        assert found.numbers() == [2, 3, written]
    assert found.sweep() == [written]


def test_a_sweep_leaves_nothing_of_a_generation_that_sqlite_could_take_up(
    found: Generations, tmp_path: Path
) -> None:
    build(found)
    for suffix in ("-wal", "-shm"):
        (tmp_path / f"tally.g1.db{suffix}").write_bytes(b"old")
    found.sweep()

    assert list(tmp_path.glob("tally.g1*")) == []


def test_another_model_in_the_same_folder_is_left_alone(tmp_path: Path) -> None:
    ensure_built(TALLY, url_of(tmp_path, "tally"))
    ensure_built(TALLY, url_of(tmp_path, "tally.g1"))

    assert generations(url_of(tmp_path, "tally")).numbers() == [1]


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
    found: Generations, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "tally.live").write_bytes(content)
    with pytest.raises(ReadModelError, match="is damaged: delete it and replay"):
        found.pointer()


def test_a_half_written_pointer_never_stands_under_its_name(
    found: Generations, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found.switch(build(found))
    seen: list[dict[str, int]] = []
    real = os.fsync

    def looking(descriptor: int) -> None:
        seen.append(json.loads((tmp_path / "tally.live").read_bytes()))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", looking)
    found.switch(9)

    # The file is on disk ahead of the rename, the folder behind it.
    assert [pointer["live"] for pointer in seen] == [1, 9]


def test_a_second_writer_of_a_generation_is_refused_and_told_by_whom(found: Generations) -> None:
    with found.hold(1):
        with pytest.raises(Held, match=f"tally.g1.db is being written by process {os.getpid()}"):
            found.hold(1).__enter__()
        with found.hold(2):
            pass
    with found.hold(1):
        pass


def test_a_lock_goes_with_its_process_however_that_ends(found: Generations, tmp_path: Path) -> None:
    program = (
        "import sys, time\n"
        "from projections.generations import generations\n"
        "with generations(sys.argv[1]).hold(1):\n"
        "    print('held', flush=True)\n"
        "    time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, url_of(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(Held, match=f"process {process.pid}:"):
            found.hold(1).__enter__()
        process.kill()
        process.wait()

        with found.hold(1):
            pass
