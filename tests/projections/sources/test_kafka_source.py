"""The Kafka source with a scripted member: whatever records come, the rows are the fold's."""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from aiokafka.errors import (
    CorruptRecordException,
    NoOffsetForPartitionError,
    OffsetOutOfRangeError,
    UnsupportedCodecError,
)
from aiokafka.structs import TopicPartition
from hypothesis import given, settings
from hypothesis import strategies as st

from eventstore.port import Recorded
from eventstore.record.chain import hashes_of
from projections.fold import Folded, Item, Progress
from projections.fold import fold as as_it_is
from projections.projection import Projection
from projections.sources.kafka import KafkaSource, start_offsets
from projections.sources.kafka_member import Bounds, Member, Unreadable
from projections.sources.kafka_records import Records
from projections.sources.log import LOG, Batch, decode_item
from projections.sources.sweep import Sweep
from projections.worker import writer as writer_module
from projections.worker.runner import AnotherLog, apply, progress, resume, run
from tests.eventstore.leases import FixedLease
from tests.ids import EXAMPLES
from tests.projections.sources.kafka import NEVER_S, SealedLog
from tests.projections.sources.scripted import Poll, ScriptedMember, Sent, gone, sent
from tests.projections.toy import CONFIRMED, captured, contents, note, placed, writer_of
from tests.projections.worker.test_runner import brought_up
from tests.waiting import HUNG_S

TOPIC = "events"
Tables = dict[str, list[tuple[Any, ...]]]

NOT_OURS = Sent(b"o-1", b"{}", [("content-type", b"application/json")])
NO_JSON = Sent(b"o-1", b"\xff\x00", [])
EMPTY = Sent(b"o-1", None, [])
OVERSIZED = Sent(b"o-1", b"x" * 2_000_000, [("stream", b"order-o-1")])
POISON = (NOT_OURS, NO_JSON, EMPTY, OVERSIZED)


async def a_log(orders: int = 3) -> SealedLog:
    log = SealedLog()
    for n in range(orders):
        order_id = f"o-{n}"
        await log.append(order_id, placed(order_id), captured("a"), captured("b"))
    for n in range(orders):
        await log.append(f"o-{n}", note(), CONFIRMED)
    return log


async def right(folder: Path, log: SealedLog) -> Tables:
    """The fold of the log."""
    async with writer_of(folder / "right") as writer:
        await brought_up(writer, log)
    return rows(folder / "right")


def rows(folder: Path) -> Tables:
    """All tables but those of checkpoints and hints."""
    found = contents(folder)
    return {
        name: found[name] for name in found if name not in {"checkpoint", "last_read", "hinted"}
    }


async def rows_after(folder: Path, log: SealedLog, polls: list[Poll]) -> tuple[Tables, KafkaSource]:
    """The rows of a read model that is given these polls, and then sweeps.

    It has read the topic before: else it would take everything from the log first.
    """
    async with writer_of(folder) as writer:
        await writer.commit([], {f"{TOPIC}/1": 0})
    member = ScriptedMember(list(polls))
    source = KafkaSource(lambda: member, log.store, FixedLease(), topic=TOPIC, sweep_s=0.0)  # type: ignore[arg-type,return-value]
    head = await log.store.head()
    sweeps = 0
    async with asyncio.timeout(HUNG_S):
        while sweeps < 3:
            async with writer_of(folder) as writer:

                async def between() -> bool:
                    nonlocal sweeps
                    sweeps += not member.polls and member.held is not None and member.turn == 2
                    return writer.checkpoints.get(LOG, 0) < (head or 0) and sweeps < 3

                await run(
                    writer, source, log.store, stop_at_tail=False, between=between, tick_s=0.01
                )
                if writer.checkpoints.get(LOG, 0) >= (head or 0):
                    break
    await source.aclose()
    assert member.left == 1
    return rows(folder), source


def batch_of(last: Recorded) -> Batch:
    item = decode_item(last)
    return Batch([item], {f"{TOPIC}/1": 1}, {f"{TOPIC}/1": item})


def in_order(tables: Tables) -> bool:
    """Whether each entry of each order is stored once, from the first on."""
    revisions: dict[str, list[int]] = {}
    for order_id, revision, *_ in sorted(tables["lines"]):
        revisions.setdefault(order_id, []).append(revision)
    return all(found == list(range(len(found))) for found in revisions.values())


# Records in any order -----------------------------------------------------------------------------

events = st.one_of(st.integers(0, 14), st.sampled_from(POISON))
deliveries = st.lists(st.lists(events, min_size=1, max_size=6), max_size=10)


@settings(max_examples=40)
@given(script=deliveries)
async def test_with_doubled_late_disordered_foreign_or_missing_records_the_rows_are_the_folds(
    tmp_path_factory: pytest.TempPathFactory, script: list[list[int | Sent]]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    log = await a_log()
    expected = await right(folder, log)
    recorded = await log.recorded()
    polls: list[Poll] = [
        [sent(recorded[one]) if isinstance(one, int) else one for one in poll] for poll in script
    ]

    found, source = await rows_after(folder, log, polls)

    assert found == expected
    assert in_order(found)
    poison = sum(not isinstance(one, int) for poll in script for one in poll)
    assert source.skipped["foreign"] == poison


def _before(item: Item) -> str:
    """The hash that it continues."""
    hashes = hashes_of(item.recorded)
    assert hashes is not None
    return hashes.prev_hash


def _taking_all_as_it_comes(
    projection: Projection[Any],
    known: Mapping[str, Progress],
    items: Iterable[Item],
    *,
    parked: Collection[str],
    discards: Collection[tuple[str, int]],
    whole: bool = False,
) -> Folded:
    """A fold that neither skips what is applied nor waits at a hole."""
    whole = Folded()
    views = dict(known)
    for item in items:
        before = views.get(item.order_id)
        view = before.view if before else None
        folded = as_it_is(
            projection,
            {item.order_id: Progress(item.revision - 1, view, _before(item))},
            [item],
            parked=parked,
            discards=discards,
            whole=whole,
        )
        views |= folded.progress
        whole.progress |= folded.progress
    return whole


@pytest.mark.parametrize("order", [[0, 1, 2, 9, 9, 10], [0, 2, 1, 9, 10]])
async def test_the_check_finds_a_writer_that_applies_events_as_they_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, order: list[int]
) -> None:
    log = await a_log()
    recorded = await log.recorded()
    expected = await right(tmp_path, log)
    polls: list[Poll] = [[sent(recorded[place])] for place in order]
    assert (await rows_after(tmp_path / "well", log, polls))[0] == expected

    monkeypatch.setattr(writer_module, "fold", _taking_all_as_it_comes)

    assert (await rows_after(tmp_path / "ill", log, polls))[0] != expected


async def test_without_the_sweep_what_never_came_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = await a_log()
    recorded = await log.recorded()
    expected = await right(tmp_path, log)
    polls: list[Poll] = [[sent(event)] for event in recorded[:-1]]
    assert (await rows_after(tmp_path / "well", log, polls))[0] == expected

    async def nothing(_sweep: Sweep, _now_s: float) -> None:
        return None

    monkeypatch.setattr(Sweep, "next_page", nothing)

    found, _ = await rows_after(tmp_path / "ill", log, polls)
    assert found != expected
    assert [row[:2] for row in found["views"]] == [("o-0", 4), ("o-1", 4), ("o-2", 3)]


# A zombie relay -----------------------------------------------------------------------------------


async def _of_a_zombie() -> tuple[SealedLog, list[Poll]]:
    """The log, and what a relay of an older epoch sends besides: an event that is not in it."""
    log, other = await a_log(), await a_log()
    await other.append("o-0", note("of a log that was given up"))
    zombie = (await other.recorded())[-1]
    first, *rest = await log.recorded()
    polls: list[Poll] = [
        [sent(first, epoch=2)],
        [sent(zombie, epoch=1), *(sent(event, epoch=2) for event in rest)],
        [sent(zombie, epoch=1)],
    ]
    return log, polls


async def test_records_of_an_older_epoch_are_skipped_once_a_newer_one_was_seen(
    tmp_path: Path,
) -> None:
    log, polls = await _of_a_zombie()

    found, source = await rows_after(tmp_path, log, polls)

    assert found == await right(tmp_path, log)
    assert source.skipped == {"older epoch": 2}


async def test_without_the_epoch_check_a_zombies_record_is_applied_until_the_next_one_repairs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, polls = await _of_a_zombie()
    monkeypatch.setattr(Records, "_is_older", lambda *_: False)

    with pytest.raises(AnotherLog, match="order-o-0 up to revision 5"):
        await rows_after(tmp_path, log, polls)

    assert rows(tmp_path) != await right(tmp_path, log)


async def test_a_batch_that_failed_comes_again_whole_whatever_epochs_were_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = await a_log(1)
    first, second, *_ = await log.recorded()
    poll = [sent(first, epoch=1), sent(second, epoch=2)]
    member = ScriptedMember([poll], stays=True)
    source = KafkaSource(lambda: member, log.store, FixedLease(), topic=TOPIC, sweep_s=NEVER_S)  # type: ignore[arg-type,return-value]

    async def while_it_lacks() -> bool:
        return writer.checkpoints.get(f"{TOPIC}/1") != 2

    async with writer_of(tmp_path) as writer, asyncio.timeout(HUNG_S):
        await writer.commit([], {f"{TOPIC}/1": 0})
        with monkeypatch.context() as failing:
            failing.setattr(writer, "_store", _failing)
            with pytest.raises(OSError, match="put there by the test"):
                await run(writer, source, log.store, stop_at_tail=False, between=while_it_lacks)
        member.polls, member.offset, member.paused = [poll], 0, True
        await run(
            writer, source, log.store, stop_at_tail=False, between=while_it_lacks, tick_s=0.01
        )
        assert await progress(writer, "o-0") == 1
    await source.aclose()
    assert source.skipped == {}


def _failing(*_: object, **__: object) -> None:
    raise OSError("put there by the test")


# Where it continues -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "place"),
    [({}, 20), ({0: 9}, 20), ({0: 10}, 10), ({0: 15}, 15), ({0: 20}, 20), ({0: 21}, 20)],
)
def test_for_an_offset_that_the_topic_does_not_have_the_end_is_used(
    known: dict[int, int], place: int
) -> None:
    assert start_offsets(known, Bounds({0: 10}, {0: 20})) == {0: place}


async def test_orders_of_any_id_come_over_the_bus(tmp_path: Path) -> None:
    log = SealedLog()
    for order_id in EXAMPLES:
        await log.append(order_id, placed(order_id), captured(order_id), note())
    polls: list[Poll] = [[sent(recorded) for recorded in await log.recorded()]]

    found, source = await rows_after(tmp_path, log, polls)

    assert found == await right(tmp_path, log)
    assert {row[0] for row in found["views"]} == set(EXAMPLES)
    assert not source.skipped


async def test_records_that_are_removed_meanwhile_are_read_from_the_log(tmp_path: Path) -> None:
    log = await a_log()
    recorded = await log.recorded()
    polls: list[Poll] = [[sent(recorded[0])], gone(1), [sent(recorded[14])]]

    found, _ = await rows_after(tmp_path, log, polls)

    assert found == await right(tmp_path, log)


async def test_the_offset_after_a_batch_is_saved_with_its_rows(tmp_path: Path) -> None:
    log = await a_log()
    recorded = await log.recorded()

    await rows_after(tmp_path, log, [[sent(recorded[0]), NOT_OURS], [NO_JSON]])

    assert dict(contents(tmp_path)["checkpoint"]) == {"events/1": 3, LOG: 45}


async def begun(folder: Path, log: SealedLog, polls: list[Poll], *, until_: dict[str, int]) -> None:
    """Run a read model that is new to the topic, without partition 0, up to these checkpoints."""
    member = ScriptedMember(list(polls), stays=True)
    source = KafkaSource(lambda: member, log.store, FixedLease(), topic=TOPIC, sweep_s=NEVER_S)  # type: ignore[arg-type,return-value]
    async with writer_of(folder) as writer, asyncio.timeout(HUNG_S):

        async def between() -> bool:
            return dict(writer.checkpoints) != until_

        await run(writer, source, log.store, stop_at_tail=False, between=between, tick_s=0.01)
    await source.aclose()


async def test_a_member_that_begins_at_the_end_reads_the_log_at_once_though_another_one_sweeps(
    tmp_path: Path,
) -> None:
    log = await a_log()

    await begun(tmp_path, log, [], until_={"events/1": 0, LOG: 45})

    assert rows(tmp_path) == await right(tmp_path, log)


async def test_the_first_offset_is_saved_though_nothing_comes(tmp_path: Path) -> None:
    await begun(tmp_path, SealedLog(), [], until_={"events/1": 0})


async def test_at_a_resume_the_last_event_of_the_topic_is_looked_up_in_the_log(
    tmp_path: Path,
) -> None:
    """The sweep lags by seconds: by its checkpoint an older copy of the log would be accepted."""
    log, older = await a_log(), await a_log()
    await log.append("o-1", note("seconds ago"))
    last = (await log.recorded())[-1]
    await rows_after(tmp_path, older, [])
    async with writer_of(tmp_path) as writer:
        await apply(writer, batch_of(last), log.store)

    async with writer_of(tmp_path) as writer:
        assert (await resume(writer, log.store))[LOG] == 45
        with pytest.raises(AnotherLog, match="order-o-1 up to revision 5"):
            await resume(writer, older.store)


async def test_it_is_looked_up_even_before_the_first_sweep(tmp_path: Path) -> None:
    log, other = await a_log(1), await a_log(0)
    first = (await log.recorded())[0]
    async with writer_of(tmp_path) as writer:
        await apply(writer, batch_of(first), log.store)

    async with writer_of(tmp_path) as writer:
        assert LOG not in await resume(writer, log.store)
        with pytest.raises(AnotherLog, match="order-o-0 up to revision 0"):
            await resume(writer, other.store)


async def test_a_batch_names_the_last_event_of_each_partition(tmp_path: Path) -> None:
    log = await a_log()
    recorded = await log.recorded()

    await rows_after(tmp_path, log, [[sent(recorded[0]), sent(recorded[1]), NOT_OURS], [NO_JSON]])

    read = {row[0]: row[2:4] for row in contents(tmp_path)["last_read"]}
    assert read == {"events/1": ("order-o-0", 1), LOG: ("order-o-2", 4)}


@pytest.mark.parametrize(
    ("error", "lost"),
    [
        (OffsetOutOfRangeError({TopicPartition("t", 1): 7}), [1]),
        (NoOffsetForPartitionError(TopicPartition("t", 2)), [2]),
        (CorruptRecordException("Invalid CRC"), [1, 2]),
        (UnsupportedCodecError("snappy"), [1, 2]),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "a header's name"), [1, 2]),
    ],
)
async def test_what_the_client_cannot_decode_is_skipped_and_not_read_again(
    error: Exception, lost: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    member = Member({"bootstrap_servers": "127.0.0.1:1"}, topic="t", group="g")

    async def failing(**_: Any) -> None:
        raise error

    monkeypatch.setattr(member._consumer, "getmany", failing)
    member.held = frozenset({1, 2})
    with pytest.raises(Unreadable) as raised:
        await member.poll(0.0, 10)
    await member.leave()

    assert raised.value.partitions == lost
