"""The payment model: figures of payments, refunds and orders as rows; their changes as entries."""

from sqlalchemy import Index, MetaData

from projections.storage.columns import (
    Beginning,
    cents,
    count,
    flag,
    key,
    number,
    optional,
    optional_cents,
    signed_cents,
    signed_count,
    table,
    text,
    wide_table,
)

TABLES = MetaData()

# Rows: written anew when their order's money changes. --------------------------------------------

BALANCES = wide_table(
    "balances",
    TABLES,
    key("order_id"),
    text("currency"),
    flag("cancelled"),
    text("payment"),
    cents("total_cents"),
    # due before refunds settled a part of it, and after.
    cents("due0_cents"),
    cents("due_cents"),
    cents("authorized_cents"),
    cents("captured_cents"),
    cents("refunded_cents"),
    cents("charged_back_cents"),
    signed_cents("net_cents"),
    signed_cents("balance_cents"),
    cents("open_refunds_cents"),
    count("payment_count"),
    count("capture_count"),
    count("anomaly_count"),
    # When the order was placed, in quarters of an hour (eventstore.record.moments.quarter_of).
    signed_count("placed_quarter"),
    signed_count("placed_recorded_quarter"),
)

PAYMENTS = wide_table(
    "payments",
    TABLES,
    key("order_id"),
    key("payment_id"),
    text("currency"),
    text("method"),
    text("state"),
    cents("authorized_cents"),
    cents("captured_cents"),
    cents("voided_cents"),
    cents("refunded_cents"),
    cents("charged_back_cents"),
    signed_cents("net_cents"),
    flag("expired"),
    flag("failed"),
    text("reported_at"),
)
Index("payments_payment_id", PAYMENTS.c.payment_id)
# After the sort key come the columns that lists are filtered by: if few rows match a filter,
# finding them reads the index alone.
Index(
    "payments_reported_at",
    PAYMENTS.c.reported_at,
    PAYMENTS.c.order_id,
    PAYMENTS.c.payment_id,
    PAYMENTS.c.state,
    Beginning(PAYMENTS.c.method),
    PAYMENTS.c.currency,
)

REFUNDS = table(
    "refunds",
    TABLES,
    key("order_id"),
    key("refund_id"),
    text("state"),
    cents("granted_cents"),
    cents("allowance_cents"),
    cents("revoked_cents"),
    cents("paid_out_cents"),
    cents("open_cents"),
)

# Entries: added once. ----------------------------------------------------------------------------

# Each step of a payment or refund as it was reported. The identity of a fact is in the key, and the
# revision too, so that no log, however it was written, can make two steps collide.
# payment_id and id are empty where the step names none.
STEPS = table(
    "steps",
    TABLES,
    key("order_id"),
    key("payment_id"),
    key("kind"),
    key("id"),
    number("revision"),
    optional("refund_id"),
    optional_cents("amount_cents"),
    optional("currency"),
    optional("method"),
    optional("reason"),
    text("occurred_at"),
    text("recorded_at"),
)

POSTINGS = table(
    "postings",
    TABLES,
    key("order_id"),
    number("revision"),
    number("n"),
    text("account"),
    signed_cents("amount_cents"),
    text("currency"),
    signed_count("occurred_quarter"),
    signed_count("recorded_quarter"),
)

# What a fact changes in the figures of all payments, by their method. reported: how many payments
# have got this method; payments: how many of them have got a fact that counts.
MOVES = table(
    "moves",
    TABLES,
    key("order_id"),
    number("revision"),
    number("n"),
    text("method"),
    text("currency"),
    signed_count("reported"),
    signed_count("payments"),
    signed_cents("authorized_cents"),
    signed_cents("captured_cents"),
    signed_cents("refunded_cents"),
    signed_cents("charged_back_cents"),
    signed_count("occurred_quarter"),
    signed_count("recorded_quarter"),
)

ANOMALIES = table(
    "anomalies",
    TABLES,
    key("order_id"),
    number("revision"),
    text("kind"),
    text("refers_to"),
    text("detail"),
    text("recorded_at"),
    text("occurred_at"),
    text("currency"),
)
for _name in ("recorded_at", "occurred_at"):
    # After the sort key come the columns that lists are filtered by.
    _others = [ANOMALIES.c[name] for name in ("order_id", "revision", "kind")]
    Index(f"anomalies_{_name}", ANOMALIES.c[_name], *_others)
