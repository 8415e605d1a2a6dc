"""The queries of the ledger, printed from its OpenAPI document by `make reference`."""

from collections.abc import AsyncIterator, Awaitable, Iterator, Mapping
from typing import Any, Literal

from daybook_client import documents as d
from daybook_client.exchange import Wanted
from daybook_client.sending import Moment, segment

_OK = Wanted()
_JUDGED = Wanted(frozenset({200, 503}), frozenset({"status", "troubles"}))


class Queries:
    """A method for each query. An answer is returned; a list is iterated, and its pages are
    asked for as they are needed.

    Raises NotFound, UnknownOrder, Malformed, AmbiguousId, Rejected, Unavailable,
    UnexpectedAnswer, ServerFault.
    """

    def _one(self, path: str, query: Mapping[str, Any], wanted: Wanted) -> Any:
        raise NotImplementedError

    def _each(self, path: str, query: Mapping[str, Any]) -> Iterator[Any]:
        raise NotImplementedError

    def order(
        self,
        order_id: str,
        *,
        revision: int | None = None,
        as_of: Moment | None = None,
        occurred_as_of: Moment | None = None,
    ) -> d.Order:
        """An order from the log: now, at a revision or as of a moment."""
        query: dict[str, Any] = {
            "revision": revision,
            "as_of": as_of,
            "occurred_as_of": occurred_as_of,
        }
        found: d.Order = self._one(
            "/v1/orders/" + segment("order_id", order_id, ("summary",)), query, _OK
        )
        return found

    def order_events(
        self,
        order_id: str,
        *,
        page_size: int | None = None,
    ) -> Iterator[d.Event]:
        """An order's events as they are in the log."""
        query: dict[str, Any] = {
            "limit": page_size,
        }
        found: Iterator[d.Event] = self._each(
            "/v1/orders/" + segment("order_id", order_id, ("summary",)) + "/events", query
        )
        return found

    def order_shipments(
        self,
        order_id: str,
        *,
        min_revision: int | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> d.OrderShipments:
        """An order's shipments, lines and returns."""
        query: dict[str, Any] = {
            "min_revision": min_revision,
            "limit": limit,
            "cursor": cursor,
        }
        found: d.OrderShipments = self._one(
            "/v1/orders/" + segment("order_id", order_id, ("summary",)) + "/shipments", query, _OK
        )
        return found

    def order_payments(
        self,
        order_id: str,
        *,
        min_revision: int | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> d.OrderPayments:
        """An order's payments, refunds and balance."""
        query: dict[str, Any] = {
            "min_revision": min_revision,
            "limit": limit,
            "cursor": cursor,
        }
        found: d.OrderPayments = self._one(
            "/v1/orders/" + segment("order_id", order_id, ("summary",)) + "/payments", query, _OK
        )
        return found

    def order_postings(
        self,
        order_id: str,
        *,
        min_revision: int | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> d.OrderPostings:
        """An order's double entry, event by event."""
        query: dict[str, Any] = {
            "min_revision": min_revision,
            "limit": limit,
            "cursor": cursor,
        }
        found: d.OrderPostings = self._one(
            "/v1/orders/" + segment("order_id", order_id, ("summary",)) + "/postings", query, _OK
        )
        return found

    def orders(
        self,
        *,
        sort: Literal[
            "placed_at", "-placed_at", "total_cents", "-total_cents", "order_id", "-order_id"
        ]
        | None = None,
        state: Literal["placed", "confirmed", "completed", "cancelled"] | None = None,
        fulfilment: Literal[
            "unneeded",
            "none",
            "planned",
            "partly_dispatched",
            "dispatched",
            "partly_delivered",
            "delivered",
            "partly_returned",
            "returned",
        ]
        | None = None,
        payment: Literal[
            "none",
            "authorized",
            "failed",
            "unpaid",
            "partly_paid",
            "paid",
            "overpaid",
            "refunding",
            "refunded",
            "charged_back",
        ]
        | None = None,
        on_hold: bool | None = None,
        customer_id: str | None = None,
        currency: str | None = None,
        placed_after: Moment | None = None,
        placed_before: Moment | None = None,
        page_size: int | None = None,
    ) -> Iterator[d.OrderRow]:
        """Orders, filtered and sorted."""
        query: dict[str, Any] = {
            "sort": sort,
            "state": state,
            "fulfilment": fulfilment,
            "payment": payment,
            "on_hold": on_hold,
            "customer_id": customer_id,
            "currency": currency,
            "placed_after": placed_after,
            "placed_before": placed_before,
            "limit": page_size,
        }
        found: Iterator[d.OrderRow] = self._each("/v1/orders", query)
        return found

    def orders_summary(
        self,
        *,
        from_: str | None = None,
        to: str | None = None,
        by: Literal["occurred", "recorded"] | None = None,
        tz: str | None = None,
    ) -> d.OrdersSummary:
        """Totals of orders by currency."""
        query: dict[str, Any] = {
            "from": from_,
            "to": to,
            "by": by,
            "tz": tz,
        }
        found: d.OrdersSummary = self._one("/v1/orders/summary", query, _OK)
        return found

    def orders_summary_by(
        self,
        group_by: Literal["day", "month", "year"],
        *,
        from_: str | None = None,
        to: str | None = None,
        by: Literal["occurred", "recorded"] | None = None,
        tz: str | None = None,
    ) -> d.OrdersPeriods:
        """Totals of orders by currency."""
        query: dict[str, Any] = {
            "group_by": group_by,
            "from": from_,
            "to": to,
            "by": by,
            "tz": tz,
        }
        found: d.OrdersPeriods = self._one("/v1/orders/summary", query, _OK)
        return found

    def shipments(
        self,
        *,
        sort: Literal["reported_at", "-reported_at"] | None = None,
        state: Literal[
            "planned",
            "cancelled",
            "dispatched",
            "partly_delivered",
            "delivered",
            "lost",
            "returned_to_sender",
            "unknown",
        ]
        | None = None,
        carrier: str | None = None,
        tracking: str | None = None,
        location: str | None = None,
        order_id: str | None = None,
        page_size: int | None = None,
    ) -> Iterator[d.ShipmentRow]:
        """Shipments, filtered and sorted."""
        query: dict[str, Any] = {
            "sort": sort,
            "state": state,
            "carrier": carrier,
            "tracking": tracking,
            "location": location,
            "order_id": order_id,
            "limit": page_size,
        }
        found: Iterator[d.ShipmentRow] = self._each("/v1/shipments", query)
        return found

    def shipments_summary(
        self,
        *,
        from_: str | None = None,
        to: str | None = None,
        by: Literal["occurred", "recorded"] | None = None,
        tz: str | None = None,
    ) -> d.ShipmentsSummary:
        """Totals of shipments by currency."""
        query: dict[str, Any] = {
            "from": from_,
            "to": to,
            "by": by,
            "tz": tz,
        }
        found: d.ShipmentsSummary = self._one("/v1/shipments/summary", query, _OK)
        return found

    def shipments_summary_by(
        self,
        group_by: Literal["day", "month", "year"],
        *,
        from_: str | None = None,
        to: str | None = None,
        by: Literal["occurred", "recorded"] | None = None,
        tz: str | None = None,
    ) -> d.ShipmentsPeriods:
        """Totals of shipments by currency."""
        query: dict[str, Any] = {
            "group_by": group_by,
            "from": from_,
            "to": to,
            "by": by,
            "tz": tz,
        }
        found: d.ShipmentsPeriods = self._one("/v1/shipments/summary", query, _OK)
        return found

    def shipment(
        self,
        shipment_id: str,
        *,
        order_id: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> d.Shipment:
        """One shipment with its lines."""
        query: dict[str, Any] = {
            "order_id": order_id,
            "limit": limit,
            "cursor": cursor,
        }
        found: d.Shipment = self._one(
            "/v1/shipments/" + segment("shipment_id", shipment_id, ("summary",)), query, _OK
        )
        return found

    def payments(
        self,
        *,
        sort: Literal["reported_at", "-reported_at"] | None = None,
        state: Literal[
            "none",
            "authorized",
            "voided",
            "expired",
            "failed",
            "partly_captured",
            "captured",
            "partly_returned",
            "refunded",
            "charged_back",
        ]
        | None = None,
        method: str | None = None,
        order_id: str | None = None,
        currency: str | None = None,
        page_size: int | None = None,
    ) -> Iterator[d.PaymentRow]:
        """Payments, filtered and sorted."""
        query: dict[str, Any] = {
            "sort": sort,
            "state": state,
            "method": method,
            "order_id": order_id,
            "currency": currency,
            "limit": page_size,
        }
        found: Iterator[d.PaymentRow] = self._each("/v1/payments", query)
        return found

    def payments_summary(
        self,
        *,
        from_: str | None = None,
        to: str | None = None,
        by: Literal["occurred", "recorded"] | None = None,
        tz: str | None = None,
    ) -> d.PaymentsSummary:
        """Totals of payments by currency."""
        query: dict[str, Any] = {
            "from": from_,
            "to": to,
            "by": by,
            "tz": tz,
        }
        found: d.PaymentsSummary = self._one("/v1/payments/summary", query, _OK)
        return found

    def payments_summary_by(
        self,
        group_by: Literal["day", "month", "year"],
        *,
        from_: str | None = None,
        to: str | None = None,
        by: Literal["occurred", "recorded"] | None = None,
        tz: str | None = None,
    ) -> d.PaymentsPeriods:
        """Totals of payments by currency."""
        query: dict[str, Any] = {
            "group_by": group_by,
            "from": from_,
            "to": to,
            "by": by,
            "tz": tz,
        }
        found: d.PaymentsPeriods = self._one("/v1/payments/summary", query, _OK)
        return found

    def trial_balance(
        self,
        *,
        order_id: str | None = None,
        tax_codes: bool | None = None,
        from_: str | None = None,
        to: str | None = None,
        by: Literal["occurred", "recorded"] | None = None,
        tz: str | None = None,
    ) -> d.TrialBalance:
        """The balance of every account by currency; the sum is zero."""
        query: dict[str, Any] = {
            "order_id": order_id,
            "tax_codes": tax_codes,
            "from": from_,
            "to": to,
            "by": by,
            "tz": tz,
        }
        found: d.TrialBalance = self._one("/v1/payments/trial-balance", query, _OK)
        return found

    def trial_balance_by(
        self,
        group_by: Literal["day", "month", "year"],
        *,
        order_id: str | None = None,
        tax_codes: bool | None = None,
        from_: str | None = None,
        to: str | None = None,
        by: Literal["occurred", "recorded"] | None = None,
        tz: str | None = None,
    ) -> d.BalancesPeriods:
        """The balance of every account by currency; the sum is zero."""
        query: dict[str, Any] = {
            "group_by": group_by,
            "order_id": order_id,
            "tax_codes": tax_codes,
            "from": from_,
            "to": to,
            "by": by,
            "tz": tz,
        }
        found: d.BalancesPeriods = self._one("/v1/payments/trial-balance", query, _OK)
        return found

    def payment(
        self,
        payment_id: str,
        *,
        order_id: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> d.Payment:
        """One payment with all its steps."""
        query: dict[str, Any] = {
            "order_id": order_id,
            "limit": limit,
            "cursor": cursor,
        }
        found: d.Payment = self._one(
            "/v1/payments/" + segment("payment_id", payment_id, ("summary", "trial-balance")),
            query,
            _OK,
        )
        return found

    def anomalies(
        self,
        *,
        sort: Literal["recorded_at", "-recorded_at", "occurred_at", "-occurred_at"] | None = None,
        state: Literal["open", "explained", "resolved", "all"] | None = None,
        order_id: str | None = None,
        kind: str | None = None,
        from_: str | None = None,
        to: str | None = None,
        by: Literal["occurred", "recorded"] | None = None,
        tz: str | None = None,
        page_size: int | None = None,
    ) -> Iterator[d.AnomalyRow]:
        """What is out of bounds: the open anomalies, or those of another state."""
        query: dict[str, Any] = {
            "sort": sort,
            "state": state,
            "order_id": order_id,
            "kind": kind,
            "from": from_,
            "to": to,
            "by": by,
            "tz": tz,
            "limit": page_size,
        }
        found: Iterator[d.AnomalyRow] = self._each("/v1/anomalies", query)
        return found

    def audit(
        self,
        *,
        sort: Literal["position", "-position"] | None = None,
        min_revision: int | None = None,
        order_id: str | None = None,
        actor: str | None = None,
        type_: str | None = None,
        channel: str | None = None,
        command_id: str | None = None,
        correlation_id: str | None = None,
        recorded_after: Moment | None = None,
        recorded_before: Moment | None = None,
        page_size: int | None = None,
    ) -> Iterator[d.AuditEntry]:
        """Every event: who, what, when and why."""
        query: dict[str, Any] = {
            "sort": sort,
            "min_revision": min_revision,
            "order_id": order_id,
            "actor": actor,
            "type": type_,
            "channel": channel,
            "command_id": command_id,
            "correlation_id": correlation_id,
            "recorded_after": recorded_after,
            "recorded_before": recorded_before,
            "limit": page_size,
        }
        found: Iterator[d.AuditEntry] = self._each("/v1/audit", query)
        return found

    def projections(
        self,
    ) -> d.Projections:
        """How far each read model is, and the state of its worker."""
        query: dict[str, Any] = {}
        found: d.Projections = self._one("/v1/projections", query, _OK)
        return found

    def health(
        self,
    ) -> d.Health:
        """Whether every loop of this server is well."""
        query: dict[str, Any] = {}
        found: d.Health = self._one("/healthz", query, _JUDGED)
        return found

    def ready(
        self,
    ) -> d.Health:
        """Whether this server can take requests."""
        query: dict[str, Any] = {}
        found: d.Health = self._one("/readyz", query, _JUDGED)
        return found


class AsyncQueries:
    """A method for each query. An answer is awaited; a list is iterated, and its pages are
    asked for as they are needed.

    Raises NotFound, UnknownOrder, Malformed, AmbiguousId, Rejected, Unavailable,
    UnexpectedAnswer, ServerFault.
    """

    def _one(self, path: str, query: Mapping[str, Any], wanted: Wanted) -> Awaitable[Any]:
        raise NotImplementedError

    def _each(self, path: str, query: Mapping[str, Any]) -> AsyncIterator[Any]:
        raise NotImplementedError

    def order(
        self,
        order_id: str,
        *,
        revision: int | None = None,
        as_of: Moment | None = None,
        occurred_as_of: Moment | None = None,
    ) -> Awaitable[d.Order]:
        """An order from the log: now, at a revision or as of a moment."""
        query: dict[str, Any] = {
            "revision": revision,
            "as_of": as_of,
            "occurred_as_of": occurred_as_of,
        }
        found: Awaitable[d.Order] = self._one(
            "/v1/orders/" + segment("order_id", order_id, ("summary",)), query, _OK
        )
        return found

    def order_events(
        self,
        order_id: str,
        *,
        page_size: int | None = None,
    ) -> AsyncIterator[d.Event]:
        """An order's events as they are in the log."""
        query: dict[str, Any] = {
            "limit": page_size,
        }
        found: AsyncIterator[d.Event] = self._each(
            "/v1/orders/" + segment("order_id", order_id, ("summary",)) + "/events", query
        )
        return found

    def order_shipments(
        self,
        order_id: str,
        *,
        min_revision: int | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Awaitable[d.OrderShipments]:
        """An order's shipments, lines and returns."""
        query: dict[str, Any] = {
            "min_revision": min_revision,
            "limit": limit,
            "cursor": cursor,
        }
        found: Awaitable[d.OrderShipments] = self._one(
            "/v1/orders/" + segment("order_id", order_id, ("summary",)) + "/shipments", query, _OK
        )
        return found

    def order_payments(
        self,
        order_id: str,
        *,
        min_revision: int | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Awaitable[d.OrderPayments]:
        """An order's payments, refunds and balance."""
        query: dict[str, Any] = {
            "min_revision": min_revision,
            "limit": limit,
            "cursor": cursor,
        }
        found: Awaitable[d.OrderPayments] = self._one(
            "/v1/orders/" + segment("order_id", order_id, ("summary",)) + "/payments", query, _OK
        )
        return found

    def order_postings(
        self,
        order_id: str,
        *,
        min_revision: int | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Awaitable[d.OrderPostings]:
        """An order's double entry, event by event."""
        query: dict[str, Any] = {
            "min_revision": min_revision,
            "limit": limit,
            "cursor": cursor,
        }
        found: Awaitable[d.OrderPostings] = self._one(
            "/v1/orders/" + segment("order_id", order_id, ("summary",)) + "/postings", query, _OK
        )
        return found

    def orders(
        self,
        *,
        sort: Literal[
            "placed_at", "-placed_at", "total_cents", "-total_cents", "order_id", "-order_id"
        ]
        | None = None,
        state: Literal["placed", "confirmed", "completed", "cancelled"] | None = None,
        fulfilment: Literal[
            "unneeded",
            "none",
            "planned",
            "partly_dispatched",
            "dispatched",
            "partly_delivered",
            "delivered",
            "partly_returned",
            "returned",
        ]
        | None = None,
        payment: Literal[
            "none",
            "authorized",
            "failed",
            "unpaid",
            "partly_paid",
            "paid",
            "overpaid",
            "refunding",
            "refunded",
            "charged_back",
        ]
        | None = None,
        on_hold: bool | None = None,
        customer_id: str | None = None,
        currency: str | None = None,
        placed_after: Moment | None = None,
        placed_before: Moment | None = None,
        page_size: int | None = None,
    ) -> AsyncIterator[d.OrderRow]:
        """Orders, filtered and sorted."""
        query: dict[str, Any] = {
            "sort": sort,
            "state": state,
            "fulfilment": fulfilment,
            "payment": payment,
            "on_hold": on_hold,
            "customer_id": customer_id,
            "currency": currency,
            "placed_after": placed_after,
            "placed_before": placed_before,
            "limit": page_size,
        }
        found: AsyncIterator[d.OrderRow] = self._each("/v1/orders", query)
        return found

    def orders_summary(
        self,
        *,
        from_: str | None = None,
        to: str | None = None,
        by: Literal["occurred", "recorded"] | None = None,
        tz: str | None = None,
    ) -> Awaitable[d.OrdersSummary]:
        """Totals of orders by currency."""
        query: dict[str, Any] = {
            "from": from_,
            "to": to,
            "by": by,
            "tz": tz,
        }
        found: Awaitable[d.OrdersSummary] = self._one("/v1/orders/summary", query, _OK)
        return found

    def orders_summary_by(
        self,
        group_by: Literal["day", "month", "year"],
        *,
        from_: str | None = None,
        to: str | None = None,
        by: Literal["occurred", "recorded"] | None = None,
        tz: str | None = None,
    ) -> Awaitable[d.OrdersPeriods]:
        """Totals of orders by currency."""
        query: dict[str, Any] = {
            "group_by": group_by,
            "from": from_,
            "to": to,
            "by": by,
            "tz": tz,
        }
        found: Awaitable[d.OrdersPeriods] = self._one("/v1/orders/summary", query, _OK)
        return found

    def shipments(
        self,
        *,
        sort: Literal["reported_at", "-reported_at"] | None = None,
        state: Literal[
            "planned",
            "cancelled",
            "dispatched",
            "partly_delivered",
            "delivered",
            "lost",
            "returned_to_sender",
            "unknown",
        ]
        | None = None,
        carrier: str | None = None,
        tracking: str | None = None,
        location: str | None = None,
        order_id: str | None = None,
        page_size: int | None = None,
    ) -> AsyncIterator[d.ShipmentRow]:
        """Shipments, filtered and sorted."""
        query: dict[str, Any] = {
            "sort": sort,
            "state": state,
            "carrier": carrier,
            "tracking": tracking,
            "location": location,
            "order_id": order_id,
            "limit": page_size,
        }
        found: AsyncIterator[d.ShipmentRow] = self._each("/v1/shipments", query)
        return found

    def shipments_summary(
        self,
        *,
        from_: str | None = None,
        to: str | None = None,
        by: Literal["occurred", "recorded"] | None = None,
        tz: str | None = None,
    ) -> Awaitable[d.ShipmentsSummary]:
        """Totals of shipments by currency."""
        query: dict[str, Any] = {
            "from": from_,
            "to": to,
            "by": by,
            "tz": tz,
        }
        found: Awaitable[d.ShipmentsSummary] = self._one("/v1/shipments/summary", query, _OK)
        return found

    def shipments_summary_by(
        self,
        group_by: Literal["day", "month", "year"],
        *,
        from_: str | None = None,
        to: str | None = None,
        by: Literal["occurred", "recorded"] | None = None,
        tz: str | None = None,
    ) -> Awaitable[d.ShipmentsPeriods]:
        """Totals of shipments by currency."""
        query: dict[str, Any] = {
            "group_by": group_by,
            "from": from_,
            "to": to,
            "by": by,
            "tz": tz,
        }
        found: Awaitable[d.ShipmentsPeriods] = self._one("/v1/shipments/summary", query, _OK)
        return found

    def shipment(
        self,
        shipment_id: str,
        *,
        order_id: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Awaitable[d.Shipment]:
        """One shipment with its lines."""
        query: dict[str, Any] = {
            "order_id": order_id,
            "limit": limit,
            "cursor": cursor,
        }
        found: Awaitable[d.Shipment] = self._one(
            "/v1/shipments/" + segment("shipment_id", shipment_id, ("summary",)), query, _OK
        )
        return found

    def payments(
        self,
        *,
        sort: Literal["reported_at", "-reported_at"] | None = None,
        state: Literal[
            "none",
            "authorized",
            "voided",
            "expired",
            "failed",
            "partly_captured",
            "captured",
            "partly_returned",
            "refunded",
            "charged_back",
        ]
        | None = None,
        method: str | None = None,
        order_id: str | None = None,
        currency: str | None = None,
        page_size: int | None = None,
    ) -> AsyncIterator[d.PaymentRow]:
        """Payments, filtered and sorted."""
        query: dict[str, Any] = {
            "sort": sort,
            "state": state,
            "method": method,
            "order_id": order_id,
            "currency": currency,
            "limit": page_size,
        }
        found: AsyncIterator[d.PaymentRow] = self._each("/v1/payments", query)
        return found

    def payments_summary(
        self,
        *,
        from_: str | None = None,
        to: str | None = None,
        by: Literal["occurred", "recorded"] | None = None,
        tz: str | None = None,
    ) -> Awaitable[d.PaymentsSummary]:
        """Totals of payments by currency."""
        query: dict[str, Any] = {
            "from": from_,
            "to": to,
            "by": by,
            "tz": tz,
        }
        found: Awaitable[d.PaymentsSummary] = self._one("/v1/payments/summary", query, _OK)
        return found

    def payments_summary_by(
        self,
        group_by: Literal["day", "month", "year"],
        *,
        from_: str | None = None,
        to: str | None = None,
        by: Literal["occurred", "recorded"] | None = None,
        tz: str | None = None,
    ) -> Awaitable[d.PaymentsPeriods]:
        """Totals of payments by currency."""
        query: dict[str, Any] = {
            "group_by": group_by,
            "from": from_,
            "to": to,
            "by": by,
            "tz": tz,
        }
        found: Awaitable[d.PaymentsPeriods] = self._one("/v1/payments/summary", query, _OK)
        return found

    def trial_balance(
        self,
        *,
        order_id: str | None = None,
        tax_codes: bool | None = None,
        from_: str | None = None,
        to: str | None = None,
        by: Literal["occurred", "recorded"] | None = None,
        tz: str | None = None,
    ) -> Awaitable[d.TrialBalance]:
        """The balance of every account by currency; the sum is zero."""
        query: dict[str, Any] = {
            "order_id": order_id,
            "tax_codes": tax_codes,
            "from": from_,
            "to": to,
            "by": by,
            "tz": tz,
        }
        found: Awaitable[d.TrialBalance] = self._one("/v1/payments/trial-balance", query, _OK)
        return found

    def trial_balance_by(
        self,
        group_by: Literal["day", "month", "year"],
        *,
        order_id: str | None = None,
        tax_codes: bool | None = None,
        from_: str | None = None,
        to: str | None = None,
        by: Literal["occurred", "recorded"] | None = None,
        tz: str | None = None,
    ) -> Awaitable[d.BalancesPeriods]:
        """The balance of every account by currency; the sum is zero."""
        query: dict[str, Any] = {
            "group_by": group_by,
            "order_id": order_id,
            "tax_codes": tax_codes,
            "from": from_,
            "to": to,
            "by": by,
            "tz": tz,
        }
        found: Awaitable[d.BalancesPeriods] = self._one("/v1/payments/trial-balance", query, _OK)
        return found

    def payment(
        self,
        payment_id: str,
        *,
        order_id: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Awaitable[d.Payment]:
        """One payment with all its steps."""
        query: dict[str, Any] = {
            "order_id": order_id,
            "limit": limit,
            "cursor": cursor,
        }
        found: Awaitable[d.Payment] = self._one(
            "/v1/payments/" + segment("payment_id", payment_id, ("summary", "trial-balance")),
            query,
            _OK,
        )
        return found

    def anomalies(
        self,
        *,
        sort: Literal["recorded_at", "-recorded_at", "occurred_at", "-occurred_at"] | None = None,
        state: Literal["open", "explained", "resolved", "all"] | None = None,
        order_id: str | None = None,
        kind: str | None = None,
        from_: str | None = None,
        to: str | None = None,
        by: Literal["occurred", "recorded"] | None = None,
        tz: str | None = None,
        page_size: int | None = None,
    ) -> AsyncIterator[d.AnomalyRow]:
        """What is out of bounds: the open anomalies, or those of another state."""
        query: dict[str, Any] = {
            "sort": sort,
            "state": state,
            "order_id": order_id,
            "kind": kind,
            "from": from_,
            "to": to,
            "by": by,
            "tz": tz,
            "limit": page_size,
        }
        found: AsyncIterator[d.AnomalyRow] = self._each("/v1/anomalies", query)
        return found

    def audit(
        self,
        *,
        sort: Literal["position", "-position"] | None = None,
        min_revision: int | None = None,
        order_id: str | None = None,
        actor: str | None = None,
        type_: str | None = None,
        channel: str | None = None,
        command_id: str | None = None,
        correlation_id: str | None = None,
        recorded_after: Moment | None = None,
        recorded_before: Moment | None = None,
        page_size: int | None = None,
    ) -> AsyncIterator[d.AuditEntry]:
        """Every event: who, what, when and why."""
        query: dict[str, Any] = {
            "sort": sort,
            "min_revision": min_revision,
            "order_id": order_id,
            "actor": actor,
            "type": type_,
            "channel": channel,
            "command_id": command_id,
            "correlation_id": correlation_id,
            "recorded_after": recorded_after,
            "recorded_before": recorded_before,
            "limit": page_size,
        }
        found: AsyncIterator[d.AuditEntry] = self._each("/v1/audit", query)
        return found

    def projections(
        self,
    ) -> Awaitable[d.Projections]:
        """How far each read model is, and the state of its worker."""
        query: dict[str, Any] = {}
        found: Awaitable[d.Projections] = self._one("/v1/projections", query, _OK)
        return found

    def health(
        self,
    ) -> Awaitable[d.Health]:
        """Whether every loop of this server is well."""
        query: dict[str, Any] = {}
        found: Awaitable[d.Health] = self._one("/healthz", query, _JUDGED)
        return found

    def ready(
        self,
    ) -> Awaitable[d.Health]:
        """Whether this server can take requests."""
        query: dict[str, Any] = {}
        found: Awaitable[d.Health] = self._one("/readyz", query, _JUDGED)
        return found
