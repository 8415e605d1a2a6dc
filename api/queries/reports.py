"""Queries over all orders: shipments, payments, anomalies, the audit trail."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from api.docs.responses import LIST, ONE_BY_ID, ORDER_IN_READ_MODEL, READ_MODEL, queried
from api.http.problems import Rejected, malformed
from api.queries.parameters import MinRevision, OrderId, Place
from api.queries.read_models import Reading, answer
from projections.query.filters import Name
from projections.read_models.audit import queries as audit_queries
from projections.read_models.payment import queries as payment_queries
from projections.read_models.shipment import queries as shipment_queries


def report_routes(reading: Reading) -> APIRouter:
    router = APIRouter(prefix="/v1")
    _add_shipments(router, reading)
    _add_payments(router, reading)
    _add_anomalies(router, reading)
    _add_audit(router, reading)
    return router


def _add_shipments(router: APIRouter, reading: Reading) -> None:
    @router.get(
        "/shipments",
        tags=["shipments"],
        summary="Shipments, filtered and sorted",
        responses=queried(LIST),
    )
    async def shipments(
        filters: Annotated[shipment_queries.ShipmentFilters, Depends()],
        place: Place,
        sort: shipment_queries.Sort = "-reported_at",
    ) -> Response:
        """Shipments by filters, a page at a time."""
        return await reading.page("shipment", shipment_queries.SHIPMENT_LIST, filters, sort, place)

    @router.get(
        "/shipments/summary",
        tags=["shipments"],
        summary="Totals of shipments by currency",
        responses=queried(READ_MODEL),
    )
    async def shipments_summary() -> Response:
        """Totals of all shipments, by currency."""
        return answer(await reading.ask("shipment", shipment_queries.summary, long=True))

    @router.get(
        "/shipments/{shipment_id}",
        tags=["shipments"],
        summary="One shipment with its lines",
        responses=queried(ONE_BY_ID, ("no-such-shipment",)),
    )
    async def shipment(shipment_id: Name, order_id: OrderId = None) -> Response:
        """The one shipment of this id; 409 ambiguous-id where several orders use it."""
        question = partial(shipment_queries.shipment, shipment_id=shipment_id, order_id=order_id)
        found = await reading.of_one("shipment", order_id, question)
        if found is None:
            raise Rejected("no-such-shipment", "the read model knows no such shipment")
        return answer(found)


def _add_payments(router: APIRouter, reading: Reading) -> None:
    @router.get(
        "/payments",
        tags=["payments"],
        summary="Payments, filtered and sorted",
        responses=queried(LIST),
    )
    async def payments(
        filters: Annotated[payment_queries.PaymentFilters, Depends()],
        place: Place,
        sort: payment_queries.Sort = "-reported_at",
    ) -> Response:
        """Payments by filters, a page at a time."""
        return await reading.page("payment", payment_queries.PAYMENT_LIST, filters, sort, place)

    @router.get(
        "/payments/summary",
        tags=["payments"],
        summary="Totals of payments by currency",
        responses=queried(READ_MODEL),
    )
    async def payments_summary() -> Response:
        """Totals of all payments, by currency."""
        return answer(await reading.ask("payment", payment_queries.summary, long=True))

    @router.get(
        "/payments/trial-balance",
        tags=["payments"],
        summary="The balance of every account by currency; the sum is zero",
        responses=queried(READ_MODEL, ("order-parked",)),
    )
    async def trial_balance(order_id: OrderId = None) -> Response:
        """Every account's sum, by currency; `sum` over all of them is zero."""
        question = partial(payment_queries.trial_balance, order_id=order_id)
        found = await reading.of_one("payment", order_id, question, long=order_id is None)
        return answer(found)

    @router.get(
        "/payments/{payment_id}",
        tags=["payments"],
        summary="One payment with all its steps",
        responses=queried(ONE_BY_ID, ("no-such-payment",)),
    )
    async def payment(payment_id: Name, order_id: OrderId = None) -> Response:
        """The one payment of this id; 409 ambiguous-id where several orders use it."""
        question = partial(payment_queries.payment, payment_id=payment_id, order_id=order_id)
        found = await reading.of_one("payment", order_id, question)
        if found is None:
            raise Rejected("no-such-payment", "the read model knows no such payment")
        return answer(found)


def _add_anomalies(router: APIRouter, reading: Reading) -> None:
    @router.get(
        "/anomalies",
        tags=["payments"],
        summary="Facts that were out of bounds",
        responses=queried(LIST),
    )
    async def anomalies(
        filters: Annotated[payment_queries.AnomalyFilters, Depends()],
        place: Place,
        sort: payment_queries.AnomalySort = "-recorded_at",
    ) -> Response:
        """Facts that were out of bounds; they are in the books all the same."""
        return await reading.page("payment", payment_queries.ANOMALY_LIST, filters, sort, place)


def _add_audit(router: APIRouter, reading: Reading) -> None:
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
        return await reading.page(
            "audit", audit_queries.ENTRY_LIST, filters, sort, place, min_revision=min_revision
        )
