"""The checks and limits of every request, as one ASGI layer before all routes.

Loopback is no protection against a web page in the user's own browser. So Host, Origin and the
content type of every request are checked, and there is no CORS.
"""

import asyncio
import logging
import re
import time
from collections import Counter as Counted
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.asgi import ClientGone, send_problem, too_large
from api.http.limits import ConcurrencyLimit, RequestDeadlines
from api.http.paths import routed
from api.http.problems import EXPECTED, Rejected, of_error
from runtime.http.connections import HEAD_FIELDS_MAX, LARGE_HEAD, OPERATIONS_ONLY
from runtime.http.refusals import HEAD_TOO_LARGE, TOO_MANY_CONNECTIONS
from runtime.metrics import Metrics
from runtime.urls import is_loopback

BULK_PATH: Final = "/v1/commands"
EXPORT_PATH: Final = "/v1/audit/export"
GRAPHQL_PATH: Final = "/v1/graphql"
"""A request there may be a stream or none, by its headers: its route limits its time."""
STREAM_PATH: Final = "/v1/stream"
ORDER_STREAM_PATH: Final = re.compile(r"/v1/orders/([^/]+)/stream\Z")
UNLIMITED: Final = frozenset({"/healthz", "/readyz", "/metrics", "/v1/projections"})
"""Answered under any load: an overloaded server must not look like a dead one."""

SENT_ONCE: Final = frozenset(
    {
        b"authorization",
        b"content-encoding",
        b"content-length",
        b"content-type",
        b"host",
        b"idempotency-key",
        b"if-match",
        b"if-none-match",
        b"origin",
        b"traceparent",
        b"transfer-encoding",
    }
)
"""Headers that are refused when repeated; so are all that begin with Daybook-."""

ADDRESS_MAX: Final = 16_384
"""Most characters of path and query: parsing 60,000 takes 17 ms. An id may have 2,400 of them, and
a cursor CURSOR_CHARACTERS_MAX.
"""

logger = logging.getLogger(__name__)

_HOST = re.compile(r"(?:\[(?P<six>[0-9a-f:.]+)\]|(?P<name>[a-z0-9._-]+))(?::\d{1,5})?\Z", re.ASCII)
_HOSTS_REMEMBERED_MAX = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits of requests; `_s` are seconds.

    allowed_hosts: names other than loopback that Host may contain, with any port. commands_max to
    graphql_streams_max: requests of each kind at the same time. request_s: of a request that is no
    stream. query_s: of the wait for a read model's answer. read_s, write_s: of the wait for a
    streaming client to send more, and to read answers. wait_s: of the wait of a query with
    min_revision. beat_s: between two signs of life of a live stream.
    """

    allowed_hosts: tuple[str, ...] = ()
    body_max_bytes: int = 1_048_576
    line_max_bytes: int = 1_048_576
    bulk_window: int = 64
    commands_max: int = 1000
    queries_max: int = 500
    waits_max: int = 100
    bulk_streams_max: int = 64
    exports_max: int = 16
    graphql_max: int = 100
    graphql_streams_max: int = 1000
    streams_max: int = 5_000
    read_s: float = 60.0
    request_s: float = 30.0
    query_s: float = 10.0
    write_s: float = 30.0
    wait_s: float = 2.0
    beat_s: float = 15.0


class Guards:
    """Checks each request and passes it to the app; a request always gets one answer, and is
    counted.
    """

    def __init__(
        self, app: ASGIApp, limits: Limits, metrics: Metrics, *, streams: Iterable[str] = ()
    ) -> None:
        """streams: paths of calls that are answered with a stream."""
        self._app = app
        self._limits = limits
        self._metrics = metrics
        self._deadlines = RequestDeadlines(limits.request_s)
        self._queries = ConcurrencyLimit(limits.queries_max, "queries")
        self._streams = {
            BULK_PATH: ConcurrencyLimit(limits.bulk_streams_max, "bulk streams"),
            EXPORT_PATH: ConcurrencyLimit(limits.exports_max, "exports"),
            **dict.fromkeys(
                (STREAM_PATH, *streams), ConcurrencyLimit(limits.streams_max, "live streams")
            ),
        }
        self._hosts: dict[bytes, bool] = {}
        self._counters: dict[tuple[str, int], tuple[Counter, Histogram]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        answer = _Answer(send, headless=scope["method"] == "HEAD")
        if answer.headless:
            scope = {**scope, "method": "GET", "daybook.head": True}
        try:
            self._check(scope)
            scope["path"] = routed(scope)
            limit = self._limit_of(scope)
            if scope["path"] == GRAPHQL_PATH and scope["method"] == "POST":
                await self._app(scope, receive, answer.send)
            elif limit is None:
                await self._deadlines.wait_for(lambda: self._app(scope, receive, answer.send))
            else:
                await self._answer_within(limit, scope, receive, answer.send)
        except ClientGone:
            pass
        except asyncio.CancelledError:  # the server stops before this is answered
            await answer.fail(TimeoutError("the server stops"))
            raise
        except Exception as error:  # noqa: BLE001 (every request gets an answer)
            await answer.fail(error)
        finally:
            self._count(scope, answer.status, time.perf_counter() - began)

    def _limit_of(self, scope: Scope) -> ConcurrencyLimit | None:
        """The limit for a path. That of single commands is taken once the body has arrived: see
        api.commands.routes.
        """
        path = scope["path"]
        if path.endswith("/stream") and ORDER_STREAM_PATH.match(path):
            path = STREAM_PATH
        stream = self._streams.get(path)
        if stream is not None or scope["method"] == "POST" or path in UNLIMITED:
            return stream
        return self._queries

    async def _answer_within(
        self, limit: ConcurrencyLimit, scope: Scope, receive: Receive, send: Send
    ) -> None:
        with limit:
            if limit is self._queries:
                await self._deadlines.wait_for(lambda: self._app(scope, receive, send))
            else:  # a stream has a time limit for each step, not as a whole
                await self._app(scope, receive, send)

    def _check(self, scope: Scope) -> None:
        """Raises Rejected."""
        fields = scope["headers"]
        if len(fields) > HEAD_FIELDS_MAX:
            raise Rejected("head-too-large", HEAD_TOO_LARGE.advice)
        if scope.get("state"):
            _check_connection(scope)
        if len(scope.get("raw_path") or scope["path"]) + len(scope["query_string"]) > ADDRESS_MAX:
            raise Rejected("address-too-long", f"it may have {ADDRESS_MAX} characters")
        headers = dict(fields)
        if len(headers) < len(fields):
            _refuse_repeated(fields)
        host = headers.get(b"host")
        if host is None:
            raise Rejected("bad-request", "Host is missing")
        if not self._is_ours(host):
            raise Rejected("foreign-host", "Host is neither loopback nor an allowed host")
        if b"origin" in headers:
            _check_origin(headers[b"origin"], host)

    def _is_ours(self, host: bytes) -> bool:
        ours = self._hosts.get(host)
        if ours is None:
            ours = is_allowed_host(host.decode("latin-1"), self._limits.allowed_hosts)
            if len(self._hosts) < _HOSTS_REMEMBERED_MAX:
                self._hosts[host] = ours
        return ours

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        key = (getattr(scope.get("route"), "path", "none"), status)
        counters = self._counters.get(key)
        if counters is None:
            requests = self._metrics.requests.labels(key[0], str(status))
            counters = (requests, self._metrics.request_seconds.labels(key[0]))
            self._counters[key] = counters
        counters[0].inc()
        counters[1].observe(seconds)


class _Answer:
    """What was sent of an answer so far; answers an error where nothing was sent."""

    __slots__ = ("_send", "_whole", "headless", "status")

    def __init__(self, send: Send, *, headless: bool) -> None:
        self._send = send
        self._whole = False
        self.headless = headless
        self.status = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        elif not message.get("more_body"):
            self._whole = True
        if self.headless and message["type"] == "http.response.body":
            if not self._whole:
                return
            message = {"type": "http.response.body", "body": b""}
        await self._send(message)

    async def fail(self, error: Exception) -> None:
        """Answer the error. An answer that has begun is aborted, so that the client sees it as
        broken.
        """
        if self._whole:
            return
        if not self.status:
            await send_problem(self.send, of_error(error))
            return
        unforeseen = None if isinstance(error, EXPECTED) else error
        logger.warning("an answer was aborted: %r", error, exc_info=unforeseen)
        transport = getattr(getattr(self._send, "__self__", None), "transport", None)
        if transport is None:
            raise error
        # uvicorn would close in order, which never ends where the client does not read.
        transport.abort()
        await asyncio.sleep(0)


def is_allowed_host(host: str, allowed: tuple[str, ...]) -> bool:
    """True for a Host header that names this machine's loopback or one of the allowed names."""
    match = _HOST.match(host.lower())
    if match is None:
        return False
    name = match["six"] or match["name"]
    return is_loopback(name) or name in {other.lower() for other in allowed}


def _check_connection(scope: Scope) -> None:
    """Raises Rejected for what runtime.http has noted about the request."""
    state = scope["state"]
    if LARGE_HEAD in state:
        raise Rejected("head-too-large", HEAD_TOO_LARGE.advice)
    if OPERATIONS_ONLY in state and scope["path"] not in UNLIMITED:
        raise Rejected("too-many-connections", TOO_MANY_CONNECTIONS.advice)


def _check_origin(origin: bytes, host: bytes) -> None:
    if origin not in (b"http://" + host, b"https://" + host):
        raise Rejected("foreign-origin", "Origin is not the address of this server")


def _refuse_repeated(headers: Iterable[tuple[bytes, bytes]]) -> None:
    """Raises Rejected: which of two values counts is ambiguous, and a proxy may choose
    the other.
    """
    for name, times in Counted(name for name, _ in headers).items():
        if times > 1 and (name in SENT_ONCE or name.startswith(b"daybook-")):
            raise Rejected("repeated-header", f"{name.decode().title()} may be sent once")


def check_body(headers: Mapping[bytes, bytes], wanted: bytes, bytes_max: int | None) -> None:
    """Raises Rejected for a body of another type, or one that declares more bytes."""
    sent = headers.get(b"content-type", b"")
    if sent != wanted and not _is_media_type(sent, wanted):
        raise Rejected("unsupported-media-type", f"Content-Type has to be {wanted.decode()}")
    if b"content-encoding" in headers and headers[b"content-encoding"].lower() != b"identity":
        raise Rejected("unsupported-media-type", "send the body without Content-Encoding")
    if b"transfer-encoding" in headers and headers[b"transfer-encoding"].lower() != b"chunked":
        raise Rejected("unsupported-media-type", "of Transfer-Encoding, only chunked is accepted")
    declared = headers.get(b"content-length", b"")
    if bytes_max is not None and declared.isdigit() and int(declared[:19]) > bytes_max:
        raise too_large(bytes_max)


def _is_media_type(sent: bytes, wanted: bytes) -> bool:
    """Case is ignored, and a charset is allowed if it is UTF-8."""
    media_type, _, parameters = sent.lower().partition(b";")
    charset = parameters.strip().removeprefix(b"charset=").strip(b'"')
    return media_type.strip() == wanted and charset in (b"", b"utf-8", b"utf8")
