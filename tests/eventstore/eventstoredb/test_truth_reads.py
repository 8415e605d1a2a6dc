"""EventStoreDB's answers to reads, as recorded from a real 23.10 node.

Run on the protocol stub, or on the server at DAYBOOK_TEST_ESDB_URL. Others may write meanwhile.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from esdbclient import NewEvent
from esdbclient.exceptions import (
    ExceptionThrownByHandler,
    NotFound,
    UnknownError,
)

from tests.esdb_stub.asked import (
    NO_STREAM,
    Client,
    asking,
    event,
    fresh,
    numbers,
    position_of,
    some,
)
from tests.waiting import HUNG_S

SOON_S = HUNG_S
FAR = 10**15
OCTETS = "application/octet-stream"


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


async def logged(client: Client, **more: Any) -> list[int]:
    return [found.stream_position async for found in await client.read_all(**more)]


async def messages(subscription: Any, count: int) -> list[int | str]:
    """The next messages: revisions, CU for caught up, CP for a checkpoint."""
    async with asyncio.timeout(SOON_S):
        messages = [await anext(subscription) for _ in range(count)]
    return [
        "CU" if one.is_caught_up else "CP" if one.is_checkpoint else one.stream_position
        for one in messages
    ]


# A stream


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, [0, 1, 2, 3, 4]),
        ({"stream_position": 2}, [2, 3, 4]),
        ({"stream_position": 2, "limit": 2}, [2, 3]),
        ({"stream_position": 4}, [4]),
        ({"stream_position": 5}, []),
        ({"stream_position": 600}, []),
        ({"backwards": True}, [4, 3, 2, 1, 0]),
        ({"backwards": True, "stream_position": 2}, [2, 1, 0]),
        ({"backwards": True, "stream_position": 600}, [4, 3, 2, 1, 0]),
        ({"backwards": True, "limit": 1}, [4]),
    ],
)
async def test_a_stream_is_read_from_a_number_included(
    client: Client, stream: str, asked: dict[str, Any], found: Sequence[int]
) -> None:
    assert await numbers(client, stream, **asked) == found


async def test_a_limit_of_nothing_is_an_error(client: Client, stream: str) -> None:
    with pytest.raises(UnknownError, match="Unexpected ReadStreamResult: Error"):
        await client.get_stream(stream, limit=0)


async def test_a_missing_stream_is_not_found_when_it_is_iterated(client: Client) -> None:
    missing = await client.read_stream(fresh())

    with pytest.raises(NotFound):
        await anext(missing)
    assert await client.get_current_version(fresh()) is NO_STREAM


@pytest.mark.parametrize("content_type", ["text/plain", "", "application/json; charset=utf-8"])
async def test_every_content_type_but_json_comes_back_as_octets(
    client: Client, content_type: str
) -> None:
    stream = fresh()
    odd = NewEvent(
        type="T",
        data=b"\xff\x00",
        metadata=b"\xfe",
        content_type=content_type,  # type: ignore[arg-type]
    )
    plain = NewEvent(type="T", data=b"not json")

    await client.append_to_stream(stream, current_version=NO_STREAM, events=[odd, plain])

    first, second = await client.get_stream(stream)
    assert (first.content_type, first.data, first.metadata) == (OCTETS, b"\xff\x00", b"\xfe")
    assert (second.content_type, second.data) == ("application/json", b"not json")


# The log


async def test_the_log_is_read_forwards_with_the_position_and_backwards_without_it(
    client: Client, stream: str
) -> None:
    third = await position_of(client, stream, 2)

    assert await logged(client, commit_position=third, **only(stream)) == [2, 3, 4]
    backwards = await logged(client, commit_position=third, backwards=True, **only(stream))
    assert backwards == [1, 0]
    assert await logged(client, commit_position=0, **only(stream)) == [0, 1, 2, 3, 4]
    assert await logged(client, limit=2, **only(stream)) == [0, 1]


@pytest.mark.parametrize("beside", [-1, 1])
async def test_a_position_beside_an_event_is_an_error(
    client: Client, stream: str, beside: int
) -> None:
    position = await position_of(client, stream, 2) + beside

    with pytest.raises(UnknownError, match="FilteredReadAllResult: Error"):
        await logged(client, commit_position=position, **only(stream))
    with pytest.raises(ExceptionThrownByHandler):
        await client.subscribe_to_all(commit_position=position, **only(stream))


async def test_a_position_after_the_end_is_not_noticed_forwards(
    client: Client, stream: str
) -> None:
    assert await logged(client, commit_position=FAR) == []
    subscription = await client.subscribe_to_all(commit_position=FAR, include_caught_up=True)
    assert await messages(subscription, 1) == ["CU"]
    await subscription.stop()
    with pytest.raises(UnknownError):
        await logged(client, commit_position=FAR, backwards=True)


async def test_system_events_are_left_out_unless_they_are_asked_for(
    client: Client, stream: str
) -> None:
    await client.set_stream_metadata(stream, metadata={"$maxCount": 100})
    position = await position_of(client, stream, 0)

    seen = [e.type async for e in await client.read_all(commit_position=position)]
    whole = await client.read_all(commit_position=position, filter_exclude=())

    assert not any(kind.startswith("$") for kind in seen)
    assert "$metadata" in [e.type async for e in whole]


async def test_of_two_patterns_the_first_has_an_open_end_and_the_second_an_open_start(
    client: Client,
) -> None:
    stream = fresh()
    kinds = ["Placed", "PlacedV2", "PrePlaced", "Shipped", "XShipped", "ShippedX"]
    await client.append_to_stream(
        stream, current_version=NO_STREAM, events=[event(kind=kind) for kind in kinds]
    )
    position = await position_of(client, stream, 0)

    async def found(*patterns: str) -> list[str]:
        events = await client.read_all(commit_position=position, filter_include=patterns)
        return [e.type async for e in events if e.stream_name == stream]

    assert await found("Placed", "Shipped") == ["Placed", "PlacedV2", "Shipped", "XShipped"]
    assert await found("(Placed|Shipped)") == ["Placed", "Shipped"]


async def test_a_bad_pattern_is_an_error(client: Client) -> None:
    with pytest.raises(ExceptionThrownByHandler):
        await logged(client, filter_include=["("])


async def test_links_are_resolved_when_asked_and_left_out_where_they_name_nothing(
    client: Client, stream: str
) -> None:
    links = fresh()
    named = [NewEvent(type="$>", data=f"{n}@{stream}".encode()) for n in (1, 9)]
    await client.append_to_stream(links, current_version=NO_STREAM, events=named)

    as_they_are = await client.get_stream(links)
    [target] = await client.get_stream(links, resolve_links=True)

    assert [one.type for one in as_they_are] == ["$>", "$>"]
    assert (target.stream_name, target.stream_position) == (stream, 1)
    assert target.link is not None
    assert (target.link.stream_name, target.link.stream_position) == (links, 0)
