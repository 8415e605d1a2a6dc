"""Queries of payments: lists, one payment, an order's money, totals, the trial balance.

A payment is returned as the columns of its row (see `tables`); amounts are in `currency`, the
order's. An anomaly is {order_id, revision, kind, refers_to, detail, recorded_at,
occurred_at, currency}.

A step is {order_id, payment_id, kind, id, revision, refund_id, amount_cents, currency, method,
reason, occurred_at, recorded_at, counted}. kind: authorization, capture, void, expiry, failure,
grant, revocation, payout, payout-failure, chargeback or chargeback-reversal. counted: False for an
amount that is in no figure: in another currency, a payout that failed, a chargeback reversed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Literal

from sqlalchemy import Connection, select

from domain.money import Failure, Payout
from projections.query.filters import Currency, Moment, Name, Word
from projections.query.listing import (
    LIMIT_MAX,
    Item,
    Listing,
    check_cursor,
    of_order,
    page_of_order,
    single,
    timestamp,
)
from projections.query.periods import EVERYTHING, Asked, balances_of, totals_of
from projections.query.totals import Figures, by_currency, totals
from projections.read_models.payment.projection import PROJECTION
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
AnomalySort = Literal["recorded_at", "-recorded_at", "occurred_at", "-occurred_at"]
TrialBalance = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFilters:
    """method: "unknown" if no authorization was reported. reported_at: of its first fact."""

    state: State | None = None
    method: Word | None = None
    order_id: Name | None = None
    currency: Currency | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnomalyFilters:
    """*_from: at this time or later; *_to: earlier than this time."""

    order_id: Name | None = None
    kind: Word | None = None
    occurred_from: Moment | None = None
    occurred_to: Moment | None = None
    recorded_from: Moment | None = None
    recorded_to: Moment | None = None


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
    row = {name: value for name, value in balance[0].items() if name not in _QUARTERS}
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
    items = [{name: row[name] for name in _POSTING} for row in lists["items"]]
    return {"items": items, "next": next_}


def trial_balance(
    conn: Connection, *, order_id: str | None = None, asked: Asked = EVERYTHING
) -> TrialBalance:
    """By currency: the sum of every account's postings, and `sum` over all of them, which is 0.

    Of a period: by account what it had before (opening), what was posted in it (movements), and
    what it has then (closing). order_id: of one order, and all of it. Raises BadPeriod.
    """
    if order_id is not None:
        return _of_order(conn, order_id)
    answer: TrialBalance = balances_of(
        conn, PROJECTION, ("posted_cents",), asked, _limited if asked.is_limited else _ever
    )
    return answer


def _of_order(conn: Connection, order_id: str) -> TrialBalance:
    groups = totals(
        conn,
        POSTINGS,
        by=(POSTINGS.c.currency, POSTINGS.c.account),
        cents={"amount_cents": POSTINGS.c.amount_cents},
        counts={},
        where=(POSTINGS.c.order_id == order_id,),
    )
    sums = {("", currency, account): found["amount_cents"] for (currency, account), found in groups}
    return _ever({}, sums)


def _ever(_opening: Figures, posted: Figures) -> TrialBalance:
    balance: TrialBalance = {}
    for (_, currency, account), amount in sorted(posted.items()):
        balance.setdefault(currency, {})[account] = amount
    for accounts in balance.values():
        accounts["sum"] = sum(accounts.values())
    return balance


def _limited(opening: Figures, posted: Figures) -> TrialBalance:
    balance: TrialBalance = {}
    for at in sorted({**opening, **posted}):
        _, currency, account = at
        before, moved = opening.get(at, 0), posted.get(at, 0)
        row = {"opening": before, "movements": moved, "closing": before + moved}
        balance.setdefault(currency, {})[account] = row
    for accounts in balance.values():
        rows = list(accounts.values())
        accounts["sum"] = {
            name: sum(row[name] for row in rows) for name in ("opening", "movements", "closing")
        }
    return balance


_BY_METHOD: Final = "captured_cents_by_method"
_NAMES: Final = (
    "authorized_cents",
    "captured_cents",
    "refunded_cents",
    "charged_back_cents",
    "captured_cents_of_cancelled_orders",
    "overpaid_cents",
    "underpaid_cents_of_captured_orders",
    "payments",
    "anomalies",
    "orders_paid_in_full",
    "orders_overpaid",
)
_HIDDEN: Final = ("orders", "payments_by_method")
"""That name a currency or a method for which all others are 0."""


def summary(conn: Connection, asked: Asked = EVERYTHING) -> dict[str, Any]:
    """By currency: payments, authorized_cents, captured_cents, refunded_cents, charged_back_cents,
    anomalies, captured_cents_by_method, captured_cents_of_cancelled_orders, orders_paid_in_full,
    orders_overpaid, overpaid_cents, underpaid_cents_of_captured_orders.

    Paid in full, over and under compare all that was captured with what is due before refunds. Of a
    period: what was reported in it; and the figures of orders (captured_cents_of_cancelled_orders,
    those of orders paid, over- and underpaid) of the orders placed in it. Raises BadPeriod.
    """
    names = (*_NAMES, _BY_METHOD, *_HIDDEN)
    answer: dict[str, Any] = totals_of(conn, PROJECTION, names, asked, _summed)
    return answer


def _summed(figures: Figures) -> dict[str, dict[str, Any]]:
    summed = by_currency(figures, _NAMES, hidden=(_BY_METHOD, *_HIDDEN))
    for currency, sums in summed.items():
        methods = {
            method
            for (name, of, method), amount in figures.items()
            if amount and of == currency and name in {_BY_METHOD, "payments_by_method"}
        }
        sums[_BY_METHOD] = {
            method: figures.get((_BY_METHOD, currency, method), 0) for method in sorted(methods)
        }
    return summed


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
_QUARTERS = {"placed_quarter", "placed_recorded_quarter"}
_POSTING = ("order_id", "revision", "n", "account", "amount_cents", "currency")
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
        "occurred_from": lambda value: ANOMALIES.c.occurred_at >= timestamp(value),
        "occurred_to": lambda value: ANOMALIES.c.occurred_at < timestamp(value),
        "recorded_from": lambda value: ANOMALIES.c.recorded_at >= timestamp(value),
        "recorded_to": lambda value: ANOMALIES.c.recorded_at < timestamp(value),
    },
    sorts={
        "recorded_at": (ANOMALIES.c.recorded_at, ANOMALIES.c.order_id, ANOMALIES.c.revision),
        "occurred_at": (ANOMALIES.c.occurred_at, ANOMALIES.c.order_id, ANOMALIES.c.revision),
    },
)
