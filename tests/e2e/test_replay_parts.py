"""A replay by several processes that is stopped, is killed, or meets an altered event."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from daybook import cli, exit_code
from eventstore.sqlite import SqliteStore
from projections.models import MODELS
from replay.parallel import parts
from tests.e2e.running import ROOT, environment
from tests.eventstore import filled
from tests.projections.toy import Log, files, pointer
from tests.replay.test_parts import ORDERS, everything, fill
from tests.waiting import HUNG_S, wait_until

pytestmark = pytest.mark.e2e


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Runs a command of the program in this process, where any log is large; its exit code."""
    monkeypatch.setenv("DAYBOOK_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(parts, "PARTS_MIN", 1)
    return lambda *arguments: exit_code(lambda: cli.main(arguments, standalone_mode=False))


@pytest.fixture
def ledger(tmp_path: Path) -> int:
    """A log in the data folder; its length."""

    async def make() -> int:
        store = SqliteStore.open(tmp_path / "ledger.db")
        await fill(Log(store), [f"o-{n}" for n in range(ORDERS)])
        head = await store.head()
        await store.aclose()
        return head or 0

    return asyncio.run(make())


@pytest.mark.parametrize("place", [0.1, 0.5, 0.9])
def test_an_altered_event_parks_its_order_and_is_named(
    tmp_path: Path,
    run: Callable[..., int],
    ledger: int,
    place: float,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("replay", "--all", "--jobs", "2") == 0
    assert pointer(tmp_path, "order").last == 1 + 2  # parts had numbers of their own
    position = int(ledger * place)
    with sqlite3.connect(tmp_path / "ledger.db") as conn:
        conn.execute("DROP TRIGGER events_are_never_changed")
        sql = "UPDATE events SET data = CAST(data || x'20' AS BLOB) WHERE position = ?"
        conn.execute(sql, (position,))
    conn.close()
    capsys.readouterr()

    assert run("replay", "--all", "--jobs", "2") == 1

    err = capsys.readouterr().err
    for name in MODELS:
        assert f"daybook: {name}: o-" in err
    assert err.count(f"position {position}: its hash is not that of its content") == len(MODELS)
    in_parts = everything(tmp_path)
    assert run("replay", "--all", "--jobs", "1") == 1
    assert everything(tmp_path) == in_parts
    assert run("replay", "--all", "--jobs", "2", "--no-verify") == 0


PART = f"""
import asyncio, sys
sys.path.insert(0, {str(ROOT)!r})
import daybook
from replay.parallel import part

fill = part.fill

async def held(*a):
    await fill(*a)
    await asyncio.Event().wait()

part.fill = held
daybook.main()
"""
"""A process of the replay that writes its part and never says that it has."""

PROGRAM = """
import sys
from contextlib import asynccontextmanager
from pathlib import Path
import daybook
from replay import commands
from replay.parallel import parts

parts.PARTS_MIN = 1
parts.PROGRAM = Path("part.py").absolute()
parts_of = commands.parts_of

@asynccontextmanager
async def announced(*a, **options):
    async with parts_of(*a, **options) as found:
        print(*found.pids, flush=True)
        yield found

commands.parts_of = announced
sys.argv = ["daybook", "replay", "--all", "--jobs", "2"]
daybook.main()
"""


@pytest.fixture
def short_ledger(tmp_path: Path) -> None:
    asyncio.run(filled.fill(tmp_path / "ledger.db", 1_000))


@contextmanager
def _busy_replay(folder: Path) -> Iterator[tuple["subprocess.Popen[str]", list[int]]]:
    """The first replay, when its processes write all of their parts; their ids."""
    (folder / "part.py").write_text(PART)
    child = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        cwd=folder,
        env=environment(folder) | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    pids = [int(pid) for pid in child.stdout.readline().split()]
    try:
        wait_until(
            lambda: all(_holder(folder, name, part) in pids for name in MODELS for part in (2, 3))
        )
        yield child, pids
    finally:
        child.kill()
        for pid in pids:
            if not _gone(pid):
                os.kill(pid, signal.SIGKILL)
        child.communicate()


def _holder(folder: Path, name: str, generation: int) -> int:
    with suppress(FileNotFoundError):
        return int((folder / f"{name}.g{generation}.lock").read_text() or 0)
    return 0


def _gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    # A zombie is gone as well: nobody has asked yet how it ended.
    return Path(f"/proc/{pid}/stat").read_text().split(") ")[1].startswith("Z")


def _end(child: "subprocess.Popen[str]") -> tuple[int, str]:
    assert child.stderr is not None
    return child.wait(timeout=HUNG_S), child.stderr.read().strip()


@pytest.mark.usefixtures("short_ledger")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_replay_that_is_stopped_leaves_nothing_behind(
    tmp_path: Path, number: signal.Signals
) -> None:
    with _busy_replay(tmp_path) as (child, pids):
        child.send_signal(number)

        assert _end(child) == (128 + number, "")
        assert all(map(_gone, pids))
    assert files(tmp_path, "*.g*") == []


@pytest.mark.usefixtures("short_ledger")
def test_a_part_that_is_killed_half_way_fails_the_replay_which_leaves_nothing_behind(
    tmp_path: Path,
) -> None:
    with _busy_replay(tmp_path) as (child, pids):
        os.kill(pids[0], signal.SIGKILL)

        code, err = _end(child)
        assert code == 3
        assert err.splitlines() == [
            f"daybook: {name} was not rebuilt: a process of the replay has ended with code -9:"
            " run it again"
            for name in MODELS
        ]
        assert all(map(_gone, pids))
    assert files(tmp_path, "*.g*") == []


@pytest.mark.usefixtures("short_ledger")
def test_a_replay_that_is_killed_takes_its_processes_with_it_and_the_next_one_clears_up(
    tmp_path: Path, run: Callable[..., int]
) -> None:
    with _busy_replay(tmp_path) as (child, pids):
        child.kill()
        child.wait()
        wait_until(lambda: all(map(_gone, pids)))
    left = files(tmp_path, "*.g*.db")
    assert len(left) == 3 * len(MODELS)
    assert all((tmp_path / name).stat().st_mode & 0o777 == 0o600 for name in left)

    assert run("replay", "--all") == 1  # this ledger's orders have no beginning: they are parked
    assert files(tmp_path, "*.g*.db") == sorted(f"{name}.g4.db" for name in MODELS)
