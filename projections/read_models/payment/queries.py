"""Queries of payments: lists, one payment, an order's money, totals, the trial balance.

A payment is returned as the columns of its row (see `tables`); amounts are in `currency`, the
order's. An anomaly is {order_id, anomaly_id, revision, kind, state, refers_to, detail, occurred_at,
recorded_at, currency}; state: open, explained or resolved.

A step is a fact as it was reported, or a command that changed money: {order_id, payment_id, kind,
id, revision, authorization_id, refund_id, report_id, amount_cents, counted_cents, currency, method,
label, reason, goods_cents, shipping_cents, tax_cents, other_cents, credit_cents, occurred_at,
recorded_at, counted}. kind: see steps.STEP_OF. counted: False for what is in no figure: an amount
in another currency, a payout that failed, a chargeback reversed, a fact that was retracted, an
adjustment that was revoked.

A movement is a thing that facts report: {order_id, payment_id, kind, id, reports, ends,
reported_cents, counted_cents, accepted_cents}. ends: how often it expired, failed or was reversed.
"""

from collections import defaultdict
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, and_, not_, true

from projections.query.filters import Currency, Name, Word
from projections.query.listing import (
    LIMIT_MAX,
    Item,
    Listing,
    check_cursor,
    of_order,
    page_of_order,
    single,
)
from projections.query.totals import totals, when
from projections.read_models.payment.counted import (
    in_force,
    with_counted,
    with_kept,
    without_reports,
)
from projections.read_models.payment.tables import (
    ADJUSTMENTS,
    ANOMALIES,
    BALANCES,
    MOVEMENTS,
    PAYMENTS,
    POSTINGS,
    REFUNDS,
    STEPS,
    WRITE_OFFS,
)
from projections.storage.columns import equals

State = Literal[
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
Sort = Literal["reported_at", "-reported_at"]
AnomalyState = Literal["open", "explained", "resolved", "all"]
AnomalySort = Literal["recorded_at", "-recorded_at"]
TrialBalance = dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFilters:
    """method: "unknown" if none was told. reported_at: of its first fact."""

    state: State | None = None
    method: Word | None = None
    order_id: Name | None = None
    currency: Currency | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnomalyFilters:
    """state: the open ones, if it is left out."""

    state: AnomalyState = "open"
    order_id: Name | None = None
    kind: Word | None = None


def payment(
    conn: Connection,
    payment_id: str,
    *,
    order_id: str | None = None,
    limit: int = LIMIT_MAX,
    cursor: str | None = None,
) -> Item | None:
    """One payment and a page of its `movements` and `steps`, one list after the other, with `next`,
    the cursor of the next page; None: not known. Raises AmbiguousId, BadCursor.
    """
    check_cursor(cursor)
    row = single(conn, PAYMENTS.c.payment_id, payment_id, order_id=order_id)
    if row is None:
        return None
    order_id = row["order_id"]
    lists, next_ = page_of_order(
        conn, _PAYMENT, order_id, limit=limit, cursor=cursor, payment_id=payment_id
    )
    movements = [without_reports(movement) for movement in lists["movements"]]
    steps = with_counted(conn, order_id, lists["steps"], cancelled=False)
    return {**row, "movements": movements, "steps": steps, "next": next_}


def order_payments(
    conn: Connection, order_id: str, *, limit: int = LIMIT_MAX, cursor: str | None = None
) -> Item | None:
    """An order's money: the columns of its balance, and as lists `payments`, `movements`,
    `refunds`, `adjustments`, `write_offs`, `steps` (each fact and command in the order of the log)
    and `anomalies`; None: the model has no such order.

    A page has limit entries of the lists, one list after the other; `next` is the cursor of the
    next page. Raises BadCursor.
    """
    balance = of_order(conn, BALANCES, order_id)
    if not balance:
        return None
    [row] = balance
    lists, next_ = page_of_order(conn, _MONEY, order_id, limit=limit, cursor=cursor)
    cancelled = row["cancelled"]
    lists["movements"] = [without_reports(movement) for movement in lists["movements"]]
    lists["refunds"] = [with_kept(refund, cancelled=cancelled) for refund in lists["refunds"]]
    for name in ("adjustments", "write_offs"):
        lists[name] = [in_force(item, cancelled=cancelled) for item in lists[name]]
    lists["steps"] = with_counted(conn, order_id, lists["steps"], cancelled=cancelled)
    return {**row, **lists, "next": next_}


def order_postings(
    conn: Connection, order_id: str, *, limit: int = LIMIT_MAX, cursor: str | None = None
) -> Item:
    """A page of an order's journal as `items`: {order_id, revision, n, account, tax_code,
    amount_cents, currency}, debit +; `next`: the cursor of the next page. Raises BadCursor.
    """
    lists, next_ = page_of_order(conn, _JOURNAL, order_id, limit=limit, cursor=cursor)
    return {**lists, "next": next_}


def trial_balance(conn: Connection, *, order_id: str | None = None) -> TrialBalance:
    """By currency: the sum of every account's postings, and `sum` over all of them, which is 0."""
    where = () if order_id is None else (POSTINGS.c.order_id == order_id,)
    groups = totals(
        conn,
        POSTINGS,
        by=(POSTINGS.c.currency, POSTINGS.c.account),
        cents={"amount_cents": POSTINGS.c.amount_cents},
        counts={},
        where=where,
    )
    balance: TrialBalance = {}
    for (currency, account), sums in groups:
        balance.setdefault(currency, {})[account] = sums["amount_cents"]
    for accounts in balance.values():
        accounts["sum"] = sum(accounts.values())
    return balance


def summary(conn: Connection) -> dict[str, dict[str, Any]]:
    """By currency: payments, authorized_cents, captured_cents, refunded_cents, charged_back_cents,
    anomalies (open ones), captured_cents_by_method, captured_cents_of_cancelled_orders,
    orders_paid_in_full, orders_overpaid, overpaid_cents, underpaid_cents_of_captured_orders.

    Orders are counted by their word of payment (paid in full: paid, overpaid or refunding), and
    amounts by balance: overpaid_cents is what is owed back and covered by no open grant. Of a
    cancelled order only what is owed back counts, as captured_cents_of_cancelled_orders.
    """
    groups = totals(conn, BALANCES, by=(BALANCES.c.currency,), cents=_CENTS, counts=_COUNTS)
    by_method = _captured_by_method(conn)
    return {
        currency: {**sums, "captured_cents_by_method": by_method[currency]}
        for (currency,), sums in groups
    }


def _captured_by_method(conn: Connection) -> dict[str, dict[str, int]]:
    groups = totals(
        conn,
        PAYMENTS,
        by=(PAYMENTS.c.currency, PAYMENTS.c.method),
        cents={"captured_cents": PAYMENTS.c.captured_cents},
        counts={},
    )
    by_method: dict[str, dict[str, int]] = defaultdict(dict)
    for (currency, method), sums in groups:
        by_method[currency][method] = sums["captured_cents"]
    return by_method


_LIVE: ColumnElement[bool] = not_(BALANCES.c.cancelled)
_DUE: ColumnElement[int] = BALANCES.c.balance_cents
_OWED_BACK: ColumnElement[int] = -BALANCES.c.balance_cents - BALANCES.c.open_refunds_cents

_CENTS: dict[str, ColumnElement[int]] = {
    "authorized_cents": BALANCES.c.authorized_cents,
    "captured_cents": BALANCES.c.captured_cents,
    "refunded_cents": BALANCES.c.refunded_cents,
    "charged_back_cents": BALANCES.c.charged_back_cents,
    "captured_cents_of_cancelled_orders": when(and_(BALANCES.c.cancelled, _DUE < 0), -_DUE),
    "overpaid_cents": when(and_(_LIVE, _OWED_BACK > 0), _OWED_BACK),
    "underpaid_cents_of_captured_orders": when(
        and_(_LIVE, BALANCES.c.capture_count > 0, _DUE > 0), _DUE
    ),
}
_COUNTS: dict[str, ColumnElement[int]] = {
    "payments": BALANCES.c.payment_count,
    "anomalies": BALANCES.c.open_anomaly_count,
    "orders_paid_in_full": when(
        and_(_LIVE, BALANCES.c.payment.in_(("paid", "overpaid", "refunding")))
    ),
    "orders_overpaid": when(and_(_LIVE, BALANCES.c.payment == "overpaid")),
}


_MOVED = (MOVEMENTS.c.payment_id, MOVEMENTS.c.kind, MOVEMENTS.c.id)
_PAYMENT = {
    "movements": _MOVED,
    "steps": (STEPS.c.revision, STEPS.c.payment_id, STEPS.c.kind, STEPS.c.id),
}
_MONEY = {
    "payments": (PAYMENTS.c.payment_id,),
    "movements": _MOVED,
    "refunds": (REFUNDS.c.refund_id,),
    "adjustments": (ADJUSTMENTS.c.adjustment_id,),
    "write_offs": (WRITE_OFFS.c.write_off_id,),
    "steps": _PAYMENT["steps"],
    "anomalies": (ANOMALIES.c.revision,),
}
_JOURNAL = {"items": (POSTINGS.c.revision, POSTINGS.c.n)}

PAYMENT_LIST = Listing(
    table=PAYMENTS,
    conditions={"method": partial(equals, PAYMENTS.c.method)},
    sorts={
        "reported_at": (PAYMENTS.c.reported_at, PAYMENTS.c.order_id, PAYMENTS.c.payment_id),
    },
)
ANOMALY_LIST = Listing(
    table=ANOMALIES,
    conditions={
        "state": lambda state: true() if state == "all" else ANOMALIES.c.state == state,
    },
    sorts={"recorded_at": (ANOMALIES.c.recorded_at, ANOMALIES.c.order_id, ANOMALIES.c.revision)},
)
