"""Queries over all orders: lists, totals, one shipment or payment by its id, the audit trail."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Final, TypeAlias

from fastapi import APIRouter, Depends, Query, Response

from api.docs.responses import LIST, ONE_BY_ID, ORDER_IN_READ_MODEL, READ_MODEL, queried
from api.http.asgi import answer
from api.http.periods import AskedPeriod, AskedTimes
from api.http.problems import Rejected, malformed
from api.queries.parameters import IdInPath, MinRevision, OrderId, Place, PlaceInOrder
from api.queries.read_models import ReadModels
from projections.query.filters import Boolean, Name, Word
from projections.query.listing import Listing
from projections.query.periods import EVERYTHING
from projections.read_models.audit import queries as audit_queries
from projections.read_models.order import queries as order_queries
from projections.read_models.payment import queries as payment_queries
from projections.read_models.shipment import queries as shipment_queries

TaxCodes: TypeAlias = Annotated[
    Boolean,
    Query(description="Instead of the account `tax` one for each code: `tax:` and the code."),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class _List:
    """A list of a read model. filters: the dataclass of its parameters, or what makes it of
    them. sort: the type of the parameter of that name, and by_default its value where it is left
    out.
    """

    model: str
    listing: Listing
    filters: Callable[..., Any]
    sort: Any
    by_default: str
    summary: str
    description: str


def _anomaly_filters(
    times: AskedTimes,
    state: payment_queries.AnomalyState = "open",
    order_id: Name | None = None,
    kind: Word | None = None,
) -> payment_queries.AnomalyFilters:
    limits: dict[str, Any] = {f"{times.by}_from": times.begin, f"{times.by}_to": times.end}
    return payment_queries.AnomalyFilters(state=state, order_id=order_id, kind=kind, **limits)


LISTS: Final = {
    "orders": _List(
        model="order",
        listing=order_queries.ORDER_LIST,
        filters=order_queries.OrderFilters,
        sort=order_queries.Sort,
        by_default="-placed_at",
        summary="Orders, filtered and sorted",
        description="Orders by filters, a page at a time.",
    ),
    "shipments": _List(
        model="shipment",
        listing=shipment_queries.SHIPMENT_LIST,
        filters=shipment_queries.ShipmentFilters,
        sort=shipment_queries.Sort,
        by_default="-reported_at",
        summary="Shipments, filtered and sorted",
        description="Shipments by filters, a page at a time.",
    ),
    "payments": _List(
        model="payment",
        listing=payment_queries.PAYMENT_LIST,
        filters=payment_queries.PaymentFilters,
        sort=payment_queries.Sort,
        by_default="-reported_at",
        summary="Payments, filtered and sorted",
        description="Payments by filters, a page at a time.",
    ),
    "anomalies": _List(
        model="payment",
        listing=payment_queries.ANOMALY_LIST,
        filters=_anomaly_filters,
        sort=payment_queries.AnomalySort,
        by_default="-recorded_at",
        summary="What is out of bounds: the open anomalies, or those of another state",
        description=(
            "Facts and goods that are out of bounds; they are recorded and posted like others. "
            "Without `state` the open ones: explained are those whose bound holds by now, resolved "
            "those that somebody ended."
        ),
    ),
}
SUMMARIES: Final[dict[str, tuple[str, Callable[..., Any]]]] = {
    "orders": ("order", order_queries.summary),
    "shipments": ("shipment", shipment_queries.summary),
    "payments": ("payment", payment_queries.summary),
}
_COUNTED: Final = {
    "orders": "An order counts when it was placed, as it is now.",
    "shipments": "What was planned, dispatched and delivered counts when it was.",
    "payments": "What was reported counts when it happened; the figures of orders "
    "(captured_cents_of_cancelled_orders, and those of orders paid, over- and underpaid) when the "
    "order was placed.",
}
_TAGS: Final = {"anomalies": "payments"}
"""Of lists that are documented with another one."""


def report_routes(models: ReadModels) -> APIRouter:
    router = APIRouter(prefix="/v1")
    for name, described in LISTS.items():
        _add_list(router, models, name, described)
    for name, (model, summary) in SUMMARIES.items():
        _add_summary(router, models, name, model, summary)
    _add_trial_balance(router, models)
    _add_single(router, models)
    _add_audit(router, models)
    return router


def _add_list(router: APIRouter, models: ReadModels, name: str, described: _List) -> None:
    @router.get(
        f"/{name}",
        name=name,
        tags=[_TAGS.get(name, name)],
        summary=described.summary,
        description=described.description,
        responses=queried(LIST),
    )
    async def listed(
        filters: Annotated[described.filters, Depends()],  # type: ignore[name-defined]
        place: Place,
        sort: described.sort = described.by_default,  # type: ignore[name-defined]
    ) -> Response:
        return answer(await models.page(described.model, described.listing, filters, sort, place))


def _add_summary(
    router: APIRouter, models: ReadModels, name: str, model: str, summary: Callable[..., Any]
) -> None:
    @router.get(
        f"/{name}/summary",
        name=f"{name}_summary",
        tags=[name],
        summary=f"Totals of {name} by currency",
        description=f"Totals of all {name}, by currency; or of a period. {_COUNTED[name]}",
        responses=queried(READ_MODEL),
    )
    async def summed(period: AskedPeriod) -> Response:
        return answer(await models.totals(model, partial(summary, asked=period)))


def _add_trial_balance(router: APIRouter, models: ReadModels) -> None:
    @router.get(
        "/payments/trial-balance",
        tags=["payments"],
        summary="The balance of every account by currency; the sum is zero",
        responses=queried(READ_MODEL, ("order-parked",)),
    )
    async def trial_balance(
        period: AskedPeriod,
        order_id: OrderId = None,
        tax_codes: TaxCodes = False,  # noqa: FBT002 (as it is in the query)
    ) -> Response:
        """Every account's sum, by currency; `sum` over all of them is zero.

        Of a period: by account `opening` (all before it), `movements` (in it) and `closing`.
        """
        if order_id is not None and period != EVERYTHING:
            raise malformed("order_id", "is for all of an order: leave out the period")
        question = partial(
            payment_queries.trial_balance, order_id=order_id, asked=period, tax_codes=tax_codes
        )
        return answer(await models.totals("payment", question, order_id=order_id))


def _add_single(router: APIRouter, models: ReadModels) -> None:
    @router.get(
        "/shipments/{shipment_id}",
        tags=["shipments"],
        summary="One shipment with its lines",
        responses=queried(ONE_BY_ID, ("no-such-shipment",)),
    )
    async def shipment(
        shipment_id: IdInPath, place: PlaceInOrder, order_id: OrderId = None
    ) -> Response:
        """The one shipment of this id; 409 ambiguous-id where several orders use it."""
        question = partial(
            shipment_queries.shipment,
            shipment_id=shipment_id,
            order_id=order_id,
            limit=place.limit,
            cursor=place.cursor,
        )
        return _found("shipment", await models.of_one("shipment", order_id, question))

    @router.get(
        "/payments/{payment_id}",
        tags=["payments"],
        summary="One payment with all its steps",
        responses=queried(ONE_BY_ID, ("no-such-payment",)),
    )
    async def payment(
        payment_id: IdInPath, place: PlaceInOrder, order_id: OrderId = None
    ) -> Response:
        """The one payment of this id; 409 ambiguous-id where several orders use it."""
        question = partial(
            payment_queries.payment,
            payment_id=payment_id,
            order_id=order_id,
            limit=place.limit,
            cursor=place.cursor,
        )
        return _found("payment", await models.of_one("payment", order_id, question))


def _found(what: str, item: dict[str, Any] | None) -> Response:
    """Raises Rejected (no-such-shipment, no-such-payment)."""
    if item is None:
        raise Rejected(f"no-such-{what}", f"the read model has no such {what}")
    return answer(item)


def _add_audit(router: APIRouter, models: ReadModels) -> None:
    @router.get(
        "/audit",
        tags=["audit"],
        summary="Every event: who, what, when and why",
        responses=queried(LIST, ORDER_IN_READ_MODEL),
    )
    async def audit(
        filters: Annotated[audit_queries.EntryFilters, Depends()],
        place: Place,
        sort: audit_queries.Sort = "position",
        min_revision: MinRevision = None,
    ) -> Response:
        """Who did what, when and why: an entry per event. min_revision needs order_id."""
        if min_revision is not None and filters.order_id is None:
            raise malformed("min_revision", "is a revision of one order: add order_id")
        found = await models.page(
            "audit", audit_queries.ENTRY_LIST, filters, sort, place, min_revision=min_revision
        )
        return answer(found)
