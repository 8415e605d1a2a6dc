import asyncio
import subprocess
import sys
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from eventstore.memory import MemoryStore
from eventstore.port import StoreUnavailable
from eventstore.record.codec import order_id_of
from eventstore.sqlite import SqliteStore
from eventstore.verified import LogAltered
from projections.sources.log import SharedLog
from projections.storage.errors import BeingBuilt, ReadModelError
from projections.storage.generations import Pointer
from projections.storage.open import open_generations
from replay.rebuild import Rebuilt, log_source, rebuild
from tests.projections.toy import (
    FROM_A_NEWER_DAYBOOK,
    RAW_TALLY,
    TALLY,
    Log,
    captured,
    contents,
    note,
    numbers,
    placed,
    pointer,
    url_of,
    voided,
    writer_of,
)
from tests.projections.worker.test_damaged_orders import DamagedStore
from tests.projections.worker.test_runner import brought_up

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.usefixtures("kind")


@pytest.fixture
async def log() -> Log:
    log = Log()
    await fill(log)
    return log


async def fill(log: Log, orders: int = 5) -> None:
    for n in range(orders):
        order_id = f"o-{n}"
        await log.append(order_id, placed(order_id), captured("a"), captured("b"))
        await log.append(order_id, voided("a"), note())


async def live(folder: Path, log: Log) -> None:
    async with writer_of(folder) as writer:
        await brought_up(writer, log)


async def test_it_builds_the_next_generation_and_makes_it_live(tmp_path: Path, log: Log) -> None:
    await live(tmp_path, log)
    before = contents(tmp_path)

    rebuilt = await rebuild(TALLY, url_of(tmp_path), log.store)

    assert rebuilt == Rebuilt(
        name="tally", generation=2, previous=1, position=75, parked=0, parked_orders=[]
    )
    assert pointer(tmp_path) == Pointer(live=2, previous=1, last=2)
    assert contents(tmp_path) == before == contents(tmp_path, 1)


async def test_it_builds_the_first_generation_too(tmp_path: Path, log: Log) -> None:
    rebuilt = await rebuild(TALLY, url_of(tmp_path / "new"), log.store)

    assert (rebuilt.generation, rebuilt.previous) == (1, None)
    assert len(contents(tmp_path / "new")["views"]) == 5


async def test_an_empty_log_gives_an_empty_read_model(tmp_path: Path) -> None:
    rebuilt = await rebuild(TALLY, url_of(tmp_path), Log().store)

    assert rebuilt.position is None
    assert not any(contents(tmp_path).values())


async def test_it_reports_its_progress(tmp_path: Path, log: Log) -> None:
    reports: list[tuple[int, int]] = []

    await rebuild(
        TALLY,
        url_of(tmp_path),
        log.store,
        source=SharedLog(log.store, batch_max=5),
        progress=lambda done, total: reports.append((done, total)),
    )

    assert reports[-1] == (75, 75)
    assert reports == sorted(reports)


async def test_several_rebuilds_share_one_reading_of_the_log(tmp_path: Path, log: Log) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    source = SharedLog(log.store)
    await asyncio.gather(
        rebuild(TALLY, url_of(tmp_path / "one"), log.store, source=source),
        rebuild(RAW_TALLY, url_of(tmp_path / "two"), log.store, source=source),
    )
    await source.aclose()

    assert contents(tmp_path / "one") == contents(tmp_path / "two")


async def test_only_the_live_generation_and_the_one_before_it_are_kept(
    tmp_path: Path, log: Log
) -> None:
    for _ in range(4):
        await rebuild(TALLY, url_of(tmp_path), log.store)

    assert numbers(tmp_path) == [3, 4]


async def test_a_change_of_the_projection_is_in_the_next_generation(
    tmp_path: Path, log: Log
) -> None:
    await live(tmp_path, log)
    doubled = replace(
        TALLY, version=2, initial=lambda order_id: replace(INITIAL, order_id=order_id)
    )

    await rebuild(doubled, url_of(tmp_path), log.store)

    assert [row[2] for row in contents(tmp_path)["orders"]] == [101] * 5
    with pytest.raises(ReadModelError, match="start a newer Daybook"):
        await live(tmp_path, log)


INITIAL = replace(TALLY.initial(""), notes=100)


async def test_a_second_rebuild_at_the_same_time_is_refused(tmp_path: Path, log: Log) -> None:
    async with aclosing(open_generations(url_of(tmp_path))) as found, found.building():
        rebuilding = rebuild(TALLY, url_of(tmp_path), log.store)
        with pytest.raises(BeingBuilt, match="try again when it is done"):
            await rebuilding


async def test_an_event_of_a_newer_daybook_parks_its_order_and_the_rest_is_built(
    tmp_path: Path, log: Log
) -> None:
    await live(tmp_path, log)
    before = contents(tmp_path)["views"]
    await log.append("o-1", FROM_A_NEWER_DAYBOOK)

    rebuilt = await rebuild(TALLY, url_of(tmp_path), log.store)

    assert rebuilt.parked == 1
    assert contents(tmp_path)["views"] == before


async def test_a_store_that_fails_half_way_leaves_the_live_one_and_no_other(
    tmp_path: Path, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    await live(tmp_path, log)
    before = contents(tmp_path)

    def report(_done: int, _total: int) -> None:
        raise StoreUnavailable("gone")

    with pytest.raises(StoreUnavailable):
        await rebuild(TALLY, url_of(tmp_path), log.store, progress=report)

    assert contents(tmp_path) == before
    assert numbers(tmp_path) == [1]
    assert (await rebuild(TALLY, url_of(tmp_path), log.store)).generation == 3


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from eventstore.sqlite import SqliteReader
from projections.sources.log import SharedLog
from replay import rebuild as module
from tests.projections.toy import TALLY
from projections.storage.sqlite.generations import SqliteGenerations
from projections.storage.postgres.generations import PostgresGenerations

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

def switching(switch):
    async def switched(*a):
        await switch(*a)
        die()
    return switched

async def main(folder, moment, url):
    store = SqliteReader.open(Path(folder) / "log.db")
    report = die if moment == "half-way" else lambda done, total: None
    if moment == "before the switch":
        for kind in (SqliteGenerations, PostgresGenerations):
            kind.switch = die
    if moment == "after the switch":
        for kind in (SqliteGenerations, PostgresGenerations):
            kind.switch = switching(kind.switch)
    source = SharedLog(store, batch_max=5, ring_max=2)
    await module.rebuild(TALLY, url, store, source=source, progress=report)

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.mark.parametrize(
    ("moment", "left", "swept"),
    [
        ("half-way", Pointer(live=1, previous=None, last=2), [1, 3]),
        ("before the switch", Pointer(live=1, previous=None, last=2), [1, 3]),
        ("after the switch", Pointer(live=2, previous=1, last=2), [2, 3]),
    ],
)
async def test_kill_9_leaves_a_whole_generation_live_and_the_next_rebuild_deletes_the_rest(
    tmp_path: Path, moment: str, left: Pointer, swept: list[int]
) -> None:
    store = SqliteStore.open(tmp_path / "log.db")
    log = Log(store)
    await fill(log)
    await live(tmp_path, log)
    before = contents(tmp_path)

    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", KILLED, str(tmp_path), moment, url_of(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == -9, done.stderr
    assert pointer(tmp_path) == left
    assert numbers(tmp_path) == [1, 2]
    assert contents(tmp_path) == before
    assert (await rebuild(TALLY, url_of(tmp_path), store)).generation == 3
    assert numbers(tmp_path) == swept
    assert contents(tmp_path, 3) == before
    await store.aclose()


@pytest.mark.parametrize("number", [0, 7, 24])
async def test_an_altered_event_parks_its_order_and_all_others_are_built(
    tmp_path: Path, number: int
) -> None:
    store = MemoryStore()
    log = Log(store)
    await fill(log)
    await live(tmp_path, log)
    before = contents(tmp_path)
    event = store._log[number]
    store._log[number] = replace(event, data=event.data.replace(b"EUR", b"USD") + b" ")

    rebuilt = await rebuild(TALLY, url_of(tmp_path), store)

    order_id = order_id_of(event.stream)
    [row] = rebuilt.parked_orders
    assert (rebuilt.parked, row["order_id"], row["revision"]) == (1, order_id, event.revision)
    assert f"position {event.position}: its hash is not that of" in row["error"]
    whole = [row for row in before["views"] if row[0] != order_id]
    assert [row for row in contents(tmp_path)["views"] if row[0] != order_id] == whole
    assert [row[1] for row in contents(tmp_path)["views"] if row[0] == order_id] == (
        [event.revision - 1] if event.revision else []
    )


async def many(store: MemoryStore, orders: int) -> Log:
    log = Log(store)
    for n in range(orders):
        await log.append(f"o-{n}", placed(f"o-{n}"), note())
    return log


@pytest.mark.kinds("sqlite")
@pytest.mark.parametrize("altered", [3, 4])
async def test_a_log_altered_at_many_orders_is_refused_and_the_live_one_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, altered: int
) -> None:
    monkeypatch.setattr("eventstore.verified.ALTERED_MAX", 3)
    store = MemoryStore()
    log = await many(store, 6)
    await live(tmp_path, log)
    before = contents(tmp_path)
    for number in range(1, 1 + 2 * altered, 2):
        event = store._log[number]
        store._log[number] = replace(event, data=event.data + b" ")

    if altered == 3:
        assert (await rebuild(TALLY, url_of(tmp_path), store)).parked == 3
        return
    with pytest.raises(LogAltered, match="more than 3 orders are altered; the first: order-o-0"):
        await rebuild(TALLY, url_of(tmp_path), store)
    assert contents(tmp_path) == before
    assert pointer(tmp_path).live == 1
    assert numbers(tmp_path) == [1]


@pytest.mark.kinds("sqlite")
@pytest.mark.parametrize("cut", [3, 4])
async def test_a_log_that_lacks_events_of_many_orders_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cut: int
) -> None:
    monkeypatch.setattr("replay.rebuild.ALTERED_MAX", 3)
    store = DamagedStore()
    await live(tmp_path, await many(store, 6))
    before = contents(tmp_path)
    store.lost = lambda it: it.revision == 0 and it.stream < f"order-o-{cut}"

    if cut == 3:
        assert (await rebuild(TALLY, url_of(tmp_path), store)).parked == 3
        return
    with pytest.raises(LogAltered, match="more than 3 orders are altered or missing"):
        await rebuild(TALLY, url_of(tmp_path), store)
    assert contents(tmp_path) == before
    assert numbers(tmp_path) == [1]


async def test_without_the_chains_an_altered_log_would_be_rebuilt_without_an_error(
    tmp_path: Path,
) -> None:
    store = MemoryStore()
    log = Log(store)
    await log.append("o-1", placed(cents=700))
    event = store._log[0]
    store._log[0] = replace(event, data=event.data.replace(b"700", b"800"))

    await rebuild(TALLY, url_of(tmp_path), store, source=log_source(store, verify=False))

    assert contents(tmp_path)["orders"][0][1] == 800
