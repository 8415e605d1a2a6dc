"""Single commands and /healthz beside clients that take more than their share, of each kind."""

import argparse
import asyncio
import contextlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.figures import Figure
from benchmarks.load import place_order
from benchmarks.processes import ROOT, ledger

ASK_EVERY_S = 0.02
TIMEOUT_S = 60.0
FILL_S = 4.0
ANSWER_MAX = 1 << 24
FILES_MAX = 1024
"""Of the server: so that the clients can use up its connections."""


def measure(count: int) -> list[Figure]:
    """count: milliseconds beside each client."""
    figures = []
    for name in ("nobody", *CLIENTS):
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            with _few_files():
                base, _ = stack.enter_context(ledger(folder))
            stack.enter_context(_beside(name, base, count / 1000))
            commands, health = _asked(base, count / 1000)
            asked = 100.0 if name != "nobody" else None
            figures += [
                Figure(f"{name}: single command, p99", commands.p99_ms, "ms", at_most=asked),
                Figure("  /healthz, p99", health.p99_ms, "ms", at_most=asked),
                Figure("  not answered with 2xx", commands.failed + health.failed, ""),
            ]
    return figures


@contextmanager
def _few_files() -> Iterator[None]:
    """For what is started in the block."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(FILES_MAX, soft), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


class _Asked:
    """Latencies of one kind of request; one that failed counts with the time it took."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.failed = 0

    @property
    def p99_ms(self) -> float:
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))] * 1000

    def ask(self, request: urllib.request.Request) -> None:
        began = time.perf_counter()
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
                answer.read()
        except (OSError, urllib.error.HTTPError):
            self.failed += 1
        self.seconds.append(time.perf_counter() - began)


def _asked(base: str, seconds: float) -> tuple[_Asked, _Asked]:
    commands, health = _Asked(), _Asked()
    ends = time.monotonic() + seconds

    def place() -> None:
        number = 0
        while time.monotonic() < ends:
            number += 1
            body = place_order(number, "single")
            head = {"Content-Type": "application/json"}
            commands.ask(urllib.request.Request(f"{base}/v1/orders", body, head))
            time.sleep(ASK_EVERY_S)

    def look() -> None:
        while time.monotonic() < ends:
            health.ask(urllib.request.Request(f"{base}/healthz"))
            time.sleep(ASK_EVERY_S)

    threads = [threading.Thread(target=place), threading.Thread(target=look)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return commands, health


@contextmanager
def _beside(name: str, base: str, seconds: float) -> Iterator[None]:
    """The hostile client in a process of its own; it is well under way when the block begins."""
    if name == "nobody":
        yield
        return
    command = [sys.executable, "-m", "benchmarks.hostile", name, base, str(seconds + 5)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as client:
        time.sleep(2 + FILL_S * (name == "lists of 100 rows"))
        try:
            yield
        finally:
            client.kill()


# The clients ---------------------------------------------------------------------------------

Client = Callable[[int, str, int], Awaitable[None]]


async def _many(count: int, host: str, port: int, first: bytes, then: bytes = b"") -> None:
    """So many connections that send, and send on, and never read."""

    async def one() -> None:
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection(host, port, limit=1024)
                writer.transport.pause_reading()  # type: ignore[attr-defined]
                writer.write(first)
                while then and not writer.is_closing():
                    writer.write(then)
                    await writer.drain()
                    await asyncio.sleep(0.01)
                await asyncio.sleep(TIMEOUT_S)
            await asyncio.sleep(0.1)

    await asyncio.gather(*(one() for _ in range(count)))


async def _posts(count: int, host: str, port: int, request: bytes, *, after_s: float = 0.0) -> None:
    """So many connections that send the same again so long after it is answered."""

    async def one() -> None:
        while True:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                reader, writer = await asyncio.open_connection(host, port, limit=ANSWER_MAX)
                while True:
                    writer.write(request)
                    head = (await reader.readuntil(b"\r\n\r\n")).lower()
                    if b"content-length: " in head:
                        length = head.split(b"content-length: ")[1].split()[0]
                        await reader.readexactly(int(length))
                    else:
                        await reader.readuntil(b"\r\n0\r\n\r\n")
                    await asyncio.sleep(after_s)
            await asyncio.sleep(0.1)

    await asyncio.gather(*(one() for _ in range(count)))


def _post(path: bytes, kind: bytes, body: bytes) -> bytes:
    head = b"POST %b HTTP/1.1\r\nHost: localhost\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n"
    return head % (path, kind, len(body)) + body


BULK = (
    b"POST /v1/commands HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n"
)
WIDE = b'{"command":"place-order","order_id":"o","items":[' + b",".join([b"{}"] * 80_000) + b"]}\n"


async def _wide_lines(count: int, host: str, port: int) -> None:
    await _posts(count, host, port, _post(b"/v1/commands", b"application/x-ndjson", WIDE * 40))


async def _wide_bodies(count: int, host: str, port: int) -> None:
    body = b'{"items":[' + b",".join([b"{}"] * 340_000) + b"]}"
    await _posts(count, host, port, _post(b"/v1/orders", b"application/json", body))


async def _endless_heads(count: int, host: str, port: int) -> None:
    await _many(count, host, port, b"GET / HTTP/1.1\r\nX: ", b"x" * 262_144)


async def _deaf_exports(count: int, host: str, port: int) -> None:
    await _many(count, host, port, b"GET /v1/audit/export HTTP/1.1\r\nHost: localhost\r\n\r\n")


async def _silent(count: int, host: str, port: int) -> None:
    await _many(count, host, port, b"")


async def _waits(count: int, host: str, port: int) -> None:
    path = b"/v1/orders/single-1/payments?min_revision=9223372036854775806"
    await _posts(
        count, host, port, b"GET %b HTTP/1.1\r\nHost: localhost\r\n\r\n" % path, after_s=2.0
    )


async def _bulk_streams(count: int, host: str, port: int) -> None:
    async def one(stream: int) -> None:
        while True:
            with contextlib.suppress(OSError):
                reader, writer = await asyncio.open_connection(host, port)
                reading = asyncio.create_task(_thrown_away(reader))
                writer.write(BULK)
                for number in range(1_000_000):
                    order = json.loads(place_order(number, f"{os.getpid()}-{stream}"))
                    line = json.dumps({"command": "place-order", **order}).encode() + b"\n"
                    writer.write(b"%x\r\n%b\r\n" % (len(line), line))
                    await writer.drain()
                await reading

    await asyncio.gather(*(one(stream) for stream in range(count)))


async def _thrown_away(reader: asyncio.StreamReader) -> None:
    with contextlib.suppress(OSError):
        while await reader.read(65_536):
            pass


LISTS = (b"/v1/orders", b"/v1/shipments", b"/v1/payments", b"/v1/audit")
LISTED = 2_000
"""Orders, so that every page is full."""


async def _lists(count: int, host: str, port: int) -> None:
    """Lists of 100 rows of every read model, all the time."""
    lines = [
        json.dumps({"command": "place-order", **json.loads(place_order(number, "listed"))})
        for number in range(LISTED)
    ]
    body = "\n".join(lines).encode()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(FILL_S):
            await _posts(1, host, port, _post(b"/v1/commands", b"application/x-ndjson", body))
    gets = [b"GET %b?limit=100 HTTP/1.1\r\nHost: localhost\r\n\r\n" % path for path in LISTS]
    await asyncio.gather(*(_posts(count // len(gets), host, port, get) for get in gets))


CLIENTS: dict[str, tuple[Client, int]] = {
    "bulk lines of 80,000 wrong items": (_wide_lines, 2),
    "bodies of 1 MB, all wrong": (_wide_bodies, 8),
    "headers without end": (_endless_heads, 8),
    "exports that nobody reads": (_deaf_exports, 700),
    "silent connections": (_silent, 1_300),
    "waits for a revision that does not come": (_waits, 700),
    "bulk streams of good lines": (_bulk_streams, 20),
    "lists of 100 rows": (_lists, 400),
}
"""Name -> the client, and how many connections of it. The server has 1,024 open files."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=CLIENTS)
    parser.add_argument("url")
    parser.add_argument("seconds", type=float)
    asked = parser.parse_args()
    url = urlsplit(asked.url)
    client, count = CLIENTS[asked.name]

    async def bounded() -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(asked.seconds):
                await client(count, url.hostname or "127.0.0.1", url.port or 80)

    asyncio.run(bounded())


if __name__ == "__main__":
    main()
