"""The payment model: figures of payments, refunds and orders as rows; their changes as entries."""

from sqlalchemy import Column, Index, MetaData

from projections.storage.columns import (
    WHOLE,
    Beginning,
    cents,
    count,
    flag,
    key,
    number,
    optional,
    optional_signed_cents,
    signed_cents,
    signed_count,
    table,
    text,
    wide_table,
)

TABLES = MetaData()
ALL = "all"

# Rows: written anew when their order's money changes. --------------------------------------------

BALANCES = wide_table(
    "balances",
    TABLES,
    key("order_id"),
    text("currency"),
    flag("cancelled"),
    text("payment"),
    # As placed; what follows is as it is by now.
    cents("total_cents"),
    cents("billed_cents"),
    # Kept credits, and all that is written off: forgiven_cents of it is above what was due.
    cents("credited_cents"),
    cents("written_off_cents"),
    cents("forgiven_cents"),
    signed_cents("due_cents"),
    cents("authorized_cents"),
    cents("captured_cents"),
    cents("voided_cents"),
    cents("refunded_cents"),
    cents("charged_back_cents"),
    # Of net: what is store credit. fees: of providers, in no balance of the customer.
    signed_cents("store_credit_cents"),
    signed_cents("fees_cents"),
    signed_cents("net_cents"),
    signed_cents("balance_cents"),
    cents("open_refunds_cents"),
    count("payment_count"),
    count("capture_count"),
    # Recorded; and those of them that are open.
    count("anomaly_count"),
    count("open_anomaly_count"),
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
    # Of all authorizations told; and what is left to capture of those in force.
    cents("authorized_cents"),
    cents("left_cents"),
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

# Each thing that facts report, by its ids, with what counts of it. kind: authorization, capture,
# void, payout, chargeback or fee. payment_id is empty for a fee.
MOVEMENTS = table(
    "movements",
    TABLES,
    key("order_id"),
    key("payment_id"),
    key("kind"),
    key("id"),
    # How often it was reported, and how often that it expired, failed or was reversed.
    count("reports"),
    count("ends"),
    signed_cents("reported_cents"),
    # Of an authorization also what has expired; of a chargeback what was not reversed.
    signed_cents("counted_cents"),
    cents("accepted_cents"),
    # Which of its reports count: ALL, or as JSON [[what, report_id, currency], ...]; what: of a
    # change of an authorization its adjustment_id, else empty.
    text("counted"),
)

# kept: what of the credit is neither revoked nor ended, if no cancellation of the order ended it
# (kept_after_cancel: granted since then).
REFUNDS = table(
    "refunds",
    TABLES,
    key("order_id"),
    key("refund_id"),
    text("state"),
    cents("granted_cents"),
    cents("credit_cents"),
    cents("kept_cents"),
    flag("kept_after_cancel"),
    cents("revoked_cents"),
    cents("paid_out_cents"),
    cents("open_cents"),
    cents("uncovered_cents"),
)

# Above 0 a charge, below 0 a credit; so are its parts. after_cancel: made since the order was
# cancelled, which ends all before.
ADJUSTMENTS = table(
    "adjustments",
    TABLES,
    key("order_id"),
    key("adjustment_id"),
    signed_cents("amount_cents"),
    signed_cents("goods_cents"),
    signed_cents("shipping_cents"),
    signed_cents("tax_cents"),
    signed_cents("other_cents"),
    text("label"),
    text("reason"),
    flag("after_cancel"),
    flag("revoked"),
)

WRITE_OFFS = table(
    "write_offs",
    TABLES,
    key("order_id"),
    key("write_off_id"),
    cents("amount_cents"),
    cents("forgiven_cents"),
    text("reason"),
    flag("after_cancel"),
    flag("revoked"),
)

# state: open, explained or resolved. revision: of the event that recorded it.
ANOMALIES = wide_table(
    "anomalies",
    TABLES,
    key("order_id"),
    key("anomaly_id"),
    Column("revision", WHOLE, nullable=False),
    text("kind"),
    text("state"),
    text("refers_to"),
    text("detail"),
    text("occurred_at"),
    text("recorded_at"),
    text("currency"),
)
for _name in ("recorded_at", "occurred_at"):
    # After the sort key come the columns that lists are filtered by. Most anomalies are explained
    # or resolved in time: the open ones, few among many, are found by their state.
    _key = [ANOMALIES.c[name] for name in (_name, "order_id", "revision", "kind")]
    Index(f"anomalies_{_name}", *_key)
    Index(f"anomalies_state_{_name}", ANOMALIES.c.state, *_key)

# Entries: added once. ----------------------------------------------------------------------------

# Each fact as it was reported, and each command that changed money. The identity of a fact is in
# the key, and the revision too, so that no log, however it was written, can make two steps collide.
# payment_id and id are empty where the step names none.
STEPS = table(
    "steps",
    TABLES,
    key("order_id"),
    key("payment_id"),
    key("kind"),
    key("id"),
    number("revision"),
    optional("authorization_id"),
    optional("refund_id"),
    optional("report_id"),
    # As it was told, or what a command changed; counted_cents: of a fact, in the order's currency.
    optional_signed_cents("amount_cents"),
    optional_signed_cents("counted_cents"),
    optional("currency"),
    optional("method"),
    optional("label"),
    optional("reason"),
    # By how much a command raised what is billed, by part, or all credits if it left that as it is;
    # and by how much all credits.
    optional_signed_cents("goods_cents"),
    optional_signed_cents("shipping_cents"),
    optional_signed_cents("tax_cents"),
    optional_signed_cents("other_cents"),
    optional_signed_cents("credit_cents"),
    text("occurred_at"),
    text("recorded_at"),
)

# The facts that no longer count. kind, id: of the fact's step.
RETRACTIONS = table(
    "retractions",
    TABLES,
    key("order_id"),
    number("revision"),
    text("payment_id"),
    text("kind"),
    text("id"),
    optional("authorization_id"),
    optional("report_id"),
    optional("currency"),
)

POSTINGS = table(
    "postings",
    TABLES,
    key("order_id"),
    number("revision"),
    number("n"),
    text("account"),
    # Of tax alone; empty also for tax that has no code.
    text("tax_code"),
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
