"""From a command's acknowledgement to its views, in the read models and as the API answers them,
at 200 commands a second.
"""

import asyncio
import json
import sqlite3
import tempfile
import threading
import time
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from benchmarks.figures import Figure
from benchmarks.load import place_order
from benchmarks.processes import ledger
from projections.models import MODELS
from runtime.loop import run

RATE = 200
CLIENTS = 16
LOOK_S = 0.002
NEW_VIEWS = "SELECT rowid, order_id FROM views WHERE rowid > ? ORDER BY rowid"


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


class Watch:
    """A thread that looks at a model's live generation and notes when it first shows each order."""

    def __init__(self, folder: Path, model: str) -> None:
        live = json.loads((folder / f"{model}.live").read_text(encoding="utf-8"))["live"]
        self._path = folder / f"{model}.g{live}.db"
        self._stopping = threading.Event()
        self.seen: dict[str, float] = {}
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        connection = sqlite3.connect(f"file:{self._path}?mode=ro", uri=True)
        last = 0
        while not self._stopping.wait(LOOK_S):
            rows = connection.execute(NEW_VIEWS, (last,)).fetchall()
            now = time.perf_counter()
            for last, order_id in rows:  # noqa: B007 - the last one is where to go on
                self.seen[order_id] = now
        connection.close()


def measure(count: int) -> list[Figure]:
    with tempfile.TemporaryDirectory() as name, ledger(Path(name)) as (base, _):
        run(drive(base, 400, "warm"))
        watches = [Watch(Path(name), model) for model in MODELS]
        acknowledged = run(drive(base, count, "seen"))
        time.sleep(1)
        for watch in watches:
            watch.stop()
        views: list[float] = []
        run(drive(base, count // 2, "asked", view="payments", views=views))
    views.sort()
    delays = sorted(
        max(watch.seen[order_id] for watch in watches) - at for order_id, at in acknowledged.items()
    )
    return [
        Figure("acknowledged to visible in all four models, p50", median(delays) * 1000, "ms"),
        Figure("  p99", delays[int(len(delays) * 0.99)] * 1000, "ms", at_most=20),
        Figure("  largest", delays[-1] * 1000, "ms"),
        Figure(
            "acknowledged to answered by /payments?min_revision=0, p50", median(views) * 1000, "ms"
        ),
        Figure("  p99", views[int(len(views) * 0.99)] * 1000, "ms"),
    ]


async def drive(
    base: str,
    count: int,
    prefix: str,
    *,
    rate: int = RATE,
    view: str = "",
    views: list[float] | None = None,
    acknowledged: dict[str, float] | None = None,
) -> dict[str, float]:
    """Commands at an even rate a second, whatever the answers; when each order was acknowledged.

    acknowledged: is filled while it runs. view: is asked for of each order that was, until it is
    there; views: how long that took.
    """
    free: asyncio.Queue[Client] = asyncio.Queue()
    for _ in range(CLIENTS):
        client = Client(base)
        await client.open()
        free.put_nowait(client)
    acknowledged = {} if acknowledged is None else acknowledged

    async def one(number: int) -> None:
        client = await free.get()
        if await client.ask("POST /v1/orders", place_order(number, prefix)) != 201:
            raise RuntimeError("a command was not accepted")
        acknowledged[f"{prefix}-{number}"] = asked = time.perf_counter()
        if views is not None:
            line = f"GET /v1/orders/{prefix}-{number}/{view}?min_revision=0"
            if await client.ask(line) != 200:
                raise RuntimeError("a view was not there in time")
            views.append(time.perf_counter() - asked)
        free.put_nowait(client)

    started = time.perf_counter()
    tasks = []
    for number in range(count):
        await asyncio.sleep(max(0.0, started + number / rate - time.perf_counter()))
        tasks.append(asyncio.create_task(one(number)))
    await asyncio.gather(*tasks)
    return acknowledged
