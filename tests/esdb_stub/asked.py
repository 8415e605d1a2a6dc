"""What tests say with a bare esdbclient, to the stub or to the server at DAYBOOK_TEST_ESDB_URL."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

from esdbclient import AsyncEventStoreDBClient, NewEvent, StreamState
from esdbclient.exceptions import NotFound, StreamIsDeleted

from tests.esdb_stub.server import stub
from tests.given import given
from tests.waiting import HUNG_S

SOON_S = HUNG_S
NO_STREAM, ANY, EXISTS = StreamState.NO_STREAM, StreamState.ANY, StreamState.EXISTS
Version: TypeAlias = int | StreamState
Client: TypeAlias = AsyncEventStoreDBClient


@asynccontextmanager
async def asking() -> AsyncIterator[Client]:
    """A client of whoever is asked."""
    url = given("ESDB_URL")
    if url:
        async with connected(url) as client:
            yield client
        return
    async with stub() as server, connected(server.uri) as client:
        yield client


@asynccontextmanager
async def connected(url: str, *options: tuple[str, int], **more: bytes) -> AsyncIterator[Client]:
    """A client with a connection of its own. options: of gRPC."""
    client = AsyncEventStoreDBClient(url, **more)
    client.grpc_options += (*options, ("grpc.use_local_subchannel_pool", 1))
    await client.connect()
    try:
        yield client
    finally:
        await client.close()


def fresh() -> str:
    """A stream name that nobody has used."""
    return f"asked-{uuid.uuid4()}"


def event(n: int = 0, kind: str = "Asked") -> NewEvent:
    return NewEvent(type=kind, data=json.dumps({"n": n}).encode())


def some(count: int = 1) -> list[NewEvent]:
    return [event(n) for n in range(count)]


async def numbers(client: Client, stream: str, **more: Any) -> list[int]:
    """Revisions of the stream as it is read; none where it is not, or no longer, there."""
    try:
        return [found.stream_position for found in await client.get_stream(stream, **more)]
    except (NotFound, StreamIsDeleted):
        return []


async def letters(client: Client, stream: str, named: dict[str, NewEvent]) -> str:
    """The stream's events by the letters that their ids were given."""
    names = {one.id: letter for letter, one in named.items()}
    try:
        found: Sequence[Any] = await client.get_stream(stream)
    except NotFound:
        return ""
    return "".join(names[one.id] for one in found)


async def position_of(client: Client, stream: str, number: int) -> int:
    [found] = await client.get_stream(stream, stream_position=number, limit=1)
    assert found.commit_position is not None
    return int(found.commit_position)


async def ids(client: Client, stream: str) -> list[uuid.UUID]:
    """Of the stream's events, in order; none where it is not there."""
    try:
        return [found.id for found in await client.get_stream(stream)]
    except NotFound:
        return []


async def taken(subscription: Any, count: int) -> list[Any]:
    """The next messages of a subscription; fails when they do not come soon."""
    async with asyncio.timeout(SOON_S):
        return [await anext(subscription) for _ in range(count)]


async def drained(messages: Any, seen: list[Any], *, until: int | None = None) -> None:
    """Keeps in seen what came before the end or before so many; fails when neither comes."""

    async def drain() -> None:
        async for message in messages:
            seen.append(message)
            if len(seen) == until:
                return

    draining = asyncio.ensure_future(drain())
    done, _ = await asyncio.wait([draining], timeout=SOON_S)  # the client swallows a cancellation
    draining.cancel()
    assert done, "it did not end"
    await draining
