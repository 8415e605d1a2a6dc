"""Clients that place orders as fast as they are answered, and remember what was acknowledged.

Plain sockets: a client that is slower than the server would leave nothing under way to be lost.
"""

import asyncio
import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tests.waiting import until

CLIENTS = 16


@dataclass(slots=True)
class Load:
    """acknowledged: the order ids that were answered 201; refused: those with any other answer,
    whose statuses are others.
    """

    url: str
    prefix: str
    acknowledged: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    others: list[int] = field(default_factory=list)

    async def run(self) -> None:
        """Until the server is gone."""
        await asyncio.gather(*(self._client(number) for number in range(CLIENTS)))

    async def acknowledged_at_least(self, count: int) -> None:
        """Returns when so many orders are."""
        await until(lambda: len(self.acknowledged) >= count)

    async def _client(self, number: int) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            parts = urlsplit(self.url)
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
            try:
                for order_id in self._ids(number):
                    writer.write(_request(order_id))
                    status = await _answered(reader)
                    if status == 201:
                        self.acknowledged.append(order_id)
                    else:
                        self.refused.append(order_id)
                        self.others.append(status)
            finally:
                writer.close()

    def _ids(self, number: int) -> Iterator[str]:
        count = 0
        while True:
            count += 1
            yield f"{self.prefix}-{number}-{count}"


def _request(order_id: str) -> bytes:
    body = json.dumps(
        {
            "order_id": order_id,
            "customer_id": "c-1",
            "currency": "EUR",
            "items": [{"product_id": "tea", "quantity": 1, "price_cents": 990}],
        }
    ).encode()
    head = (
        "POST /v1/orders HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _answered(reader: asyncio.StreamReader) -> int:
    """The status of an answer that has arrived whole."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1])
        for line in head.lower().split(b"\r\n")
        if line.startswith(b"content-length:")
    )
    await reader.readexactly(length)
    return int(head.split(b" ", 2)[1])
