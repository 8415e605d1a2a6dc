"""What the rows of the payment model add to totals over all orders; moves: what facts change."""

from operator import itemgetter
from typing import Any, Final, get_args

from domain.events import FactRetracted, FeeRecorded, MoneyFactEvent
from domain.facts import retracted_event
from domain.payments import NO_PAYMENT
from eventstore.record.codec import OrderEvent
from projections.projection import Contribution, Entries, Row, dated
from projections.read_models.payment.rows import UNKNOWN_METHOD
from projections.read_models.payment.tables import ANOMALIES, BALANCES, MOVES, POSTINGS
from projections.read_models.payment.view import PaymentView

OF_PAYMENTS: Final = frozenset(get_args(MoneyFactEvent)) - {FeeRecorded}
_MOVED: Final = (
    "reported",
    "payments",
    "authorized_cents",
    "captured_cents",
    "refunded_cents",
    "charged_back_cents",
)
_amounts: Final = itemgetter(*_MOVED)
_NO_MOVE: Final = dict.fromkeys(_MOVED, 0)
_PAID: Final = frozenset({"paid", "overpaid", "refunding"})


def moved(view: PaymentView, now: PaymentView, event: OrderEvent) -> Entries:
    """What a fact about a payment, or its retraction, changes in the figures of all payments.

    Where the payment gets another method, what was captured of it moves to that.
    """
    fact: Any = event.event
    if isinstance(fact, FactRetracted):
        fact = retracted_event(fact)
    payment_id = getattr(fact, "payment_id", None)
    money, after = view.money, now.money
    if payment_id is None or type(fact) not in OF_PAYMENTS or money is None or after is None:
        return ()
    old = money.payments.get(payment_id, NO_PAYMENT)
    new = after.payments.get(payment_id, NO_PAYMENT)
    first = int(payment_id not in view.reported)
    at = dated(event, after.currency)
    moves: list[Row] = [
        {
            **at,
            "n": 0,
            "method": new.method or UNKNOWN_METHOD,
            "reported": first,
            "payments": now.payments - view.payments,
            "authorized_cents": after.authorized_cents - money.authorized_cents,
            "captured_cents": new.captured_cents - old.captured_cents,
            "refunded_cents": after.refunded_cents - money.refunded_cents,
            "charged_back_cents": after.charged_back_cents - money.charged_back_cents,
        }
    ]
    if new.method != old.method and not first:
        moves[0] |= {"reported": 1, "captured_cents": new.captured_cents}
        other = {"n": 1, "method": old.method or UNKNOWN_METHOD, "reported": -1}
        moves.append({**at, **_NO_MOVE, **other, "captured_cents": -old.captured_cents})
    return [(MOVES, move) for move in moves if any(_amounts(move))]


def _order_amounts(row: Row) -> tuple[int, ...]:
    """A cancelled order counts for what is owed back alone; every other one by its word of payment,
    and by its balance. Owed back is what no open grant covers.
    """
    balance = row["balance_cents"]
    if row["cancelled"]:
        return 1, max(0, -balance), 0, 0, 0, 0
    return (
        1,
        0,
        row["payment"] in _PAID,
        row["payment"] == "overpaid",
        max(0, -balance - row["open_refunds_cents"]),
        max(0, balance) if row["capture_count"] else 0,
    )


CONTRIBUTIONS: Final = (
    # An order counts when it was placed, as it is now.
    Contribution(
        table=BALANCES,
        names=(
            "orders",
            "captured_cents_of_cancelled_orders",
            "orders_paid_in_full",
            "orders_overpaid",
            "overpaid_cents",
            "underpaid_cents_of_captured_orders",
        ),
        columns=("cancelled", "payment", "balance_cents", "open_refunds_cents", "capture_count"),
        amounts=_order_amounts,
        occurred="placed_quarter",
        recorded="placed_recorded_quarter",
    ),
    # Whatever moves counts when it moved.
    Contribution(
        table=MOVES,
        names=_MOVED[1:],
        columns=_MOVED,
        amounts=itemgetter(*_MOVED[1:]),
        occurred="occurred_quarter",
        recorded="recorded_quarter",
    ),
    Contribution(
        table=MOVES,
        names=("payments_by_method", "captured_cents_by_method"),
        columns=("reported", "captured_cents"),
        amounts=itemgetter("reported", "captured_cents"),
        of="method",
        occurred="occurred_quarter",
        recorded="recorded_quarter",
    ),
    Contribution(
        table=POSTINGS,
        names=("posted_cents",),
        columns=("amount_cents",),
        amounts=lambda row: (row["amount_cents"],),
        of="account",
        keeps_zero=True,
        occurred="occurred_quarter",
        recorded="recorded_quarter",
    ),
    # By the code of the tax; of other accounts nothing, under the code "".
    Contribution(
        table=POSTINGS,
        names=("tax_posted_cents",),
        columns=("account", "amount_cents"),
        amounts=lambda row: (row["amount_cents"] if row["account"] == "tax" else 0,),
        of="tax_code",
        occurred="occurred_quarter",
        recorded="recorded_quarter",
    ),
    # Those that are open.
    Contribution(
        table=ANOMALIES,
        names=("anomalies",),
        columns=("state",),
        amounts=lambda row: (int(row["state"] == "open"),),
        occurred="occurred_at",
        recorded="recorded_at",
    ),
)
