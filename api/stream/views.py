"""The views of changed orders, each once its read model has applied the change."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Final, Literal, NamedTuple, TypeAlias

import orjson
from sqlalchemy import Connection

from api.http.problems import Rejected, of_error
from api.live.event import LiveEvent, Wanted
from api.live.log import BEAT_S, LiveLog
from api.queries.read_models import ReadModels
from projections.read_models.order.queries import order_row
from projections.read_models.payment.queries import order_payments
from projections.read_models.shipment.queries import order_shipments

ViewName: TypeAlias = Literal["order", "shipment", "payment"]

VIEWS: Final[Mapping[ViewName, Callable[[Connection, str], Mapping[str, Any] | None]]] = {
    "order": order_row,
    "shipment": order_shipments,
    "payment": order_payments,
}
"""Name of a read model -> what it answers about one order."""


class ChangedView(NamedTuple):
    """json: the order's view, at this revision or a later one; or a problem, where the order is
    parked. position: of the event that changed it.
    """

    position: int
    json: bytes
    parked: bool


class ViewStep(NamedTuple):
    """As api.live.log.Step."""

    views: Sequence[ChangedView]
    position: int
    caught_up: bool


class LiveViews:
    """Views for all streams of a server: a view that several streams want is read once."""

    def __init__(self, live: LiveLog, models: ReadModels) -> None:
        self._live = live
        self._models = models
        self._reading: dict[tuple[str, str, int], asyncio.Task[ChangedView]] = {}

    async def steps(
        self, view: ViewName, wanted: Wanted, after: int, *, beat_s: float = BEAT_S
    ) -> AsyncGenerator[ViewStep, None]:
        """The view of each order that has changed, after a position. Of several changes that come
        together the last one counts. A stream waits for a read model that is behind, and yields
        steps without views meanwhile.

        Raises as LiveLog.steps, and ReadModelError.
        """
        async with aclosing(self._live.steps(wanted, after, beat_s=beat_s)) as steps:
            at = after
            async for step in steps:
                changes = _last_of_each_order(step.events)
                for event in changes:
                    reading = self._read(view, event)
                    while not (await asyncio.wait({reading}, timeout=beat_s))[0]:
                        yield ViewStep((), max(at, 0), caught_up=False)
                    changed = reading.result()
                    at = changed.position
                    yield ViewStep((changed,), at, step.caught_up and event is changes[-1])
                if not changes:
                    at = step.position
                    yield ViewStep((), at, step.caught_up)

    def _read(self, view: ViewName, event: LiveEvent) -> "asyncio.Task[ChangedView]":
        key = (view, event.order_id, event.revision)
        reading = self._reading.get(key)
        if reading is None:
            reading = asyncio.create_task(self._changed(view, event))
            self._reading[key] = reading
            reading.add_done_callback(lambda _: self._reading.pop(key, None))
        return reading

    async def _changed(self, view: ViewName, event: LiveEvent) -> ChangedView:
        while True:
            try:
                document = await self._models.changed(
                    view, event.order_id, event.revision, VIEWS[view]
                )
                return ChangedView(event.position, orjson.dumps(document), parked=False)
            except Rejected as error:
                if error.kind == "order-parked":
                    members = {**of_error(error).members, "order_id": event.order_id}
                    return ChangedView(event.position, orjson.dumps(members), parked=True)
                if error.kind != "read-model-behind":
                    raise


def _last_of_each_order(events: Sequence[LiveEvent]) -> list[LiveEvent]:
    """In the order of their positions."""
    last = {event.order_id: event for event in events}
    return sorted(last.values(), key=lambda event: event.position)
