"""`daybook migrate`: its messages and exit codes, also when it is killed or stopped."""

import asyncio
import json
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from daybook import cli, exit_code
from eventstore.sqlite import SqliteStore
from tests.e2e.running import PROGRAM, ROOT, daybook, environment
from tests.waiting import HUNG_S, wait_until

Run = Callable[..., int]

ORDER = {
    "command": "place-order",
    "customer_id": "ada",
    "currency": "EUR",
    "items": [{"product_id": "tea", "quantity": 2, "price_cents": 990}],
}


def commands(first: int, orders: int, *, notes: int = 2) -> bytes:
    names = [f"o-{number}" for number in range(first, first + orders)]
    lines = [ORDER | {"order_id": name, "command_id": "place"} for name in names]
    lines += [
        {"command": "add-note", "order_id": name, "note_id": f"n-{n}", "text": "hi"}
        for n in range(notes)
        for name in names
    ]
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command of the program in this process, on its own ledger; its exit code."""
    monkeypatch.setenv("DAYBOOK_DATA_DIR", str(tmp_path / "data"))

    def run(*arguments: str) -> int:
        return exit_code(lambda: cli.main(arguments, standalone_mode=False))

    return run


@pytest.fixture
def log(tmp_path: Path, run: Run, capsys: pytest.CaptureFixture[str]) -> Path:
    """A log of twelve events."""
    submit(tmp_path, run, 0, 4)
    capsys.readouterr()
    return tmp_path / "data" / "ledger.db"


def submit(tmp_path: Path, run: Run, first: int, orders: int) -> None:
    path = tmp_path / "orders.ndjson"
    path.write_bytes(commands(first, orders))
    assert run("submit", str(path)) == 0


def events(path: Path) -> list[tuple[Any, ...]]:
    """Every event in a file, read without any of our code."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return connection.execute("SELECT * FROM events ORDER BY position").fetchall()
    finally:
        connection.close()


def answer(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_it_copies_the_log_of_the_settings_and_reports_it(
    tmp_path: Path, run: Run, log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "copy" / "to.db"

    assert run("migrate", "--to", f"sqlite:///{target}") == 0

    out, err = capsys.readouterr()
    assert "events    12 in both" in out
    assert "copied    12 of them now" in out
    assert err == ""
    assert events(target) == events(log)


def test_run_again_it_copies_what_is_new(
    tmp_path: Path, run: Run, log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    urls = ("--from", f"sqlite:///{log}", "--to", f"sqlite:///{tmp_path}/to.db")
    assert run("migrate", *urls, "--json") == 0
    assert answer(capsys) == {
        "from": f"sqlite:///{log}",
        "to": f"sqlite:///{tmp_path}/to.db",
        "events": 12,
        "position": 12,
        "copied": 12,
        "complete": True,
    }
    submit(tmp_path, run, 4, 1)
    capsys.readouterr()

    assert run("migrate", *urls, "--json") == 0
    assert answer(capsys)["copied"] == 3
    assert events(tmp_path / "to.db") == events(log)


def test_a_bar_goes_to_standard_error(
    tmp_path: Path, run: Run, log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("migrate", "--to", f"sqlite:///{tmp_path}/to.db", "--progress", "--json") == 0

    out, err = capsys.readouterr()
    assert json.loads(out)["events"] == 12
    for step in ("compare", "copy", "verify"):
        assert step in err
    assert "12/12" in err


def test_a_target_that_contains_another_log_is_refused(
    tmp_path: Path, run: Run, log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other"
    assert daybook("submit", "-", folder=other, stdin=commands(0, 1)).returncode == 0
    before = events(other / "ledger.db")

    assert run("migrate", "--to", f"sqlite:///{other}/ledger.db") == 1

    out, err = capsys.readouterr()
    assert out == ""
    assert "order-o-0 revision 0 (position 1)" in err
    assert "use an empty target" in err
    assert events(other / "ledger.db") == before


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 2, "give --from URL or --to URL"),
        (("--to", "{log}"), 2, "the same log"),
        (("--to", "sqlite:///{tmp}/data/../data/ledger.db"), 2, "the same log"),
        (("--to", "memory://"), 2, "its own process only"),
        (("--from", "memory://"), 2, "its own process only"),
        (("--to", "postgres://x"), 2, "a store's URL is sqlite:///<path>"),
        (("--from", "sqlite:///{tmp}/none.db", "--to", "{log}"), 3, "there is no log yet"),
        (("--to", "esdb://user:s3cret@db:2113?Tls=false"), 2, "use TLS"),
        (("--to", "esdb://user:s3cret@"), 2, "each host is a name"),
    ],
)
def test_impossible_copies_are_refused_with_a_message(
    tmp_path: Path,
    run: Run,
    log: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    code: int,
    said: str,
) -> None:
    given = [text.format(log=f"sqlite:///{log}", tmp=tmp_path) for text in arguments]

    assert run("migrate", *given) == code

    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert "s3cret" not in err


def test_a_log_that_a_server_writes_is_no_target(
    tmp_path: Path, run: Run, log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held = SqliteStore.open(tmp_path / "held.db")

    assert run("migrate", "--to", f"sqlite:///{tmp_path}/held.db") == 3

    assert "is being written by process" in capsys.readouterr().err
    asyncio.run(held.aclose())


@pytest.mark.e2e
def test_killed_at_any_point_it_can_be_continued(tmp_path: Path) -> None:
    folder, target = tmp_path / "data", tmp_path / "to.db"
    assert daybook("submit", "-", folder=folder, stdin=commands(0, 2_000, notes=3)).returncode == 0
    arguments = ("migrate", "--to", f"sqlite:///{target}", "--json")
    reached = [killed_beyond(target, events_, arguments, folder) for events_ in (-1, 0, 500, 1_500)]
    assert reached == sorted(reached)
    assert 1_500 < reached[-1] < 8_000

    done = daybook(*arguments, folder=folder)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["events"] == 8_000
    assert events(target) == events(folder / "ledger.db")


COPIES_1_900_EVENTS = f"""
import asyncio, sys
sys.path.insert(0, {str(ROOT)!r})
from daybook import main
from eventstore.sqlite import SqliteStore

append, left = SqliteStore.append, 1_900

async def up_to_there(self, stream, drafts, *, expected):
    global left
    left -= len(drafts)
    if left < 0:
        await asyncio.Event().wait()
    return await append(self, stream, drafts, expected=expected)

SqliteStore.append = up_to_there
main()
"""
"""The program, which never gets to the end before it is killed."""


def killed_beyond(target: Path, count: int, arguments: Sequence[str], folder: Path) -> int:
    """Kill it as soon as the target has more events than that; returns how many it then has."""
    child = subprocess.Popen(
        [sys.executable, "-c", COPIES_1_900_EVENTS, *arguments],
        env=environment(folder),
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: copied_to(target) > count)
        assert child.poll() is None
    finally:
        child.kill()
        child.wait()
    return copied_to(target)


def copied_to(target: Path) -> int:
    try:
        return len(events(target))
    except sqlite3.OperationalError:  # not made yet
        return 0


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    folder = tmp_path / "data"
    assert daybook("submit", "-", folder=folder, stdin=commands(0, 10)).returncode == 0
    child = subprocess.Popen(
        [*PROGRAM, "migrate", "--to", f"sqlite:///{tmp_path}/mirror.db", "--follow", "--json"],
        env=environment(folder),
        stdout=subprocess.PIPE,
    )
    yield child
    child.kill()
    child.wait()
    assert child.stdout is not None
    child.stdout.close()


@pytest.mark.e2e
def test_a_mirror_follows_until_it_is_stopped_and_a_replay_reads_it(
    tmp_path: Path, mirror: subprocess.Popen[bytes]
) -> None:
    folder = tmp_path / "data"
    wait_until(lambda: copied_to(tmp_path / "mirror.db") == 30)
    assert daybook("submit", "-", folder=folder, stdin=commands(10, 5)).returncode == 0
    wait_until(lambda: copied_to(tmp_path / "mirror.db") == 45)

    replayed = daybook(
        "replay", "order", "--json", folder=folder, STORE=f"sqlite:///{tmp_path}/mirror.db"
    )
    mirror.send_signal(signal.SIGTERM)
    out, _ = mirror.communicate(timeout=HUNG_S)

    assert mirror.returncode == 0
    assert json.loads(out)["events"] == 45
    assert json.loads(replayed.stdout)[0]["position"] == 45
    assert events(tmp_path / "mirror.db") == events(folder / "ledger.db")


@pytest.mark.e2e
def test_to_a_server_and_back_and_the_read_models_continue_there(tmp_path: Path) -> None:
    pytest.importorskip("esdbclient")
    folder = tmp_path / "data"
    assert daybook("submit", "-", folder=folder, stdin=commands(0, 10)).returncode == 0
    assert daybook("replay", "--all", folder=folder).returncode == 0
    stub = subprocess.Popen(
        [sys.executable, "-m", "tests.esdb_stub"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert stub.stdout is not None
        server = stub.stdout.readline().strip()
        there = daybook("migrate", "--to", server, "--json", folder=folder)
        back = daybook(
            "migrate", "--to", f"sqlite:///{tmp_path}/back.db", folder=folder, STORE=server
        )
        more = daybook("submit", "-", folder=folder, stdin=commands(10, 5), STORE=server)
        replayed = daybook("replay", "audit", folder=folder, STORE=server)

        assert there.returncode == 0, there.stderr
        assert json.loads(there.stdout)["complete"] is True
        assert back.returncode == 0, back.stderr
        assert more.returncode == 0, more.stderr
        assert replayed.returncode == 0, replayed.stderr
        assert events(tmp_path / "back.db") == events(folder / "ledger.db")
        _assert_the_workers_catch_up(folder, server)
    finally:
        stub.kill()
        stub.wait()
        assert stub.stdout is not None
        stub.stdout.close()


def _assert_the_workers_catch_up(folder: Path, server: str) -> None:
    worker = subprocess.Popen([*PROGRAM, "worker"], env=environment(folder, STORE=server))
    try:

        def states() -> dict[str, tuple[str, bool]]:
            said = daybook("status", "--json", folder=folder, STORE=server)
            models = json.loads(said.stdout)
            return {
                model["name"]: (model["state"], model["position"] == model["head"])
                for model in models
            }

        wait_until(lambda: set(states().values()) == {("running", True)})
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait(timeout=HUNG_S)
