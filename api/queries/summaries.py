"""What each query answers, in a line: for the documentation."""

from collections.abc import Mapping
from typing import Final

SUMMARIES: Final[Mapping[str, str]] = {
    "/healthz": "Whether every loop of this server is well",
    "/readyz": "Whether this server can take requests",
    "/metrics": "Figures in Prometheus text",
    "/v1/anomalies": "Facts that were out of bounds",
    "/v1/audit": "Every event: who, what, when and why",
    "/v1/orders": "Orders, filtered and sorted",
    "/v1/orders/summary": "Totals of orders by currency",
    "/v1/orders/{order_id}": "An order from the log: now, at a revision or as of a moment",
    "/v1/orders/{order_id}/events": "An order's events as they stand in the log",
    "/v1/orders/{order_id}/payments": "An order's payments, refunds and balance",
    "/v1/orders/{order_id}/postings": "An order's double entry, event by event",
    "/v1/orders/{order_id}/shipments": "An order's shipments, lines and returns",
    "/v1/payments": "Payments, filtered and sorted",
    "/v1/payments/summary": "Totals of payments by currency",
    "/v1/payments/trial-balance": "The balance of every account by currency; the sum is zero",
    "/v1/payments/{payment_id}": "One payment with all its steps",
    "/v1/projections": "How far each read model is, and how its worker does",
    "/v1/shipments": "Shipments, filtered and sorted",
    "/v1/shipments/summary": "Totals of shipments by currency",
    "/v1/shipments/{shipment_id}": "One shipment with its lines",
}
