"""A read model whose log is not that of last time skips no event, or refuses to continue."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Column, MetaData

from eventstore.memory import MemoryStore
from eventstore.port import NO_STREAM, Draft, EventStore, Revision
from eventstore.record.codec import decode_metadata, order_id_of, stream_name
from eventstore.sqlite import SqliteStore
from projections.sources.log import LOG, SharedLog
from projections.storage.columns import WHOLE, key, table
from projections.worker import runner
from projections.worker.runner import AnotherLog, resume
from projections.worker.writer import Writer
from replay.rebuild import rebuild
from tests.contracts.event_store import all_of
from tests.projections.toy import (
    CONFIRMED,
    TALLY,
    Log,
    captured,
    contents,
    note,
    placed,
    url_of,
    writer_of,
)
from tests.projections.worker.test_runner import brought_up
from tests.projections.worker.test_worker import reported, state, working
from tests.waiting import until

PLACES = MetaData()
table("places", PLACES, key("order_id"), Column("position", WHOLE))
TELLS_POSITIONS = replace(TALLY, tables=PLACES, rows=lambda _view: {}, evolve=lambda v, _: (v, ()))

pytestmark = pytest.mark.usefixtures("kind")


@pytest.fixture
async def log() -> Log:
    """Six events, at positions 3, 6, ... 18."""
    log = Log()
    await log.append("o-1", placed(), captured("a"), captured("b"), note())
    await log.append("o-2", placed("o-2"), CONFIRMED)
    return log


@pytest.fixture
async def dense(tmp_path: Path) -> AsyncIterator[Log]:
    """A log whose positions are 1, 2, 3, ..."""
    store = SqliteStore.open(tmp_path / "dense.db")
    yield Log(store)
    await store.aclose()


async def copied(source: Log, target: Log, *, events: int | None = None) -> None:
    for event in (await all_of(source.store.read_all()))[:events]:
        draft = Draft(event.event_id, event.type, event.data, event.metadata)
        expected = Revision(event.revision - 1) if event.revision else NO_STREAM
        await target.store.append(event.stream, [draft], expected=expected)
        order_id = order_id_of(event.stream)
        target.revisions[order_id] = event.revision
        target.hashes[order_id] = decode_metadata(event).hash


async def grow(log: Log, *, orders: int) -> None:
    for number in range(orders):
        await log.append(f"new-{number}", placed(f"new-{number}"))


def checkpoints(folder: Path) -> dict[str, int]:
    return dict(contents(folder)["checkpoint"])


async def test_in_another_log_it_continues_after_the_event_it_read_last(
    tmp_path: Path, log: Log, dense: Log
) -> None:
    async with writer_of(tmp_path) as writer:
        await brought_up(writer, log)
    await copied(log, dense)
    await grow(dense, orders=30)

    async with writer_of(tmp_path) as writer:
        assert await resume(writer, dense.store) == {LOG: 6}
        assert checkpoints(tmp_path) == {LOG: 6}
        await brought_up(writer, dense)
    async with writer_of(tmp_path / "right") as writer:
        await brought_up(writer, dense)

    assert contents(tmp_path) == contents(tmp_path / "right")
    assert len(contents(tmp_path)["views"]) == 32


async def test_without_that_a_larger_checkpoint_would_skip_events(
    tmp_path: Path, log: Log, dense: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def as_they_stand(writer: Writer, _store: EventStore) -> Mapping[str, int]:
        return writer.checkpoints

    monkeypatch.setattr(runner, "resume", as_they_stand)
    async with writer_of(tmp_path) as writer:
        await brought_up(writer, log)
    await copied(log, dense)
    await grow(dense, orders=30)

    async with writer_of(tmp_path) as writer:
        await brought_up(writer, dense)

    assert len(contents(tmp_path)["views"]) == 32 - 12


async def test_it_can_continue_in_another_log_and_in_the_first_one_again(
    tmp_path: Path, log: Log, dense: Log
) -> None:
    await copied(log, dense)
    for number, there in enumerate([log, dense, log, dense, log]):
        for each in (log, dense):
            await each.append("o-1", note(str(number)))
        async with writer_of(tmp_path) as writer:
            await brought_up(writer, there)
    async with writer_of(tmp_path / "right") as writer:
        await brought_up(writer, log)

    assert contents(tmp_path) == contents(tmp_path / "right")


async def test_a_read_model_replayed_from_a_mirror_continues_in_the_log_itself(
    tmp_path: Path, log: Log, dense: Log
) -> None:
    await copied(log, dense, events=4)
    await rebuild(TALLY, url_of(tmp_path), dense.store)

    async with writer_of(tmp_path) as writer:
        assert await resume(writer, log.store) == {LOG: 12}
        await brought_up(writer, log)
    async with writer_of(tmp_path / "right") as writer:
        await brought_up(writer, log)

    assert contents(tmp_path) == contents(tmp_path / "right")


async def test_a_log_without_the_event_is_refused(tmp_path: Path, log: Log, dense: Log) -> None:
    async with writer_of(tmp_path) as writer:
        await brought_up(writer, log)
    before = contents(tmp_path)
    await copied(log, dense, events=5)

    async with writer_of(tmp_path) as writer:
        with pytest.raises(AnotherLog, match=r"mirror that is behind.*run `daybook replay tally`"):
            await brought_up(writer, dense)

    assert contents(tmp_path) == before


async def test_a_log_with_another_event_in_its_place_is_refused(tmp_path: Path, log: Log) -> None:
    async with writer_of(tmp_path) as writer:
        await brought_up(writer, log)
    other = Log()
    *events, last = await all_of(log.store.read_all())
    for event in [*events, replace(last, metadata=last.metadata + b" ")]:
        draft = Draft(event.event_id, event.type, event.data, event.metadata)
        expected = Revision(event.revision - 1) if event.revision else NO_STREAM
        await other.store.append(event.stream, [draft], expected=expected)

    async with writer_of(tmp_path) as writer:
        with pytest.raises(AnotherLog):
            await resume(writer, other.store)


async def test_a_model_whose_rows_contain_positions_has_to_be_replayed(
    tmp_path: Path, log: Log, dense: Log
) -> None:
    await copied(log, dense)
    async with writer_of(tmp_path, TELLS_POSITIONS) as writer:
        await brought_up(writer, log)
        assert await resume(writer, log.store) == {LOG: 18}

        with pytest.raises(AnotherLog, match="contains positions of another log"):
            await resume(writer, dense.store)


async def test_a_worker_pauses_while_its_mirror_is_behind(
    tmp_path: Path, log: Log, dense: Log, caplog: pytest.LogCaptureFixture
) -> None:
    async with writer_of(tmp_path) as writer:
        await brought_up(writer, log)
    await copied(log, dense, events=5)
    source = SharedLog(dense.store)

    async with working(tmp_path, dense, source):
        await until(lambda: state(tmp_path) == "paused")
        report = reported(tmp_path)
        assert report is not None
        assert "if this is a mirror that is behind, wait" in report.reason
        await dense.append("o-2", CONFIRMED)
        await until(lambda: state(tmp_path) == "running")
    await source.aclose()

    assert checkpoints(tmp_path) == {LOG: 6}


async def test_a_parked_order_stays_parked(tmp_path: Path, log: Log, dense: Log) -> None:
    await log.append("o-1", note("poison"))
    async with writer_of(tmp_path) as writer:
        await brought_up(writer, log)
    parked = contents(tmp_path)["parked"]
    await copied(log, dense)

    async with writer_of(tmp_path) as writer:
        await brought_up(writer, dense)

    assert [row[0] for row in parked] == ["o-1"]
    assert contents(tmp_path)["parked"] == parked
    assert stream_name("o-1") in {row[2] for row in contents(tmp_path)["last_read"]}


async def test_an_empty_read_model_has_nothing_to_look_up(tmp_path: Path) -> None:
    async with writer_of(tmp_path) as writer:
        assert await resume(writer, MemoryStore()) == {}
