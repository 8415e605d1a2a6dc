"""The rules of orders, recomputed from the whole history by brute force.

Written from the text of the design alone; it shares no arithmetic with domain/. Every counter is
added up again from all events, slowly and plainly, and the fold is compared with it. Of domain/
only the events are used.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from domain import events as e
from tests.domain.oracle_goods import Line, line_of
from tests.domain.oracle_history import History, all_of, is_cancelled, open_holds, the_order
from tests.domain.oracle_money import (
    Payment,
    Refund,
    cancelled_price,
    payment_ids,
    payment_of,
    refund_ids,
    refund_of,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    lines: Mapping[int, Line]
    payments: Mapping[str, Payment]
    refunds: Mapping[str, Refund]
    captured: int
    refunded: int
    charged_back: int
    due_before_refunds: int
    settled: int
    state: str
    on_hold: bool
    fulfilment: str
    payment_status: str

    @property
    def due(self) -> int:
        return self.due_before_refunds - self.settled

    @property
    def net(self) -> int:
        return self.captured - self.refunded - self.charged_back

    @property
    def balance(self) -> int:
        return self.due - self.net

    @property
    def open_refunds(self) -> int:
        return sum(refund.open for refund in self.refunds.values())

    @property
    def claimed_refunds(self) -> int:
        return sum(refund.claimed for refund in self.refunds.values())


@lru_cache(maxsize=64)  # a verdict needs the books after its fact; so does the next step
def books(history: History) -> Books:
    """Every counter and status of the order whose whole history this is."""
    placed = the_order(history)
    lines = {item.line: line_of(history, item) for item in placed.items}
    payments = {key: payment_of(history, key) for key in payment_ids(history)}
    refunds = {key: refund_of(history, key) for key in refund_ids(history)}
    captured = sum(p.captured for p in payments.values())
    refunded = sum(p.refunded for p in payments.values())
    charged_back = sum(p.charged_back for p in payments.values())
    due_before_refunds = (
        0 if is_cancelled(history) else max(0, placed.total_cents - cancelled_price(history))
    )
    settled = min(
        due_before_refunds, sum(min(refund.allowance, refund.kept) for refund in refunds.values())
    )
    net = captured - refunded - charged_back
    return Books(
        lines=lines,
        payments=payments,
        refunds=refunds,
        captured=captured,
        refunded=refunded,
        charged_back=charged_back,
        due_before_refunds=due_before_refunds,
        settled=settled,
        state=_state(history),
        on_hold=bool(open_holds(history)),
        fulfilment=_fulfilment(list(lines.values())),
        payment_status=_payment_status(
            payments.values(), captured, net, due_before_refunds - settled
        ),
    )


def _state(history: History) -> str:
    if is_cancelled(history):
        return "cancelled"
    return "confirmed" if any(all_of(history, e.OrderConfirmed)) else "placed"


def _fulfilment(lines: Sequence[Line]) -> str:
    if all(line.out == 0 for line in lines):
        return "none" if all(line.planned == 0 for line in lines) else "planned"
    if any(line.delivered > 0 for line in lines):
        whole = all(line.delivered >= line.wanted for line in lines)
        return "delivered" if whole else "partly_delivered"
    return "dispatched" if all(line.out >= line.wanted for line in lines) else "partly_dispatched"


def _payment_status(payments: Iterable[Payment], captured: int, net: int, due: int) -> str:
    if captured == 0 and net == 0:
        left = (
            p.authorized - p.captured - p.voided for p in payments if not p.expired and not p.failed
        )
        return "authorized" if any(amount > 0 for amount in left) else "none"
    if net <= 0:
        return "refunded"
    if net < due:
        return "partly_captured"
    return "paid" if net == due else "overpaid"
