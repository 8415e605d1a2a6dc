"""Scripted faults: each happens to a mock cluster while a relay publishes to it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from random import Random

from tests.parts.mock_kafka import NO_BROKER, Api, Code, MockKafka

TOPIC = "events"
PARTITIONS = 4
BROKERS = 3
ACK_S = 2.0
"""Of the relays in these tests; shorter than a black hole of LONG_S."""
LONG_S = 3.0

Script = Callable[[MockKafka], Awaitable[None]]


def _answers(*codes: Code) -> Script:
    """The next batches are answered so, and not kept."""

    async def script(mock: MockKafka) -> None:
        mock.fail(Api.PRODUCE, *codes)

    return script


async def _leaders_move(mock: MockKafka) -> None:
    for turn in range(6):
        for partition in range(PARTITIONS):
            mock.lead(TOPIC, partition, 1 + (turn + partition) % BROKERS)
        await asyncio.sleep(0.1)


async def _no_leader(mock: MockKafka) -> None:
    mock.lead(TOPIC, 1, NO_BROKER)
    await asyncio.sleep(1)
    mock.lead(TOPIC, 1, 2)


async def _down(mock: MockKafka, *, brokers: tuple[int, ...], for_s: float) -> None:
    for broker in brokers:
        mock.down(broker)
    await asyncio.sleep(for_s)
    for broker in brokers:
        mock.up(broker)


async def _slow(mock: MockKafka, *, ms: int, for_s: float) -> None:
    mock.delay(ms)
    await asyncio.sleep(for_s)
    mock.delay(0)


async def _metadata_fails(mock: MockKafka) -> None:
    mock.fail_topic(TOPIC, Code.LEADER_NOT_AVAILABLE)
    mock.fail(Api.PRODUCE, Code.NOT_LEADER)
    await asyncio.sleep(1)
    mock.fail_topic(TOPIC, 0)


async def _resuming_fails(mock: MockKafka) -> None:
    """The first requests of a new producer fail as well."""
    mock.fail(Api.INIT_PRODUCER_ID, Code.COORDINATOR_NOT_AVAILABLE, Code.DISCONNECT)
    mock.fail(Api.LIST_OFFSETS, Code.LEADER_NOT_AVAILABLE, Code.DISCONNECT)
    mock.fail(Api.FETCH, Code.NOT_LEADER, Code.DISCONNECT)
    mock.fail(Api.PRODUCE, Code.OUT_OF_ORDER_SEQUENCE)


async def _everything(mock: MockKafka) -> None:
    random = Random("everything")
    codes = (Code.NOT_LEADER, Code.DISCONNECT, Code.OUT_OF_ORDER_SEQUENCE, Code.REQUEST_TIMED_OUT)
    for _ in range(15):
        mock.fail(Api.PRODUCE, random.choice(codes))
        mock.lead(TOPIC, random.randrange(PARTITIONS), random.randint(1, BROKERS))
        await asyncio.sleep(0.1)


SCRIPTS: Mapping[str, Script] = {
    "not the leader": _answers(*[Code.NOT_LEADER] * 4),
    "leader not available": _answers(*[Code.LEADER_NOT_AVAILABLE] * 4),
    "request timed out": _answers(*[Code.REQUEST_TIMED_OUT] * 4),
    "network exception": _answers(*[Code.NETWORK_EXCEPTION] * 4),
    "not enough replicas": _answers(*[Code.NOT_ENOUGH_REPLICAS] * 4),
    "not enough replicas after all": _answers(*[Code.NOT_ENOUGH_REPLICAS_AFTER_APPEND] * 4),
    "unknown partition": _answers(*[Code.UNKNOWN_TOPIC_OR_PARTITION] * 4),
    "disk of a broker fails": _answers(*[Code.STORAGE_ERROR] * 2),
    "connections break": _answers(*[Code.DISCONNECT] * 6),
    "out of order": _answers(Code.OUT_OF_ORDER_SEQUENCE),
    "out of order again and again": _answers(*[Code.OUT_OF_ORDER_SEQUENCE] * 5),
    "producer unknown": _answers(Code.UNKNOWN_PRODUCER_ID),
    "producer fenced": _answers(Code.INVALID_PRODUCER_EPOCH),
    "batch too large": _answers(*[Code.MESSAGE_TOO_LARGE] * 2),
    "leaders move": _leaders_move,
    "a partition without a leader": _no_leader,
    "a broker down": partial(_down, brokers=(2,), for_s=1.0),
    "all brokers down": partial(_down, brokers=(1, 2, 3), for_s=2.0),
    "all brokers down for long": partial(_down, brokers=(1, 2, 3), for_s=LONG_S + 1),
    "slow": partial(_slow, ms=300, for_s=2.0),
    "black hole": partial(_slow, ms=int(1000 * LONG_S), for_s=LONG_S),
    "metadata fails": _metadata_fails,
    "resuming fails": _resuming_fails,
    "everything": _everything,
}
