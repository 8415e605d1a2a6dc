"""HTTP/2 by the frame: what no client of gRPC sends, and how much of it the server takes."""

import asyncio
import struct
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from hpack import Decoder, Encoder

from api.grpc.connection import IDLE_FRAMES_MAX, STREAMS_MAX
from api.grpc.http2 import (
    ACK,
    END_HEADERS,
    END_STREAM,
    INITIAL_WINDOW_SIZE,
    PADDED,
    PREFACE,
    PRIORITY_FLAG,
    Heads,
    Http2Error,
    Kind,
    Reason,
    frame,
    header_block,
    settings,
)
from api.grpc.server import Server
from api.proto.order import order_service_pb2 as pb
from api.rpc.watch import Watch
from runtime.telemetry import Telemetry
from tests.api.grpc.conftest import Grpc, order_of
from tests.waiting import HUNG_S

CREATE = "/order.OrderService/CreateOrder"
GET = "/order.OrderService/GetOrder"


def head_of(path: str = CREATE, **more: str) -> list[tuple[str, str]]:
    sent = [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", path),
        (":authority", "localhost"),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
    ]
    return sent + [(name.replace("_", "-"), value) for name, value in more.items()]


def block(headers: Iterable[tuple[str, str]]) -> bytes:
    return header_block((name.encode(), value.encode()) for name, value in headers)


def message(content: bytes) -> bytes:
    return struct.pack(">BI", 0, len(content)) + content


ORDER = message(order_of(order_id="o1").SerializeToString())


@dataclass
class Answered:
    """What came on a stream. reset: None if it was not."""

    headers: dict[bytes, bytes] = field(default_factory=dict)
    content: bytes = b""
    ended: bool = False
    reset: Reason | None = None


class Client:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.streams: dict[int, Answered] = {}
        self.goaway: Reason | None = None
        self.acks = 0
        self.pongs = 0
        self.closed = False
        self._decoder = Decoder()

    async def send(self, *frames: bytes) -> None:
        self.writer.write(b"".join(frames))
        await self.writer.drain()

    async def call(self, stream: int, path: str = CREATE, content: bytes = ORDER) -> None:
        await self.send(
            frame(Kind.HEADERS, END_HEADERS, stream, block(head_of(path))),
            frame(Kind.DATA, END_STREAM, stream, content),
        )

    async def read(self) -> None:
        """One frame."""
        try:
            head = await self.reader.readexactly(9)
            high, low, kind, flags, stream = struct.unpack(">HBBBI", head)
            content = await self.reader.readexactly(high << 8 | low)
        except (asyncio.IncompleteReadError, ConnectionError):
            self.closed = True
            return
        answered = self.streams.setdefault(stream, Answered())
        if kind in {Kind.DATA, Kind.HEADERS}:
            answered.ended = answered.ended or bool(flags & END_STREAM)
        match kind:
            case Kind.DATA:
                answered.content += content
            case Kind.HEADERS:
                answered.headers |= dict(self._decoder.decode(content, raw=True))  # type: ignore[arg-type]
            case Kind.RST_STREAM:
                answered.reset = Reason(int.from_bytes(content, "big"))
            case Kind.GOAWAY:
                self.goaway = Reason(int.from_bytes(content[4:8], "big"))
            case Kind.PING:
                self.pongs += bool(flags & ACK)
            case Kind.SETTINGS:
                self.acks += bool(flags & ACK)
            case _:
                pass

    async def until(self, holds: Any) -> None:
        async with asyncio.timeout(HUNG_S):
            while not holds() and not self.closed:
                await self.read()
        assert holds() or self.closed

    async def answer(self, stream: int) -> Answered:
        found = self.streams.setdefault(stream, Answered())
        await self.until(lambda: found.ended or found.reset is not None)
        return found


@asynccontextmanager
async def connected(
    rpc: Grpc, opening: bytes | None = None, *, to: str = ""
) -> AsyncIterator[Client]:
    host, _, port = (to or rpc.address).rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    client = Client(reader, writer)
    await client.send(PREFACE + frame(Kind.SETTINGS, 0, 0) if opening is None else opening)
    try:
        yield client
    finally:
        writer.close()


def created(answered: Answered) -> pb.OrderResponse:
    assert answered.headers[b"grpc-status"] == b"0"
    return pb.OrderResponse.FromString(answered.content[5:])


async def test_a_call_is_answered(rpc: Grpc) -> None:
    async with connected(rpc) as client:
        await client.call(1)
        assert created(await client.answer(1)).order_id == "o1"


async def test_a_call_in_many_small_pieces_is_one(rpc: Grpc) -> None:
    headers = block(head_of(x_more="y" * 20_000))
    parts = [headers[at : at + 3000] for at in range(0, len(headers), 3000)]
    sent = frame(Kind.HEADERS, 0, 1, parts[0])
    sent += b"".join(frame(Kind.CONTINUATION, 0, 1, part) for part in parts[1:-1])
    sent += frame(Kind.CONTINUATION, END_HEADERS, 1, parts[-1])
    sent += b"".join(frame(Kind.DATA, 0, 1, ORDER[at : at + 1]) for at in range(len(ORDER)))
    sent += frame(Kind.DATA, END_STREAM, 1)
    async with connected(rpc) as client:
        for at in range(0, len(sent), 1000):
            await client.send(sent[at : at + 1000])
        assert created(await client.answer(1)).order_id == "o1"


async def test_padding_priority_and_frames_of_other_kinds_are_taken(rpc: Grpc) -> None:
    padded = bytes((4,)) + bytes(5) + block(head_of()) + bytes(4)
    async with connected(rpc) as client:
        await client.send(
            frame(Kind.PRIORITY, 0, 1, bytes(5)),
            struct.pack(">HBBBI", 0, 3, 0x77, 0, 0) + b"new",
            frame(Kind.HEADERS, END_HEADERS | PADDED | PRIORITY_FLAG, 1, padded),
            frame(Kind.DATA, PADDED, 1, bytes((3,)) + ORDER + bytes(3)),
            frame(Kind.HEADERS, END_HEADERS | END_STREAM, 1, block([("x", "trailer")])),
        )
        assert created(await client.answer(1)).order_id == "o1"


async def test_heads_that_refer_to_the_table_are_read_as_they_were_meant(rpc: Grpc) -> None:
    """Blocks are remembered; one whose table has changed since says something else."""
    encoder = Encoder()
    async with connected(rpc) as client:
        for number, actor in enumerate(("ada", "ada", "grace", "ada", "alan", "alan")):
            stream, sent = 2 * number + 1, order_of(order_id=f"o{number}").SerializeToString()
            headers = [*head_of(), ("daybook-actor", actor)]
            await client.send(
                frame(Kind.HEADERS, END_HEADERS, stream, encoder.encode(headers)),
                frame(Kind.DATA, END_STREAM, stream, message(sent)),
            )
            created(await client.answer(stream))
            events = await rpc.api.client.get(f"/v1/orders/o{number}/events")
            assert events.json()["items"][0]["actor"] == actor


def test_a_head_is_remembered_only_while_the_table_stays() -> None:
    heads, encoder = Heads(), Encoder()
    first = encoder.encode([*head_of(), ("daybook-actor", "ada")])
    again = encoder.encode([*head_of(), ("daybook-actor", "ada")])
    heads.read(first)
    known = heads.read(again)
    assert heads.read(again) is known
    heads.read(encoder.encode([*head_of(), ("daybook-actor", "grace")]))
    assert heads.read(encoder.encode([*head_of(), ("daybook-actor", "ada")])) is not known
    with pytest.raises(Http2Error):
        heads.read(b"\xff\xff\xff\xff\xff\xff")


async def test_an_answer_waits_for_the_clients_windows(rpc: Grpc) -> None:
    small = PREFACE + frame(Kind.SETTINGS, 0, 0, settings({INITIAL_WINDOW_SIZE: 10}))
    async with connected(rpc, small) as client:
        await client.call(1)
        found = client.streams.setdefault(1, Answered())
        await client.until(lambda: len(found.content) == 10)
        await client.send(frame(Kind.PING, 0, 0, bytes(8)))
        await client.until(lambda: client.pongs)
        assert len(found.content) == 10
        await client.send(frame(Kind.WINDOW_UPDATE, 0, 1, (5).to_bytes(4, "big")))
        await client.until(lambda: len(found.content) == 15)
        more = settings({INITIAL_WINDOW_SIZE: 10_000})
        await client.send(frame(Kind.SETTINGS, 0, 0, more))
        assert created(await client.answer(1)).order_id == "o1"


WRONG = {
    "HTTP/1": (b"GET / HTTP/1.1\r\n\r\n", Reason.PROTOCOL_ERROR),
    "no settings": (PREFACE + frame(Kind.PING, 0, 0, bytes(8)), Reason.PROTOCOL_ERROR),
}
WRONG_FRAMES = {
    "a frame that is too large": (struct.pack(">HBBBI", 0x80, 0, 0, 0, 1), Reason.FRAME_SIZE_ERROR),
    "data of no stream": (frame(Kind.DATA, 0, 0, b"x"), Reason.PROTOCOL_ERROR),
    "data of a stream to come": (frame(Kind.DATA, 0, 7, b"x"), Reason.PROTOCOL_ERROR),
    "a reset of a stream to come": (frame(Kind.RST_STREAM, 0, 7, bytes(4)), Reason.PROTOCOL_ERROR),
    "a stream of the server": (
        frame(Kind.HEADERS, END_HEADERS, 2, block(head_of())),
        Reason.PROTOCOL_ERROR,
    ),
    "no stream": (frame(Kind.HEADERS, END_HEADERS, 0, b""), Reason.PROTOCOL_ERROR),
    "a promise": (frame(Kind.PUSH_PROMISE, 0, 1, bytes(4)), Reason.PROTOCOL_ERROR),
    "a continuation of nothing": (frame(Kind.CONTINUATION, 0, 1, b""), Reason.PROTOCOL_ERROR),
    "something within a head": (
        frame(Kind.HEADERS, 0, 1, b"") + frame(Kind.PING, 0, 0, bytes(8)),
        Reason.PROTOCOL_ERROR,
    ),
    "a head that cannot be read": (
        frame(Kind.HEADERS, END_HEADERS, 1, b"\xff\xff\xff\xff\xff"),
        Reason.COMPRESSION_ERROR,
    ),
    "a head that expands": (
        frame(Kind.HEADERS, END_HEADERS, 1, Encoder().encode([("x", "y" * 4000)]) + b"\xbe" * 100),
        Reason.COMPRESSION_ERROR,
    ),
    "a head without end": (
        frame(Kind.HEADERS, 0, 1, b"") + frame(Kind.CONTINUATION, 0, 1, bytes(16_000)) * 17,
        Reason.ENHANCE_YOUR_CALM,
    ),
    "a window of nothing": (frame(Kind.WINDOW_UPDATE, 0, 0, bytes(4)), Reason.PROTOCOL_ERROR),
    "a window too wide": (
        frame(Kind.WINDOW_UPDATE, 0, 0, b"\x7f\xff\xff\xff"),
        Reason.FLOW_CONTROL_ERROR,
    ),
    "settings too wide": (
        frame(Kind.SETTINGS, 0, 0, settings({INITIAL_WINDOW_SIZE: 2**31})),
        Reason.FLOW_CONTROL_ERROR,
    ),
    "settings cut off": (frame(Kind.SETTINGS, 0, 0, bytes(5)), Reason.FRAME_SIZE_ERROR),
    "a short ping": (frame(Kind.PING, 0, 0, bytes(7)), Reason.FRAME_SIZE_ERROR),
    "more padding than content": (
        frame(Kind.HEADERS, END_HEADERS | PADDED, 1, b"\x09abc"),
        Reason.PROTOCOL_ERROR,
    ),
    "two heads": (
        frame(Kind.HEADERS, END_HEADERS, 1, block(head_of())) * 2,
        Reason.PROTOCOL_ERROR,
    ),
    "many pings": (
        frame(Kind.PING, 0, 0, bytes(8)) * (IDLE_FRAMES_MAX + 1),
        Reason.ENHANCE_YOUR_CALM,
    ),
    "many settings": (frame(Kind.SETTINGS, 0, 0) * (IDLE_FRAMES_MAX + 1), Reason.ENHANCE_YOUR_CALM),
    "much empty data": (
        frame(Kind.HEADERS, END_HEADERS, 1, block(head_of()))
        + frame(Kind.DATA, 0, 1) * (IDLE_FRAMES_MAX + 1),
        Reason.ENHANCE_YOUR_CALM,
    ),
    "many resets": (
        b"".join(
            frame(Kind.HEADERS, END_HEADERS, stream, block(head_of(GET)))
            + frame(Kind.RST_STREAM, 0, stream, bytes(4))
            for stream in range(1, 2 * IDLE_FRAMES_MAX + 4, 2)
        ),
        Reason.ENHANCE_YOUR_CALM,
    ),
}


async def test_a_connection_that_goes_wrong_is_ended_and_the_others_go_on(rpc: Grpc) -> None:
    begun = PREFACE + frame(Kind.SETTINGS, 0, 0)
    for case, (sent, reason) in [*WRONG.items(), *WRONG_FRAMES.items()]:
        async with connected(rpc, sent if case in WRONG else begun + sent) as client:
            await ended(client)
            assert client.goaway is reason, case
    assert await rpc.api.stored() == 0
    assert (await rpc.create(order_id="after")).order_id == "after"


async def ended(client: Client) -> None:
    await client.until(lambda: client.goaway is not None)
    await client.until(lambda: client.closed)


HEADS = {
    "no gRPC": [*head_of()[:4], ("content-type", "text/html")],
    "a GET": [(":method", "GET"), *head_of()[1:]],
    "no path": [pair for pair in head_of() if pair[0] != ":path"],
    "capitals": [*head_of(), ("X-Actor", "ada")],
    "of HTTP/1": [*head_of(), ("connection", "close")],
    "two paths": [(":path", "/x"), *head_of()],
    "a late path": [*head_of(), (":path", "/x")],
}


async def test_a_stream_that_is_no_call_is_reset(rpc: Grpc) -> None:
    async with connected(rpc) as client:
        for number, (case, head) in enumerate(HEADS.items()):
            stream = 2 * number + 1
            await client.send(frame(Kind.HEADERS, END_HEADERS | END_STREAM, stream, block(head)))
            assert (await client.answer(stream)).reset is Reason.PROTOCOL_ERROR, case
        await client.call(99)
        created(await client.answer(99))


CALLS: dict[str, tuple[dict[str, str], bytes, bytes]] = {
    "a timeout that is none": ({"grpc_timeout": "soon"}, ORDER, b"3"),
    "a timeout of nothing": ({"grpc_timeout": "0m"}, ORDER, b"4"),
    "an encoding": ({"grpc_encoding": "gzip"}, ORDER, b"12"),
    "a compressed message": ({}, b"\x01" + ORDER[1:], b"12"),
    "no message": ({}, b"", b"3"),
    "two messages": ({}, ORDER * 2, b"3"),
    "half a message": ({}, ORDER[:-4], b"3"),
    "a message that is too large": ({}, struct.pack(">BI", 0, 2**31), b"8"),
    "bad bytes in the metadata": ({}, ORDER, b"3"),
}


async def test_a_call_that_is_wrong_gets_its_code(rpc: Grpc) -> None:
    async with connected(rpc) as client:
        for number, (case, (more, content, code)) in enumerate(CALLS.items()):
            stream, headers = 2 * number + 1, block(head_of(**more))
            if case.startswith("bad bytes"):
                headers += header_block([(b"daybook-actor", b"\xff\xfe")])
            await client.send(
                frame(Kind.HEADERS, END_HEADERS, stream, headers),
                frame(Kind.DATA, END_STREAM, stream, content),
            )
            assert (await client.answer(stream)).headers[b"grpc-status"] == code, case
        assert await rpc.api.stored() == 0
        await client.call(99)
        created(await client.answer(99))


async def test_more_streams_than_a_connection_may_have_are_refused(rpc: Grpc) -> None:
    head = block(head_of())
    async with connected(rpc) as client:
        opened = range(1, 2 * STREAMS_MAX + 1, 2)
        await client.send(*(frame(Kind.HEADERS, END_HEADERS, stream, head) for stream in opened))
        await client.call(2 * STREAMS_MAX + 1)
        assert (await client.answer(2 * STREAMS_MAX + 1)).reset is Reason.REFUSED_STREAM
        await client.send(frame(Kind.DATA, END_STREAM, 1, ORDER))
        assert created(await client.answer(1)).order_id == "o1"


async def test_data_beyond_the_windows_ends_the_connection(rpc: Grpc) -> None:
    async with connected(rpc) as client:
        most = rpc.api.services.limits.body_max_bytes
        await client.send(
            frame(Kind.HEADERS, END_HEADERS, 1, block(head_of())),
            frame(Kind.DATA, 0, 1, struct.pack(">BI", 0, most)),
            *[frame(Kind.DATA, 0, 1, bytes(16_000))] * (most // 16_000 + 1),
        )
        await client.until(lambda: client.goaway is not None)
        assert client.goaway is Reason.FLOW_CONTROL_ERROR


async def test_an_idle_connection_gives_way_to_a_new_one(rpc: Grpc) -> None:
    server = Server(rpc.methods.values(), Watch(Telemetry()), rpc.api.services.limits, most=2)
    loop = asyncio.get_running_loop()
    async with await loop.create_server(server.connection, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        address = f"127.0.0.1:{port}"
        async with connected(rpc, to=address) as first, connected(rpc, to=address) as second:
            await first.call(1)
            created(await first.answer(1))
            await second.send(frame(Kind.HEADERS, END_HEADERS, 1, block(head_of())))
            await second.until(lambda: second.acks)
            async with connected(rpc, to=address) as third:
                await third.call(1, GET, message(b"\x0a\x02o1"))
                created(await third.answer(1))
                await ended(first)
                assert first.goaway is Reason.NO_ERROR
                await second.send(frame(Kind.DATA, END_STREAM, 1, ORDER.replace(b"o1", b"o2")))
                assert created(await second.answer(1)).order_id == "o2"
                third.writer.write(frame(Kind.HEADERS, END_HEADERS, 3, block(head_of())))
        await server.drain(HUNG_S)


async def test_a_stream_of_messages_of_nothing_keeps_nobody_waiting(rpc: Grpc) -> None:
    path = "/daybook.v1.LedgerService/ExecuteStream"
    async with connected(rpc) as client:
        await client.send(
            frame(Kind.HEADERS, END_HEADERS, 1, block(head_of(path))),
            *[frame(Kind.DATA, 0, 1, message(b"") * 3000)] * 20,
        )
        await client.call(3)
        assert created(await client.answer(3)).order_id == "o1"
        assert not client.streams.setdefault(1, Answered()).ended
        await client.send(frame(Kind.DATA, END_STREAM, 1))
        assert (await client.answer(1)).headers[b"grpc-status"] == b"0"


async def test_a_client_that_leaves_in_the_middle_leaves_nothing(rpc: Grpc) -> None:
    async with connected(rpc) as client:
        await client.send(
            frame(Kind.HEADERS, END_HEADERS, 1, block(head_of())),
            frame(Kind.DATA, 0, 1, ORDER[:10]),
        )
    assert (await rpc.create(order_id="after")).order_id == "after"
    assert await rpc.api.stored() == 1
