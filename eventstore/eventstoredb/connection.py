"""A client of EventStoreDB for one purpose: its options, and when it is replaced."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

import grpc  # type: ignore[import-untyped]
from esdbclient import AsyncEventStoreDBClient
from esdbclient import exceptions as esdb
from esdbclient.common import handle_rpc_error
from esdbclient.protos.Grpc.streams_pb2 import ReadReq
from google.protobuf.empty_pb2 import Empty  # type: ignore[import-untyped]
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from google.protobuf.unknown_fields import UnknownFieldSet  # type: ignore[import-untyped]

from eventstore.eventstoredb.certificates import tls_context
from eventstore.eventstoredb.faults import (
    ERRORS,
    advice,
    distinguish_client_cancellation,
    is_denied,
    is_misconfigured,
)
from eventstore.eventstoredb.grpc_read import GrpcLookup
from eventstore.eventstoredb.http2 import Http2Connection, Keepalive
from eventstore.eventstoredb.last_seen import ANSWERS, LastSeen
from eventstore.eventstoredb.reads import Node, ReadCalls, Reads, connect_to
from eventstore.eventstoredb.rights import READ_ORDERS, Denied, Rights, right_to_read
from eventstore.port import StoreMisconfigured, StoreUnavailable
from runtime.urls import EsdbUrl, parse_esdb_url
from runtime.waiting import Backoff

CALLS_MAX: Final = 90
"""The server takes 100 calls at once on a connection; more would wait there until they time out."""

GRPC_OPTIONS: Final = (
    # Otherwise the clients of a process share a connection, and with it those 100 calls.
    ("grpc.use_local_subchannel_pool", 1),
    # Otherwise gRPC may send a request again over a new connection, where the log is not verified.
    ("grpc.enable_retries", 0),
    # Without these and the keepalive options a frozen server or a cut network is never noticed.
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.http2.ping_timeout_ms", 5_000),
    # By default gRPC waits up to two minutes before it tries to connect again.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 500),
)
KEEPALIVE_MS: Final = 5_000
LOOK_S: Final = 1.0
"""For a connection that is only made to see why there is none."""
BATCH_APPEND: Final = "/event_store.client.streams.Streams/BatchAppend"
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

    def batch_append(self) -> Any:
        """A BatchAppend call, whose requests and answers are bytes.

        esdbclient opens one for each append, and its own retries hide whether anything was sent.
        """
        return self._channel.stream_stream(BATCH_APPEND)(
            metadata=(*(self._call_metadata or ()), ("requires-leader", "true")),
            credentials=self._call_credentials,
        )

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

    def is_connected(self) -> bool:
        """False from the moment the connection is cut until it is established again."""
        return bool(self._channel.get_state() is grpc.ChannelConnectivity.READY)

    async def disconnected(self) -> None:
        """Returns when the connection is cut; at once if there is none."""
        await self._channel.wait_for_state_change(grpc.ChannelConnectivity.READY)

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
        for field in UnknownFieldSet(Empty.FromString(answer)):
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
        self._verified: Client | None = None
        self._verifying: asyncio.Task[None] | None = None
        self._watching: asyncio.Task[None] | None = None
        self.address = parse_esdb_url(url)
        self.rights = rights or Rights(self.address.shown)
        self._url = url
        self._purpose = purpose
        self._next = Client(url, purpose)
        self._client: Client | None = None
        self._leader = ""
        self._closed = False
        self._connecting: asyncio.Task[None] | None = None
        self._calls = asyncio.Semaphore(CALLS_MAX)
        self._ending: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def call(self) -> AsyncIterator[Client]:
        """The client, for one call. Raises StoreUnavailable and the client's errors.

        EventsLost if the connection was cut and the log no longer has the event last seen.
        """
        async with self._calls:
            client = await self.client()
            await self.verify_log(client)
            try:
                with distinguish_client_cancellation():
                    yield client
            except ERRORS as error:
                if not isinstance(error, ANSWERS):
                    self._verified = None
                raise
            await self.verify_after(client)

    async def verify_log(self, client: Client) -> None:
        """Returns when the client is connected to a log that has the event last seen.

        Verified once for all callers that wait. Raises EventsLost, and the client's errors.
        """
        if self.is_verified(client):
            return
        if self._verifying is None or self._verifying.done():
            self._verifying = asyncio.ensure_future(self._verify(client))
            self._verifying.add_done_callback(_consume_exception)
        try:
            await asyncio.shield(self._verifying)
        except ERRORS:
            await self.discard(client)
            raise

    def is_verified(self, client: Client | None = None) -> bool:
        """Whether verify_log() has nothing to do; makes no call. Also True once events are lost."""
        if self.seen is None or self.seen.has_nothing_to_verify:
            return True
        client = client or self._client
        return client is not None and client is self._verified and client.is_connected()

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

    async def verify_after(self, client: Client) -> None:
        """If the connection was cut during a call, another log may have answered it.

        Raises EventsLost; TimeoutError if that cannot be known, as the call may have had an effect.
        """
        try:
            await self.verify_log(client)
        except (Denied, *ERRORS) as error:
            raise TimeoutError("the connection was cut during the call") from error

    async def _verify_reads(self, calls: ReadCalls) -> None:
        if self.seen is not None and not self.seen.has_nothing_to_verify:
            await self.seen.verify(calls, within_s=self.append_s)

    async def _verify(self, client: Client) -> None:
        assert self.seen is not None
        try:
            with distinguish_client_cancellation():
                await self.seen.verify(GrpcLookup(client), within_s=self.append_s)
        except ERRORS as error:
            if is_denied(error):
                raise self.rights.refused(READ_ORDERS) from error
            raise
        self._verified = client
        if self._watching is not None:
            self._watching.cancel()
        self._watching = asyncio.ensure_future(self._watch(client))

    def _denied(self, request: ReadReq) -> Denied:
        return self.rights.refused(right_to_read(request))

    async def _watch(self, client: Client) -> None:
        """Until the connection is cut, even if it is established again at once."""
        with suppress(*ERRORS):
            await client.disconnected()
        if self._verified is client:
            self._verified = None

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
        if self._watching is not None:
            self._watching.cancel()
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
