"""`daybook relay` as its users run it, on a real broker that is treated badly."""

import asyncio
import json
import multiprocessing
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from itertools import pairwise
from pathlib import Path
from shutil import copy2

import pytest
from aiokafka.errors import KafkaError

from eventstore.sqlite import SqliteStore
from tests.e2e.relay_process import BEFORE_PUBLISH, Plan, main
from tests.e2e.relays import RunningRelay, relaying
from tests.e2e.running import daybook, environment, serving
from tests.eventstore.filled import Verdict, Writer, fill, log_of, published_on, verdict
from tests.parts.kafka import Kafka
from tests.parts.topics import delete_topic, make_topic
from tests.waiting import HUNG_S, wait_until

LEASE = "ledger.db.relay.lock"

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


async def test_a_log_is_published_whole_and_a_second_run_adds_nothing(
    kafka_url: str, topic: str, tmp_path: Path
) -> None:
    await fill(tmp_path / "ledger.db", 3_000)
    for _ in range(2):
        with relaying(tmp_path, kafka_url, topic) as relay:
            await _arrived(tmp_path, kafka_url, topic)
            relay.await_role("leader")
            relay.stop()
    partitions = await published_on(kafka_url, topic)
    assert verdict(await log_of(tmp_path / "ledger.db"), partitions) == Verdict(0, 0, 0, 0)
    assert len(partitions) == 6
    assert min(map(len, partitions)) > 200


async def test_events_that_are_appended_while_it_leads_arrive(
    kafka_url: str, topic: str, tmp_path: Path
) -> None:
    async with _written(tmp_path) as writer:
        with relaying(tmp_path, kafka_url, topic) as relay:
            await asyncio.to_thread(relay.await_role, "leader")
            await writer.write(1)
            await _arrived(tmp_path, kafka_url, topic)


async def test_a_standby_takes_over_from_a_relay_that_is_killed_or_stops(
    kafka_url: str, topic: str, tmp_path: Path
) -> None:
    await fill(tmp_path / "ledger.db", 500)
    with (
        relaying(tmp_path, kafka_url, topic, "first") as first,
        relaying(tmp_path, kafka_url, topic, "second") as second,
        relaying(tmp_path, kafka_url, topic, "third") as third,
    ):
        running = [first, second, third]
        epochs = []
        for end in (RunningRelay.kill, RunningRelay.stop):
            leader = await _leader(running)
            epochs.append(leader.states()[-1]["epoch"])
            running.remove(leader)
            end(leader)
            await _leader(running)
        assert epochs == sorted(set(epochs))
        assert [relay.role for relay in running] == ["leader"]


async def test_a_relay_that_was_stopped_and_woken_cannot_undo_what_the_next_one_did(
    kafka_url: str, topic: str, tmp_path: Path
) -> None:
    """It is stopped with a batch in its hand, and sends that when it wakes: with its old epoch."""
    await fill(tmp_path / "ledger.db", 1_000)
    await make_topic(kafka_url, topic, partitions=2)
    plan = Plan(BEFORE_PUBLISH, 9, signal=signal.SIGSTOP)
    settings = environment(tmp_path, BUS=kafka_url, TOPIC=topic)
    ours = {name: text for name, text in settings.items() if name.startswith("DAYBOOK_")}
    zombie = multiprocessing.get_context("forkserver").Process(target=main, args=(ours, plan))
    zombie.start()
    assert zombie.pid is not None
    try:
        await _stopped(zombie.pid)
        with relaying(tmp_path, kafka_url, topic, "next") as successor:
            await asyncio.to_thread(successor.await_role, "leader")
            await _arrived(tmp_path, kafka_url, topic)
            os.kill(zombie.pid, signal.SIGCONT)
            await _late(kafka_url, topic)
            async with _written(tmp_path) as writer:
                await writer.write(200)
            await _arrived(tmp_path, kafka_url, topic)
            await asyncio.to_thread(successor.stop)
        # It stands by again, so now it leads, and goes on behind its successor.
        async with _written(tmp_path) as writer:
            await writer.write(200, prefix="p")
        await _arrived(tmp_path, kafka_url, topic)
    finally:
        zombie.kill()
        zombie.join()
    partitions = await published_on(kafka_url, topic)
    found = verdict(await log_of(tmp_path / "ledger.db"), partitions)
    assert (found.lost, found.inversions) == (0, 0)
    assert 0 < found.late <= 5  # the batch in its hand
    assert found.repeated == found.late
    assert {record.epoch for records in partitions for record in records} >= {1, 2, 3}


async def test_a_broker_that_is_killed_under_load_and_comes_back(
    kafka: Kafka, topic: str, tmp_path: Path
) -> None:
    async with _written(tmp_path) as writer:
        writing = asyncio.create_task(_write_steadily(writer))
        with relaying(tmp_path, kafka.url, topic) as relay:
            await asyncio.to_thread(relay.await_role, "leader")
            for _ in range(2):
                await asyncio.sleep(1)
                await asyncio.to_thread(kafka.kill)
                await asyncio.sleep(1)
                await asyncio.to_thread(kafka.start)
                await _arrived(tmp_path, kafka.url, topic)
            writing.cancel()
            with suppress(asyncio.CancelledError):
                await writing
            await _arrived(tmp_path, kafka.url, topic)
            relay.stop()
    found = verdict(await log_of(tmp_path / "ledger.db"), await published_on(kafka.url, topic))
    assert (found.lost, found.inversions, found.late) == (0, 0, 0)


async def test_a_relay_stops_in_time_though_the_broker_is_gone(
    kafka: Kafka, topic: str, tmp_path: Path
) -> None:
    async with _written(tmp_path) as writer:
        with relaying(tmp_path, kafka.url, topic) as relay:
            await asyncio.to_thread(relay.await_role, "leader")
            await writer.write(100)
            kafka.pause()  # connections stay open, nothing is answered
            await writer.write(100, prefix="p")
            await asyncio.sleep(1)
            relay.stop()
        kafka.resume()
        with relaying(tmp_path, kafka.url, topic) as relay:
            await asyncio.to_thread(relay.await_role, "leader")
            kafka.kill()
            await writer.write(100, prefix="q")
            await asyncio.sleep(1)
            relay.stop()
        with relaying(tmp_path, kafka.url, topic) as relay:
            await asyncio.to_thread(wait_until, lambda: bool(relay.states()))
            relay.stop()


async def test_a_topic_that_was_deleted_is_made_and_published_anew(
    kafka_url: str, topic: str, tmp_path: Path
) -> None:
    await fill(tmp_path / "ledger.db", 500)
    with relaying(tmp_path, kafka_url, topic, TOPIC_PARTITIONS="2") as relay:
        await _arrived(tmp_path, kafka_url, topic)
        await delete_topic(kafka_url, topic)
        async with _written(tmp_path) as writer:
            await writer.write(100)
        await _arrived(tmp_path, kafka_url, topic)
        relay.stop()
    partitions = await published_on(kafka_url, topic)
    assert len(partitions) == 2
    assert verdict(await log_of(tmp_path / "ledger.db"), partitions) == Verdict(0, 0, 0, 0)


async def test_a_topic_of_another_log_with_this_ones_lease_is_left_alone_and_said(
    kafka_url: str, topic: str, tmp_path: Path
) -> None:
    """As after a copy of the folder was put back: the records are sealed as ours are."""
    (tmp_path / "other").mkdir()
    await fill(tmp_path / "ledger.db", 50)
    await fill(tmp_path / "other" / "ledger.db", 40, text="elsewhere")
    with relaying(tmp_path, kafka_url, topic) as relay:
        await _arrived(tmp_path, kafka_url, topic)
        relay.stop()
    before = await published_on(kafka_url, topic)
    copy2(tmp_path / LEASE, tmp_path / "other" / LEASE)
    with relaying(tmp_path / "other", kafka_url, topic) as relay:
        await _said(relay, "the log does not have what was in it")
        relay.stop()
    assert await published_on(kafka_url, topic) == before


async def test_a_second_environment_that_shares_the_topic_leaves_nothing_out(
    kafka_url: str, topic: str, tmp_path: Path
) -> None:
    """Neither counts what the other one has sealed."""
    folders = [tmp_path / name for name in ("one", "other")]
    for folder in folders:
        folder.mkdir()
        await fill(folder / "ledger.db", 40, text=folder.name)
        with relaying(folder, kafka_url, topic) as relay:
            wanted = {event.metadata for event in await log_of(folder / "ledger.db")}
            async with asyncio.timeout(HUNG_S):
                while not wanted <= await _published_metadata(kafka_url, topic):  # noqa: ASYNC110
                    await asyncio.sleep(0.1)
            relay.stop()


async def _published_metadata(url: str, topic: str) -> set[bytes]:
    partitions = await published_on(url, topic)
    return {record.recorded.metadata for records in partitions for record in records}


async def test_a_topic_that_may_not_be_made_is_said_with_the_command_that_makes_it(
    kafka_url: str, topic: str, tmp_path: Path
) -> None:
    await fill(tmp_path / "ledger.db", 1)
    with relaying(tmp_path, kafka_url, topic, TOPIC_CREATE="false") as relay:
        await _said(relay, "kafka-topics.sh")
        await make_topic(kafka_url, topic, partitions=1)
        await _arrived(tmp_path, kafka_url, topic)
        relay.stop()
    line = json.loads(relay.err.read_text().splitlines()[0])
    assert f"--create --topic {topic} --partitions 6 --replication-factor 1" in line["message"]


@pytest.mark.parametrize(
    ("settings", "code", "said"),
    [
        ({}, 2, "DAYBOOK_BUS is empty"),
        ({"BUS": "kafka://127.0.0.1:9"}, 3, "no log"),
        ({"BUS": "kafka://kafka.example.org"}, 2, "DAYBOOK_BUS_INSECURE"),
    ],
)
def test_a_relay_without_what_it_needs_says_so(
    tmp_path: Path, settings: dict[str, str], code: int, said: str
) -> None:
    refused = daybook("relay", folder=tmp_path, **settings)
    assert (refused.returncode, said in refused.stderr.decode()) == (code, True), refused.stderr
    assert b"Traceback" not in refused.stderr


def test_with_a_bus_the_server_is_the_api_alone(tmp_path: Path) -> None:
    with serving(tmp_path, BUS="kafka://127.0.0.1:9") as running:
        body = {"order_id": "o-1", "customer_id": "c", "currency": "EUR"}
        item = {"product_id": "tea", "quantity": 1, "price_cents": 1}
        answer = running.post("/v1/orders", body | {"items": [item]})
        assert answer.status_code == 201
        time.sleep(1.5)  # by then a worker would have said that it lives
        assert running.health().status_code == 200
        assert {model["pid"] for model in running.get("/v1/projections")["items"]} == {None}


@asynccontextmanager
async def _written(folder: Path) -> AsyncIterator[Writer]:
    store = SqliteStore.open(folder / "ledger.db")
    try:
        yield Writer(store)
    finally:
        await store.aclose()


async def _write_steadily(writer: Writer) -> None:
    async for _ in writer.batches("s"):
        await asyncio.sleep(0.1)


async def _arrived(folder: Path, url: str, topic: str) -> None:
    """Returns when the topic holds everything that the log held at the call."""
    wanted = {event.position for event in await log_of(folder / "ledger.db")}

    async def all_there() -> bool:
        partitions = await published_on(url, topic)
        return wanted <= {record.recorded.position for part in partitions for record in part}

    await _until(all_there)


async def _late(url: str, topic: str) -> None:
    """Returns when an older relay has published after a newer one."""

    async def is_there() -> bool:
        return any(
            later.epoch < earlier.epoch
            for records in await published_on(url, topic)
            for earlier, later in pairwise(records)
        )

    await _until(is_there)


async def _stopped(pid: int) -> None:
    """Returns when the process has stopped itself."""
    stat = Path(f"/proc/{pid}/stat")

    async def holds() -> bool:
        return stat.read_text().rpartition(")")[2].split()[0] == "T"  # noqa: ASYNC240

    await _until(holds)


async def _leader(relays: list[RunningRelay]) -> RunningRelay:
    async def one_leads() -> bool:
        return any(relay.role == "leader" for relay in relays)

    await _until(one_leads)
    return next(relay for relay in relays if relay.role == "leader")


async def _said(relay: RunningRelay, words: str) -> None:
    async def is_said() -> bool:
        return words in relay.err.read_text()

    await _until(is_said)


async def _until(holds: Callable[[], Awaitable[bool]]) -> None:
    """The broker may be away meanwhile, and the topic not made yet."""
    deadline = time.monotonic() + HUNG_S
    while True:
        with suppress(KafkaError):
            if await holds():
                return
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.05)
