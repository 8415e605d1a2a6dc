"""What a connection may cost, with both parsers: heads, waiting, the rest of a request, places."""

import asyncio
import json
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any, Protocol

import pytest
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from runtime.http.connection import DISCARD_BYTES_MAX, LimitedConnection
from runtime.http.connections import HEAD_BYTES_MAX, OPERATIONS_ONLY, Connections, Times
from runtime.http.listening import answer_requests, bound_socket
from runtime.http.upgrades import UpgradesIgnored
from tests.waiting import HUNG_S

SOON_S = HUNG_S
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
SHORT = Times(head_s=0.2, write_s=0.2, look_s=0.02)
LONG = Times(head_s=60, write_s=60, look_s=0.02)


class _Httptools(LimitedConnection, UpgradesIgnored, HttpToolsProtocol):
    pass


class _H11(LimitedConnection, UpgradesIgnored, H11Protocol):  # type: ignore[misc]
    pass


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers before it reads; a /large one with what no socket holds, /slow only when told.

    /stream begins to answer, and reads on. /later reads the body, and answers once it has waited in
    vain for the client to go.
    """
    if scope["path"] == "/later" and await _goes(receive):
        return
    if scope["path"] == "/slow":
        await receive()
        while (await receive())["type"] != "http.disconnect":
            pass
        return
    if scope["path"] == "/stream":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"first line", "more_body": True})
        await _goes(receive)
        return
    if scope["path"] == "/echo":
        await _echo(receive, send)
        return
    body = b"x" * 8_000_000 if scope["path"] == "/large" else b"answered"
    if OPERATIONS_ONLY in scope["state"]:
        body = b"operations only"
    length = b"%d" % len(body)
    await send(
        {"type": "http.response.start", "status": 413, "headers": [(b"content-length", length)]}
    )
    await send({"type": "http.response.body", "body": body})


async def _echo(receive: Receive, send: Send) -> None:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    length = (b"content-length", b"%d" % len(body))
    await send({"type": "http.response.start", "status": 200, "headers": [length]})
    await send({"type": "http.response.body", "body": body})


async def _goes(receive: Receive) -> bool:
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return True
        more = message.get("more_body", False)
    with suppress(TimeoutError):
        async with asyncio.timeout(0.2):
            await receive()
            return True
    return False


Serve = Callable[[Connections], Awaitable[int]]


@pytest.fixture(params=[_Httptools, _H11])
async def serve(request: pytest.FixtureRequest) -> AsyncIterator[Serve]:
    """Answers on a free port, by each parser, until the test ends."""
    async with AsyncExitStack() as stack:

        async def started(connections: Connections) -> int:
            return await stack.enter_async_context(_serving(connections, request.param))

        yield started


@asynccontextmanager
async def _serving(connections: Connections, protocol: type[Any]) -> AsyncIterator[int]:
    listener = bound_socket("127.0.0.1", 0)
    stop, ready = asyncio.Event(), asyncio.Event()
    serving = asyncio.create_task(
        answer_requests(
            app,
            listener,
            stop=stop,
            stop_s=2,
            ready=ready.set,
            connections=connections,
            protocol=protocol,
        )
    )
    await ready.wait()
    yield listener.getsockname()[1]
    stop.set()
    await serving


class Client:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def answer(self) -> tuple[int, bytes]:
        """Status and body."""
        async with asyncio.timeout(SOON_S):
            head = (await self.reader.readuntil(b"\r\n\r\n")).lower()
            length = int(head.split(b"content-length: ")[1].split(b"\r")[0])
            return int(head[9:12]), await self.reader.readexactly(length)

    async def end(self) -> bytes:
        """The rest until the server closes, or breaks off."""
        rest = b""
        async with asyncio.timeout(SOON_S):
            with suppress(ConnectionError):
                while data := await self.reader.read(65536):
                    rest += data
        return rest

    def break_off(self) -> None:
        """With a reset; an end of sending would leave it open for the answer."""
        linger = struct.pack("ii", 1, 0)
        self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.writer.transport.abort()

    async def send_for_ever(self, piece: bytes, *, bytes_max: int) -> int:
        """Until the server breaks off; how many bytes that took."""
        sent = 0
        async with asyncio.timeout(SOON_S):
            with suppress(ConnectionError):
                while sent < bytes_max:
                    self.writer.write(piece)
                    await self.writer.drain()
                    sent += len(piece)
        return sent


class Connect(Protocol):
    async def __call__(self, port: int, first: bytes = b"") -> Client: ...


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """Opens connections that are closed when the test ends."""
    clients: list[Client] = []

    async def connected(port: int, first: bytes = b"") -> Client:
        clients.append(Client(*await asyncio.open_connection("127.0.0.1", port)))
        clients[-1].writer.write(first)
        return clients[-1]

    yield connected
    for client in clients:
        client.writer.transport.abort()
    for client in clients:
        with suppress(ConnectionError):
            await client.writer.wait_closed()


def kind(body: bytes) -> str:
    return str(json.loads(body)["type"])


# Heads ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "start",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\nX: ",
        b"GET /",
        b"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;x=",
        b"POST /slow HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: ",
    ],
    ids=["header", "address", "answered", "trailer"],
)
async def test_what_has_no_end_is_cut_off(serve: Serve, connect: Connect, start: bytes) -> None:
    client = await connect(await serve(Connections(times=LONG)), start)

    sent = await client.send_for_ever(b"x" * 65536, bytes_max=4 * DISCARD_BYTES_MAX)

    assert sent < 2 * DISCARD_BYTES_MAX


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * (HEAD_BYTES_MAX + 1),
        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: x\r\n" * (HEAD_BYTES_MAX // 6 + 1),
    ],
    ids=["one header", "many headers"],
)
async def test_a_head_without_end_is_431(serve: Serve, connect: Connect, head: bytes) -> None:
    client = await connect(await serve(Connections(times=LONG)), head)

    status, body = await client.answer()

    assert (status, kind(body)) == (431, "/problems#head-too-large")


async def test_what_is_not_http_is_a_problem(serve: Serve, connect: Connect) -> None:
    client = await connect(await serve(Connections(times=LONG)), b"\x16\x03\x01 hello\r\n\r\n")

    status, body = await client.answer()

    assert (status, kind(body)) == (400, "/problems#bad-request")


async def test_a_stream_that_turns_into_nonsense_is_broken_off(
    serve: Serve, connect: Connect
) -> None:
    head = b"POST /slow HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    client = await connect(await serve(Connections(times=LONG)), head + b"nonsense\r\n")

    assert (await client.answer())[0] == 400


# Waiting -------------------------------------------------------------------------------------


async def test_a_silent_connection_is_closed(serve: Serve, connect: Connect) -> None:
    client = await connect(await serve(Connections(times=SHORT)))

    assert await client.end() == b""


@pytest.mark.parametrize("before", [b"", GET], ids=["the first", "a later one"])
async def test_a_head_that_does_not_arrive_in_time_is_408(
    serve: Serve, connect: Connect, before: bytes
) -> None:
    client = await connect(await serve(Connections(times=SHORT)), before)
    if before:
        await client.answer()
    client.writer.write(b"GET / HTTP/1.1\r\n")

    status, body = await client.answer()

    assert (status, kind(body)) == (408, "/problems#request-timeout")
    assert await client.end() == b""


async def test_a_head_that_dribbles_has_no_longer(serve: Serve, connect: Connect) -> None:
    client = await connect(await serve(Connections(times=SHORT)), b"GET / HTTP/1.1\r\n")

    async def dribble() -> None:
        while True:
            client.writer.write(b"X: x\r\n")
            await asyncio.sleep(0.02)

    dribbling = asyncio.create_task(dribble())
    status, _ = await client.answer()
    dribbling.cancel()

    assert status == 408


async def test_a_connection_between_two_requests_is_let_be(serve: Serve, connect: Connect) -> None:
    connections = Connections(times=SHORT)
    client = await connect(await serve(connections), GET)
    await client.answer()
    await asyncio.sleep(5 * SHORT.head_s)
    client.writer.write(GET)

    assert (await client.answer())[0] == 413


async def test_an_answer_that_nobody_reads_is_given_up(serve: Serve) -> None:
    connections = Connections(times=SHORT)
    port = await serve(connections)
    with socket.create_connection(("127.0.0.1", port)) as deaf:
        deaf.sendall(
            GET.replace(b"/ ", b"/large ").replace(b"x\r\n", b"x\r\nConnection: close\r\n")
        )
        await _until(lambda: len(connections) == 1)

        await _until(lambda: len(connections) == 0)


# The rest of a request that is answered already ----------------------------------------------


@pytest.mark.parametrize("close", [b"Connection: close\r\n", b""], ids=["close", "keep-alive"])
async def test_a_client_that_sends_all_before_it_reads_sees_the_answer(
    serve: Serve, connect: Connect, close: bytes
) -> None:
    size = 8 * 1_048_576
    head = b"POST / HTTP/1.1\r\nHost: x\r\n%bContent-Length: %d\r\n\r\n" % (close, size)
    client = await connect(await serve(Connections(times=LONG)), head)

    sent = await client.send_for_ever(b"x" * 65536, bytes_max=size)

    assert sent == size
    assert await client.answer() == (413, b"answered")


async def test_a_connection_goes_on_after_a_body_that_was_thrown_away(
    serve: Serve, connect: Connect
) -> None:
    size = 1_048_576
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % size
    client = await connect(await serve(Connections(times=LONG)), head + b"x" * size + GET)

    assert [await client.answer() for _ in range(2)] == [(413, b"answered")] * 2


@pytest.mark.parametrize("close", [b"Connection: close\r\n", b""], ids=["close", "keep-alive"])
async def test_the_rest_of_a_request_is_bounded_in_bytes(
    serve: Serve, connect: Connect, close: bytes
) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\n%bContent-Length: 999999999\r\n\r\n" % close
    client = await connect(await serve(Connections(times=LONG)), head)

    sent = await client.send_for_ever(b"x" * 65536, bytes_max=4 * DISCARD_BYTES_MAX)

    assert sent < 2 * DISCARD_BYTES_MAX


@pytest.mark.parametrize("close", [b"Connection: close\r\n", b""], ids=["close", "keep-alive"])
async def test_the_rest_of_a_request_is_bounded_in_time(
    serve: Serve, connect: Connect, close: bytes
) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\n%bContent-Length: 10\r\n\r\n" % close
    client = await connect(await serve(Connections(times=SHORT)), head)
    assert await client.answer() == (413, b"answered")

    assert await client.end() == b""


# Places --------------------------------------------------------------------------------------


async def test_a_new_connection_takes_the_place_of_the_longest_idle(
    serve: Serve, connect: Connect
) -> None:
    refused: list[None] = []
    connections = Connections(4, times=LONG, on_refused=lambda: refused.append(None))
    port = await serve(connections)
    silent = [await connect(port) for _ in range(4)]
    await _until(lambda: len(connections) == 4)

    client = await connect(port, GET)

    assert await client.answer() == (413, b"answered")
    assert await silent[0].end() == b""
    assert (len(connections), len(refused)) == (4, 1)


async def test_where_none_is_idle_new_ones_are_for_operations_and_then_refused(
    serve: Serve,
    connect: Connect,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("runtime.http.connections.OPERATIONS_KEPT", 1)
    connections = Connections(2, times=LONG)
    port = await serve(connections)
    slow = [await connect(port, GET.replace(b"/ ", b"/slow ")) for _ in range(2)]
    await _until(lambda: not connections._idle)

    extra = await connect(port, GET.replace(b"/ ", b"/slow "))
    for client in slow:
        assert client.reader.at_eof() is False
    await _until(lambda: len(connections) == 3 and not connections._idle)
    beyond = await connect(port)
    status, body = await beyond.answer()
    assert (status, kind(body)) == (503, "/problems#too-many-connections")
    assert await beyond.end() == b""
    assert len([r for r in caplog.records if "all connections are taken" in r.message]) == 1

    extra.break_off()
    await _until(lambda: len(connections) == 2)
    operations = await connect(port, GET)
    assert await operations.answer() == (413, b"operations only")


@pytest.mark.parametrize("dribbling", [False, True])
async def test_where_none_is_idle_the_longest_unfinished_request_gives_up_its_place(
    serve: Serve, connect: Connect, *, dribbling: bool
) -> None:
    connections = Connections(3, times=LONG)
    port = await serve(connections)
    unfinished = []
    for number in range(3):
        unfinished.append(await connect(port, _begun("/echo")))
        await _until(lambda taken=number + 1: len(connections._unfinished) == taken)  # type: ignore[misc]
    if dribbling:
        unfinished[0].writer.write(b"a")

    client = await connect(port, GET)

    assert await client.answer() == (413, b"answered")
    status, body = await unfinished[0].answer()
    assert (status, kind(body)) == (503, "/problems#too-many-connections")
    assert await unfinished[0].end() == b""
    assert len(connections) == 3
    client.break_off()
    unfinished[1].writer.write(b"abc")
    assert await unfinished[1].answer() == (200, b"abc")


async def test_a_whole_request_or_a_stream_does_not_give_up_its_place(
    serve: Serve, connect: Connect
) -> None:
    connections = Connections(2, times=LONG)
    port = await serve(connections)
    whole = await connect(port, _begun("/slow"))
    await _until(lambda: bool(connections._unfinished))
    whole.writer.write(b"abc")
    stream = await connect(port, _begun("/stream"))
    await stream.reader.readuntil(b"first line")
    await _until(lambda: not any(each.is_unfinished for each in connections._unfinished))

    client = await connect(port, GET)

    assert await client.answer() == (413, b"operations only")
    assert not whole.reader.at_eof()
    assert not stream.reader.at_eof()


def _begun(path: str) -> bytes:
    """A request whose body is still to come."""
    return b"POST %b HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n" % path.encode()


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(SOON_S):
        while not holds():  # noqa: ASYNC110 (what is awaited is no event of this test's)
            await asyncio.sleep(0.01)


# A client that sends no more, and reads on ---------------------------------------------------

LATER = b"POST /later HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"


@pytest.mark.parametrize("requests", [1, 3])
async def test_a_half_closed_client_gets_every_answer_and_then_the_end(
    serve: Serve, connect: Connect, requests: int
) -> None:
    port = await serve(Connections(10, times=LONG))

    client = await connect(port, LATER * requests)
    client.writer.write_eof()

    for _ in range(requests):
        assert await client.answer() == (413, b"answered")
    assert await client.end() == b""


@pytest.mark.parametrize(
    "sent", [b"", b"GET /later HT", LATER[:-1], GET.replace(b"Host", b"Expect: 100-continue")[:-2]]
)
async def test_a_half_closed_client_whose_request_is_not_whole_is_let_go(
    serve: Serve, connect: Connect, sent: bytes
) -> None:
    port = await serve(Connections(10, times=LONG))

    client = await connect(port, sent)
    client.writer.write_eof()

    assert await client.end() == b""


async def test_a_client_that_half_closes_between_two_requests_is_let_go(
    serve: Serve, connect: Connect
) -> None:
    client = await connect(await serve(Connections(10, times=LONG)), LATER)
    assert await client.answer() == (413, b"answered")

    client.writer.write_eof()

    assert await client.end() == b""


# What follows a whole request ----------------------------------------------------------------


async def test_nonsense_behind_a_request_is_refused_after_its_answer(
    serve: Serve, connect: Connect
) -> None:
    """A refusal in its place would say of a command that is being stored that nothing was."""
    client = await connect(
        await serve(Connections(10, times=LONG)), LATER + b"\x00nonsense\r\n\r\n"
    )

    assert await client.answer() == (413, b"answered")
    status, body = await client.answer()
    assert (status, kind(body)) == (400, "/problems#bad-request")
    assert await client.end() == b""


# A client that offers another protocol -------------------------------------------------------

OFFER = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAA\r\n"
ECHO = b"POST /echo HTTP/1.1\r\nHost: x\r\n" + OFFER
BODIES = {
    "whole": b"Content-Length: 3\r\n\r\nabc",
    "chunked": b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n2\r\nbc\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("body", BODIES)
async def test_an_offer_of_another_protocol_is_ignored(
    serve: Serve, connect: Connect, body: str
) -> None:
    requests = (ECHO + BODIES[body]) * 300
    client = await connect(await serve(Connections(10, times=LONG)))

    async def send_in_pieces() -> None:
        for at in range(0, len(requests), 777):
            client.writer.write(requests[at : at + 777])
            await client.writer.drain()

    sending = asyncio.create_task(send_in_pieces())
    for _ in range(300):
        assert await client.answer() == (200, b"abc")
    await sending
