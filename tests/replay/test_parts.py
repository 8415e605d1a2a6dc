"""A replay by several processes gives the same as one process, or fails."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from eventstore.sqlite import SqliteStore
from eventstore.stores import open_reader
from projections.models import MODELS
from projections.projection import Row
from projections.sources.log import SharedLog
from projections.storage.open import open_generations
from projections.worker.writer import open_writer
from replay.parallel import parts as module
from replay.parallel.parts import PartFailed, Parts, parts_of, usable_cores
from replay.rebuild import Rebuilt, rebuild
from tests.projections import kinds
from tests.projections.long_history import long_history
from tests.projections.test_kept import lifecycle
from tests.projections.toy import (
    FROM_A_NEWER_DAYBOOK,
    UNDECODABLE,
    Log,
    contents,
    note,
    numbers,
    pointer,
)

ORDERS = 60
PARKED, DISCARDED = "o-7", "o-11"
any_kind = pytest.mark.usefixtures("kind")

pytestmark = pytest.mark.e2e


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A log that is large enough for parts."""
    monkeypatch.setattr(module, "PARTS_MIN", 1)


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[Log]:
    """Many orders whose events alternate: more events than a page has; two orders have
    a bad one, and one is so long that its views are head and parts.
    """
    store = SqliteStore.open(tmp_path / "ledger.db")
    log = Log(store)
    await fill(log, [f"o-{n}" for n in range(ORDERS)])
    await log.append("o-long", *long_history("o-long"))
    for order_id in (PARKED, DISCARDED):
        await log.append(order_id, UNDECODABLE, note())
    yield log
    await store.aclose()


async def fill(log: Log, order_ids: Sequence[str]) -> None:
    coming = {id_: iter(lifecycle(id_, seed=seed)) for seed, id_ in enumerate(order_ids)}
    while coming:
        for order_id, events in list(coming.items()):
            event = next(events, None)
            if event is None:
                del coming[order_id]
            else:
                await log.append(order_id, event)


async def discarded(folder: Path, log: Log) -> None:
    """Every model live, and in it an event of one order discarded."""
    row = {"order_id": DISCARDED, "revision": log.revisions[DISCARDED] - 1, "who": "a", "why": "b"}
    for name, model in MODELS.items():
        url = kinds.kind.url(folder, name)
        await rebuild(model, url, log.store)
        async with (
            aclosing(open_generations(url)) as found,
            open_writer(model, found, await found.live()) as writer,
        ):
            await writer.discard([row])


async def replayed(
    folder: Path,
    log: Path | str,
    *,
    jobs: int,
    names: Sequence[str] = tuple(MODELS),
    recorded: Sequence[Row] = (),
    ahead: Callable[[Parts], Any] = lambda _: None,
    report: Callable[[int, int], None] = lambda _done, _total: None,
) -> list[Rebuilt | BaseException]:
    """Rebuild as the command does. log: a file or a URL. ahead: called when the processes have
    been started.
    """
    url = log if isinstance(log, str) else f"sqlite:///{log}"
    store = open_reader(url)
    source = SharedLog(store)
    head = await store.head() or 0
    try:
        async with parts_of(url, names, jobs=jobs, until=head, verify=True) as parts:
            assert (parts is None) == (jobs == 1)
            if parts is not None and (done := ahead(parts)) is not None:
                await done
            urls = {name: kinds.kind.url(folder, name) for name in names}
            rebuilding = [
                rebuild(
                    MODELS[name],
                    url,
                    store,
                    source=source,
                    parts=parts,
                    recorded=recorded,
                    progress=report,
                )
                for name, url in urls.items()
            ]
            return await asyncio.gather(*rebuilding, return_exceptions=True)
    finally:
        await source.aclose()
        await store.aclose()


def everything(folder: Path) -> dict[str, kinds.Tables]:
    return {name: contents(folder, name=name) for name in MODELS}


async def both(
    tmp_path: Path, log: Log, jobs: int
) -> tuple[dict[str, kinds.Tables], dict[str, kinds.Tables]]:
    """All models as one process builds them, and as several do."""
    found = []
    for folder, count in ((tmp_path / "one", 1), (tmp_path / "many", jobs)):
        folder.mkdir()
        await discarded(folder, log)
        outcomes = await replayed(folder, tmp_path / "ledger.db", jobs=count)
        assert [type(outcome) for outcome in outcomes] == [Rebuilt] * len(MODELS)
        found.append(everything(folder))
    one, many = found
    return one, many


@pytest.mark.parametrize("jobs", [1, 2])
async def test_discards_recorded_with_the_log_are_skipped_without_a_live_generation(
    tmp_path: Path, log: Log, jobs: int
) -> None:
    (tmp_path / "before").mkdir()
    rows = await _parked_rows(tmp_path / "before", tmp_path / "ledger.db")
    assert {row["order_id"] for row in rows} == {PARKED, DISCARDED}
    discards = [
        {"order_id": row["order_id"], "revision": row["revision"], "who": "a", "why": "b"}
        for row in rows
    ]
    (tmp_path / "after").mkdir()

    [built] = await replayed(
        tmp_path / "after", tmp_path / "ledger.db", jobs=jobs, names=["order"], recorded=discards
    )

    assert isinstance(built, Rebuilt)
    assert built.parked == 0
    assert contents(tmp_path / "after", name="order")["discards"] == sorted(
        tuple(discard.values()) for discard in discards
    )


async def _parked_rows(folder: Path, log: Path) -> Sequence[Row]:
    [built] = await replayed(folder, log, jobs=1, names=["order"])
    assert isinstance(built, Rebuilt)
    return built.parked_orders


@any_kind
@pytest.mark.parametrize("jobs", [2, 3])
async def test_parts_give_row_for_row_what_one_process_gives(
    tmp_path: Path, log: Log, jobs: int
) -> None:
    one, many = await both(tmp_path, log, jobs)

    for name in MODELS:
        for table, rows in one[name].items():
            assert many[name][table] == rows, (name, table)
        assert many[name].keys() == one[name].keys()
        assert len(one[name]["views"]) == ORDERS + 1
        assert {row[0] for row in one[name]["view_parts"]} == (
            set() if name == "audit" else {"o-long"}
        )
        assert len(one[name]["discards"]) == 1
        assert [row[0] for row in one[name]["parked"]] == ([] if name == "audit" else [PARKED])
        folder = tmp_path / "many"
        assert (numbers(folder, name), pointer(folder, name).last) == ([1, 2], 2 + jobs)


async def test_a_log_with_gaps_between_its_positions_is_folded_in_parts_too(
    tmp_path: Path, log: Log
) -> None:
    """EventStoreDB, with events of other programs between those of orders."""
    pytest.importorskip("esdbclient")
    from tests.http2.peer import peer
    from tests.http2.prepared import PreparedLog

    served = PreparedLog()
    async for page in log.store.read_all():
        served.add(page[:100])
        served.add_foreign(1_000)
        served.add(page[100:])
    async with peer(served.answer) as server:
        outcomes = [
            await replayed(tmp_path / folder, server.uri, jobs=jobs)
            for folder, jobs in (("one", 1), ("many", 2))
        ]

    for found in outcomes:
        assert [type(outcome) for outcome in found] == [Rebuilt] * len(MODELS)
    one = everything(tmp_path / "one")
    assert len(one["order"]["views"]) >= ORDERS
    assert everything(tmp_path / "many") == one


async def test_orders_that_no_part_has_would_be_missed(
    tmp_path: Path, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    def one_short(log: str, part: int, of: int, *rest: Any) -> module.Share:
        return share(log, part, of + 1, *rest)

    share = module.Share
    monkeypatch.setattr(module, "Share", one_short)

    one, many = await both(tmp_path, log, 2)

    assert 0 < len(many["order"]["views"]) < ORDERS
    assert all(one[name] != many[name] for name in MODELS)


@any_kind
async def test_events_appended_during_the_rebuild_are_applied_after_the_parts(
    tmp_path: Path, log: Log
) -> None:
    new = [f"new-{n}" for n in range(5)]

    async def more(_: Parts) -> None:
        await log.append("o-1", note())
        await fill(log, new)

    outcomes = await replayed(tmp_path, tmp_path / "ledger.db", jobs=2, ahead=more)

    head = await log.store.head()
    assert len(contents(tmp_path, name="order")["views"]) == ORDERS + 1 + len(new)
    assert [getattr(it, "position", it) for it in outcomes] == [head] * len(MODELS)
    many = everything(tmp_path)
    (tmp_path / "one").mkdir()
    await replayed(tmp_path / "one", tmp_path / "ledger.db", jobs=1)
    assert many == everything(tmp_path / "one")


async def test_they_report_their_progress(tmp_path: Path, log: Log) -> None:
    report: list[tuple[int, int]] = []

    await replayed(
        tmp_path,
        tmp_path / "ledger.db",
        jobs=2,
        names=["order"],
        report=lambda done, total: report.append((done, total)),
    )

    assert report == sorted(report)
    assert 0 < report[0][0] < report[-1][0]
    head = await log.store.head()
    assert report[-1] == (head, head)


async def test_more_parts_than_orders_do_no_harm(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path / "ledger.db")
    log = Log(store)
    await fill(log, ["o-1"])

    [rebuilt] = await replayed(tmp_path, tmp_path / "ledger.db", jobs=4, names=["order"])

    assert getattr(rebuilt, "position", rebuilt) == await store.head()
    assert len(contents(tmp_path, name="order")["views"]) == 1
    await store.aclose()


# Failures -----------------------------------------------------------------------------------------


@any_kind
async def test_an_event_of_a_newer_daybook_parks_its_order_and_the_rest_is_built(
    tmp_path: Path, log: Log
) -> None:
    await discarded(tmp_path, log)
    before = everything(tmp_path)
    await log.append("o-3", FROM_A_NEWER_DAYBOOK)

    outcomes = await replayed(tmp_path, tmp_path / "ledger.db", jobs=2)

    for name, outcome in zip(MODELS, outcomes, strict=True):
        assert isinstance(outcome, Rebuilt), outcome
        row = outcome.parked_orders[-1]
        assert row["order_id"] == "o-3"
        assert "an unknown event type; run a newer Daybook" in row["error"]
        views = {row[0]: row for row in everything(tmp_path)[name]["views"]}
        for row in before[name]["views"]:
            assert row[0] == DISCARDED or row == views[row[0]]


@any_kind
async def test_a_part_that_is_killed_fails_the_rebuild_and_the_next_one_works(
    tmp_path: Path, log: Log
) -> None:
    await discarded(tmp_path, log)
    before = everything(tmp_path)

    outcomes = await replayed(
        tmp_path,
        tmp_path / "ledger.db",
        jobs=2,
        ahead=lambda parts: os.kill(parts.pids[1], signal.SIGKILL),
    )

    for name, outcome in zip(MODELS, outcomes, strict=True):
        assert isinstance(outcome, PartFailed)
        assert "a process of the replay has ended with code -9" in str(outcome)
        assert numbers(tmp_path, name) == [1]
    assert everything(tmp_path) == before
    again = await replayed(tmp_path, tmp_path / "ledger.db", jobs=2)
    assert [type(outcome) for outcome in again] == [Rebuilt] * len(MODELS)


async def test_a_model_that_fails_in_its_parts_stops_no_other(tmp_path: Path, log: Log) -> None:
    await discarded(tmp_path, log)
    (tmp_path / "payment.g1.db").write_bytes(b"x" * 9_000)

    outcomes = await replayed(tmp_path, tmp_path / "ledger.db", jobs=2)

    found = dict(zip(MODELS, outcomes, strict=True))
    assert "to replay without it" in str(found.pop("payment"))
    assert [type(outcome) for outcome in found.values()] == [Rebuilt] * 3
    assert numbers(tmp_path, "payment") == [1]


async def test_where_no_process_can_be_started_the_error_names_jobs_1(
    tmp_path: Path, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "gone"))

    with pytest.raises(PartFailed, match="--jobs 1 needs none"):
        await replayed(tmp_path, tmp_path / "ledger.db", jobs=2)


# When there are parts -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("log", "jobs", "events", "parts"),
    [
        ("sqlite:///ledger.db", 2, 100_000, 2),
        ("sqlite:///ledger.db", 1, 100_000, 0),
        ("sqlite:///ledger.db", 2, 99_999, 0),
        # Positions are bytes of the files of the server, 500 or more for an event.
        ("esdb://localhost:2113?Tls=false", 2, 49_999_999, 0),
        ("esdb://localhost:2113?Tls=false", 2, 50_000_000, 2),
        ("memory://", 2, 100_000, 0),
    ],
)
async def test_only_a_large_log_is_folded_in_parts(
    monkeypatch: pytest.MonkeyPatch, log: str, jobs: int, events: int, parts: int
) -> None:
    monkeypatch.undo()
    async with parts_of(log, ["order"], jobs=jobs, until=events, verify=True) as found:
        assert (0 if found is None else found.count) == parts


def test_there_are_as_many_as_cores_at_most_eight(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(64)), raising=False)
    assert usable_cores() == 8
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {5}, raising=False)
    assert usable_cores() == 1
