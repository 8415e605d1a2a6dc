"""Queries of payments: lists, one payment, an order's money, totals, the trial balance.

A payment is returned as the columns of its row (see `tables`); amounts are in `currency`, the
order's. An anomaly is {order_id, anomaly_id, revision, kind, state, refers_to, detail, occurred_at,
recorded_at, currency}; state: open, explained or resolved.

A step is a fact as it was reported, or a command that changed money: {order_id, payment_id, kind,
id, revision, authorization_id, refund_id, report_id, amount_cents, counted_cents, currency, method,
label, reason, goods_cents, shipping_cents, tax_cents, other_cents, credit_cents, occurred_at,
recorded_at, counted}. kind: see steps.STEP_OF. counted: False for what is in no figure: an amount
in another currency, a payout that failed, a chargeback reversed, a fact that was retracted, an
adjustment that was revoked. payment_id, id: None where the step names none.

A movement is a thing that facts report: {order_id, payment_id, kind, id, reports, ends,
reported_cents, counted_cents, accepted_cents}. ends: how often it expired, failed or was reversed.
payment_id: None of a fee.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Literal

from sqlalchemy import Connection, and_, select, true

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
from projections.query.part_lists import PartList
from projections.query.periods import EVERYTHING, Asked, balances_of, totals_of
from projections.query.totals import Figures, by_currency, totals
from projections.read_models.payment.counted import (
    in_force,
    with_counted,
    with_kept,
    without_reports,
)
from projections.read_models.payment.projection import PROJECTION
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
AnomalySort = Literal["recorded_at", "-recorded_at", "occurred_at", "-occurred_at"]
TrialBalance = dict[str, Any]
Accounts = Mapping[tuple[str, str], int]
"""Sums by currency and account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFilters:
    """method: "unknown" if none was told. reported_at: of its first fact."""

    state: State | None = None
    method: Word | None = None
    order_id: Name | None = None
    currency: Currency | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnomalyFilters:
    """state: the open ones, if it is left out. *_from: at this time or later; *_to: earlier."""

    state: AnomalyState = "open"
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
    row = {name: value for name, value in balance[0].items() if name not in _QUARTERS}
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
    items = [{name: row[name] for name in _POSTING} for row in lists["items"]]
    return {"items": items, "next": next_}


def trial_balance(
    conn: Connection,
    *,
    order_id: str | None = None,
    asked: Asked = EVERYTHING,
    tax_codes: bool = False,
) -> TrialBalance:
    """By currency: the sum of every account's postings, and `sum` over all of them, which is 0.

    Of a period: by account what it had before (opening), what was posted in it (movements), and
    what it has then (closing). order_id: of one order, and all of it. tax_codes: instead of the
    account tax there is one for each code, `tax:` and the code. Raises BadPeriod.
    """
    if order_id is not None:
        return _ever({}, _of_order(conn, order_id, tax_codes=tax_codes))
    names = ("posted_cents", "tax_posted_cents") if tax_codes else ("posted_cents",)
    shape = _limited if asked.is_limited else _ever
    answer: TrialBalance = balances_of(
        conn,
        PROJECTION,
        names,
        asked,
        lambda opening, posted: shape(
            _by_account(opening, tax_codes=tax_codes), _by_account(posted, tax_codes=tax_codes)
        ),
    )
    return answer


def _of_order(conn: Connection, order_id: str, *, tax_codes: bool) -> Accounts:
    groups = totals(
        conn,
        POSTINGS,
        by=(POSTINGS.c.currency, POSTINGS.c.account, POSTINGS.c.tax_code),
        cents={"amount_cents": POSTINGS.c.amount_cents},
        counts={},
        where=(POSTINGS.c.order_id == order_id,),
    )
    sums: Counter[tuple[str, str]] = Counter()
    for (currency, account, code), found in groups:
        name = f"tax:{code}" if tax_codes and account == "tax" else account
        sums[currency, name] += found["amount_cents"]
    return sums


def _by_account(figures: Figures, *, tax_codes: bool) -> Accounts:
    accounts = {}
    for (name, currency, of), amount in figures.items():
        if name == "tax_posted_cents":
            if amount:
                accounts[currency, f"tax:{of}"] = amount
        elif not (tax_codes and of == "tax"):
            accounts[currency, of] = amount
    return accounts


def _ever(_opening: Accounts, posted: Accounts) -> TrialBalance:
    balance: TrialBalance = {}
    for (currency, account), amount in sorted(posted.items()):
        balance.setdefault(currency, {})[account] = amount
    for accounts in balance.values():
        accounts["sum"] = sum(accounts.values())
    return balance


def _limited(opening: Accounts, posted: Accounts) -> TrialBalance:
    balance: TrialBalance = {}
    for at in sorted({**opening, **posted}):
        currency, account = at
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
FIGURES: Final = (
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
    anomalies (open ones), captured_cents_by_method, captured_cents_of_cancelled_orders,
    orders_paid_in_full, orders_overpaid, overpaid_cents, underpaid_cents_of_captured_orders.

    Orders are counted by their word of payment (paid in full: paid, overpaid or refunding), and
    amounts by balance: overpaid_cents is what is owed back and covered by no open grant. Of a
    cancelled order only what is owed back counts, as captured_cents_of_cancelled_orders.
    Of a period: what was reported in it; and the figures of orders (captured_cents_of_cancelled_
    orders, those of orders paid, over- and underpaid) of the orders placed in it. Raises BadPeriod.
    """
    names = (*FIGURES, _BY_METHOD, *_HIDDEN)
    answer: dict[str, Any] = totals_of(conn, PROJECTION, names, asked, _summed)
    return answer


def _summed(figures: Figures) -> dict[str, dict[str, Any]]:
    summed = by_currency(figures, FIGURES, hidden=(_BY_METHOD, *_HIDDEN))
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
_QUARTERS = {"placed_quarter", "placed_recorded_quarter"}
_POSTING = ("order_id", "revision", "n", "account", "tax_code", "amount_cents", "currency")
_JOURNAL = {"items": (POSTINGS.c.revision, POSTINGS.c.n)}

PAYMENTS_OF_ORDER = PartList(name="payments", key=_MONEY["payments"])
ANOMALIES_OF_ORDER = PartList(name="anomalies", key=_MONEY["anomalies"])
MOVEMENTS_OF_PAYMENT = PartList(
    name="movements", key=_MOVED, owner=("order_id", "payment_id"), item=without_reports
)
POSTINGS_OF_ORDER = PartList(name="postings", key=_JOURNAL["items"])
_POSTED_OF_PAYMENTS = (
    select(STEPS.c.payment_id, POSTINGS)
    .join_from(
        STEPS,
        POSTINGS,
        and_(POSTINGS.c.order_id == STEPS.c.order_id, POSTINGS.c.revision == STEPS.c.revision),
    )
    .subquery("postings_of_payments")
)
"""An event has one step at most, so that no posting is there twice."""
POSTINGS_OF_PAYMENT = PartList(
    name="payment_postings",
    key=(_POSTED_OF_PAYMENTS.c.revision, _POSTED_OF_PAYMENTS.c.n),  # type: ignore[arg-type]  # columns of a subquery
    owner=("order_id", "payment_id"),
)
"""What the facts of a payment posted."""

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
