"""Queries of payments: lists, one payment, an order's money, totals, the trial balance.

A payment is returned as the columns of its row (see `tables`); amounts are in `currency`, the
order's. An anomaly is {order_id, revision, kind, refers_to, detail, recorded_at}.

A step is {order_id, payment_id, kind, id, revision, refund_id, amount_cents, currency, method,
reason, occurred_at, recorded_at, counted}. kind: authorization, capture, void, expiry, failure,
grant, revocation, payout, payout-failure, chargeback or chargeback-reversal. counted: False for an
amount that is in no figure: in another currency, a payout that failed, a chargeback reversed.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Connection, and_, not_, select

from domain.money import Failure, Payout
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
from projections.read_models.payment.tables import (
    ANOMALIES,
    BALANCES,
    PAYMENTS,
    POSTINGS,
    REFUNDS,
    STEPS,
)
from projections.storage.columns import equals
from projections.storage.reader import plain_rows

CORRECTIONS: Final = ("payout-failure", "chargeback-reversal")
"""Kinds of steps that cancel another step of the order, so that it does not count."""


def with_counted(steps: Iterable[Item], corrections: Iterable[Item], currency: str) -> list[Item]:
    """The steps, each with `counted`. corrections: the order's steps of these kinds; steps of other
    kinds in it are ignored. currency: the order's.

    False for an amount in another currency, a payout with a reported failure, and a chargeback with
    a reported reversal, whichever was reported first.
    """
    corrections = list(corrections)
    failures = [
        (step["refund_id"], Failure(step["payment_id"] or None, step["id"] or None))
        for step in corrections
        if step["kind"] == "payout-failure"
    ]
    reversals = {
        (step["payment_id"], step["id"])
        for step in corrections
        if step["kind"] == "chargeback-reversal"
    }

    def counted(step: Item) -> bool:
        if step["currency"] not in {None, currency}:
            return False
        if step["kind"] == "chargeback":
            return (step["payment_id"], step["id"]) not in reversals
        return not any(
            refund_id == step["refund_id"] and failure.names(_payout(step))
            for refund_id, failure in failures
            if step["kind"] == "payout"
        )

    return [{**step, "counted": counted(step)} for step in steps]


def _payout(step: Item) -> Payout:
    return Payout(step["payment_id"], step["id"], step["amount_cents"])


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
AnomalySort = Literal["recorded_at", "-recorded_at"]
TrialBalance = dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFilters:
    """method: "unknown" if no authorization was reported. reported_at: of its first fact."""

    state: State | None = None
    method: Word | None = None
    order_id: Name | None = None
    currency: Currency | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnomalyFilters:
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
    """One payment and a page of its `steps`, with `next`, the cursor of the next page; None: not
    known. Raises AmbiguousId, BadCursor.
    """
    check_cursor(cursor)
    row = single(conn, PAYMENTS.c.payment_id, payment_id, order_id=order_id)
    if row is None:
        return None
    order_id = row["order_id"]
    lists, next_ = page_of_order(
        conn, _STEPS, order_id, limit=limit, cursor=cursor, payment_id=payment_id
    )
    steps = with_counted(lists["steps"], _corrections(conn, order_id), row["currency"])
    return {**row, "steps": steps, "next": next_}


def order_payments(
    conn: Connection, order_id: str, *, limit: int = LIMIT_MAX, cursor: str | None = None
) -> Item | None:
    """An order's money: the columns of its balance, and `payments`, `refunds`, `steps` (each fact
    and grant in the order of the log) and `anomalies` as lists; None: the model has no such order.

    A page has limit entries of the lists, one list after the other; `next` is the cursor of the
    next page. Raises BadCursor.
    """
    balance = of_order(conn, BALANCES, order_id)
    if not balance:
        return None
    [row] = balance
    lists, next_ = page_of_order(conn, _MONEY, order_id, limit=limit, cursor=cursor)
    whole = cursor is None and next_ is None
    corrections = lists["steps"] if whole else _corrections(conn, order_id)
    lists["steps"] = with_counted(lists["steps"], corrections, row["currency"])
    return {**row, **lists, "next": next_}


def order_postings(
    conn: Connection, order_id: str, *, limit: int = LIMIT_MAX, cursor: str | None = None
) -> Item:
    """A page of an order's journal as `items`: {order_id, revision, n, account, amount_cents,
    currency}, debit +; `next`: the cursor of the next page. Raises BadCursor.
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
    anomalies, captured_cents_by_method, captured_cents_of_cancelled_orders, orders_paid_in_full,
    orders_overpaid, overpaid_cents, underpaid_cents_of_captured_orders.

    Paid in full, over and under compare all that was captured with what is due before refunds.
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
_RISE: ColumnElement[int] = BALANCES.c.captured_cents - BALANCES.c.due0_cents

_CENTS: dict[str, ColumnElement[int]] = {
    "authorized_cents": BALANCES.c.authorized_cents,
    "captured_cents": BALANCES.c.captured_cents,
    "refunded_cents": BALANCES.c.refunded_cents,
    "charged_back_cents": BALANCES.c.charged_back_cents,
    "captured_cents_of_cancelled_orders": when(
        and_(BALANCES.c.cancelled, BALANCES.c.net_cents > 0), BALANCES.c.net_cents
    ),
    "overpaid_cents": when(and_(_LIVE, _RISE > 0), _RISE),
    "underpaid_cents_of_captured_orders": when(
        and_(_LIVE, BALANCES.c.capture_count > 0, _RISE < 0), -_RISE
    ),
}
_COUNTS: dict[str, ColumnElement[int]] = {
    "payments": BALANCES.c.payment_count,
    "anomalies": BALANCES.c.anomaly_count,
    "orders_paid_in_full": when(and_(_LIVE, _RISE >= 0)),
    "orders_overpaid": when(and_(_LIVE, _RISE > 0)),
}


def _corrections(conn: Connection, order_id: str) -> list[Item]:
    """The order's steps that cancel another step."""
    query = select(STEPS).where(STEPS.c.order_id == order_id, STEPS.c.kind.in_(CORRECTIONS))
    return plain_rows(conn.execute(query))


_STEPS = {"steps": (STEPS.c.revision, STEPS.c.payment_id, STEPS.c.kind, STEPS.c.id)}
_MONEY = {
    "payments": (PAYMENTS.c.payment_id,),
    "refunds": (REFUNDS.c.refund_id,),
    **_STEPS,
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
    sorts={"recorded_at": (ANOMALIES.c.recorded_at, ANOMALIES.c.order_id, ANOMALIES.c.revision)},
)
