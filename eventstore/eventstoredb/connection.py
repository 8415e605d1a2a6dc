"""A client of EventStoreDB for one purpose: how it is set up, and when it is made anew."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

import grpc  # type: ignore[import-untyped]
from esdbclient import AsyncEventStoreDBClient, NewEvent, StreamState
from esdbclient.common import handle_rpc_error
from google.protobuf.empty_pb2 import Empty  # type: ignore[import-untyped]
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from google.protobuf.unknown_fields import UnknownFieldSet  # type: ignore[import-untyped]

from eventstore.eventstoredb.faults import ERRORS, advice, distinguish_client_cancellation
from eventstore.eventstoredb.last_seen import ANSWERS, LastSeen
from eventstore.port import StoreUnavailable
from runtime.urls import parse_esdb_url
from runtime.waiting import Backoff

CALLS_MAX: Final = 90
"""The server takes 100 at once on a connection; more would wait there with their time running."""

GRPC_OPTIONS: Final = (
    # Clients of one process share a connection otherwise, and with it those 100 calls.
    ("grpc.use_local_subchannel_pool", 1),
    # Without all four a server that has frozen, or a cut network, is never noticed.
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.http2.ping_timeout_ms", 5_000),
    # gRPC would wait up to two minutes before it looks whether the server is back.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 500),
)
KEEPALIVE_MS: Final = 5_000
FEATURES: Final = "/event_store.client.server_features.ServerFeatures/GetSupportedMethods"
VERSION_FIELD: Final = 2
"""event_store_server_version in SupportedMethods, of which esdbclient has no class."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How long to wait for what, in seconds.

    append_s: one try of an append, unless the URL has a DefaultDeadline. settle_s: an append whose
    outcome is not known is sent again for so long. patience_s: what was surely not done is tried
    again for so long. read_s: a page. idle_s: how long a follower hears nothing before it asks for
    the head. stop_s: closing. pause_s: before trying again, doubling up to pause_max_s.
    """

    append_s: float = 3.0
    settle_s: float = 12.0
    patience_s: float = 2.0
    read_s: float = 10.0
    idle_s: float = 5.0
    stop_s: float = 1.5
    pause_s: float = 0.1
    pause_max_s: float = 0.5

    def backoff(self) -> Backoff:
        return Backoff(self.pause_s, self.pause_max_s)


class Client(AsyncEventStoreDBClient):
    """esdbclient, and two things that it keeps to itself."""

    def __init__(self, url: str, purpose: str) -> None:
        """Raises ValueError; its message never holds the URL."""
        address = parse_esdb_url(url)
        if "connectionname" not in address.options:
            url += f"{'&' if '?' in url else '?'}ConnectionName=daybook-{purpose}"
        try:
            super().__init__(url)
        except OSError as error:
            raise ValueError(f"cannot read {error.filename}: {error.strerror}") from None
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
        # The client takes what stands in the URL as it stands; there, odd characters are escaped.
        self._call_credentials = self.construct_call_credentials(address.user, address.password)

    async def append_once(
        self,
        stream: str,
        events: Sequence[NewEvent],
        *,
        expected: int | StreamState,
        within_s: float,
    ) -> int:
        """As append_to_stream, without its hidden repeats: they hide whether anything was sent."""
        return await self._connection.streams.batch_append(
            stream_name=stream,
            current_version=expected,
            events=events,
            timeout=within_s,
            metadata=self._call_metadata,
            credentials=self._call_credentials,
        )

    def is_connected(self) -> bool:
        """False from the moment that the connection is cut until it is there again."""
        channel = self._connection._grpc_channel  # noqa: SLF001 (see append_once)
        return bool(channel.get_state() is grpc.ChannelConnectivity.READY)

    async def disconnected(self) -> None:
        """Returns when the connection is cut; at once where there is none."""
        channel = self._connection._grpc_channel  # noqa: SLF001 (see append_once)
        await channel.wait_for_state_change(grpc.ChannelConnectivity.READY)

    async def server_version(self, *, within_s: float) -> str:
        """Empty if the server does not report it. esdbclient has no call for this."""
        ask = self._connection._grpc_channel.unary_unary(FEATURES)  # noqa: SLF001 (see append_once)
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


def version_in(answer: bytes) -> str:
    """The version in a SupportedMethods message; empty if there is none."""
    with suppress(DecodeError):
        for field in UnknownFieldSet(Empty.FromString(answer)):
            if field.field_number == VERSION_FIELD:
                return bytes(field.data).decode(errors="replace")
    return ""


class Connection:
    """A client, connected when first used; in a cluster made anew when the leader is another.

    Making it anew ends what is under way on the old one.
    """

    def __init__(
        self, url: str, purpose: str, timing: Timing, *, seen: LastSeen | None = None
    ) -> None:
        """seen: looked up after every cut. Raises ValueError, as Client does."""
        self.timing = timing
        self.seen = seen
        self._sure: Client | None = None
        self._looking: asyncio.Task[None] | None = None
        self._watching: asyncio.Task[None] | None = None
        self.address = parse_esdb_url(url)
        self._url = url
        self._purpose = purpose
        self._next = Client(url, purpose)
        self._client: Client | None = None
        self._leader = ""
        self._closed = False
        self._connecting = asyncio.Lock()
        self._calls = asyncio.Semaphore(CALLS_MAX)
        self._ending: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def call(self) -> AsyncIterator[Client]:
        """The client, for one call. Raises StoreUnavailable and the client's errors.

        EventsLost where the connection was cut, and the log has lost what we had seen of it.
        """
        async with self._calls:
            client = await self.client()
            await self.hold(client)
            try:
                with distinguish_client_cancellation():
                    yield client
            except ERRORS as error:
                if not isinstance(error, ANSWERS):
                    self._sure = None
                raise
            await self._hold_after(client)

    async def hold(self, client: Client) -> None:
        """Returns when the client is known to be connected to a log that has what we have seen.

        Looked up once for all who wait. Raises EventsLost, and the client's errors.
        """
        if self.is_sure(client):
            return
        if self._looking is None or self._looking.done():
            self._looking = asyncio.ensure_future(self._look(client))
            self._looking.add_done_callback(_looked_at)
        try:
            await asyncio.shield(self._looking)
        except ERRORS:
            await self.lost(client)
            raise

    def is_sure(self, client: Client | None = None) -> bool:
        """Whether nothing has to be looked up first; asks nobody. Also where all is lost anyway."""
        if self.seen is None or self.seen.has_nothing_to_verify:
            return True
        client = client or self._client
        return client is not None and client is self._sure and client.is_connected()

    async def client(self) -> Client:
        """Raises StoreUnavailable when closed, DiscoveryFailed and other errors of the client."""
        async with self._connecting:
            if self._closed:
                raise StoreUnavailable("the store is closed")
            if self._client is None:
                async with asyncio.timeout(self.timing.read_s):
                    await self._next.connect()
                self._client, self._next = self._next, Client(self._url, self._purpose)
                self._leader = self._client.connection_target
            return self._client

    async def _hold_after(self, client: Client) -> None:
        """Cut while a call was under way, it may have been answered from another log.

        Raises EventsLost; TimeoutError where that cannot be known: the call itself had its effect.
        """
        try:
            await self.hold(client)
        except ERRORS as error:
            raise TimeoutError("the connection was cut during the call") from error

    async def _look(self, client: Client) -> None:
        assert self.seen is not None
        with distinguish_client_cancellation():
            await self.seen.look(client, within_s=self.append_s)
        self._sure = client
        if self._watching is not None:
            self._watching.cancel()
        self._watching = asyncio.ensure_future(self._watch(client))

    async def _watch(self, client: Client) -> None:
        """Until the connection is cut, however soon it is there again."""
        with suppress(*ERRORS):
            await client.disconnected()
        if self._sure is client:
            self._sure = None

    @property
    def append_s(self) -> float:
        return float(self.address.options.get("defaultdeadline", self.timing.append_s))

    async def lost(self, client: Client) -> None:
        """The client's calls fail: in a cluster another node may be the leader now."""
        if self.address.is_cluster and client is self._client:
            self._client = None
            ending = asyncio.create_task(self._end(client))
            self._ending.add(ending)
            ending.add_done_callback(self._ending.discard)

    async def aclose(self) -> None:
        self._closed = True
        if self._watching is not None:
            self._watching.cancel()
        client, self._client = self._client, None
        ending = set(self._ending)
        if client is not None:
            ending.add(asyncio.create_task(self._end(client)))
        if ending:
            await asyncio.wait(ending)

    def advice(self, error: Exception) -> str:
        """A sentence: what is wrong with the server, and what to do."""
        shown = self.address.shown
        if self.address.is_cluster and self._leader:
            shown += f" (leader {self._leader})"
        return advice(error, shown)

    def unavailable(self, error: Exception) -> StoreUnavailable:
        return StoreUnavailable(self.advice(error))

    async def _end(self, client: Client) -> None:
        with suppress(*ERRORS):
            async with asyncio.timeout(self.timing.stop_s):
                await client.close()


def _looked_at(task: asyncio.Task[None]) -> None:
    """Those who waited for it may have gone."""
    if not task.cancelled():
        task.exception()
