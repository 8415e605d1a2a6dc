"""GET /v1/stream and /v1/orders/{order_id}/stream: the log as it grows, as Server-Sent Events.

`id` is a position, which a client sends back as Last-Event-ID to continue after it. The framing is
that of the HTML standard, section 9.2.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Annotated, Any, Final
from urllib.parse import parse_qsl

from fastapi import Header, Query
from starlette.types import Receive, Scope, Send

from api.commands.documented import OrderIdInPath
from api.docs.responses import (
    EVENT_STREAM,
    LOG,
    ORDER_IN_LOG,
    READ_MODEL,
    EventStreamResponse,
    problems,
)
from api.http.asgi import AsgiRoute, start_stream, until_gone
from api.http.guards import ORDER_STREAM_PATH, STREAM_PATH
from api.http.paths import percent_decoded, unmarked
from api.http.problems import KINDS, malformed, of_error, of_kind
from api.live.event import Wanted
from api.live.log import Step
from api.queries.log import events_in_log
from api.services import Services
from api.stream.views import VIEWS, LiveViews, ViewName, ViewStep
from domain.events import EVENTS
from domain.values import is_id
from projections.overflow import WHOLE_MAX

OF_ORDER: Final = "/v1/orders/{order_id}/stream"
RETRY_MS: Final = 1_000
"""How long a browser waits before it connects again."""
CHUNK_BYTES: Final = 65_536
"""Sent at once, or one frame if that is larger."""
_POSITION: Final = re.compile(r"(0|[1-9][0-9]{0,18})\Z")
_TYPES: Final = frozenset(EVENTS)
_ALL: Final = frozenset({"after", "type", "order_id", "customer_id", "view"})
_OF_ORDER: Final = frozenset({"after", "type", "view"})


@dataclass(frozen=True, slots=True)
class _Asked:
    """after: None where neither the query nor Last-Event-ID names a position."""

    wanted: Wanted
    view: ViewName | None
    after: int | None


_After = Annotated[
    int | None,
    Query(
        ge=0,
        le=WHOLE_MAX,
        description="The position to begin after; 0: from the beginning of the log. "
        "Last-Event-ID, which a client sends when it connects again, counts instead.",
    ),
]
_Types = Annotated[
    list[str] | None,
    Query(alias="type", description="Only events of this type; may be repeated."),
]
_View = Annotated[
    ViewName | None,
    Query(description="Instead of events, the view of each changed order in this read model."),
]
_LastEventId = Annotated[
    str | None, Header(alias="Last-Event-ID", pattern="^(0|[1-9][0-9]{0,18})$")
]
_FRAMES: Final = (
    "Server-Sent Events. `id`: the position to continue after. `event`: the type of the event, and "
    "`data` the event as /v1/orders/{order_id}/events has it; with `view` its name, and the view. "
    "`caught-up`: all that the log had so far was sent. `problem`: why the stream ends. "
    "`order-parked`: the read model cannot apply an event of that order. A frame with an `id` "
    "alone says how far the stream is."
)


def order_of_stream(path: str) -> str | None:
    """The order id in the path of an order's stream, still marked; None for every other path."""
    found = ORDER_STREAM_PATH.match(path)
    return None if found is None else found[1]


def stream_routes(services: Services, views: LiveViews) -> list[AsgiRoute]:
    answered_by = EventStream(services, views)

    async def of_all(
        *,
        after: _After = None,
        types: _Types = None,
        order_id: Annotated[str | None, Query()] = None,
        customer_id: Annotated[
            str | None, Query(description="Only of orders that were theirs at the event.")
        ] = None,
        view: _View = None,
        last_event_id: _LastEventId = None,
    ) -> None: ...

    async def of_order(
        order_id: OrderIdInPath,
        after: _After = None,
        types: _Types = None,
        view: _View = None,
        last_event_id: _LastEventId = None,
    ) -> None: ...

    def route(
        path: str, documented: Callable[..., Any], summary: str, begins: str, kinds: Iterable[str]
    ) -> AsgiRoute:
        return AsgiRoute(
            path,
            documented,
            answered_by,
            methods=["GET"],
            tags=["live"],
            operation_id=documented.__name__.replace("of_", "stream-"),
            summary=summary,
            description=f"{begins} {_FRAMES}",
            response_class=EventStreamResponse,
            response_description="The stream; it ends when the server or the client ends it.",
            responses=problems(kinds, READ_MODEL, ("stopping", "unknown-position")),
        )

    return [
        route(
            STREAM_PATH,
            of_all,
            "All events as they are stored, or the views that they change",
            "Begins at the end of the log unless a position is named.",
            LOG,
        ),
        route(
            OF_ORDER,
            of_order,
            "One order's events, and more as they are stored",
            "Begins with the order's first event unless a position is named.",
            ORDER_IN_LOG,
        ),
    ]


class EventStream:
    """Answers both routes."""

    def __init__(self, services: Services, views: LiveViews) -> None:
        self._ledger = services.ledger
        self._live = services.live
        self._views = views
        self._write_s = services.limits.write_s
        self._request_s = services.limits.request_s
        self._beat_s = services.limits.beat_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = _asked(scope)
        async with asyncio.timeout(self._request_s):
            begins = await self._begins(asked, of_order="order_id" in scope["path_params"])
        await start_stream(send, EVENT_STREAM.encode(), ((b"x-accel-buffering", b"no"),))
        if not scope.get("daybook.head"):
            async with until_gone(scope, receive):
                await self._send(asked, begins, send)
        await send({"type": "http.response.body", "body": b""})

    async def _begins(self, asked: _Asked, *, of_order: bool) -> int:
        """Raises OrderRefused (unknown-order), Rejected (unknown-position), StoreError."""
        after = asked.after
        if of_order and asked.wanted.order_id is not None:
            await events_in_log(self._ledger, asked.wanted.order_id, limit=1)  # is there such one
            after = 0 if after is None else after
        return await self._live.start(after)

    async def _send(self, asked: _Asked, begins: int, send: Send) -> None:
        """Raises TimeoutError where the client does not take what was sent."""
        await _sent(send, b"retry: %d\n\n" % RETRY_MS, self._write_s)
        frames = self._views_framed(asked, begins) if asked.view else self._events(asked, begins)
        try:
            async with aclosing(frames):
                async for chunk in frames:
                    await _sent(send, chunk, self._write_s)
            why = of_kind("stopping", KINDS["stopping"].advice)
        except TimeoutError:
            raise
        except Exception as error:  # noqa: BLE001 (the client is sent why its stream ends)
            why = of_error(error)
        await _sent(send, _frame(b"problem", why.body), self._write_s)

    async def _events(self, asked: _Asked, begins: int) -> AsyncGenerator[bytes, None]:
        was_caught_up = False
        steps = self._live.steps(asked.wanted, begins, beat_s=self._beat_s)
        async with aclosing(steps):
            async for step in steps:
                for chunk in _chunks(event.frame for event in step.events):
                    yield chunk
                if mark := _mark(step, was_caught_up=was_caught_up):
                    yield mark
                was_caught_up = was_caught_up or step.caught_up

    async def _views_framed(self, asked: _Asked, begins: int) -> AsyncGenerator[bytes, None]:
        assert asked.view is not None
        was_caught_up = False
        steps = self._views.steps(asked.view, asked.wanted, begins, beat_s=self._beat_s)
        async with aclosing(steps):
            async for step in steps:
                for view in step.views:
                    name = b"order-parked" if view.parked else asked.view.encode()
                    yield b"id: %d\n" % view.position + _frame(name, view.json)
                if mark := _mark(step, was_caught_up=was_caught_up):
                    yield mark
                was_caught_up = was_caught_up or step.caught_up


def _mark(step: Step | ViewStep, *, was_caught_up: bool) -> bytes:
    """How far the stream is: after its first step at the log's end, and after one that brings
    nothing else; empty after others.
    """
    if step.caught_up and not was_caught_up:
        return b"id: %d\n" % step.position + _frame(
            b"caught-up", b'{"position":%d}' % step.position
        )
    is_beat = not (step.events if isinstance(step, Step) else step.views)
    return b"id: %d\n\n" % step.position if is_beat else b""


def _frame(name: bytes, data: bytes) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (name, data)


def _chunks(frames: Iterable[bytes]) -> Iterator[bytes]:
    """The frames joined, up to CHUNK_BYTES each."""
    ready: list[bytes] = []
    size = 0
    for frame in frames:
        if ready and size + len(frame) > CHUNK_BYTES:
            yield b"".join(ready)
            ready, size = [], 0
        ready.append(frame)
        size += len(frame)
    if ready:
        yield b"".join(ready)


async def _sent(send: Send, body: bytes, write_s: float) -> None:
    async with asyncio.timeout(write_s):
        await send({"type": "http.response.body", "body": body, "more_body": True})


def _asked(scope: Scope) -> _Asked:
    """What a request asks for. Raises Rejected."""
    percent_decoded(scope["query_string"], "query")
    pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    types = [value for name, value in pairs if name == "type"]
    given = {name: value for name, value in pairs if name != "type"}
    marked: str | None = scope["path_params"].get("order_id")
    known = _ALL if marked is None else _OF_ORDER
    if not given.keys() <= known or len(given) + len(types) < len(pairs):
        names = ", ".join(sorted(known - {"type"}))
        raise malformed("query", f"takes {names}, once each, and any number of type")
    if not _TYPES.issuperset(types):
        raise malformed("type", "must be a type of event, as in docs/reference.md")
    view = given.get("view")
    if view is not None and view not in VIEWS:
        raise malformed("view", f"must be one of {', '.join(VIEWS)}")
    order_id = _id(given, "order_id") if marked is None else unmarked(marked)
    wanted = Wanted(
        types=frozenset(types), order_id=order_id, customer_id=_id(given, "customer_id")
    )
    return _Asked(wanted, view, _after(scope, given))


def _id(given: Mapping[str, str], name: str) -> str | None:
    text = given.get(name)
    if text is not None and not is_id(text):
        raise malformed(name, "is not an id")
    return text


def _after(scope: Scope, given: Mapping[str, str]) -> int | None:
    """Last-Event-ID, or else `after`: a browser that connects again sends both."""
    raw = dict(scope["headers"]).get(b"last-event-id")
    name = "after" if raw is None else "Last-Event-ID"
    text = given.get("after") if raw is None else raw.decode("latin-1")
    if text is None:
        return None
    if not _POSITION.match(text) or int(text) > WHOLE_MAX:
        raise malformed(name, "must be a position: the `id` of an event of this stream")
    return int(text)
