"""A request that goes on: sent as fast as the windows of the server allow, ended with the call."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.waiting import HUNG_S, until

pytest.importorskip("hpack")

from eventstore.eventstoredb.http2 import Http2Connection, Keepalive, connect
from eventstore.eventstoredb.http2_answer import Answer, Http2Error
from tests.http2.peer import (
    INITIAL_WINDOW_SIZE,
    RST_STREAM,
    SETTINGS,
    WINDOW_UPDATE,
    Call,
    Peer,
    peer,
)

WINDOW = 10
DATA = bytes(range(25))


def settings(window: int) -> bytes:
    return struct.pack(">HI", INITIAL_WINDOW_SIZE, window)


async def silent(_call: Call) -> None:
    """The request never ends, so it is never answered."""


@asynccontextmanager
async def sending() -> AsyncIterator[tuple[Peer, Http2Connection, Answer]]:
    """A call to a server that takes 10 bytes of each at first."""
    async with peer(silent) as server:
        content = settings(WINDOW)
        server.greeting = struct.pack(">HBBBI", 0, len(content), SETTINGS, 0, 0) + content
        connection = await connect("127.0.0.1", server.port, tls=None, keepalive=Keepalive())
        answer = await connection.open("/append", ())
        try:
            yield server, connection, answer
        finally:
            connection.abort("the test has ended")


def came(server: Peer, answer: Answer) -> bytes:
    call = server.lines[0]._calls.get(answer.id)
    return b"" if call is None else bytes(call.body)


async def test_no_more_is_sent_than_the_server_takes() -> None:
    async with sending() as (server, connection, answer):
        whole = asyncio.ensure_future(connection.send(answer, DATA))
        await until(lambda: came(server, answer) == DATA[:WINDOW])
        assert not whole.done()

        server.lines[0].write(WINDOW_UPDATE, 0, answer.id, (8).to_bytes(4, "big"))
        await until(lambda: came(server, answer) == DATA[: WINDOW + 8])
        assert not whole.done()

        # Settings change the windows of calls that are open.
        server.lines[0].write(SETTINGS, 0, 0, settings(WINDOW + 7))
        async with asyncio.timeout(HUNG_S):
            await whole
        await until(lambda: came(server, answer) == DATA)


async def test_a_call_that_waits_for_a_window_holds_up_no_other() -> None:
    async with sending() as (server, connection, answer):
        stuck = asyncio.ensure_future(connection.send(answer, DATA))
        await until(lambda: came(server, answer) == DATA[:WINDOW])
        other = await connection.open("/append", ())

        async with asyncio.timeout(HUNG_S):
            await connection.send(other, b"short")

        await until(lambda: came(server, other) == b"short")
        assert not stuck.done()
        stuck.cancel()


@pytest.mark.parametrize("how", ["reset", "cut", "closed here"])
async def test_a_call_that_ends_while_it_waits_for_a_window(how: str) -> None:
    async with sending() as (server, connection, answer):
        whole = asyncio.ensure_future(connection.send(answer, DATA))
        await until(lambda: came(server, answer) == DATA[:WINDOW])

        match how:
            case "reset":
                server.lines[0].write(RST_STREAM, 0, answer.id, (8).to_bytes(4, "big"))
            case "cut":
                assert server.lines[0].transport is not None
                server.lines[0].transport.abort()
            case _:
                answer.close()

        async with asyncio.timeout(HUNG_S):
            with pytest.raises(Http2Error):
                await whole
            with pytest.raises(Http2Error):
                await connection.send(answer, b"more")
