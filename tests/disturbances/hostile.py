"""Clients that try to stop the others. Each is bounded in connections, bytes and time."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from urllib.parse import urlsplit
from uuid import uuid4

SECONDS = 8.0
CONNECTED_S = 3.0

Attack = Callable[[str, int], Awaitable[None]]


async def many_items(host: str, port: int) -> None:
    """Bodies of nearly a megabyte whose items are all wrong."""
    items = b",".join([b"{}"] * 80_000)
    body = b'{"customer_id":"c","currency":"EUR","items":[' + items + b"]}"
    await _together(4, lambda: _posts(host, port, "/v1/orders", body, "application/json", 20))


async def many_items_in_bulk(host: str, port: int) -> None:
    """The same, as forty lines of a stream."""
    items = b",".join([b"{}"] * 80_000)
    line = b'{"command":"place-order","items":[' + items + b"]}\n"
    kind = "application/x-ndjson"
    await _together(2, lambda: _posts(host, port, "/v1/commands", line * 40, kind, 1))


async def endless_header(host: str, port: int) -> None:
    """A header of sixty megabytes."""

    async def one() -> None:
        async with _connected(host, port) as (_, writer):
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: ")
            for _n in range(60 * 16):
                writer.write(b"a" * 65_536)
                await writer.drain()

    await _together(3, one)


async def silent(host: str, port: int) -> None:
    """Connections that say nothing, more than a process has descriptors for."""

    async def one() -> None:
        async with _connected(host, port) as (reader, _):
            await reader.read(1)

    await _together(1_300, one)


async def unread_exports(host: str, port: int) -> None:
    """Exports of the whole log that are never read."""

    async def one() -> None:
        async with _connected(host, port) as (_, writer):
            writer.write(b"GET /v1/audit/export HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            await asyncio.sleep(SECONDS)

    await _together(1_010, one)


async def waits_for_ever(host: str, port: int) -> None:
    """Waits for a revision that no order will ever have."""
    path = "/v1/orders/nobody/payments?min_revision=9223372036854775806"

    async def one() -> None:
        async with _connected(host, port) as (reader, writer):
            writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
            await reader.read(1)

    await _together(1_300, one)


async def bulk_streams(host: str, port: int) -> None:
    """Twenty streams of lines that are in order."""

    async def one() -> None:
        lines = b"".join(_placed(f"b-{uuid4().hex}") for _ in range(400))
        await _posts(host, port, "/v1/commands", lines, "application/x-ndjson", 5)

    await _together(20, one)


async def oversized(host: str, port: int) -> None:
    """Bodies above the limit, sent to their end before the answer is read."""
    body = b" " * 2_000_000
    await _together(8, lambda: _posts(host, port, "/v1/orders", body, "application/json", 10))


ATTACKS: Mapping[str, Attack] = {
    attack.__name__: attack
    for attack in (
        many_items,
        many_items_in_bulk,
        endless_header,
        silent,
        unread_exports,
        waits_for_ever,
        bulk_streams,
        oversized,
    )
}


async def attack(name: str, url: str) -> None:
    """Run one for SECONDS at most."""
    parts = urlsplit(url)
    assert parts.hostname == "127.0.0.1", "attacks go to this machine only"
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(SECONDS):
            await ATTACKS[name](parts.hostname, parts.port or 0)


async def _together(count: int, one: Callable[[], Awaitable[None]]) -> None:
    """All of them side by side; what the server does to one does not end the others."""

    async def alone() -> None:
        with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError):
            await one()

    async with asyncio.TaskGroup() as group:
        for _ in range(count):
            group.create_task(alone())


@contextlib.asynccontextmanager
async def _connected(
    host: str, port: int
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    async with asyncio.timeout(CONNECTED_S):
        reader, writer = await asyncio.open_connection(host, port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def _posts(host: str, port: int, path: str, body: bytes, kind: str, count: int) -> None:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {kind}\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    ).encode()
    for _ in range(count):
        with contextlib.suppress(OSError):
            async with _connected(host, port) as (reader, writer):
                writer.write(head + body)
                while await reader.read(65_536):
                    pass


def _placed(order_id: str) -> bytes:
    item = {"product_id": "tea", "quantity": 1, "price_cents": 990}
    place = {"command": "place-order", "order_id": order_id, "customer_id": "c", "currency": "EUR"}
    return json.dumps(place | {"items": [item]}).encode() + b"\n"
