"""Two instances of a worker share the partitions of a topic and write one read model."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from projections.sources.kafka import KafkaSource
from projections.sources.kafka_member import SESSION_S, Member
from projections.worker.worker import Worker
from projections.worker.writer import Writer
from runtime.clock import utc_now
from tests.eventstore.leases import FixedLease
from tests.parts.topics import bootstrap_of, make_topic
from tests.projections.sources.kafka import NEVER_S, SealedLog, Topic, filling
from tests.projections.sources.test_kafka_worker import applied, grow, is_the_fold, reads
from tests.projections.toy import TALLY, contents, url_of
from tests.waiting import HUNG_S, until

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("on_postgres")]

SWEEP_S = 0.5
PARTITIONS = 6


class History(list[tuple[str, str]]):
    """(what, whose): "assigned", "revoked", "begins" and "ends" a commit. gate: commits wait."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.gate.set()


class RecordedMember(Member):
    """Writes down when partitions come and when they have been given up."""

    history: History
    name: str

    async def on_partitions_revoked(self, revoked: object) -> None:
        await super().on_partitions_revoked(revoked)
        self.history.append(("revoked", self.name))

    async def on_partitions_assigned(self, assigned: Any) -> None:
        await super().on_partitions_assigned(assigned)
        self.history.append(("assigned", self.name))


class CarelessMember(RecordedMember):
    """Gives up its partitions although a batch is being applied."""

    @contextmanager
    def applying(self) -> Iterator[None]:
        yield


@pytest.fixture
async def filled(kafka_url: str, topic: str) -> AsyncIterator[Topic]:
    await make_topic(kafka_url, topic, partitions=PARTITIONS)
    async with filling(kafka_url, topic) as found:
        yield found


@pytest.fixture
def log() -> SealedLog:
    return SealedLog()


@pytest.fixture
def history(monkeypatch: pytest.MonkeyPatch) -> History:
    """Of all instances; commits take their time."""
    history = History()
    commit = Writer.commit

    async def slow(self: Writer, *arguments: Any, **more: Any) -> dict[str, int]:
        task = asyncio.current_task()
        assert task is not None
        history.append(("begins", task.get_name()))
        try:
            await asyncio.sleep(0.1)
            await history.gate.wait()
            return await commit(self, *arguments, **more)
        finally:
            history.append(("ends", task.get_name()))

    monkeypatch.setattr(Writer, "commit", slow)
    return history


class Instances:
    """Workers of one read model in one group, by name."""

    def __init__(self, folder: Path, log: SealedLog, topic: Topic, history: History) -> None:
        self.group = f"g-{uuid4().hex}"
        self.kind: type[RecordedMember] = RecordedMember
        self._folder = folder
        self._log = log
        self._topic = topic
        self._history = history

    @asynccontextmanager
    async def one(self, name: str, *, sweep_s: float = SWEEP_S) -> AsyncIterator[KafkaSource]:
        def member() -> Member:
            options = {"bootstrap_servers": bootstrap_of(self._topic.url)}
            made = self.kind(options, topic=self._topic.name, group=self.group)
            made.history, made.name = self._history, name
            return made

        source = KafkaSource(
            member, self._log.store, FixedLease(), topic=self._topic.name, sweep_s=sweep_s
        )
        worker = Worker(
            TALLY,
            url_of(self._folder),
            source=source,
            store=self._log.store,
            folder=self._folder / "workers",
            clock=utc_now,
            pause_min_s=0.1,
        )
        stop = asyncio.Event()
        task = asyncio.create_task(worker.run(stop), name=name)
        try:
            yield source
        finally:
            stop.set()
            await asyncio.wait_for(task, HUNG_S)
            await source.aclose()


def commits_without_partitions(history: History) -> int:
    """How often somebody was writing while, or after, it gave up its partitions."""
    holders: set[str] = set()
    writers: set[str] = set()
    found = 0
    for what, name in history:
        match what:
            case "assigned":
                holders.add(name)
            case "revoked":
                holders.discard(name)
                found += name in writers
            case "begins":
                writers.add(name)
                found += name not in holders
            case _:
                writers.discard(name)
    return found


def held(source: KafkaSource) -> int:
    """How many partitions it has."""
    return len((source._member and source._member.held) or ())


async def growing(log: SealedLog, topic: Topic, ended: asyncio.Event) -> None:
    while not ended.is_set():
        await grow(log, topic, orders=30, events=1)
        await asyncio.sleep(0.02)


async def test_two_instances_share_the_partitions_and_the_rows_are_the_folds(
    tmp_path: Path, log: SealedLog, filled: Topic, history: History
) -> None:
    instances = Instances(tmp_path, log, filled, history)
    await grow(log, filled, orders=30, events=2)
    async with instances.one("a") as a, instances.one("b") as b:
        await until(lambda: reads(a) and reads(b))
        await until(lambda: held(a) == held(b) == 3)
        history.clear()
        for _ in range(5):
            await grow(log, filled, orders=30, events=2)
        await until(lambda: applied(tmp_path) == log.revisions)
        await until(lambda: {("ends", "a"), ("ends", "b")} <= set(history))

    assert await is_the_fold(tmp_path, log)


async def churned(instances: Instances, log: SealedLog, topic: Topic, folder: Path) -> None:
    """Instances come and go in mid-batch while events come."""
    ended = asyncio.Event()
    task = asyncio.create_task(growing(log, topic, ended))
    async with instances.one("a", sweep_s=NEVER_S) as a:
        await until(lambda: reads(a))
        for turn in range(4):
            async with instances.one(f"b{turn}", sweep_s=NEVER_S) as b:
                await until(lambda: reads(b))
                await asyncio.sleep(0.5)
        ended.set()
        await task
        await until(lambda: applied(folder) == log.revisions)


async def test_a_rebalance_during_a_batch_loses_and_doubles_nothing(
    tmp_path: Path, log: SealedLog, filled: Topic, history: History
) -> None:
    instances = Instances(tmp_path, log, filled, history)

    await churned(instances, log, filled, tmp_path)

    assert sum(what == "revoked" for what, _ in history) > 8
    assert commits_without_partitions(history) == 0
    assert contents(tmp_path)["parked"] == []
    assert await is_the_fold(tmp_path, log)


async def during_a_batch(
    instances: Instances,
    log: SealedLog,
    topic: Topic,
    folder: Path,
    history: History,
    *,
    within_s: float,
) -> bool:
    """Another instance joins while one applies a batch; whether that one gave up its partitions."""
    async with instances.one("a", sweep_s=NEVER_S) as a:
        await until(lambda: reads(a))
        history.gate.clear()
        await grow(log, topic, orders=30, events=2)
        await until(lambda: bool(history) and history[-1] == ("begins", "a"))
        begun = len(history)
        async with instances.one("b", sweep_s=NEVER_S) as b:
            with suppress(TimeoutError):
                await until(lambda: ("revoked", "a") in history[begun:], within_s=within_s)
            given_up = ("revoked", "a") in history[begun:]
            history.gate.set()
            await until(lambda: reads(a) and reads(b))
            await grow(log, topic, orders=30, events=2)
            await until(lambda: applied(folder) == log.revisions)
    return given_up


async def test_a_batch_is_committed_before_its_partitions_are_given_up(
    tmp_path: Path, log: SealedLog, filled: Topic, history: History
) -> None:
    instances = Instances(tmp_path, log, filled, history)

    assert not await during_a_batch(instances, log, filled, tmp_path, history, within_s=SESSION_S)
    assert commits_without_partitions(history) == 0
    assert await is_the_fold(tmp_path, log)


async def test_a_member_that_gives_up_during_a_batch_is_detected_and_does_no_harm(
    tmp_path: Path, log: SealedLog, filled: Topic, history: History
) -> None:
    instances = Instances(tmp_path, log, filled, history)
    instances.kind = CarelessMember

    assert await during_a_batch(instances, log, filled, tmp_path, history, within_s=HUNG_S)
    assert commits_without_partitions(history) > 0
    # Progress in the transaction of the rows is the second protection.
    assert await is_the_fold(tmp_path, log)
