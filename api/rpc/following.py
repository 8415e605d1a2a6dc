"""Live streams: an order's events, and those of the whole log, from a position on."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Final

from api.http.limits import ConcurrencyLimit
from api.http.problems import Rejected, malformed
from api.live.event import LiveEvent, Wanted
from api.live.log import LiveLog, Step
from api.proto.daybook.v1 import ledger_pb2 as ledger
from api.proto.order import order_service_pb2 as order
from api.queries.log import events_in_log
from api.rpc.call import Call, Method
from api.rpc.orders import SERVICE, known_id
from api.services import Services
from domain.events import EVENTS
from projections.overflow import WHOLE_MAX

_TYPES: Final = frozenset(EVENTS)


class Following:
    """The streams of one server: so many at the same time."""

    def __init__(self, services: Services) -> None:
        self._ledger = services.ledger
        self._live: LiveLog = services.live
        self._beat_s = services.limits.beat_s
        self._limit = ConcurrencyLimit(services.limits.streams_max, "live streams")

    def methods(self) -> list[Method]:
        return [
            Method(
                SERVICE,
                "StreamOrderUpdates",
                order.GetOrderRequest,
                order.OrderEvent,
                stream=self.stream_order_updates,
            ),
            Method(
                "daybook.v1.LedgerService",
                "Subscribe",
                ledger.SubscribeRequest,
                ledger.SubscribeResponse,
                stream=self.subscribe,
            ),
        ]

    async def stream_order_updates(
        self, request: order.GetOrderRequest, call: Call
    ) -> AsyncGenerator[order.OrderEvent | None, None]:
        """Raises OrderRefused (unknown-order), Rejected, StoreError."""
        del call
        order_id = known_id(request.order_id, "order_id")
        after = _position(request.after_position)
        await events_in_log(self._ledger, order_id, limit=1)  # is there such an order
        async with aclosing(self._steps(Wanted(order_id=order_id), after)) as steps:
            async for step in steps:
                if step is None:
                    yield None
                    continue
                for event in step.events:
                    yield _order_event(event)

    async def subscribe(
        self, request: ledger.SubscribeRequest, call: Call
    ) -> AsyncGenerator[ledger.SubscribeResponse | None, None]:
        """The events, and how far the stream is: at its begin, when it has caught up, and where
        nothing was sent for the time of a heartbeat. Raises Rejected, StoreError.
        """
        del call
        given = request.HasField("after_position")
        after = _position(request.after_position) if given else None
        wanted = Wanted(
            types=_types(request.types),
            order_id=known_id(request.order_id, "order_id") if request.order_id else None,
            customer_id=known_id(request.customer_id, "customer_id")
            if request.customer_id
            else None,
        )
        was_caught_up = False
        async with aclosing(self._steps(wanted, after)) as steps:
            async for step in steps:
                if step is None:
                    yield None
                    continue
                for event in step.events:
                    yield _event(event)
                is_news = step.caught_up and not was_caught_up
                if not step.events or is_news:
                    yield _progress(step.position, caught_up=step.caught_up)
                was_caught_up = was_caught_up or step.caught_up

    async def _steps(self, wanted: Wanted, after: int | None) -> AsyncGenerator[Step | None, None]:
        """None first: the stream has begun. Raises Rejected where the server stops."""
        with self._limit:
            begins = await self._live.start(after)
            yield None
            async with aclosing(self._live.steps(wanted, begins, beat_s=self._beat_s)) as steps:
                async for step in steps:
                    yield step
        raise Rejected("stopping", "call again, and continue after the last position")


def _position(after: int) -> int:
    """Raises Rejected."""
    if not 0 <= after <= WHOLE_MAX:
        raise malformed("after_position", f"must be from 0 to {WHOLE_MAX}")
    return after


def _types(asked: Sequence[str]) -> frozenset[str]:
    """Raises Rejected for one that no event has: it would be awaited for ever."""
    if not _TYPES.issuperset(asked):
        raise malformed("types", "has one that is not the type of an event; see docs/reference.md")
    return frozenset(asked)


def _order_event(event: LiveEvent) -> order.OrderEvent:
    return order.OrderEvent(
        order_id=event.order_id,
        event_type=event.type,
        timestamp=event.document.get("recorded_at", ""),
        revision=event.revision,
        position=event.position,
    )


def _event(event: LiveEvent) -> ledger.SubscribeResponse:
    return ledger.SubscribeResponse(
        event=ledger.Event(
            position=event.position,
            order_id=event.order_id,
            revision=event.revision,
            type=event.type,
            json=event.json.decode(),
        )
    )


def _progress(position: int, *, caught_up: bool) -> ledger.SubscribeResponse:
    return ledger.SubscribeResponse(
        progress=ledger.Progress(position=position, caught_up=caught_up)
    )
