"""A worker on a real broker: whatever becomes of the topic, the rows are the fold's."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from aiokafka.structs import TopicPartition

from eventstore.lease import LeaseReader
from projections.sources.kafka import KafkaSource
from projections.sources.log import LOG
from projections.worker.worker import Worker
from runtime.clock import utc_now
from tests.parts.kafka import Kafka
from tests.parts.topics import delete_records, delete_topic, make_topic
from tests.projections.sources.kafka import NEVER_S, SealedLog, Topic, filling
from tests.projections.sources.test_kafka_source import POISON, in_order, right, rows
from tests.projections.toy import (
    FROM_A_NEWER_DAYBOOK,
    TALLY,
    contents,
    note,
    placed,
    pointer,
    url_of,
)
from tests.projections.worker.test_worker import reason, state
from tests.waiting import HUNG_S, until

pytestmark = pytest.mark.e2e

SWEEP_S = 0.5
PARTITIONS = 3


@pytest.fixture
async def filled(kafka_url: str, topic: str) -> AsyncIterator[Topic]:
    await make_topic(kafka_url, topic, partitions=PARTITIONS)
    async with filling(kafka_url, topic) as found:
        yield found


@pytest.fixture
def log() -> SealedLog:
    return SealedLog()


@asynccontextmanager
async def working(
    folder: Path,
    log: SealedLog,
    topic: Topic,
    *,
    sweep_s: float = SWEEP_S,
    group: str = "",
    lease: LeaseReader | None = None,
) -> AsyncIterator[KafkaSource]:
    group = group or f"g-{uuid4().hex}"
    source = topic.source(log.store, group=group, sweep_s=sweep_s, lease=lease)
    worker = Worker(
        TALLY,
        url_of(folder),
        source=source,
        store=log.store,
        folder=folder / "workers",
        clock=utc_now,
        pause_min_s=0.1,
        falling_back=source.falling_back,
    )
    stop = asyncio.Event()
    task = asyncio.create_task(worker.run(stop))
    try:
        yield source
    finally:
        stop.set()
        await asyncio.wait_for(task, HUNG_S)
        await source.aclose()


def reads(source: KafkaSource) -> bool:
    """Whether it has partitions, and has begun to read them."""
    return source._member is not None and bool(source._member.held) and not source._is_paused


def applied(folder: Path) -> dict[str, int]:
    if pointer(folder).live is None:
        return {}
    return {row[0]: row[1] for row in contents(folder)["views"]}


def proven(folder: Path) -> int:
    """Up to where the log was swept."""
    if pointer(folder).live is None:
        return 0
    return dict(contents(folder)["checkpoint"]).get(LOG, 0)


def places(folder: Path) -> dict[str, int]:
    """The partitions' checkpoints."""
    return {name: at for name, at in contents(folder)["checkpoint"] if name != LOG}


async def grow(log: SealedLog, topic: Topic | None, *, orders: int, events: int) -> None:
    """More events, in the topic too where one is given."""
    before = len(await log.recorded())
    for _ in range(events):
        for n in range(orders):
            order_id = f"o-{n}"
            first = order_id not in log.revisions
            await log.append(order_id, placed(order_id) if first else note())
    if topic is not None:
        await topic.publish((await log.recorded())[before:])


async def is_the_fold(folder: Path, log: SealedLog) -> bool:
    found = rows(folder)
    return found == await right(folder / uuid4().hex, log) and in_order(found)


async def test_a_new_read_model_begins_with_the_log_and_continues_from_kafka_without_a_gap(
    tmp_path: Path, log: SealedLog, filled: Topic
) -> None:
    await grow(log, filled, orders=40, events=30)
    ended = asyncio.Event()

    async def growing() -> None:
        while not ended.is_set():
            await grow(log, filled, orders=40, events=1)
            await asyncio.sleep(0.01)

    # No sweep after the first: what the topic brings must be enough.
    task = asyncio.create_task(growing())
    async with working(tmp_path, log, filled, sweep_s=NEVER_S):
        await until(lambda: sum(places(tmp_path).values()) > 0 if applied(tmp_path) else False)
        await asyncio.sleep(0.5)
        ended.set()
        await task
        await until(lambda: applied(tmp_path) == log.revisions)
    begun = dict(contents(tmp_path)["checkpoint"])[LOG]

    # The log first, up to where the topic took over.
    assert 1_200 * 3 <= begun < len(await log.recorded()) * 3
    assert await is_the_fold(tmp_path, log)


async def test_a_worker_that_starts_again_continues_at_its_offset(
    tmp_path: Path, log: SealedLog, filled: Topic
) -> None:
    async with working(tmp_path, log, filled) as source:
        await until(lambda: reads(source))
        await grow(log, filled, orders=10, events=10)
        await until(lambda: applied(tmp_path) == log.revisions)
        await until(lambda: proven(tmp_path) == 300)
        await until(lambda: sum(places(tmp_path).values()) == 100)
    await grow(log, filled, orders=10, events=10)

    async with working(tmp_path, log, filled, sweep_s=NEVER_S):
        await until(lambda: applied(tmp_path) == log.revisions)

    assert sum(places(tmp_path).values()) == 200
    assert proven(tmp_path) == 300
    assert await is_the_fold(tmp_path, log)


async def test_what_retention_removed_while_it_was_away_is_read_from_the_log(
    tmp_path: Path, log: SealedLog, filled: Topic
) -> None:
    async with working(tmp_path, log, filled) as source:
        await until(lambda: reads(source))
        await grow(log, filled, orders=10, events=5)
        await until(lambda: applied(tmp_path) == log.revisions)
    await grow(log, filled, orders=10, events=5)
    await delete_records(filled.url, filled.name, partitions=PARTITIONS)
    await grow(log, filled, orders=10, events=1)

    async with working(tmp_path, log, filled, sweep_s=NEVER_S):
        await until(lambda: applied(tmp_path) == log.revisions)
        await grow(log, filled, orders=10, events=1)
        await until(lambda: applied(tmp_path) == log.revisions)

    assert await is_the_fold(tmp_path, log)


async def test_the_last_event_of_an_order_that_kafka_never_got_comes_with_a_sweep(
    tmp_path: Path, log: SealedLog, filled: Topic
) -> None:
    await grow(log, filled, orders=5, events=3)
    async with working(tmp_path, log, filled):
        await until(lambda: applied(tmp_path) == log.revisions)
        await grow(log, None, orders=1, events=1)
        await until(lambda: applied(tmp_path) == log.revisions)
        await until(lambda: proven(tmp_path) == 48)

    assert await is_the_fold(tmp_path, log)


async def test_an_event_that_kafka_left_out_in_the_middle_is_fetched(
    tmp_path: Path, log: SealedLog, filled: Topic
) -> None:
    async with working(tmp_path, log, filled, sweep_s=NEVER_S) as source:
        await until(lambda: reads(source))
        await grow(log, filled, orders=5, events=3)
        await grow(log, None, orders=5, events=3)
        await grow(log, filled, orders=5, events=1)
        await until(lambda: applied(tmp_path) == log.revisions)

    assert await is_the_fold(tmp_path, log)


async def test_a_topic_that_was_deleted_and_recreated_is_followed_again(
    tmp_path: Path, log: SealedLog, filled: Topic
) -> None:
    async with working(tmp_path, log, filled) as source:
        await until(lambda: reads(source))
        await grow(log, filled, orders=10, events=10)
        await until(lambda: applied(tmp_path) == log.revisions)
        await delete_topic(filled.url, filled.name)
        await grow(log, None, orders=10, events=2)
        await until(lambda: state(tmp_path) == "sweeping")
        await until(lambda: applied(tmp_path) == log.revisions)
        await grow(log, None, orders=10, events=2)
        await until(lambda: applied(tmp_path) == log.revisions)
        await until(lambda: f"there is no topic {filled.name}" in reason(tmp_path))

        await make_topic(filled.url, filled.name, partitions=PARTITIONS)
        await until(lambda: applied(tmp_path) == log.revisions)
        async with filling(filled.url, filled.name) as anew:
            await grow(log, anew, orders=10, events=2)
            await until(lambda: applied(tmp_path) == log.revisions)
            await until(lambda: sum(places(tmp_path).values()) == 20)
            await until(lambda: state(tmp_path) == "running")

    assert await is_the_fold(tmp_path, log)


async def test_poison_in_the_topic_is_skipped_and_logged(
    tmp_path: Path, log: SealedLog, filled: Topic, caplog: pytest.LogCaptureFixture
) -> None:
    await grow(log, filled, orders=6, events=3)
    async with working(tmp_path, log, filled, sweep_s=NEVER_S) as source:
        await until(lambda: reads(source))
        await until(lambda: applied(tmp_path) == log.revisions)
        for partition in range(PARTITIONS):
            for poison in POISON:
                await filled.put(
                    poison.value[:900_000] if poison.value else None,
                    key=poison.key,
                    headers=list(poison.headers),
                    partition=partition,
                )
        await grow(log, filled, orders=6, events=3)
        await until(lambda: applied(tmp_path) == log.revisions)

        await until(lambda: state(tmp_path) == "running")
        await until(lambda: source.skipped == {"foreign": PARTITIONS * len(POISON)})

    assert "skipped in" in caplog.text
    assert contents(tmp_path)["parked"] == []
    assert await is_the_fold(tmp_path, log)


async def test_a_record_that_is_too_new_parks_its_order_and_no_other(
    tmp_path: Path, log: SealedLog, filled: Topic
) -> None:
    await grow(log, filled, orders=3, events=2)
    async with working(tmp_path, log, filled):
        await until(lambda: applied(tmp_path) == log.revisions)
        await log.append("o-1", FROM_A_NEWER_DAYBOOK)
        await filled.publish((await log.recorded())[-1:])
        await log.append("o-2", note())
        await filled.publish((await log.recorded())[-1:])
        await until(lambda: applied(tmp_path) == log.revisions | {"o-1": 1})

    [row] = contents(tmp_path)["parked"]
    assert row[:2] == ("o-1", 2)
    assert "run a newer Daybook" in row[4]


async def test_records_removed_before_a_running_worker_reads_them_are_read_from_the_log(
    tmp_path: Path, log: SealedLog, filled: Topic, caplog: pytest.LogCaptureFixture
) -> None:
    async with working(tmp_path, log, filled, sweep_s=NEVER_S) as source:
        await until(lambda: reads(source))
        await grow(log, filled, orders=10, events=2)
        await until(lambda: applied(tmp_path) == log.revisions)
        member = source._member
        assert member is not None
        # As a worker that is slower than retention finds it.
        await grow(log, filled, orders=10, events=2)
        await until(lambda: applied(tmp_path) == log.revisions)
        await delete_records(filled.url, filled.name, partitions=PARTITIONS)
        for partition in range(PARTITIONS):
            member._consumer.seek(TopicPartition(filled.name, partition), 0)
        await grow(log, None, orders=10, events=1)
        await until(lambda: applied(tmp_path) == log.revisions)
        await grow(log, filled, orders=10, events=1)
        await until(lambda: applied(tmp_path) == log.revisions)

    assert "read from the log instead" in caplog.text
    assert await is_the_fold(tmp_path, log)


async def test_while_the_broker_is_gone_the_log_is_swept_and_then_it_follows_again(
    tmp_path: Path, log: SealedLog, filled: Topic, kafka: Kafka
) -> None:
    async with working(tmp_path, log, filled) as source:
        await until(lambda: reads(source))
        await grow(log, filled, orders=10, events=3)
        await until(lambda: applied(tmp_path) == log.revisions)
        # Also where the sweep was quicker: it has read the topic.
        await until(lambda: sum(places(tmp_path).values()) == 30)
        kafka.kill()
        await grow(log, None, orders=10, events=3)
        await until(lambda: applied(tmp_path) == log.revisions)
        await asyncio.to_thread(kafka.start)
        async with filling(filled.url, filled.name) as again:
            await grow(log, again, orders=10, events=3)
        await until(lambda: sum(places(tmp_path).values()) == 60)

    assert await is_the_fold(tmp_path, log)


@pytest.mark.parametrize("what", ["kill", "pause"])
@pytest.mark.parametrize("when", ["reading", "joining"])
async def test_with_the_broker_gone_it_stops(
    tmp_path: Path, log: SealedLog, filled: Topic, kafka: Kafka, what: str, when: str
) -> None:
    await grow(log, filled, orders=10, events=3)
    if when == "joining":
        getattr(kafka, what)()
    async with working(tmp_path, log, filled) as source:
        if when == "reading":
            await until(lambda: reads(source))
            getattr(kafka, what)()
        await asyncio.sleep(1.0)
