"""Streams over a real server on a loopback port: reading while sending, interruptions, clients that
do not read.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from typing import Any

import httpx
import pytest

from api.app import create_app
from api.http.guards import Limits
from eventstore.memory import MemoryStore
from eventstore.port import Page, Position
from runtime.http.listening import answer_requests, bound_socket
from tests.api.commands.test_bulk import confirm, place
from tests.api.conftest import Api, kind, order
from tests.waiting import HUNG_S, until

HEAD = (
    b"POST /v1/commands HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    b"Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
)


@pytest.fixture
def limits() -> Limits:
    return Limits(write_s=0.3, bulk_window=8)


@pytest.fixture
async def port(api: Api) -> AsyncIterator[int]:
    """The address of the same API, served by uvicorn on a free port."""
    listener = bound_socket("127.0.0.1", 0)
    stop, ready = asyncio.Event(), asyncio.Event()
    app = create_app(api.services)
    serving = asyncio.create_task(
        answer_requests(app, listener, stop=stop, stop_s=2, ready=ready.set)
    )
    await ready.wait()
    yield listener.getsockname()[1]
    stop.set()
    await serving


class Client:
    """A connection on which a test writes and reads bytes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def to(cls, port: int, *, limit: int = 2**16) -> "Client":
        client = cls(*await asyncio.open_connection("127.0.0.1", port, limit=limit))
        client.writer.write(HEAD)
        return client

    @classmethod
    async def raw(cls, port: int, first: bytes) -> "Client":
        client = cls(*await asyncio.open_connection("127.0.0.1", port, limit=1024))
        client.writer.write(first)
        return client

    def send(self, body: bytes) -> None:
        self.writer.write(b"%x\r\n%b\r\n" % (len(body), body))

    async def line(self) -> dict[str, Any]:
        """The next line of the answer, past the head and the sizes of chunks."""
        async with asyncio.timeout(HUNG_S):
            while True:
                line = await self.reader.readline()
                if not line:
                    raise EOFError
                if line.startswith(b"{"):
                    document: dict[str, Any] = json.loads(line)
                    return document

    async def aclose(self) -> None:
        self.writer.close()
        with suppress(ConnectionError):
            await self.writer.wait_closed()


async def test_lines_are_answered_while_the_client_still_sends(port: int) -> None:
    client = await Client.to(port)

    client.send(place(command_id="k1") + b"\n")
    first = await client.line()
    client.send(confirm("o1", "k2") + b"\n")
    second = await client.line()
    client.writer.write(b"0\r\n\r\n")

    with pytest.raises(EOFError):
        await client.line()
    await client.aclose()
    assert [first["status"], second["status"]] == [201, 200]


async def test_a_stream_cut_off_in_a_line_executes_the_whole_lines_only(
    api: Api, port: int
) -> None:
    client = await Client.to(port)
    client.send(place(command_id="k1") + b"\n")
    await client.line()

    client.send(confirm("o1", "k2")[:-1])
    await client.writer.drain()
    await client.aclose()
    await asyncio.sleep(0.2)

    assert await api.stored() == 1


async def test_a_line_without_its_end_is_not_executed_when_the_stream_is_cut_off(
    api: Api, port: int
) -> None:
    client = await Client.to(port)
    client.send(place(command_id="k1") + b"\n")
    await client.line()

    client.send(confirm("o1", "k2"))
    await client.writer.drain()
    await client.aclose()
    await asyncio.sleep(0.2)

    assert await api.stored() == 1


async def test_a_client_that_reads_no_answers_is_disconnected(api: Api, port: int) -> None:
    client = await Client.to(port, limit=1024)

    async def send_for_ever() -> None:
        while True:
            client.send(b"".join(b'{"no": %d}\n' % n for n in range(1000)))
            await client.writer.drain()

    async with asyncio.timeout(HUNG_S):
        with pytest.raises(ConnectionError):
            await send_for_ever()
    await client.aclose()

    assert await api.stored() == 0
    assert (await api.client.get("/healthz")).status_code == 200


async def test_a_server_that_stops_answers_the_lines_it_has_read(api: Api, port: int) -> None:
    client = await Client.to(port)
    client.send(b"".join(place(f"o{n}", command_id="k") + b"\n" for n in range(50)))
    answered = [await client.line() for _ in range(50)]
    client.writer.write(b"0\r\n\r\n")
    await client.aclose()

    assert {answer["status"] for answer in answered} == {201}
    assert await api.stored() == 50


async def test_a_head_that_arrives_at_once_is_as_large_as_any(port: int) -> None:
    async with httpx.AsyncClient(base_url=f"http://localhost:{port}", timeout=HUNG_S) as http:
        responses = [await http.get("/healthz", headers={"x": "x" * n}) for n in (60_000, 70_000)]

    assert [response.status_code for response in responses] == [200, 431]
    assert kind(responses[1]) == "head-too-large"


class LargeStore(MemoryStore):
    """Many pages in an order's stream of events, which are counted as they are read."""

    def __init__(self) -> None:
        super().__init__()
        self.read = 0

    async def read_all(self, *, after: Position | None = None) -> AsyncGenerator[Page, None]:
        page = await anext(super().read_all(after=after))
        for _ in range(self.PAGES):
            self.read += 1
            yield page[:1] * 500
            await asyncio.sleep(0)
        yield page

    PAGES = 2_000


EXPORT = b"GET /v1/audit/export HTTP/1.1\r\nHost: localhost\r\n\r\n"


class TestExports:
    @pytest.fixture
    def limits(self) -> Limits:
        return Limits(write_s=0.3, exports_max=1)

    @pytest.fixture
    def store(self) -> LargeStore:
        return LargeStore()

    @pytest.fixture(autouse=True)
    async def _order(self, api: Api) -> None:
        await api.place("o1")
        await api.place("o2")

    async def test_one_that_nobody_reads_is_aborted(self, store: LargeStore, port: int) -> None:
        client = await Client.raw(port, EXPORT)

        await until(lambda: store.read > 0)
        await until_free(port)

        assert store.read < store.PAGES
        await client.aclose()

    async def test_one_whose_client_has_disconnected_is_not_read_to_the_end(
        self, store: LargeStore, port: int
    ) -> None:
        client = await Client.raw(port, EXPORT)
        await client.reader.readuntil(b"\r\n\r\n")
        client.writer.transport.abort()
        await client.aclose()

        await until_free(port)

        assert store.read < store.PAGES


class TestTwoExports:
    @pytest.fixture
    def limits(self) -> Limits:
        return Limits(write_s=HUNG_S, exports_max=1)  # the first stays as long as the second asks

    @pytest.fixture
    def store(self) -> LargeStore:
        return LargeStore()

    @pytest.fixture(autouse=True)
    async def _order(self, api: Api) -> None:
        await api.place("o1")
        await api.place("o2")

    async def test_they_are_limited_and_commands_have_room(self, port: int) -> None:
        client = await Client.raw(port, EXPORT)
        await client.reader.readuntil(b"\r\n\r\n")
        async with httpx.AsyncClient(base_url=f"http://localhost:{port}", timeout=HUNG_S) as http:
            second = await http.get("/v1/audit/export")
            command = await http.post("/v1/orders", json=order(order_id="o3"))

        assert (second.status_code, kind(second)) == (503, "overloaded")
        assert command.status_code == 201
        await client.aclose()


class TestASilentStream:
    @pytest.fixture
    def limits(self) -> Limits:
        return Limits(read_s=0.3)

    async def test_is_broken_off(self, port: int) -> None:
        client = await Client.to(port)
        client.send(place(command_id="k1") + b"\n")
        first = await client.line()

        with pytest.raises((EOFError, ConnectionError)):
            await client.line()
        assert first["status"] == 201
        await client.aclose()


class TestFewCommandsAtOnce:
    @pytest.fixture
    def limits(self) -> Limits:
        return Limits(commands_max=1, queries_max=0)

    async def test_a_body_that_has_not_arrived_takes_no_room(self, port: int) -> None:
        head = (
            b"POST /v1/orders HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Content-Length: 100\r\n\r\n{"
        )
        halves = [await Client.raw(port, head) for _ in range(3)]
        async with httpx.AsyncClient(base_url=f"http://localhost:{port}", timeout=HUNG_S) as http:
            command = await http.post("/v1/orders", json=order())

        assert command.status_code == 201
        for client in halves:
            await client.aclose()

    async def test_queries_take_room_of_their_own(self, api: Api) -> None:
        query = await api.client.get("/v1/orders")
        command = await api.place("o1")

        assert (query.status_code, kind(query)) == (503, "overloaded")
        assert command.status_code == 201


async def until_free(port: int) -> None:
    """True if an export of one order is accepted."""
    async with httpx.AsyncClient(base_url=f"http://localhost:{port}", timeout=HUNG_S) as http:
        async with asyncio.timeout(HUNG_S):
            while (await http.get("/v1/audit/export?order_id=o1")).status_code != 200:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
