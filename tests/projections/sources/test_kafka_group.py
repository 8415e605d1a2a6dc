"""Members of a group on a real broker: what is whose, and until when."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from uuid import uuid4

import pytest
from aiokafka.errors import InvalidSessionTimeoutError

from eventstore.relay.bus import BusUnavailable
from projections.sources import kafka_member as kafka_group
from projections.sources.kafka_member import SESSION_ALLOWED_S, SESSION_S, Member, NoTopic
from tests.conftest import lacking
from tests.parts.kafka import Kafka, Missing, running
from tests.parts.topics import bootstrap_of, make_topic
from tests.projections.sources.kafka import SealedLog, filling
from tests.projections.toy import note, placed
from tests.waiting import HUNG_S, until

pytestmark = pytest.mark.e2e

NewMember = Callable[..., Member]


@pytest.fixture
async def new_member(kafka_url: str, topic: str) -> AsyncIterator[NewMember]:
    """Makes members of one topic with six partitions, which leave at the end."""
    await make_topic(kafka_url, topic, partitions=6)
    group = f"g-{uuid4().hex}"
    async with AsyncExitStack() as stack:

        def make(*, group: str = group) -> Member:
            options = {"bootstrap_servers": bootstrap_of(kafka_url)}
            member = Member(options, topic=topic, group=group)
            stack.push_async_callback(member.leave)
            return member

        yield make


@pytest.fixture(scope="module")
def unwilling_url() -> Iterator[str]:
    """A broker that allows the sessions that brokers allow by themselves."""
    least = {"group.min.session.timeout.ms": f"{1000 * SESSION_ALLOWED_S:.0f}"}
    try:
        with running(properties=least) as broker:
            yield broker.url
    except Missing as missing:
        lacking(str(missing))


def counted_heartbeats(member: Member) -> list[bool]:
    """Whether the broker has taken each, from now on."""
    coordinator, beats = member._consumer._coordinator, []
    beat = coordinator._do_heartbeat

    async def counted() -> bool:
        beats.append(await beat())
        return bool(beats[-1])

    coordinator._do_heartbeat = counted
    return beats


async def polling(*members: Member) -> None:
    """As members in use do."""
    while True:
        for member in members:
            await member.poll(0.02, 100)


async def test_members_share_the_partitions_and_keep_most_of_them_when_another_comes(
    new_member: NewMember,
) -> None:
    first, second, third = (new_member() for _ in range(3))
    await first.join()
    alone = await first.assigned()
    await second.join()
    await asyncio.gather(first.assigned(), second.assigned())
    await until(lambda: len(first.held or ()) == len(second.held or ()) == 3)
    before = [first.held, second.held]
    await third.join()
    await until(lambda: len(third.held or ()) == 2)
    await until(lambda: len(first.held or ()) == len(second.held or ()) == 2)

    assert alone == frozenset(range(6))
    assert before[0] is not None
    assert before[1] is not None
    assert before[0] | before[1] == alone
    # Of three each keeps two.
    assert first.held is not None
    assert second.held is not None
    assert first.held < before[0]
    assert second.held < before[1]


async def test_a_partition_is_not_given_up_while_a_batch_is_applied(
    new_member: NewMember,
) -> None:
    first, second = new_member(), new_member()
    await first.join()
    await first.assigned()
    with first.applying():
        await second.join()
        joining = asyncio.create_task(second.assigned())
        await until(lambda: first.held is None)
        await asyncio.sleep(1.0)
        assert not joining.done()
    await asyncio.wait_for(joining, HUNG_S)

    assert await first.assigned() | await second.assigned() == frozenset(range(6))


async def test_a_batch_that_takes_longer_than_a_session_costs_no_membership(
    new_member: NewMember,
) -> None:
    """Its heartbeats are sent meanwhile: many, though it is not polled."""
    first, second = new_member(), new_member()
    await asyncio.gather(first.join(), second.join())
    await until(lambda: len(first.held or ()) == len(second.held or ()) == 3)
    turns = first.turn, second.turn
    beats = counted_heartbeats(first)
    with first.applying():
        await until(lambda: len(beats) >= 10)

    assert all(beats)
    assert first.holds(turns[0])
    assert second.holds(turns[1])


async def test_nothing_is_polled_during_a_rebalance(
    kafka_url: str, topic: str, new_member: NewMember
) -> None:
    log = SealedLog()
    await log.append("o-1", placed(), *(note(str(n)) for n in range(50)))
    first, second = new_member(), new_member()
    await first.join()
    held = await first.assigned()
    turn = first.turn
    first.read(dict.fromkeys(held, 0))
    async with filling(kafka_url, topic) as filled:
        await filled.publish(await log.recorded())
    while not (polled := await first.poll(0.2, 10)):
        pass
    await second.join()
    while first.holds(turn):
        polled = await first.poll(0.05, 1)

    assert polled == {} or first.holds(turn)
    await first.assigned()
    # Paused until read().
    assert await first.poll(0.5, 100) == {}


async def test_a_silent_member_loses_its_partitions_after_its_session(
    new_member: NewMember, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka_group, "SESSION_S", SESSION_S)
    first, second = new_member(), new_member()
    await asyncio.gather(first.join(), second.join())
    await asyncio.gather(first.assigned(), second.assigned())
    await until(lambda: len(first.held or ()) == len(second.held or ()) == 3)
    first._consumer._coordinator._heartbeat_task.cancel()

    await until(lambda: second.held == frozenset(range(6)))


async def test_a_broker_that_allows_no_short_session_gets_a_longer_one_which_is_logged(
    unwilling_url: str,
    topic: str,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kafka_group, "SESSION_S", SESSION_S)
    await make_topic(unwilling_url, topic, partitions=6)
    options = {"bootstrap_servers": bootstrap_of(unwilling_url)}
    member = Member(options, topic=topic, group=f"g-{uuid4().hex}")
    try:
        with caplog.at_level(logging.WARNING, "daybook.worker"):
            await member.join()
            held = await member.assigned()
    finally:
        await member.leave()

    assert held == frozenset(range(6))
    messages = [record.getMessage() for record in caplog.records if record.name == "daybook.worker"]
    assert len(messages) == 1
    assert "its setting group.min.session.timeout.ms should be at most 3000" in messages[0]


async def test_without_the_longer_session_that_broker_accepts_no_member(
    unwilling_url: str, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka_group, "SESSION_S", SESSION_S)
    monkeypatch.setattr(kafka_group, "SESSION_ALLOWED_S", SESSION_S)
    await make_topic(unwilling_url, topic, partitions=6)
    options = {"bootstrap_servers": bootstrap_of(unwilling_url)}
    member = Member(options, topic=topic, group=f"g-{uuid4().hex}")
    try:
        await member.join()
        with pytest.raises(InvalidSessionTimeoutError):
            await member.assigned()
    finally:
        await member.leave()


async def test_two_groups_in_a_process_do_not_share_state(new_member: NewMember) -> None:
    here, there = new_member(), new_member(group=f"h-{uuid4().hex}")
    await here.join()
    await here.assigned()
    await there.join()
    await there.assigned()
    again = new_member()
    await again.join()
    await until(lambda: len(here.held or ()) == len(again.held or ()) == 3)

    assert there.held == frozenset(range(6))


async def test_without_its_topic_a_member_names_the_command_that_makes_it(kafka_url: str) -> None:
    options = {"bootstrap_servers": bootstrap_of(kafka_url)}
    member = Member(options, topic="nowhere", group=f"g-{uuid4().hex}")
    try:
        with pytest.raises(NoTopic, match="there is no topic nowhere: start `daybook relay`"):
            await member.join()
    finally:
        await member.leave()


async def test_without_a_broker_join_fails_at_once() -> None:
    member = Member({"bootstrap_servers": "127.0.0.1:1"}, topic="t", group="g")
    try:
        with pytest.raises(BusUnavailable, match="the group g is out of reach"):
            await member.join()
    finally:
        await member.leave()


@pytest.mark.parametrize("what", ["kill", "pause"])
async def test_with_the_broker_gone_a_member_leaves(
    kafka: Kafka, new_member: NewMember, what: str
) -> None:
    member = new_member()
    await member.join()
    held = await member.assigned()
    member.read(dict.fromkeys(held, 0))
    task = asyncio.create_task(polling(member))
    getattr(kafka, what)()
    await asyncio.sleep(1.0)
    member.commit_offsets(dict.fromkeys(held, 0))
    task.cancel()

    await asyncio.wait_for(member.leave(), HUNG_S)
