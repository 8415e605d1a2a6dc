"""One HTTP/2 connection, as a client. What has arrived is handed over in one piece.

gRPC's own client wakes the event loop for each message; docs/decisions/0049 compares the two. Here
is what reading and appending need: requests with a short body or one that goes on, and answers of
any length (RFC 9113).
"""

import asyncio
import ssl
import struct
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, cast

from hpack import Decoder, Encoder, HPACKError

from eventstore.eventstoredb.http2_answer import WINDOW, Answer, Http2Error

PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
END_STREAM, ACK, END_HEADERS, PADDED, PRIORITY = 0x1, 0x1, 0x4, 0x8, 0x20
"""Flags of frames."""
HEADER_TABLE_SIZE, ENABLE_PUSH, MAX_CONCURRENT_STREAMS, INITIAL_WINDOW_SIZE = 1, 2, 3, 4
CANCEL: Final = 8
HEADER: Final = struct.Struct(">HBBBI")
"""Of a frame: 24 bits of size, type, flags, stream."""
FRAME_MAX: Final = 16_384
FIRST_WINDOW: Final = 65_535
CONNECTION_WINDOW: Final = 1 << 30
"""Of all answers together. It is no limit: one that is read slowly must not hold up the others."""
CALLS_MAX: Final = 90
"""The server takes 100 calls at once on a connection; more would wait there."""
BLOCK_MAX: Final = 1 << 18
"""Bytes of the headers of one answer."""
LATE_S: Final = 0.05
STREAM_ID_MAX: Final = 2**31 - 3


class Kind(IntEnum):
    """Of a frame."""

    DATA = 0
    HEADERS = 1
    RST_STREAM = 3
    SETTINGS = 4
    PING = 6
    GOAWAY = 7
    WINDOW_UPDATE = 8
    CONTINUATION = 9


@dataclass(frozen=True, slots=True)
class Keepalive:
    """Seconds. While an answer is awaited and nothing comes, a ping is sent every interval_s; the
    connection is given up if it is not answered within timeout_s.
    """

    interval_s: float = 5.0
    timeout_s: float = 5.0


class Http2Connection(asyncio.Protocol):
    """Made by connect(). For one event loop."""

    def __init__(self, authority: str, scheme: str, keepalive: Keepalive) -> None:
        self._authority = authority
        self._scheme = scheme
        self._keepalive = keepalive
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._rest = b""
        self._encoder = Encoder()
        self._decoder = Decoder()
        self._answers: dict[int, Answer] = {}
        self._last_id = -1
        self._block: tuple[int, int, bytes] | None = None
        """Stream, flags and content of a header block of which more frames follow."""
        self._uncounted = 0
        """Bytes that have arrived and that the server has not been told of."""
        self._may_send = FIRST_WINDOW
        """Bytes of all requests together."""
        self._windows: dict[int, int] = {}
        """Bytes that each request that goes on may still send."""
        self._first_window = FIRST_WINDOW
        self._sendable = asyncio.Event()
        self._slots = asyncio.Semaphore(CALLS_MAX)
        self._error: Http2Error | None = None
        self._is_going_away = False
        self._arrivals = 0
        self._pong = asyncio.Event()
        self._pinging: asyncio.Task[None] | None = None
        self.established: asyncio.Future[None] = self._loop.create_future()

    @property
    def is_usable(self) -> bool:
        """For another request."""
        return self._error is None and not self._is_going_away and self._last_id < STREAM_ID_MAX

    async def post(self, path: str, headers: Iterable[tuple[str, str]], body: bytes) -> Answer:
        """Raises Http2Error; ValueError for more than 16 KiB."""
        if len(body) > FRAME_MAX:
            raise ValueError(f"{len(body)} bytes in one request, at most {FRAME_MAX}")
        await self._slots.acquire()
        try:
            while self._may_send < len(body) and self._error is None:
                self._sendable.clear()
                await self._sendable.wait()
            return self._open(path, headers, body)
        except BaseException:
            self._slots.release()
            raise

    async def open(self, path: str, headers: Iterable[tuple[str, str]]) -> Answer:
        """A request that goes on: see send(). Raises Http2Error."""
        await self._slots.acquire()
        try:
            answer = self._open(path, headers, None)
        except BaseException:
            self._slots.release()
            raise
        self._windows[self._last_id] = self._first_window
        return answer

    async def send(self, answer: Answer, data: bytes) -> None:
        """More of a request, as fast as the server takes it. One at a time for each request.

        Raises Http2Error if nothing more is taken. If it is cancelled, the answer has to be closed.
        """
        stream, place = answer.id, 0
        while place < len(data):
            if answer.is_over or stream not in self._windows:
                raise self._error or Http2Error("the call has ended")
            window = min(self._windows[stream], self._may_send, FRAME_MAX)
            if window <= 0:
                self._sendable.clear()
                await self._sendable.wait()
                continue
            part = data[place : place + window] if len(data) > window else data
            self._write(Kind.DATA, 0, stream, part)
            self._windows[stream] -= len(part)
            self._may_send -= len(part)
            place += len(part)

    async def is_alive(self, *, within_s: float) -> bool:
        """Whether the server answers a ping, or anything else comes."""
        before = self._arrivals
        self._pong.clear()
        self._write(Kind.PING, 0, 0, bytes(8))
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._pong.wait()
        if self._arrivals == before:
            # A loop that was busy for that long has not yet read what came meanwhile.
            await asyncio.sleep(LATE_S)
        return self._error is None and self._arrivals > before

    def abort(self, why: str) -> None:
        """At once: every answer under way fails with Http2Error."""
        self._fail(Http2Error(why))

    def close(self) -> None:
        """As abort, after what was written has been sent."""
        self._write(Kind.GOAWAY, 0, 0, bytes(8))
        self._fail(Http2Error("the connection was closed"), abort=False)

    def widen(self, stream: int, count: int) -> None:
        self._write(Kind.WINDOW_UPDATE, 0, stream, count.to_bytes(4, "big"))

    def forget(self, stream: int, *, reset: bool) -> None:
        if self._answers.pop(stream, None) is not None:
            self._windows.pop(stream, None)
            self._sendable.set()
            self._slots.release()
            if reset:
                self._write(Kind.RST_STREAM, 0, stream, CANCEL.to_bytes(4, "big"))

    # The protocol of asyncio

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(PREFACE)
        settings = struct.pack(">HIHI", ENABLE_PUSH, 0, INITIAL_WINDOW_SIZE, WINDOW)
        self._write(Kind.SETTINGS, 0, 0, settings)
        self.widen(0, CONNECTION_WINDOW - FIRST_WINDOW)
        self._pinging = self._loop.create_task(self._keep_alive())

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(Http2Error(f"Socket closed{f': {exc}' if exc else ''}"))

    def data_received(self, data: bytes) -> None:
        self._arrivals += 1
        if self._rest:
            data = self._rest + data
        place, end, counted = 0, len(data), 0
        try:
            while end - place >= HEADER.size:
                high, low, kind, flags, stream = HEADER.unpack_from(data, place)
                size = high << 8 | low
                if size > FRAME_MAX:
                    raise _not_http2()
                begin = place + HEADER.size
                if begin + size > end:
                    break
                place = begin + size
                payload = data[begin:place]
                if kind == 0:  # Kind.DATA, compared as a plain number as there are many
                    counted += size
                    self._take_data(stream, flags, payload)
                else:
                    self._take(kind, flags, stream, payload)
        except (Http2Error, HPACKError, struct.error, UnicodeDecodeError) as error:
            self._fail(error if isinstance(error, Http2Error) else _not_http2())
            return
        self._rest = data[place:]
        self._uncounted += counted
        if self._uncounted >= CONNECTION_WINDOW // 2:
            self.widen(0, self._uncounted)
            self._uncounted = 0

    # Frames

    def _take_data(self, stream: int, flags: int, payload: bytes) -> None:
        answer = self._answers.get(stream)
        if answer is None:
            return
        answer.put(_unpadded(payload) if flags & PADDED else payload, len(payload))
        if flags & END_STREAM:
            self._complete(answer)

    def _complete(self, answer: Answer) -> None:
        answer.complete()
        self._sendable.set()

    def _take(self, kind: int, flags: int, stream: int, payload: bytes) -> None:
        """Other kinds are of no use here, as are frames for answers that nobody reads."""
        if self._block is not None and kind != Kind.CONTINUATION:
            raise _not_http2()
        match kind:
            case Kind.HEADERS:
                self._take_headers(stream, flags, payload)
            case Kind.RST_STREAM:
                self._take_reset(stream, payload)
            case Kind.SETTINGS:
                self._take_settings(flags, payload)
            case Kind.PING:
                self._take_ping(flags, payload)
            case Kind.GOAWAY:
                self._take_going_away(payload)
            case Kind.WINDOW_UPDATE:
                self._take_window(stream, payload)
            case Kind.CONTINUATION:
                self._take_continuation(flags, payload)
            case _:
                pass

    def _take_headers(self, stream: int, flags: int, payload: bytes) -> None:
        if flags & PADDED:
            payload = _unpadded(payload)
        self._take_block(stream, flags, payload[5:] if flags & PRIORITY else payload)

    def _take_continuation(self, flags: int, payload: bytes) -> None:
        if self._block is not None:
            (stream, first_flags, content), self._block = self._block, None
            self._take_block(stream, first_flags | flags & END_HEADERS, content + payload)

    def _take_reset(self, stream: int, payload: bytes) -> None:
        if answer := self._answers.get(stream):
            (code,) = struct.unpack(">I", payload)
            answer.fail(Http2Error(f"the server reset the call (code {code})"))
            self._sendable.set()

    def _take_ping(self, flags: int, payload: bytes) -> None:
        if flags & ACK:
            self._pong.set()
        else:
            self._write(Kind.PING, ACK, 0, payload)

    def _take_window(self, stream: int, payload: bytes) -> None:
        count = int.from_bytes(payload, "big")
        if stream == 0:
            self._may_send += count
        elif stream in self._windows:
            self._windows[stream] += count
        self._sendable.set()

    def _take_block(self, stream: int, flags: int, content: bytes) -> None:
        if len(content) > BLOCK_MAX:
            raise _not_http2()
        if not flags & END_HEADERS:
            self._block = stream, flags, content
            return
        headers = {str(name): str(value) for name, value in self._decoder.decode(content)}
        answer = self._answers.get(stream)
        if answer is not None:
            answer.put_headers(headers)
            if flags & END_STREAM:
                self._complete(answer)

    def _take_settings(self, flags: int, payload: bytes) -> None:
        if flags & ACK:
            return
        for name, value in struct.iter_unpack(">HI", payload):
            if name == HEADER_TABLE_SIZE:
                self._encoder.header_table_size = min(value, self._encoder.header_table_size)
            elif name == INITIAL_WINDOW_SIZE:
                for stream in self._windows:
                    self._windows[stream] += value - self._first_window
                self._first_window = value
                self._sendable.set()
            elif name == MAX_CONCURRENT_STREAMS and not self.established.done():
                self._slots = asyncio.Semaphore(max(1, min(value, CALLS_MAX)))
        self._write(Kind.SETTINGS, ACK, 0, b"")
        if not self.established.done():
            self.established.set_result(None)

    def _take_going_away(self, payload: bytes) -> None:
        last, code = struct.unpack_from(">II", payload)
        self._is_going_away = True
        for stream, answer in self._answers.items():
            if stream > last:
                answer.fail(Http2Error(f"the server is going away (code {code})"))
        self._sendable.set()

    def _open(self, path: str, headers: Iterable[tuple[str, str]], body: bytes | None) -> Answer:
        if self._error is not None:
            raise self._error
        if not self.is_usable:
            raise Http2Error("the server is going away")
        self._last_id += 2
        stream = self._last_id
        answer = self._answers[stream] = Answer(self, stream)
        first = (":method", "POST"), (":scheme", self._scheme), (":path", path)
        block = self._encoder.encode([*first, (":authority", self._authority), *headers])
        self._write(Kind.HEADERS, END_HEADERS, stream, block)
        if body is not None:
            self._write(Kind.DATA, END_STREAM, stream, body)
            self._may_send -= len(body)
        return answer

    def _write(self, kind: int, flags: int, stream: int, payload: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            size = len(payload)
            header = HEADER.pack(size >> 8, size & 0xFF, kind, flags, stream)
            self._transport.write(header + payload)

    async def _keep_alive(self) -> None:
        while self._error is None:
            before = self._arrivals
            await asyncio.sleep(self._keepalive.interval_s)
            is_quiet = self._answers and self._arrivals == before
            if is_quiet and not await self.is_alive(within_s=self._keepalive.timeout_s):
                self.abort("ping timeout")

    def _fail(self, error: Http2Error, *, abort: bool = True) -> None:
        if self._error is not None:
            return
        self._error = error
        if not self.established.done():
            self.established.set_exception(error)
            self.established.exception()
        for answer in self._answers.values():
            answer.fail(error)
        self._sendable.set()
        if self._pinging is not None:
            self._pinging.cancel()
        if self._transport is not None:
            self._transport.abort() if abort else self._transport.close()


async def connect(
    host: str, port: int, *, tls: ssl.SSLContext | None, keepalive: Keepalive
) -> Http2Connection:
    """Returns when the server has answered. Raises OSError (also of TLS), Http2Error."""
    scheme = "http" if tls is None else "https"
    authority = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    _, connection = await asyncio.get_running_loop().create_connection(
        lambda: Http2Connection(authority, scheme, keepalive), host, port, ssl=tls
    )
    try:
        await asyncio.shield(connection.established)
    except BaseException:
        connection.abort("not established")
        raise
    return connection


def _unpadded(payload: bytes) -> bytes:
    if not payload or payload[0] >= len(payload):
        raise _not_http2()
    return payload[1 : len(payload) - payload[0]]


def _not_http2() -> Http2Error:
    return Http2Error("what came is not HTTP/2")
