"""EventStoreDB's messages to subscriptions, as recorded from a real 23.10 node.

Run on the protocol stub, or on the server at DAYBOOK_TEST_ESDB_URL. Others may write meanwhile.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Any

import pytest
from esdbclient import NewEvent
from esdbclient.exceptions import (
    ConsumerTooSlow,
    GrpcDeadlineExceeded,
)

from tests.esdb_stub.asked import (
    ANY,
    NO_STREAM,
    Client,
    asking,
    drained,
    fresh,
    position_of,
    some,
)
from tests.waiting import HUNG_S

SOON_S = HUNG_S
QUIET_S = 0.5


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with asking() as client:
        yield client


@pytest.fixture
async def stream(client: Client) -> str:
    """A stream of five."""
    stream = fresh()
    await client.append_to_stream(stream, current_version=NO_STREAM, events=some(5))
    return stream


def only(stream: str) -> dict[str, Any]:
    return {"filter_include": [re.escape(stream)], "filter_by_stream_name": True}


async def messages(subscription: Any, count: int) -> list[int | str]:
    """The next messages: revisions, CU for caught up, CP for a checkpoint."""
    async with asyncio.timeout(SOON_S):
        messages = [await anext(subscription) for _ in range(count)]
    return [
        "CU" if one.is_caught_up else "CP" if one.is_checkpoint else one.stream_position
        for one in messages
    ]


async def is_quiet(subscription: Any) -> bool:
    """No event comes for a while. Ends the subscription."""
    coming: list[Any] = []
    draining = asyncio.ensure_future(drained(subscription, coming))
    await asyncio.sleep(QUIET_S)
    await subscription.stop()
    await draining
    return not [one for one in coming if not (one.is_caught_up or one.is_checkpoint)]


async def test_a_subscription_to_all_starts_after_the_position(client: Client, stream: str) -> None:
    third = await position_of(client, stream, 2)

    subscription = await client.subscribe_to_all(
        commit_position=third, include_caught_up=True, **only(stream)
    )

    assert await messages(subscription, 3) == [3, 4, "CU"]
    await client.append_to_stream(stream, current_version=4, events=some(3))
    assert await messages(subscription, 3) == [5, 6, 7]
    assert await is_quiet(subscription)


async def test_caught_up_has_no_position(client: Client) -> None:
    subscription = await client.subscribe_to_all(from_end=True, include_caught_up=True)

    async with asyncio.timeout(SOON_S):
        caught_up = await anext(subscription)

    assert caught_up.is_caught_up
    assert caught_up.commit_position == 0


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, [0, 1, 2, 3, 4, "CU"]),
        ({"stream_position": 2}, [3, 4, "CU"]),
        ({"stream_position": 50}, ["CU"]),
        ({"from_end": True}, ["CU"]),
    ],
)
async def test_a_subscription_to_a_stream_starts_after_the_number(
    client: Client, stream: str, asked: dict[str, Any], expected: Sequence[int | str]
) -> None:
    subscription = await client.subscribe_to_stream(stream, include_caught_up=True, **asked)

    assert await messages(subscription, len(expected)) == expected
    assert await is_quiet(subscription)


async def test_for_a_missing_stream_caught_up_comes_after_its_first_event(client: Client) -> None:
    missing = fresh()
    subscription = await client.subscribe_to_stream(missing, include_caught_up=True)

    await client.append_to_stream(missing, current_version=ANY, events=some(1))

    assert await messages(subscription, 2) == [0, "CU"]


async def test_checkpoints_come_once_in_so_many_events_considered(
    client: Client, stream: str
) -> None:
    """At least these many: others may write to the log as well."""
    after = await position_of(client, stream, 0)

    subscription = await client.subscribe_to_all(
        commit_position=after,
        filter_include=["NeverWritten"],
        include_checkpoints=True,
        window_size=1,
        checkpoint_interval_multiplier=2,
    )

    assert await messages(subscription, 2) == ["CP", "CP"]


async def test_a_subscription_with_a_timeout_ends_with_it(client: Client) -> None:
    subscription = await client.subscribe_to_all(
        from_end=True, filter_include=["NeverWritten"], timeout=1.0
    )

    with pytest.raises(GrpcDeadlineExceeded):
        await messages(subscription, 1)


async def test_cancelling_the_reader_of_a_subscription_is_swallowed(client: Client) -> None:
    async def consume() -> str:
        quiet = await client.subscribe_to_all(from_end=True, filter_include=["NeverWritten"])
        async for _ in quiet:
            pass
        return "ended normally"

    consuming = asyncio.ensure_future(consume())
    await asyncio.sleep(QUIET_S)
    consuming.cancel()

    assert await consuming == "ended normally"


async def test_a_subscriber_that_does_not_read_gets_a_prefix_without_a_gap_and_may_be_dropped(
    client: Client,
) -> None:
    """23.10 drops such a reader; later versions are documented to catch up again."""
    stream, count = fresh(), 20_000
    await client.append_to_stream(stream, current_version=NO_STREAM, events=some(1))
    after = await position_of(client, stream, 0)
    subscription = await client.subscribe_to_all(commit_position=after, **only(stream))
    await asyncio.sleep(QUIET_S)
    for _ in range(count // 1000):
        many = [NewEvent(type="Many", data=b"x" * 400) for _ in range(1000)]
        await client.append_to_stream(stream, current_version=ANY, events=many)

    seen: list[Any] = []
    with suppress(ConsumerTooSlow):
        await drained(subscription, seen, until=count)

    assert seen
    assert [found.stream_position for found in seen] == list(range(1, len(seen) + 1))
