"""EventStoreDB's answers about deleted, tombstoned and truncated streams, as recorded from a real
node.

Run on the protocol stub, or on the server at DAYBOOK_TEST_ESDB_URL.
"""

import asyncio
from collections.abc import AsyncIterator

import pytest
from esdbclient.exceptions import NotFound, StreamIsDeleted, WrongCurrentVersion

from tests.esdb_stub.asked import (
    ANY,
    EXISTS,
    NO_STREAM,
    Client,
    Version,
    asking,
    fresh,
    numbers,
    some,
)

GONE = 0
"""The position answered for events that were stored and are truncated."""


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with asking() as client:
        yield client


@pytest.fixture
def stream() -> str:
    return fresh()


async def test_a_deleted_stream_is_not_found_and_its_numbers_continue(
    client: Client, stream: str
) -> None:
    await client.append_to_stream(stream, current_version=NO_STREAM, events=some(3))
    await client.delete_stream(stream, current_version=2)

    with pytest.raises(NotFound):
        await client.get_stream(stream)
    assert await client.get_current_version(stream) is NO_STREAM
    with pytest.raises(StreamIsDeleted):
        await client.append_to_stream(stream, current_version=EXISTS, events=some(1))
    with pytest.raises(WrongCurrentVersion, match="is 2 not 1"):
        await client.append_to_stream(stream, current_version=1, events=some(1))

    await client.append_to_stream(stream, current_version=NO_STREAM, events=some(2))
    assert await numbers(client, stream) == [3, 4]


@pytest.mark.parametrize("expected", [2, ANY])
async def test_a_deleted_stream_takes_new_events_at_its_old_version_and_at_any(
    client: Client, stream: str, expected: Version
) -> None:
    await client.append_to_stream(stream, current_version=NO_STREAM, events=some(3))
    await client.delete_stream(stream, current_version=ANY)

    await client.append_to_stream(stream, current_version=expected, events=some(1))

    assert await numbers(client, stream) == [3]


@pytest.mark.parametrize("expected", [NO_STREAM, ANY])
async def test_a_repeat_of_deleted_events_succeeds_at_position_0_and_writes_nothing(
    client: Client, stream: str, expected: Version
) -> None:
    pair = some(2)
    await client.append_to_stream(stream, current_version=NO_STREAM, events=pair)
    await client.delete_stream(stream, current_version=1)

    assert await client.append_to_stream(stream, current_version=expected, events=pair) == GONE
    assert await numbers(client, stream) == []


@pytest.mark.parametrize("expected", [NO_STREAM, ANY])
async def test_a_repeat_of_truncated_events_succeeds_at_position_0(
    client: Client, stream: str, expected: Version
) -> None:
    three = some(3)
    await client.append_to_stream(stream, current_version=NO_STREAM, events=three)
    await client.set_stream_metadata(stream, metadata={"$maxCount": 1})

    again = three[:2]
    assert await client.append_to_stream(stream, current_version=expected, events=again) == GONE
    assert await numbers(client, stream) == [2]


async def test_deleting_names_the_versions_and_does_not_find_a_missing_stream(
    client: Client, stream: str
) -> None:
    await client.append_to_stream(stream, current_version=NO_STREAM, events=some(3))

    with pytest.raises(WrongCurrentVersion, match="Expected version: 0, Actual version: 2"):
        await client.delete_stream(stream, current_version=0)
    for expected in (NO_STREAM, ANY, EXISTS, 0):
        with pytest.raises(NotFound):
            await client.delete_stream(fresh(), current_version=expected)


async def test_a_tombstoned_stream_is_deleted_for_every_version_and_every_call(
    client: Client, stream: str
) -> None:
    await client.append_to_stream(stream, current_version=NO_STREAM, events=some(2))
    await client.tombstone_stream(stream, current_version=1)

    for expected in (NO_STREAM, ANY, EXISTS, 1):
        with pytest.raises(StreamIsDeleted, match=f"Stream '{stream}' is deleted"):
            await client.append_to_stream(stream, current_version=expected, events=some(1))
    for call in (client.get_stream, client.get_current_version, client.get_stream_metadata):
        with pytest.raises(StreamIsDeleted):
            await call(stream)
    with pytest.raises(StreamIsDeleted):
        await client.delete_stream(stream, current_version=ANY)
    with pytest.raises(StreamIsDeleted):
        await client.subscribe_to_stream(stream)


async def test_a_name_can_be_tombstoned_before_it_is_used(client: Client, stream: str) -> None:
    await client.tombstone_stream(stream, current_version=NO_STREAM)

    with pytest.raises(StreamIsDeleted):
        await client.append_to_stream(stream, current_version=NO_STREAM, events=some(1))


async def test_metadata_lets_a_stream_exist_that_has_no_events(client: Client, stream: str) -> None:
    await client.set_stream_metadata(stream, metadata={"$maxCount": 3})

    await client.append_to_stream(stream, current_version=EXISTS, events=some(1))

    assert await numbers(client, stream) == [0]


async def test_max_count_leaves_the_last_ones_at_once_and_the_log_shows_all(
    client: Client, stream: str
) -> None:
    await client.append_to_stream(stream, current_version=NO_STREAM, events=some(5))
    await client.set_stream_metadata(stream, metadata={"$maxCount": 2})

    assert await numbers(client, stream) == [3, 4]
    assert await numbers(client, stream, stream_position=0, limit=2) == [3, 4]
    await client.append_to_stream(stream, current_version=4, events=some(1))
    assert await numbers(client, stream) == [4, 5]
    log = await client.read_all(filter_include=[stream], filter_by_stream_name=True)
    assert len([found async for found in log]) == 6


async def test_truncate_before_cuts_off_what_is_before(client: Client, stream: str) -> None:
    await client.append_to_stream(stream, current_version=NO_STREAM, events=some(4))

    await client.set_stream_metadata(stream, metadata={"$tb": 2})

    assert await numbers(client, stream) == [2, 3]


async def test_a_stream_whose_events_are_all_too_old_is_empty_and_breaks_get_current_version(
    client: Client, stream: str
) -> None:
    await client.append_to_stream(stream, current_version=NO_STREAM, events=some(3))
    await client.set_stream_metadata(stream, metadata={"$maxAge": 1})
    await asyncio.sleep(1.6)

    assert list(await client.get_stream(stream)) == []
    with pytest.raises(IndexError):
        await client.get_current_version(stream)
    await client.append_to_stream(stream, current_version=2, events=some(1))
    assert await numbers(client, stream) == [3]


async def test_setting_metadata_replaces_it_whole(client: Client, stream: str) -> None:
    await client.set_stream_metadata(stream, metadata={"$maxCount": 3})
    await client.set_stream_metadata(stream, metadata={"mine": [1, 2]})

    assert await client.get_stream_metadata(stream) == ({"mine": [1, 2]}, 1)
    with pytest.raises(WrongCurrentVersion):
        await client.set_stream_metadata(stream, metadata={}, current_version=7)
