"""An answer's head and body in one write. uvicorn makes two, each a system call and a packet.

Measured at 32 connections: a tenth of the server's time for a small answer, and of the client's.
"""

import asyncio
from typing import Any


class JoinedWrites:
    """A transport that holds a write back until the next one, or the loop's next turn."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._call_soon = asyncio.get_running_loop().call_soon
        self._held: bytes | None = None

    def write(self, data: bytes) -> None:
        if self._held is None:
            self._held = data
            self._call_soon(self._flush)
        else:
            data, self._held = self._held + data, None
            self._write(data)

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._held is not None:
            data, self._held = self._held, None
            self._write(data)

    def _write(self, data: bytes) -> None:
        # uvloop raises if the client has disconnected meanwhile.
        if not self._transport.is_closing():
            self._transport.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
