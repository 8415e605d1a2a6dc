"""From the acknowledgement of a command to its view in a read model, at 200 commands a second."""

import asyncio
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

import uvloop

from benchmarks.figures import Figure
from benchmarks.load import place_order
from benchmarks.processes import ledger

RATE = 200
CLIENTS = 16


class Client:
    """One keep-alive connection, one request at a time."""

    def __init__(self, base: str) -> None:
        url = urlsplit(base)
        self.host, self.port = url.hostname or "", url.port or 0

    async def open(self) -> None:
        self.reader, self.writer = await asyncio.open_connection(self.host, self.port)

    async def ask(self, line: str, body: bytes = b"") -> int:
        head = f"{line} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\n"
        if body:
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        self.writer.write(head.encode() + b"\r\n" + body)
        answer = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        length = answer.split(b"content-length:")[1].split(b"\r")[0]
        await self.reader.readexactly(int(length))
        return int(answer[9:12])


def measure(count: int) -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder, ledger(Path(folder)) as (base, _):
        uvloop.run(_drive(base, 400, "warm"))
        delays = sorted(uvloop.run(_drive(base, count, "seen")))
    return [
        Figure("acknowledged to visible, p50", delays[len(delays) // 2] * 1000, "ms"),
        Figure("acknowledged to visible, p99", delays[int(len(delays) * 0.99)] * 1000, "ms",
               at_most=20),
        Figure("acknowledged to visible, largest", delays[-1] * 1000, "ms"),
    ]  # fmt: skip


async def _drive(base: str, count: int, prefix: str) -> list[float]:
    """Commands at an even rate, whatever the answers; each is then asked for until it is seen."""
    free: asyncio.Queue[Client] = asyncio.Queue()
    for _ in range(CLIENTS):
        client = Client(base)
        await client.open()
        free.put_nowait(client)
    delays: list[float] = []

    async def one(number: int) -> None:
        client = await free.get()
        try:
            if await client.ask("POST /v1/orders", place_order(number, prefix)) != 201:
                raise RuntimeError("a command was not accepted")
            acknowledged = time.perf_counter()
            view = f"GET /v1/orders/{prefix}-{number}/payments?min_revision=0"
            if await client.ask(view) != 200:
                raise RuntimeError("a view was not there in time")
            delays.append(time.perf_counter() - acknowledged)
        finally:
            free.put_nowait(client)

    started = time.perf_counter()
    tasks = []
    for number in range(count):
        await asyncio.sleep(max(0.0, started + number / RATE - time.perf_counter()))
        tasks.append(asyncio.create_task(one(number)))
    await asyncio.gather(*tasks)
    return delays
