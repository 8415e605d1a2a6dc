"""The stub as a server that a test starts, stops, restarts and spoils."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import grpc  # type: ignore[import-untyped]
from esdbclient.protos.Grpc import gossip_pb2, gossip_pb2_grpc, streams_pb2_grpc

from tests.esdb_stub.batches import MESSAGE_BYTES_MAX, Altered
from tests.esdb_stub.calls import Door
from tests.esdb_stub.faults import Faults
from tests.esdb_stub.log import JSON, Log, Proposed, Stored
from tests.esdb_stub.refusals import ANY
from tests.esdb_stub.services import Gossip, Member, Streams, features
from tests.esdb_stub.subscribing import Extras, Tail
from tests.parts.ports import free_port

HOST = "127.0.0.1"
OPTIONS = (
    ("grpc.so_reuseport", 0),
    ("grpc.max_concurrent_streams", 100),
    ("grpc.max_receive_message_length", 2 * MESSAGE_BYTES_MAX),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_ping_strikes", 0),
    ("grpc.http2.min_ping_interval_without_data_ms", 500),
)
SETUP_EVENT = Proposed(UUID(int=1), "$metadata", JSON, b'{"$maxAge":86400}', b"")
"""A new server's log is not empty either."""
LEADER = gossip_pb2.MemberInfo.VNodeState.Leader
FOLLOWER = gossip_pb2.MemberInfo.VNodeState.Follower
REPLICA = gossip_pb2.MemberInfo.VNodeState.ReadOnlyReplica


class Stub:
    """A server in this event loop. Its log outlives restart(), and goes with the object."""

    def __init__(
        self, *, seed: int = 0, stored: Callable[[Sequence[Stored]], None] = lambda _: None
    ) -> None:
        """stored: told of each batch before it counts as stored."""
        self.log = Log(stored=stored)
        self.tail = Tail()
        self.hooks = Faults(seed)
        self.hooks.on_restart = self._restart_soon
        self.door = Door()
        self.extras: Extras = lambda _log: ()
        """Messages that subscriptions get besides; extras.py has some."""
        self.altered: Altered = lambda answer: (answer,)
        """What is sent instead of each answer to an append."""
        self.counted: Counter[str] = Counter()
        """Calls by name, and "BatchAppend message"."""
        self.cluster: Sequence[Member] = ()
        """What gossip tells; empty: this node alone, as the leader."""
        self.version: str | None = "23.10.7.0"
        """None: a server that does not know the question."""
        self.starts = 0
        """How often it was started: a request of an earlier run is not carried out any more."""
        self.port = 0
        self._certificate: tuple[bytes, bytes] | None = None
        self._clients: bytes | None = None
        self._server: Any = None
        self._restarting: asyncio.Task[None] | None = None

    @property
    def uri(self) -> str:
        return f"esdb://{HOST}:{self.port}?Tls={'true' if self._certificate else 'false'}"

    def members(self) -> Sequence[Member]:
        return self.cluster or [Member(LEADER, HOST, self.port)]

    async def start(
        self,
        port: int = 0,
        *,
        certificate: tuple[bytes, bytes] | None = None,
        clients: bytes | None = None,
    ) -> None:
        """Listen on a port of the loopback, 0: any. certificate: (key, chain) as PEM, for TLS.

        clients: the authority, as PEM, of the certificates that clients have to bring.
        """
        self._certificate, self._clients = certificate, clients
        self.starts += 1
        self._server = grpc.aio.server(options=OPTIONS)
        streams_pb2_grpc.add_StreamsServicer_to_server(Streams(self), self._server)  # type: ignore[no-untyped-call]
        gossip_pb2_grpc.add_GossipServicer_to_server(Gossip(self), self._server)  # type: ignore[no-untyped-call]
        self._server.add_generic_rpc_handlers((features(self),))
        address = f"{HOST}:{port or free_port()}"
        if certificate is None:
            self.port = self._server.add_insecure_port(address)
        else:
            credentials = grpc.ssl_server_credentials(
                [certificate], clients, require_client_auth=clients is not None
            )
            self.port = self._server.add_secure_port(address, credentials)
        await self._server.start()
        if not self.log.events:
            self.log.append("$$$stats", [SETUP_EVENT], ANY)

    async def stop(self) -> None:
        """At once: every open call is cut."""
        if self._restarting is not None:
            await self._restarting
        await self._halt()

    async def restart(self, *, pause_s: float = 0.0) -> None:
        """Go, and come back on the same port. The log stays, what a node keeps in memory goes."""
        await self._halt()
        self.log.forget_recent()
        self.starts += 1
        self.hooks.thaw()
        await asyncio.sleep(pause_s)
        await self.start(self.port, certificate=self._certificate, clients=self._clients)

    async def _halt(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            await server.stop(None)

    def _restart_soon(self, pause_s: float) -> None:
        if self._restarting is None or self._restarting.done():
            self._restarting = asyncio.ensure_future(self.restart(pause_s=pause_s))


@asynccontextmanager
async def stub(*, port: int = 0, seed: int = 0) -> AsyncIterator[Stub]:
    """A stub that listens, and is stopped at the end."""
    server = Stub(seed=seed)
    await server.start(port)
    try:
        yield server
    finally:
        await server.stop()
