"""The server's side of HTTP/2, by the frame: a test says what is sent, and sees what came."""

import asyncio
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeAlias, cast

from hpack import Decoder, Encoder

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = (
    0, 1, 3, 4, 6, 7, 8, 9,
)  # fmt: skip
END_STREAM, ACK, END_HEADERS, PADDED = 1, 1, 4, 8
INITIAL_WINDOW_SIZE = 4
FRAME_MAX = 16_384
FIRST_WINDOW = 65_535
WRITTEN_MAX = 1 << 22


@dataclass
class Call:
    """One request, and the answer to it."""

    line: "Line"
    stream: int
    headers: Mapping[str, str]
    window: int
    body: bytearray = field(default_factory=bytearray)
    reset: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the client has ended it."""

    def say(self, headers: Mapping[str, str], *, ends: bool = False) -> None:
        """A block of headers, or with ends of trailers."""
        block = self.line.encoder.encode(list(headers.items()))
        self.line.write(HEADERS, END_HEADERS | (END_STREAM if ends else 0), self.stream, block)

    async def send(self, content: bytes | memoryview, *, frame: int = FRAME_MAX) -> None:
        """In frames of so many bytes, as the client's windows allow; ends early if it is reset."""
        place = 0
        while place < len(content):
            size = min(frame, len(content) - place, self.window, self.line.window)
            if self.reset.is_set() or self.line.is_lost:
                return
            if size <= 0:
                self.line.widened.clear()
                await self.line.widened.wait()
                continue
            self.line.write(DATA, 0, self.stream, content[place : place + size])
            self.window -= size
            self.line.window -= size
            place += size
            if not self.line.can_write.is_set():
                await self.line.can_write.wait()


Answering: TypeAlias = Callable[[Call], Awaitable[None]]


class Line(asyncio.Protocol):
    """One connection that was accepted."""

    def __init__(self, peer: "Peer") -> None:
        self.encoder = Encoder()
        self.window = FIRST_WINDOW
        self.widened = asyncio.Event()
        self.can_write = asyncio.Event()
        self.can_write.set()
        self.is_lost = False
        self.pings = 0
        self._peer = peer
        self._decoder = Decoder()
        self._rest = b""
        self._calls: dict[int, Call] = {}
        self._initial = FIRST_WINDOW
        self._tasks: set[asyncio.Task[None]] = set()
        self.transport: asyncio.Transport | None = None

    def write(self, kind: int, flags: int, stream: int, payload: bytes | memoryview) -> None:
        assert self.transport is not None
        size = len(payload)
        header = struct.pack(">HBBBI", size >> 8, size & 0xFF, kind, flags, stream)
        self.transport.write(header)
        self.transport.write(payload)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.set_write_buffer_limits(high=WRITTEN_MAX)
        self._peer.lines.append(self)
        if self._peer.greeting:
            self.transport.write(self._peer.greeting)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self.is_lost = True
        self.can_write.set()
        self.widened.set()
        for call in self._calls.values():
            call.reset.set()
        for task in self._tasks:
            task.cancel()

    def pause_writing(self) -> None:
        self.can_write.clear()

    def resume_writing(self) -> None:
        self.can_write.set()

    def data_received(self, data: bytes) -> None:
        data = self._rest + data
        place = len(PREFACE) if data.startswith(PREFACE) else 0
        while len(data) - place >= 9:
            high, low, kind, flags, stream = struct.unpack_from(">HBBBI", data, place)
            after = place + 9 + (high << 8 | low)
            if after > len(data):
                break
            self._take(kind, flags, stream, data[place + 9 : after])
            place = after
        self._rest = data[place:]

    def _take(self, kind: int, flags: int, stream: int, payload: bytes) -> None:
        if kind == SETTINGS and not flags & ACK:
            self._take_settings(payload)
        elif kind == PING and not flags & ACK:
            self.pings += 1
            if self._peer.answers_pings:
                self.write(PING, ACK, 0, payload)
        elif kind == WINDOW_UPDATE and stream == 0:
            self.window += int.from_bytes(payload, "big")
            self.widened.set()
        elif kind == HEADERS:
            headers = {str(name): str(value) for name, value in self._decoder.decode(payload)}
            self._calls[stream] = Call(self, stream, headers, self._initial)
        elif stream in self._calls:
            self._take_of_call(self._calls[stream], kind, flags, payload)

    def _take_of_call(self, call: Call, kind: int, flags: int, payload: bytes) -> None:
        if kind == WINDOW_UPDATE:
            call.window += int.from_bytes(payload, "big")
            self.widened.set()
        elif kind == RST_STREAM:
            call.reset.set()
            self.widened.set()
        elif kind == DATA:
            call.body += payload
            self.write(WINDOW_UPDATE, 0, 0, len(payload).to_bytes(4, "big"))
            if flags & END_STREAM:
                self._peer.calls.append(call)
                task = asyncio.ensure_future(self._answer(call))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    def _take_settings(self, payload: bytes) -> None:
        for name, value in struct.iter_unpack(">HI", payload):
            if name == INITIAL_WINDOW_SIZE:
                self._initial = value
        self.write(SETTINGS, ACK, 0, b"")

    async def _answer(self, call: Call) -> None:
        await self._peer.answer(call)


class Peer:
    """A server. lines: the connections so far; calls: the requests."""

    def __init__(self, answer: Answering) -> None:
        self.answer = answer
        self.answers_pings = True
        self.greeting = struct.pack(">HBBBI", 0, 0, SETTINGS, 0, 0)
        """What is sent first; empty: the server says nothing."""
        self.lines: list[Line] = []
        self.calls: list[Call] = []
        self.port = 0

    @property
    def uri(self) -> str:
        return f"esdb://127.0.0.1:{self.port}?Tls=false"


@asynccontextmanager
async def peer(answer: Answering, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[Peer]:
    served = Peer(answer)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Line(served), "127.0.0.1", 0, ssl=tls)
    served.port = server.sockets[0].getsockname()[1]
    try:
        yield served
    finally:
        server.close()
        for line in served.lines:
            if line.transport is not None:
                line.transport.abort()
