"""A client of EventStoreDB for one purpose: its options, and when it is replaced."""

import asyncio
from base64 import b64encode
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import grpc
from esdbclient import AsyncEventStoreDBClient
from esdbclient import exceptions as esdb
from esdbclient.common import handle_rpc_error
from esdbclient.protos.Grpc.streams_pb2 import ReadReq
from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import DecodeError
from google.protobuf.unknown_fields import UnknownFieldSet

from eventstore.eventstoredb.certificates import tls_context
from eventstore.eventstoredb.faults import (
    ERRORS,
    advice,
    distinguish_client_cancellation,
    is_misconfigured,
)
from eventstore.eventstoredb.http2 import Http2Connection, Keepalive
from eventstore.eventstoredb.last_seen import LastSeen
from eventstore.eventstoredb.reads import Node, ReadCalls, Reads, connect_to
from eventstore.eventstoredb.rights import Denied, Rights, right_to_read
from eventstore.port import StoreMisconfigured, StoreUnavailable
from runtime.urls import EsdbUrl, parse_esdb_url
from runtime.waiting import Backoff

GRPC_OPTIONS: Final = (
    # gRPC's client asks for the leader and the version; all else goes over reads.Reads.
    # Otherwise the clients of a process share a connection, and with it those 100 calls.
    ("grpc.use_local_subchannel_pool", 1),
    # Without these and the keepalive options a frozen server or a cut network is never noticed.
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.http2.ping_timeout_ms", 5_000),
    # By default gRPC waits up to two minutes before it tries to connect again. The second is also
    # the time that it may take to connect, over a slow network and with TLS.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 5_000),
    ("grpc.max_reconnect_backoff_ms", 500),
)
KEEPALIVE_MS: Final = 5_000
LOOK_S: Final = 1.0
"""For a connection that is only made to see why there is none."""
FEATURES: Final = "/event_store.client.server_features.ServerFeatures/GetSupportedMethods"
VERSION_FIELD: Final = 2
"""event_store_server_version in SupportedMethods, of which esdbclient has no class."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Time limits, in seconds.

    append_s: one try of an append, unless the URL has a DefaultDeadline. settle_s: for so long an
    append of unknown outcome is sent again. patience_s: for so long a call that surely had no
    effect is tried again. read_s: until something of an answer arrives. silent_s: then events of
    other programs are looked through. idle_s: after so long without an event a follower reads
    the head. stop_s: closing. pause_s: before another try, doubling up to pause_max_s.
    """

    append_s: float = 3.0
    settle_s: float = 12.0
    patience_s: float = 2.0
    read_s: float = 10.0
    silent_s: float = 2.0
    idle_s: float = 5.0
    stop_s: float = 1.5
    pause_s: float = 0.1
    pause_max_s: float = 0.5

    def backoff(self) -> Backoff:
        return Backoff(self.pause_s, self.pause_max_s)


class _NotConnected:
    """Of a client that is not connected yet, or closed."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # of Python's own protocols
            raise AttributeError(name)
        raise esdb.CancelledByClient("the client was closed on this side")


class Client(AsyncEventStoreDBClient):
    """esdbclient with a few calls that it does not offer."""

    # The client deletes its own when it is closed, and its calls then raise AttributeError.
    _connection: Any = _NotConnected()

    def __init__(self, url: str, purpose: str) -> None:
        """Raises ValueError, StoreMisconfigured; the message never contains the URL."""
        address = parse_esdb_url(url)
        # Before gRPC sees a certificate: it aborts the process for some that do not fit.
        self._tls = tls_context(address) if address.has_tls else None
        if "connectionname" not in address.options:
            url += f"{'&' if '?' in url else '?'}ConnectionName=daybook-{purpose}"
        try:
            super().__init__(url)
        except ValueError:
            raise ValueError("is not understood by the client") from None
        keepalive_ms = address.number("keepaliveinterval", KEEPALIVE_MS)
        timeout_ms = address.number("keepalivetimeout", KEEPALIVE_MS)
        self.grpc_options += (
            *GRPC_OPTIONS,
            # The client sets the interval under a name that gRPC does not know.
            ("grpc.keepalive_time_ms", keepalive_ms),
            ("grpc.keepalive_timeout_ms", timeout_ms),
        )
        self.reads: Reads | None = None
        """Set once it is connected."""
        # The client does not unescape the user and password of the URL.
        self._call_credentials = self.construct_call_credentials(address.user, address.password)

    def node(self, address: EsdbUrl, server: str, *, connect_s: float) -> Node:
        """How to connect to a server (host:port) without gRPC's client."""
        host, _, port = server.rpartition(":")
        headers = [*self._call_metadata, ("requires-leader", self._requires_leader)]
        if address.has_tls and address.user and address.password:
            basic = b64encode(f"{address.user}:{address.password}".encode()).decode()
            headers.append(("authorization", f"Basic {basic}"))
        return Node(
            host=host.strip("[]"),
            port=int(port),
            tls=self._tls,
            headers=tuple(headers),
            keepalive=Keepalive(
                address.number("keepaliveinterval", KEEPALIVE_MS) / 1000,
                address.number("keepalivetimeout", KEEPALIVE_MS) / 1000,
            ),
            connect_s=connect_s,
        )

    @property
    def _requires_leader(self) -> str:
        preference = self.connection_spec.options.NodePreference
        return "true" if preference == "leader" else "false"

    async def close(self) -> None:
        if self.reads is not None:
            await self.reads.aclose()
        await super().close()

    async def server_version(self, *, within_s: float) -> str:
        """Empty if the server does not report it. esdbclient has no call for this."""
        ask = self._channel.unary_unary(FEATURES)
        try:
            answer = await ask(
                b"",
                timeout=within_s,
                metadata=self._call_metadata,
                credentials=self._call_credentials,
            )
        except grpc.RpcError as error:
            raise handle_rpc_error(error) from None
        return version_in(answer)

    @property
    def _channel(self) -> Any:
        """The client offers no way to it."""
        return self._connection._grpc_channel  # noqa: SLF001


def version_in(answer: bytes) -> str:
    """The version in a SupportedMethods message; empty if there is none."""
    with suppress(DecodeError):
        fields: Any = UnknownFieldSet(Empty.FromString(answer))
        for field in fields:
            if field.field_number == VERSION_FIELD:
                return bytes(field.data).decode(errors="replace")
    return ""


class Connection:
    """A client, connected when first used; in a cluster replaced when the leader may have changed.

    Calls under way on the old client are ended.
    """

    def __init__(
        self,
        url: str,
        purpose: str,
        timing: Timing,
        *,
        seen: LastSeen | None = None,
        rights: Rights | None = None,
    ) -> None:
        """seen: verified after every cut. rights: gets those that the server refuses.

        Raises ValueError, StoreMisconfigured, as Client does.
        """
        self.timing = timing
        self.seen = seen
        self.address = parse_esdb_url(url)
        self.rights = rights or Rights(self.address.shown)
        self._url = url
        self._purpose = purpose
        self._next = Client(url, purpose)
        self._client: Client | None = None
        self._leader = ""
        self._closed = False
        self._connecting: asyncio.Task[None] | None = None
        self._ending: set[asyncio.Task[None]] = set()

    @property
    def is_usable(self) -> bool:
        """Whether it is connected, to a log that has the event last seen."""
        reads = None if self._client is None else self._client.reads
        return reads is not None and reads.is_usable

    async def client(self) -> Client:
        """Raises StoreUnavailable when closed, DiscoveryFailed and other errors of the client.

        One discovery answers all who wait for it.
        """
        if self._closed:
            raise StoreUnavailable("the store is closed")
        if self._client is None:
            if self._connecting is None:
                self._connecting = asyncio.ensure_future(self._connect())
                self._connecting.add_done_callback(_consume_exception)
            with distinguish_client_cancellation():
                await asyncio.shield(self._connecting)
            return await self.client()
        return self._client

    async def _connect(self) -> None:
        try:
            async with asyncio.timeout(self.timing.read_s):
                try:
                    await self._next.connect()
                except esdb.DiscoveryFailed as error:
                    await self._check_tls(error)
                    raise
            client, self._next = self._next, Client(self._url, self._purpose)
            self._leader = client.connection_target
            node = client.node(self.address, self._leader, connect_s=self.timing.read_s)
            client.reads = Reads(node, self._verify_reads, self._denied)
            self._client = client
        finally:
            self._connecting = None

    async def _check_tls(self, failed: esdb.DiscoveryFailed) -> None:
        """Raises DiscoveryFailed again from a node's error if it is one of the certificates.

        gRPC reports some of them as a connection that was closed.
        """
        if not self.address.has_tls or is_misconfigured(failed):
            return
        connections = await asyncio.gather(
            *(
                connect_to(self._next.node(self.address, server, connect_s=LOOK_S))
                for server in self.address.servers
            ),
            return_exceptions=True,
        )
        for found in connections:
            if isinstance(found, Http2Connection):
                found.close()
            elif isinstance(found, Exception) and is_misconfigured(found):
                raise esdb.DiscoveryFailed(str(failed)) from found

    async def reads(self) -> tuple[Client, ReadCalls]:
        """The client, and what to read with: on a connection to a log that has the event last seen.

        Raises EventsLost if it has not; what client() raises, and the client's errors.
        """
        client = await self.client()
        assert client.reads is not None
        return client, await client.reads.calls()

    async def _verify_reads(self, calls: ReadCalls) -> None:
        if self.seen is not None and not self.seen.has_nothing_to_verify:
            await self.seen.verify(calls, within_s=self.append_s)

    def _denied(self, request: ReadReq) -> Denied:
        return self.rights.refused(right_to_read(request))

    @property
    def append_s(self) -> float:
        return float(self.address.options.get("defaultdeadline", self.timing.append_s))

    async def discard(self, client: Client) -> None:
        """Replace a client whose calls fail: in a cluster another node may be the leader now."""
        if self.address.is_cluster and client is self._client:
            self._client = None
            ending = asyncio.create_task(self._end(client))
            self._ending.add(ending)
            ending.add_done_callback(self._ending.discard)

    async def aclose(self) -> None:
        self._closed = True
        if self._connecting is not None:
            self._connecting.cancel()
            await asyncio.wait({self._connecting})
        client, self._client = self._client, None
        ending = set(self._ending)
        if client is not None:
            ending.add(asyncio.create_task(self._end(client)))
        if ending:
            await asyncio.wait(ending)

    def advice(self, error: Exception) -> str:
        """A sentence: what is wrong with the server and what to do."""
        shown = self.address.shown
        if self.address.is_cluster and self._leader:
            shown += f" (leader {self._leader})"
        return advice(error, shown)

    def unavailable(self, error: Exception) -> StoreUnavailable:
        kind = StoreMisconfigured if is_misconfigured(error) else StoreUnavailable
        return kind(self.advice(error))

    async def _end(self, client: Client) -> None:
        with suppress(*ERRORS):
            async with asyncio.timeout(self.timing.stop_s):
                await client.close()


def _consume_exception(task: asyncio.Task[None]) -> None:
    """Nobody may be waiting for it any more."""
    if not task.cancelled():
        task.exception()
