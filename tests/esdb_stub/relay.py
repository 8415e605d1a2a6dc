"""A TCP relay in front of a server: the network that goes silent, or breaks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

HOST = "127.0.0.1"
CHUNK_BYTES = 64 * 1024


class Relay:
    """Passes bytes both ways until it is frozen (connections stay open, nothing comes) or cut."""

    def __init__(self, to_port: int) -> None:
        self._to_port = to_port
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._pumps: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.port = 0
        self.cut_every_bytes: int | None = None
        """Break a connection after so many bytes from the client; a test may set it."""
        self.cuts = 0
        self.accepted: list[asyncio.StreamWriter] = []
        """Every connection that was ever made."""
        self.delay_s = 0.0
        """How long the network takes each way; a test may set it."""

    @property
    def uri(self) -> str:
        return f"esdb://{HOST}:{self.port}?Tls=false"

    async def start(self, port: int = 0) -> None:
        self._server = await asyncio.start_server(self._accept, HOST, port)
        self.port = self._server.sockets[0].getsockname()[1]

    def freeze(self) -> None:
        """A black hole: not even pings are answered, and nothing is refused."""
        self._flowing.clear()

    def thaw(self) -> None:
        """What was held back goes on its way."""
        self._flowing.set()

    def cut(self) -> None:
        """Break every connection; new ones are let in."""
        for writer in self._writers:
            writer.transport.abort()

    async def stop(self) -> None:
        """As a host that is switched off: connections break, new ones are refused."""
        if self._server is not None:
            self._server.close()
        self.cut()
        for pump in self._pumps:
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)

    async def _accept(self, near: asyncio.StreamReader, near_out: asyncio.StreamWriter) -> None:
        self._writers.add(near_out)
        self.accepted.append(near_out)
        await self._flowing.wait()
        try:
            far, far_out = await asyncio.open_connection(HOST, self._to_port)
        except OSError:
            near_out.transport.abort()
            return
        self._writers.add(far_out)
        for source, sink, limit in (
            (near, far_out, self.cut_every_bytes),
            (far, near_out, None),
        ):
            pump = asyncio.ensure_future(self._pump(source, sink, limit))
            self._pumps.add(pump)
            pump.add_done_callback(self._pumps.discard)

    async def _pump(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, limit: int | None
    ) -> None:
        passed = 0
        try:
            while data := await source.read(CHUNK_BYTES):
                await self._flowing.wait()
                if self.delay_s:
                    await asyncio.sleep(self.delay_s)
                if limit is not None and passed + len(data) > limit:
                    sink.write(data[: limit - passed])
                    await sink.drain()
                    self.cuts += 1
                    return
                passed += len(data)
                sink.write(data)
                await sink.drain()
        except OSError:
            pass
        finally:
            sink.transport.abort()
            self._writers.discard(sink)


@asynccontextmanager
async def relay(to_port: int) -> AsyncIterator[Relay]:
    """A relay that listens on a port of its own, and is stopped at the end."""
    between = Relay(to_port)
    await between.start()
    try:
        yield between
    finally:
        await between.stop()
