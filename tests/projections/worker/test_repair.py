"""What came over a bus and is not in the log is replaced by what is in the log."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from unittest.mock import ANY
from uuid import NAMESPACE_OID, uuid5

import pytest

from domain.events import Event
from eventstore.port import Position, Recorded, Revision
from eventstore.record.chain import hashes_of
from eventstore.record.codec import stream_name
from projections import fold as fold_module
from projections.fold import Item
from projections.read_models.audit.projection import PROJECTION as AUDIT
from projections.sources.log import LOG, Batch, decode_item
from projections.sources.sweep import Sweep
from projections.worker import runner as runner_module
from projections.worker import writer as writer_module
from projections.worker.runner import apply, resume
from projections.worker.writer import Committed, Writer
from tests.eventstore.recorded import encoded, sealed_metadata
from tests.projections.kinds import Tables
from tests.projections.toy import (
    CONFIRMED,
    UNDECODABLE,
    Log,
    captured,
    contents,
    note,
    placed,
    writer_of,
)

pytestmark = pytest.mark.usefixtures("kind")

KEPT_BESIDE = {"checkpoint", "last_read", "hinted", "repaired"}


@pytest.fixture
async def log() -> Log:
    log = Log()
    for n in range(3):
        await log.append(f"o-{n}", placed(f"o-{n}"), captured("a"))
    await log.append("o-1", note())
    return log


@pytest.fixture
async def other() -> Log:
    """Another environment's log: the same orders, continued differently, and one of its own."""
    log = Log()
    for n in range(3):
        await log.append(f"o-{n}", placed(f"o-{n}"), captured("a"))
    await log.append("o-1", captured("forged", 900_000))
    await log.append("o-9", placed("o-9"), CONFIRMED)
    return log


@pytest.fixture
async def writer(tmp_path: Path) -> AsyncIterator[Writer]:
    async with writer_of(tmp_path / "rows") as writer:
        yield writer


async def over_the_bus(writer: Writer, log: Log, *items: Item) -> None:
    await apply(writer, Batch(items, {"t/0": 1}, {"t/0": items[-1]}, hinted=True), log.store)


async def of(log: Log, order_id: str) -> list[Item]:
    return [item for item in await log.items() if item.order_id == order_id]


def forged(order_id: str, revision: int, event: Event, *, prev_hash: str) -> Item:
    """An event whose own hash is right, as anybody who can write to the topic can make it."""
    type_, data, _ = encoded(event)
    at = stream_name(order_id), Revision(revision), Position(1_000)
    event_id = uuid5(NAMESPACE_OID, f"{order_id} {revision}")
    metadata, _ = sealed_metadata(at[0], revision, event_id, type_, data, prev_hash=prev_hash)
    return decode_item(Recorded(*at, event_id, type_, data, metadata))


def at_position(item: Item, position: int) -> Item:
    return decode_item(replace(item.recorded, position=Position(position)))


def hash_of(item: Item) -> str:
    hashes = hashes_of(item.recorded)
    assert hashes is not None
    return hashes.hash


async def swept(writer: Writer, log: Log) -> None:
    sweep = Sweep(log.store, every_s=5.0)
    sweep.begin(writer.checkpoints.get(LOG, -1))
    sweep.run_now()
    while page := await sweep.next_page(0.0):
        await apply(writer, page, log.store)


def rows(folder: Path) -> Tables:
    found = contents(folder)
    return {name: found[name] for name in found if name not in KEPT_BESIDE}


async def the_fold(folder: Path, log: Log) -> Tables:
    async with writer_of(folder) as writer:
        await apply(writer, Batch(await log.items(), {}), log.store)
    return rows(folder)


# A record that is no event of the log ------------------------------------------------------------


async def test_what_does_not_continue_is_read_from_the_log(
    tmp_path: Path, log: Log, other: Log, writer: Writer
) -> None:
    unrelated = forged("o-1", 2, captured("forged", 900_000), prev_hash="ab" * 32)
    await over_the_bus(writer, log, *(await log.items())[:4])

    await over_the_bus(writer, log, unrelated)

    assert {row[0]: row[1] for row in contents(tmp_path / "rows")["views"]} == {"o-0": 1, "o-1": 2}
    assert dict(contents(tmp_path / "rows")["checkpoint"]) == {"t/0": 1}
    assert contents(tmp_path / "rows")["repaired"] == []


async def test_an_event_that_the_log_does_not_have_and_that_does_not_continue_is_skipped(
    tmp_path: Path, log: Log, other: Log, writer: Writer
) -> None:
    """It delays neither its order nor the model, and is not looked up at the next start."""
    await over_the_bus(writer, log, (await of(other, "o-9"))[1])

    assert contents(tmp_path / "rows")["views"] == []
    assert dict(contents(tmp_path / "rows")["checkpoint"]) == {"t/0": 1}
    assert await resume(writer, log.store) == {"t/0": 1}


async def test_the_logs_event_after_one_that_it_does_not_have_repairs_the_order_at_once(
    tmp_path: Path, log: Log, other: Log, writer: Writer
) -> None:
    await over_the_bus(writer, log, *await of(other, "o-1"))
    assert ("o-1", "forged", 900_000) in captures(tmp_path)
    await log.append("o-1", note("and on"))

    await over_the_bus(writer, log, (await of(log, "o-1"))[-1])

    await swept(writer, log)
    assert rows(tmp_path / "rows") == await the_fold(tmp_path / "right", log)
    [(order_id, revision, _)] = contents(tmp_path / "rows")["repaired"]
    assert (order_id, revision) == ("o-1", 2)


def captures(tmp_path: Path) -> list[tuple[object, ...]]:
    return contents(tmp_path / "rows")["captures"]


# The sweep ----------------------------------------------------------------------------------------


async def test_the_sweep_rebuilds_an_order_of_which_the_log_has_another_event(
    tmp_path: Path, log: Log, other: Log, writer: Writer
) -> None:
    await over_the_bus(writer, log, *await of(other, "o-1"))
    assert ("o-1", "forged", 900_000) in captures(tmp_path)

    await swept(writer, log)

    assert rows(tmp_path / "rows") == await the_fold(tmp_path / "right", log)
    assert contents(tmp_path / "rows")["repaired"] == [
        ("o-1", 2, "the log has another event there")
    ]
    assert contents(tmp_path / "rows")["hinted"] == []
    assert (await resume(writer, log.store))[LOG] == (await log.store.head())


async def test_the_sweep_removes_events_after_the_logs_last_one(
    tmp_path: Path, log: Log, writer: Writer
) -> None:
    """Nothing of the order comes in the log any more: it is found by what came over the bus."""
    await swept(writer, log)
    before = hash_of((await of(log, "o-2"))[-1])
    last = forged("o-2", 2, captured("forged", 900_000), prev_hash=before)
    await over_the_bus(writer, log, last)
    assert ("o-2", "forged", 900_000) in captures(tmp_path)

    await swept(writer, log)

    assert rows(tmp_path / "rows") == await the_fold(tmp_path / "right", log)
    assert [row[0] for row in contents(tmp_path / "rows")["repaired"]] == ["o-2"]


@pytest.mark.parametrize("position", [1, 20, 2**62])
async def test_the_sweep_removes_an_order_that_the_log_never_had_whatever_its_position(
    tmp_path: Path, log: Log, other: Log, writer: Writer, position: int
) -> None:
    await swept(writer, log)
    invented = [at_position(item, position) for item in await of(other, "o-9")]
    await over_the_bus(writer, log, *invented)
    assert "o-9" in [row[0] for row in contents(tmp_path / "rows")["orders"]]

    await swept(writer, log)

    assert rows(tmp_path / "rows") == await the_fold(tmp_path / "right", log)
    assert [row[0] for row in contents(tmp_path / "rows")["repaired"]] == ["o-9"]
    assert contents(tmp_path / "rows")["hinted"] == []


async def test_without_the_hints_it_stays(
    tmp_path: Path, log: Log, other: Log, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(*_: object, **__: object) -> None:
        pass

    monkeypatch.setattr(runner_module, "check_hints", nothing)
    await over_the_bus(writer, log, *await of(other, "o-9"))

    await swept(writer, log)

    assert "o-9" in [row[0] for row in contents(tmp_path / "rows")["orders"]]


async def test_without_the_hash_check_a_forged_event_is_applied(
    tmp_path: Path, log: Log, other: Log, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    unrelated = forged("o-1", 2, captured("forged", 900_000), prev_hash="ab" * 32)
    monkeypatch.setattr(fold_module, "UNKNOWN_HASH", ANY)  # whatever is next continues any event

    await over_the_bus(writer, log, *(await log.items())[:4], unrelated)

    assert ("o-1", "forged", 900_000) in captures(tmp_path)


async def test_what_is_as_the_log_has_it_is_confirmed_and_not_changed(
    tmp_path: Path, log: Log, writer: Writer
) -> None:
    await over_the_bus(writer, log, *await log.items())
    assert len(contents(tmp_path / "rows")["hinted"]) == 3
    before = rows(tmp_path / "rows")

    await swept(writer, log)

    assert rows(tmp_path / "rows") == before
    assert contents(tmp_path / "rows")["hinted"] == []
    assert contents(tmp_path / "rows")["repaired"] == []


async def test_a_crash_before_the_sweep_loses_no_hint(tmp_path: Path, log: Log, other: Log) -> None:
    async with writer_of(tmp_path / "rows") as writer:
        await over_the_bus(writer, log, *await of(other, "o-9"))

    async with writer_of(tmp_path / "rows") as writer:
        await swept(writer, log)

    assert rows(tmp_path / "rows") == await the_fold(tmp_path / "right", log)


async def test_a_rebuilt_order_is_parked_again_if_its_event_cannot_be_folded(
    tmp_path: Path, other: Log, writer: Writer
) -> None:
    log = Log()
    await log.append("o-1", placed(), note("too big a number"), note())
    await log.append("o-2", placed("o-2"), UNDECODABLE)
    await over_the_bus(writer, log, *await of(other, "o-1"), *await of(other, "o-2"))

    await swept(writer, log)

    assert rows(tmp_path / "rows") == await the_fold(tmp_path / "right", log)
    assert [row[:2] for row in contents(tmp_path / "rows")["parked"]] == [("o-1", 1), ("o-2", 1)]


async def test_a_repair_is_reported_to_the_watch(tmp_path: Path, log: Log, other: Log) -> None:
    commits: list[Committed] = []
    async with writer_of(tmp_path / "rows", watch=commits.append) as writer:
        await over_the_bus(writer, log, *await of(other, "o-9"))
        await swept(writer, log)

    assert sum(committed.repaired for committed in commits) == 1


# Positions ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("forged_first", [True, False])
async def test_a_position_that_another_order_has_parks_nobody(
    tmp_path: Path, log: Log, *, forged_first: bool
) -> None:
    """The trail has one entry at a position. Whoever came first, the log decides."""
    victim, other = await of(log, "o-1"), await of(log, "o-0")
    moved = [at_position(other[0], victim[0].position)]
    async with writer_of(tmp_path / "rows", AUDIT) as writer:
        for items in (moved, victim) if forged_first else (victim, moved):
            await over_the_bus(writer, log, *items)
        assert writer.parked == frozenset()
        await swept(writer, log)

    found = contents(tmp_path / "rows")
    assert found["parked"] == []
    trail = {(row[0], row[1]): row[2] for row in found["entries"]}
    assert trail == {(item.order_id, item.revision): item.position for item in await log.items()}


async def test_if_the_other_order_is_not_removed_the_honest_one_is_parked(
    tmp_path: Path, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "remove_others_at", lambda *_: ())
    victim, other = await of(log, "o-1"), await of(log, "o-0")
    async with writer_of(tmp_path / "rows", AUDIT) as writer:
        await over_the_bus(writer, log, at_position(other[0], victim[0].position))
        await over_the_bus(writer, log, *victim)

        assert writer.parked == {"o-1"}
