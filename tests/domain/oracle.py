"""The rules of orders, recomputed from the whole history by brute force.

Written from the text of the contract alone: it shares no arithmetic and no data with domain/. Every
counter is added up again from all entries, slowly and plainly, and the domain is compared with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from tests.domain.oracle_billing import Due, due_of
from tests.domain.oracle_codes import added, billed_codes, credited_codes
from tests.domain.oracle_goods import Line, Return, lines_now, return_ids, return_of
from tests.domain.oracle_history import History, all_of, facts, is_cancelled, open_holds
from tests.domain.oracle_money import (
    Payment,
    Refund,
    cash_of,
    payment_ids,
    payment_of,
    refunds_of,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    lines: Mapping[int, Line]
    returns: Mapping[str, Return]
    payments: Mapping[str, Payment]
    refunds: Mapping[str, Refund]
    owed: Due
    taxes: Mapping[str, int]
    cash: int
    store_credit: int
    fees: int
    cancelled: bool
    confirmed: bool
    held: bool
    attempt_failed: bool

    @property
    def captured(self) -> int:
        return sum(p.captured for p in self.payments.values())

    @property
    def refunded(self) -> int:
        return sum(p.refunded for p in self.payments.values())

    @property
    def charged_back(self) -> int:
        return sum(p.charged_back for p in self.payments.values())

    @property
    def due(self) -> int:
        return self.owed.due

    @property
    def net(self) -> int:
        return self.captured - self.refunded - self.charged_back

    @property
    def balance(self) -> int:
        return self.due - self.net

    @property
    def open_grants(self) -> int:
        return sum(refund.open for refund in self.refunds.values())

    @property
    def claimed(self) -> int:
        return sum(refund.claimed for refund in self.refunds.values())

    @property
    def state(self) -> str:
        if self.cancelled:
            return "cancelled"
        if self.confirmed and self._complete:
            return "completed"
        return "confirmed" if self.confirmed else "placed"

    @property
    def on_hold(self) -> bool:
        return self.held and not self.cancelled

    @property
    def _complete(self) -> bool:
        shipped = all(
            line.planned == 0
            and max(line.delivered, min(line.received, line.out)) >= line.wanted + line.r
            for line in self.lines.values()
            if line.ships
        )
        wanted = any(line.wanted > 0 for line in self.lines.values())
        settled = self.open_grants == 0 and self.balance == 0
        back = all(one.state != "open" for one in self.returns.values())
        return wanted and shipped and settled and back

    @property
    def fulfilment(self) -> str:
        return _fulfilment([line for line in self.lines.values() if line.ships])

    @property
    def payment_status(self) -> str:
        return _payment_status(self)

    @property
    def accounts(self) -> dict[str, int]:
        """Those that are not 0, debit +."""
        owed, (goods, shipping, other, tax) = self.owed, self.owed.bill.parts
        balances = {
            "receivable": self.due - self.net + self.open_grants,
            "refunds_payable": -self.open_grants,
            "cash": self.cash,
            "store_credit": self.store_credit,
            "provider_fees": self.fees,
            "sales": -owed.bill.amounts,
            "discount": owed.bill.discounts,
            "shipping": owed.e1[1] - shipping,
            "other": owed.e1[2] - other,
            "tax": owed.e1[3] - tax,
            "returns_and_allowances": owed.e1[0],
            "write_offs": owed.e2 + owed.forgiven,
        }
        assert owed.bill.amounts - owed.bill.discounts == goods
        assert balances["tax"] == sum(self.taxes.values())
        return {name: cents for name, cents in balances.items() if cents}


@lru_cache(maxsize=256)  # a verdict needs the books after its fact; so does the next step
def books(history: History) -> Books:
    """Every counter and word of the order whose whole history this is."""
    cash, store_credit, fees = cash_of(history)
    return Books(
        lines=lines_now(history),
        returns={key: return_of(history, key) for key in return_ids(history)},
        payments={key: payment_of(history, key) for key in payment_ids(history)},
        refunds=refunds_of(history),
        owed=due_of(history),
        taxes=added(credited_codes(history), billed_codes(history), sign=-1),
        cash=cash,
        store_credit=store_credit,
        fees=fees,
        cancelled=is_cancelled(history),
        confirmed=bool(all_of(history, "confirm-order")),
        held=bool(open_holds(history)),
        attempt_failed=bool(facts(history, "fail-payment")),
    )


def _fulfilment(lines: list[Line]) -> str:
    if not lines:
        return "unneeded"
    if all(line.out == 0 for line in lines):
        return "none" if all(line.planned == 0 for line in lines) else "planned"
    came_back = any(line.received > 0 for line in lines)
    if came_back and all(
        line.kept == line.open == line.planned == 0
        and line.out <= max(line.delivered, line.received)
        for line in lines
    ):
        return "returned"
    arrived = any(line.delivered > 0 for line in lines)
    if arrived and all(
        line.kept >= line.wanted and line.delivered - line.delivered_above_sent >= line.wanted
        for line in lines
    ):
        return "delivered"
    if came_back:
        return "partly_returned"
    if arrived:
        return "partly_delivered"
    whole = all(line.out >= line.wanted + line.r for line in lines)
    return "dispatched" if whole else "partly_dispatched"


def _payment_status(now: Books) -> str:
    net, due = now.net, now.due
    if now.captured == net == 0 and due >= 0:
        if due == 0 and not now.cancelled:
            return "paid"
        if any(payment.left for payment in now.payments.values()):
            return "authorized"
        return "failed" if now.attempt_failed else "none"
    if now.charged_back and (net < due or net <= 0):
        return "charged_back"
    if net <= 0 and net <= due:
        return "refunded" if net == due else "unpaid"
    if net <= due:
        return "paid" if net == due else "partly_paid"
    return "refunding" if now.open_grants >= net - due else "overpaid"
