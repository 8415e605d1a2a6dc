"""What arrives for one request on an HTTP/2 connection."""

import asyncio
from typing import Final, Protocol

WINDOW: Final = 1 << 20
"""Bytes of one answer that may have arrived without being taken: the memory of a slow reader."""


class Http2Error(Exception):
    """The connection or one answer has ended before it was complete."""


class Line(Protocol):
    """The connection, as an answer sees it."""

    def widen(self, stream: int, count: int) -> None:
        """The server may send so many more bytes; stream 0: of all streams together."""

    def forget(self, stream: int, *, reset: bool) -> None:
        """Nobody reads that answer any more. reset: stop it at the server."""


class Answer:
    """What arrives for one request. Close it."""

    def __init__(self, connection: "Line", stream_id: int) -> None:
        self.headers: dict[str, str] = {}
        self.trailers: dict[str, str] = {}
        self.id = stream_id
        self._connection = connection
        self._arrived: list[bytes] = []
        self._untaken = 0
        """Bytes taken that the server has not been told of."""
        self._is_complete = False
        self._error: Http2Error | None = None
        self._changed = asyncio.Event()

    async def chunk(self) -> bytes:
        """All that has arrived since the last call, waiting for some; empty at the end.

        Raises Http2Error once what arrived before it has been taken.
        """
        while not self._arrived:
            if self._is_complete:
                return b""
            if self._error is not None:
                raise self._error
            self._changed.clear()
            await self._changed.wait()
        chunk = self._arrived[0] if len(self._arrived) == 1 else b"".join(self._arrived)
        self._arrived.clear()
        self._untaken += len(chunk)
        if self._untaken >= WINDOW // 2 and not self.is_over:
            self._connection.widen(self.id, self._untaken)
            self._untaken = 0
        return chunk

    @property
    def is_over(self) -> bool:
        """Nothing more arrives."""
        return self._is_complete or self._error is not None

    def close(self) -> None:
        """Stop it at the server if it has not ended."""
        self._connection.forget(self.id, reset=not self.is_over)
        self.fail(Http2Error("the answer was closed"))

    def put(self, data: bytes, counted: int) -> None:
        """counted: its bytes on the line, which padding adds to."""
        if data:
            self._arrived.append(data)
        self._untaken += counted - len(data)
        self._changed.set()

    def put_headers(self, headers: dict[str, str]) -> None:
        if headers.get(":status", "").startswith("1"):
            return
        if self.headers:
            self.trailers = headers
        else:
            self.headers = headers

    def complete(self) -> None:
        self._is_complete = True
        self._changed.set()

    def fail(self, error: Http2Error) -> None:
        self._error = self._error or error
        self._changed.set()
