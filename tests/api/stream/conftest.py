"""The API of tests/api/conftest.py on a real server, and clients of its live streams."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from api.app import create_app
from api.http.guards import Limits
from runtime.http.listening import answer_requests, bound_socket
from tests.api.conftest import Api
from tests.waiting import HUNG_S


@pytest.fixture
def limits() -> Limits:
    return Limits(write_s=0.5, wait_s=0.2, beat_s=HUNG_S)


@dataclass
class Frame:
    id: int | None = None
    event: str = ""
    data: Any = None


@dataclass
class Stream:
    """An open stream. status and headers: of the answer."""

    response: httpx.Response
    lines: AsyncIterator[str]
    seen: list[Frame] = field(default_factory=list)

    async def frame(self) -> Frame:
        """The next frame. Raises EOFError at the end of the stream."""
        found = Frame()
        async with asyncio.timeout(HUNG_S):
            async for line in self.lines:
                if line == "":
                    if found != Frame():
                        self.seen.append(found)
                        return found
                    continue
                name, _, value = line.partition(": ")
                if name == "id":
                    found.id = int(value)
                elif name == "event":
                    found.event = value
                elif name == "data":
                    found.data = json.loads(value)
        raise EOFError

    async def until(self, event: str) -> list[Frame]:
        """The frames before the next one of that name."""
        found: list[Frame] = []
        while (frame := await self.frame()).event != event:
            found.append(frame)
        return found


@dataclass
class Served:
    """A server on a free port."""

    api: Api
    url: str
    stop: asyncio.Event

    @asynccontextmanager
    async def stream(
        self, path: str = "/v1/stream", *, last: int | None = None, **query: Any
    ) -> AsyncIterator[Stream]:
        headers = {} if last is None else {"Last-Event-ID": str(last)}
        async with (
            httpx.AsyncClient(base_url=self.url, timeout=HUNG_S) as http,
            http.stream("GET", path, params=query, headers=headers) as response,
        ):
            yield Stream(response, response.aiter_lines())

    async def events(self, path: str = "/v1/stream", **query: Any) -> list[Frame]:
        """All events that the log has by now."""
        async with self.stream(path, **query) as stream:
            return await stream.until("caught-up")


@pytest.fixture
async def served(api: Api) -> AsyncIterator[Served]:
    listener = bound_socket("127.0.0.1", 0)
    # So that little is on its way to a client that does not read.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    stop, ready = asyncio.Event(), asyncio.Event()
    serving = asyncio.create_task(
        answer_requests(create_app(api.services), listener, stop=stop, stop_s=5, ready=ready.set)
    )
    await ready.wait()
    yield Served(api, f"http://127.0.0.1:{listener.getsockname()[1]}", stop)
    await api.services.live.aclose()
    stop.set()
    await serving
