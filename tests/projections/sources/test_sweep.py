from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.port import Recorded
from eventstore.record.chain import hashes_of
from eventstore.record.codec import stream_name
from projections.fold import Item
from projections.sources import log as source_module
from projections.sources.log import LOG, START, Batch, LogPage
from projections.sources.sweep import Sweep
from projections.worker import runner as runner_module
from projections.worker.repair import Applied, compare_page
from projections.worker.runner import apply
from tests.eventstore.recorded import interleaved, sealed_stream
from tests.projections.toy import (
    FROM_A_NEWER_DAYBOOK,
    UNDECODABLE,
    Log,
    contents,
    note,
    placed,
    writer_of,
)
from tests.projections.worker.test_resume import checkpoints

EVERY_S = 5.0


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def sweep(log: Log) -> Sweep:
    return Sweep(log.store, every_s=EVERY_S)


async def filled(log: Log, events: int, order_id: str = "o-1") -> None:
    first = order_id not in log.revisions
    given_ = [placed(order_id)] if first else []
    await log.append(order_id, *given_, *(note(str(n)) for n in range(events - len(given_))))


async def swept(sweep: Sweep, now_s: float) -> int:
    """How many events it reads at this time."""
    taken = 0
    while page := await sweep.next_page(now_s):
        taken += len(page.page)
    return taken


# When, and how far -------------------------------------------------------------------------------


async def test_it_reads_what_was_in_the_log_an_interval_ago(log: Log, sweep: Sweep) -> None:
    await filled(log, 3)
    sweep.begin(START)
    assert await swept(sweep, 0.0) == 0
    await filled(log, 2)

    assert await swept(sweep, EVERY_S - 0.1) == 0
    assert await swept(sweep, EVERY_S) == 3
    assert await swept(sweep, EVERY_S) == 0
    assert await swept(sweep, 2 * EVERY_S) == 2
    assert await swept(sweep, 3 * EVERY_S) == 0


async def test_an_event_is_read_within_two_intervals_of_its_writing(log: Log, sweep: Sweep) -> None:
    sweep.begin(START)
    await swept(sweep, 0.0)
    await filled(log, 1)  # just after the head was read

    assert [await swept(sweep, n * EVERY_S) for n in (1, 2)] == [0, 1]


async def test_run_now_goes_up_to_the_head_of_that_moment(log: Log, sweep: Sweep) -> None:
    await filled(log, 1_200)
    sweep.begin(START)
    sweep.run_now()
    assert sweep.runs_now
    first = await sweep.next_page(0.0)
    await filled(log, 700)

    assert first is not None
    assert (len(first.page), sweep.runs_now) == (500, True)
    assert await swept(sweep, 0.1) == 700
    assert not sweep.runs_now
    assert await swept(sweep, EVERY_S - 0.1) == 0


async def test_run_now_in_the_middle_of_a_round_goes_up_to_the_head(log: Log, sweep: Sweep) -> None:
    await filled(log, 600)
    sweep.begin(START)
    await swept(sweep, 0.0)
    await sweep.next_page(EVERY_S)
    await filled(log, 10)
    sweep.run_now()

    assert await swept(sweep, EVERY_S) == 110
    assert not sweep.runs_now


async def test_it_begins_again_after_the_checkpoint_and_keeps_its_schedule(
    log: Log, sweep: Sweep
) -> None:
    await filled(log, 3)
    sweep.begin(START)
    await swept(sweep, 0.0)
    for now_s in (1.0, 2.0, 3.0, 4.0):
        sweep.begin(3)  # as after a rebalance
        assert await swept(sweep, now_s) == 0

    assert await swept(sweep, EVERY_S) == 2


async def test_an_empty_log_gives_nothing(sweep: Sweep) -> None:
    sweep.begin(START)
    sweep.run_now()
    assert await swept(sweep, 0.0) == 0
    assert not sweep.runs_now


# What is missing ----------------------------------------------------------------------------------


@given(st.lists(st.integers(-1, 4), min_size=3, max_size=3))
def test_missing_is_what_comes_after_progress(progress: list[int]) -> None:
    page = interleaved(*(sealed_stream(*[note()] * 4, order_id=f"o-{n}") for n in range(3)))
    hashes = {(e.stream, int(e.revision)): _hash(e) for e in page}
    applied = {
        f"o-{n}": Applied(at, hashes.get((stream_name(f"o-{n}"), at), "of a later event"))
        for n, at in enumerate(progress)
        if at >= 0
    }

    found = compare_page(page, applied)

    assert {(event.stream, event.revision) for event in found.missing} == {
        (f"order-o-{n}", revision) for n in range(3) for revision in range(progress[n] + 1, 4)
    }
    assert found.differing == []
    assert {order_id for order_id, _ in found.seen} == {
        order_id for order_id, at in applied.items() if at.revision < 4
    }


def test_an_order_with_another_event_at_its_revision_differs() -> None:
    ours, others = sealed_stream(note(), note("ours")), sealed_stream(note(), note("another"))

    found = compare_page(ours, {"o-1": Applied(1, _hash(others[1]))})

    assert (found.missing, found.differing, found.seen) == ([], ["o-1"], [])


def _hash(recorded: Recorded) -> str:
    hashes = hashes_of(recorded)
    assert hashes is not None
    return hashes.hash


async def test_what_is_missing_is_applied_and_the_checkpoint_moves(
    tmp_path: Path, log: Log, sweep: Sweep
) -> None:
    for n in range(3):
        await filled(log, 3, f"o-{n}")
    items = await log.items()
    async with writer_of(tmp_path) as writer:
        # The last event of one order, a hole in another, and all of a third never came.
        await apply(writer, Batch([*items[0:2], items[3]], {"topic/0": 3}), log.store)
        sweep.begin(START)
        sweep.run_now()
        while page := await sweep.next_page(0.0):
            await apply(writer, page, log.store)

    assert {row[0]: row[1] for row in contents(tmp_path)["views"]} == log.revisions
    assert checkpoints(tmp_path) == {"topic/0": 3, LOG: items[-1].position}
    assert [row[1:4] for row in contents(tmp_path)["last_read"]] == [(27, "order-o-2", 2)]


async def test_with_everything_applied_nothing_is_folded_and_one_event_is_decoded(
    tmp_path: Path, log: Log, sweep: Sweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    await filled(log, 400)
    items = await log.items()
    decoded: list[int] = []
    decode_item = source_module.decode_item

    def counting(recorded: Recorded) -> Item:
        decoded.append(recorded.revision)
        return decode_item(recorded)

    async with writer_of(tmp_path) as writer:
        await writer.commit(items, {"topic/0": 400})
        before = contents(tmp_path)
        monkeypatch.setattr(runner_module, "decode_item", counting)
        sweep.begin(START)
        sweep.run_now()
        page = await sweep.next_page(0.0)
        assert page is not None
        await apply(writer, page, log.store)

    assert decoded == [399]
    assert contents(tmp_path) == before | {
        "checkpoint": [("log", 1_200), ("topic/0", 400)],
        "last_read": contents(tmp_path)["last_read"],
    }


async def test_the_sweep_leaves_a_parked_order_parked(
    tmp_path: Path, log: Log, sweep: Sweep
) -> None:
    await log.append("o-1", placed(), UNDECODABLE, note())
    await filled(log, 2, "o-2")
    async with writer_of(tmp_path) as writer:
        await apply(writer, LogPage(await _all(log), {LOG: 15}), log.store)

    assert {row[0]: row[1] for row in contents(tmp_path)["views"]} == {"o-1": 0, "o-2": 1}
    assert [row[:2] for row in contents(tmp_path)["parked"]] == [("o-1", 1)]
    assert checkpoints(tmp_path) == {LOG: 15}


async def test_an_event_of_a_newer_daybook_parks_its_order(tmp_path: Path, log: Log) -> None:
    await log.append("o-1", placed(), FROM_A_NEWER_DAYBOOK, note())
    async with writer_of(tmp_path) as writer:
        await apply(writer, LogPage(await _all(log), {LOG: 9}), log.store)

    assert [row[:2] for row in contents(tmp_path)["parked"]] == [("o-1", 1)]
    assert checkpoints(tmp_path) == {LOG: 9}


async def _all(log: Log) -> list[Recorded]:
    return [recorded async for page in log.store.read_all() for recorded in page]
