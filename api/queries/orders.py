"""Queries about one order, from the log and from the read models."""

from functools import partial
from typing import Annotated, Final, TypeAlias

from fastapi import APIRouter, Query, Response
from starlette.types import Receive, Scope, Send

from api.docs.responses import ORDER_IN_LOG, ORDER_IN_READ_MODEL, queried
from api.documents import Document
from api.http.asgi import answer
from api.http.paths import unmarked
from api.queries.log import events_in_log, order_in_log
from api.queries.parameters import IdInPath, Limit, MinRevision, PlaceInOrder, Revision
from api.queries.read_models import ReadModels
from api.services import Services
from domain.values import RESERVED, is_id
from eventstore.ledger.ledger import Ledger
from projections.query.filters import Moment
from projections.read_models.payment.queries import order_payments, order_postings
from projections.read_models.shipment.queries import order_shipments

AsOf: TypeAlias = Annotated[
    Moment | None, Query(description="Before the first event that was recorded later.")
]
OccurredAsOf: TypeAlias = Annotated[
    Moment | None,
    Query(description="Before the first event that happened later, by its `occurred_at`."),
]


ORDER_PATH: Final = "/v1/orders/{order_id}"


def order_in_path(path: str) -> str | None:
    """The order id in the path of an order, still marked; None for every other path."""
    before, _, marked = path.rpartition("/")
    if before != "/v1/orders" or marked in RESERVED["order_id"] or not is_id(unmarked(marked)):
        return None
    return marked


class OrderNow:
    """GET /v1/orders/{order_id} without a query."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = await order_in_log(self._ledger, unmarked(scope["path_params"]["order_id"]))
        await _order_answer(found)(scope, receive, send)


def _order_answer(found: Document) -> Response:
    return answer(found, {"etag": f'"{found["revision"]}"'})


def order_routes(services: Services, models: ReadModels) -> APIRouter:
    router = APIRouter(prefix="/v1/orders", tags=["orders"])
    _add_from_the_log(router, services)
    _add_from_the_read_models(router, models)
    return router


def _add_from_the_log(router: APIRouter, services: Services) -> None:
    @router.get(
        "/{order_id}",
        summary="An order from the log: now, at a revision or as of a moment",
        responses=queried(ORDER_IN_LOG),
    )
    async def order(
        order_id: IdInPath,
        revision: Revision = None,
        as_of: AsOf = None,
        occurred_as_of: OccurredAsOf = None,
    ) -> Response:
        """The order as the fold of its events: now, at a revision, or as of a time."""
        found = await order_in_log(
            services.ledger,
            order_id,
            revision=revision,
            as_of=as_of,
            occurred_as_of=occurred_as_of,
        )
        return _order_answer(found)

    @router.get(
        "/{order_id}/events",
        summary="An order's events as they are in the log",
        responses=queried(ORDER_IN_LOG),
    )
    async def order_events(
        order_id: IdInPath, limit: Limit = 50, cursor: Revision = None
    ) -> Response:
        """What happened to the order: every event with who, when and why."""
        return answer(await events_in_log(services.ledger, order_id, after=cursor, limit=limit))


def _add_from_the_read_models(router: APIRouter, models: ReadModels) -> None:
    @router.get(
        "/{order_id}/shipments",
        summary="An order's shipments, lines and returns",
        responses=queried(ORDER_IN_READ_MODEL),
    )
    async def shipments(
        order_id: IdInPath, place: PlaceInOrder, min_revision: MinRevision = None
    ) -> Response:
        """The order's goods: lines, shipments, returns, and the steps they came by.

        A page has `limit` entries of these lists, one list after the other.
        """
        question = partial(order_shipments, limit=place.limit, cursor=place.cursor)
        return answer(await models.of_order("shipment", order_id, min_revision, question))

    @router.get(
        "/{order_id}/payments",
        summary="An order's payments, refunds and balance",
        responses=queried(ORDER_IN_READ_MODEL),
    )
    async def payments(
        order_id: IdInPath, place: PlaceInOrder, min_revision: MinRevision = None
    ) -> Response:
        """The order's money: balance, payments, refunds, the steps they came by, and anomalies.

        A page has `limit` entries of these lists, one list after the other.
        """
        question = partial(order_payments, limit=place.limit, cursor=place.cursor)
        return answer(await models.of_order("payment", order_id, min_revision, question))

    @router.get(
        "/{order_id}/postings",
        summary="An order's double entry, event by event",
        responses=queried(ORDER_IN_READ_MODEL),
    )
    async def postings(
        order_id: IdInPath, place: PlaceInOrder, min_revision: MinRevision = None
    ) -> Response:
        """The order's journal, a page at a time: double-entry postings, debit +."""
        question = partial(order_postings, limit=place.limit, cursor=place.cursor)
        return answer(await models.of_order("payment", order_id, min_revision, question))
