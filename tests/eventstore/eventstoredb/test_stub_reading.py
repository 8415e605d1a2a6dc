"""The protocol stub's faults of reads and subscriptions, as esdbclient sees them."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from esdbclient import NewEvent
from esdbclient.exceptions import ConsumerTooSlow, ServiceUnavailable

from tests.esdb_stub import extras
from tests.esdb_stub.asked import ANY, NO_STREAM, Client, drained, fresh, some, taken
from tests.esdb_stub.faults import Fault
from tests.esdb_stub.server import Stub

SHORT_S = 0.3


@pytest.fixture
def stream() -> str:
    return fresh()


async def test_a_read_can_be_cut_off_in_the_middle(
    server: Stub, client: Client, stream: str
) -> None:
    await client.append_to_stream(stream, current_version=NO_STREAM, events=some(10))
    server.hooks.add(Fault.UNAVAILABLE, on="event", stream=stream, skip=4, times=1)
    seen: list[Any] = []

    with pytest.raises(ServiceUnavailable):
        await drained(await client.read_stream(stream), seen)

    assert [event.stream_position for event in seen] == [0, 1, 2, 3]


async def test_a_read_can_end_too_early_without_an_error(
    server: Stub, client: Client, stream: str
) -> None:
    await client.append_to_stream(stream, current_version=NO_STREAM, events=some(10))
    server.hooks.add(Fault.ENDED, on="event", stream=stream, skip=4, times=1)

    assert len(await client.get_stream(stream)) == 4
    assert len(await client.get_stream(stream)) == 10


async def test_a_slow_consumer_has_got_a_prefix_without_a_gap(
    server: Stub, client: Client, stream: str
) -> None:
    await client.append_to_stream(stream, current_version=NO_STREAM, events=some(10))
    server.hooks.add(Fault.CONSUMER_TOO_SLOW, on="event", skip=5, times=1)
    subscription = await client.subscribe_to_all()
    seen: list[Any] = []

    with pytest.raises(ConsumerTooSlow):
        await drained(subscription, seen)

    assert [event.stream_position for event in seen] == [0, 1, 2, 3, 4]
    again = await client.subscribe_to_all(commit_position=seen[-1].commit_position)
    assert [event.stream_position for event in await taken(again, 5)] == [5, 6, 7, 8, 9]


async def test_a_subscriber_that_does_not_read_is_dropped(client: Client, stream: str) -> None:
    await client.append_to_stream(stream, current_version=NO_STREAM, events=some())
    subscription = await client.subscribe_to_stream(stream, include_caught_up=True)
    assert len(await taken(subscription, 2)) == 2
    for _ in range(20):
        many = [NewEvent(type="Many", data=b"x" * 400) for _ in range(1000)]
        await client.append_to_stream(stream, current_version=ANY, events=many)
    seen: list[Any] = []

    with pytest.raises(ConsumerTooSlow):
        await drained(subscription, seen)

    assert seen
    assert [event.stream_position for event in seen] == list(range(1, len(seen) + 1))


async def test_a_subscription_can_stop_bringing_events_while_others_continue(
    server: Stub, client: Client, stream: str
) -> None:
    silent = await client.subscribe_to_stream(stream)
    server.hooks.add(Fault.SILENCE, on="event", stream=stream, times=1)
    other = await client.subscribe_to_all()

    await client.append_to_stream(stream, current_version=NO_STREAM, events=some())

    assert len(await taken(other, 1)) == 1
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(asyncio.ensure_future(anext(silent))), SHORT_S)
    await silent.stop()


@pytest.mark.parametrize(
    ("extra", "position"),
    [
        (extras.checkpoint_at_the_end, lambda server: server.log.end),
        (extras.checkpoint_of_all_ones, lambda _: 2**64 - 1),
        (extras.checkpoint_of_long_ago, lambda server: server.log.events[0].position),
    ],
)
async def test_a_checkpoint_may_be_ahead_of_events_to_come(
    server: Stub,
    client: Client,
    extra: Callable[[Any], Sequence[Any]],
    position: Callable[[Stub], int],
) -> None:
    server.extras = extra

    subscription = await client.subscribe_to_all(include_checkpoints=True)

    [first] = await taken(subscription, 1)
    assert first.is_checkpoint
    assert first.commit_position == position(server)


async def test_resuming_after_such_a_checkpoint_misses_the_next_event(
    server: Stub, client: Client, stream: str
) -> None:
    server.extras = extras.checkpoint_at_the_end
    [lie] = await taken(await client.subscribe_to_all(include_checkpoints=True), 1)
    server.extras = lambda _log: ()
    await client.append_to_stream(stream, current_version=NO_STREAM, events=some(2))

    resumed = await client.subscribe_to_all(commit_position=lie.commit_position)

    assert [event.stream_position for event in await taken(resumed, 1)] == [1]


async def test_caught_up_may_be_sent_again(server: Stub, client: Client, stream: str) -> None:
    server.extras = extras.caught_up_again
    subscription = await client.subscribe_to_all(include_caught_up=True)
    await client.append_to_stream(stream, current_version=NO_STREAM, events=some(2))

    messages = await taken(subscription, 7)

    assert sum(message.is_caught_up for message in messages) >= 3
