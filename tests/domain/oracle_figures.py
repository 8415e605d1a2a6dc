"""The figures of an order by name, as the domain has them and as the oracle adds them up."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from tests.domain.oracle import books
from tests.domain.oracle_anomalies import states
from tests.domain.oracle_history import History

LINE = {
    "ordered": "ordered",
    "cancelled": "cancelled",
    "planned": "planned",
    "dispatched": "dispatched",
    "delivered": "delivered",
    "lost": "lost",
    "back": "returned_to_sender",
    "requested": "requested",
    "received": "received",
    "open": "open",
    "overshipped": "overshipped",
}
PAYMENT = {
    "authorized": "authorized_cents",
    "captured": "captured_cents",
    "voided": "voided_cents",
    "refunded": "refunded_cents",
    "charged_back": "charged_back_cents",
    "method": "method",
}
REFUND = {
    "granted": "granted_cents",
    "revoked": "revoked_cents",
    "paid_out": "paid_out_cents",
    "open": "open_cents",
}
MONEY = {
    "captured": "captured_cents",
    "refunded": "refunded_cents",
    "charged_back": "charged_back_cents",
    "net": "net_cents",
    "due": "due_cents",
    "balance": "balance_cents",
    "open_grants": "open_refunds_cents",
}
OWED = {
    "billed": "billed_cents",
    "credited": "credited_cents",
    "written_off": "written_off_cents",
}
Named = Iterator[tuple[str, object]]


@lru_cache(maxsize=1 << 16)
def of_oracle(history: History) -> dict[str, object]:
    now = books(history)

    def named() -> Named:
        for number, line in now.lines.items():
            yield from ((f"line {number} {n}", getattr(line, n)) for n in LINE)
        for key, payment in now.payments.items():
            yield from ((f"payment {key} {n}", getattr(payment, n)) for n in PAYMENT)
        for key, refund in now.refunds.items():
            yield from ((f"refund {key} {n}", getattr(refund, n)) for n in REFUND)
        yield from ((n, getattr(now, n)) for n in MONEY)
        yield "billed", now.owed.bill.billed
        yield "credited", sum(now.owed.credited)
        yield "written_off", now.owed.written_off
        yield "state", now.state
        yield "on_hold", now.on_hold
        yield "fulfilment", now.fulfilment
        yield "payment", now.payment_status
        for account, cents in now.accounts.items():
            if account != "tax":
                yield f"account {account} ", cents
        for code, cents in now.taxes.items():
            yield f"account tax {code}", cents
        for number, (kind, _, state) in enumerate(states(history), start=1):
            yield f"anomaly {number}", f"{kind}: {state}"

    return {name: value for name, value in named() if value}


def of_domain(order: Any, state: str, accounts: Mapping[tuple[str, str], int]) -> dict[str, object]:
    """accounts: by account and tax_code."""
    money, goods = order.money, order.goods

    def named() -> Named:
        for number, line in enumerate(goods.lines, start=1):
            yield from ((f"line {number} {n}", getattr(line, d)) for n, d in LINE.items())
        for key, payment in money.payments.items():
            yield from ((f"payment {key} {n}", getattr(payment, d)) for n, d in PAYMENT.items())
        for key, refund in money.refunds.items():
            yield from ((f"refund {key} {n}", getattr(refund, d)) for n, d in REFUND.items())
        yield from ((n, getattr(money, d)) for n, d in {**MONEY, **OWED}.items())
        yield "state", state
        yield "on_hold", order.status.on_hold
        yield "fulfilment", goods.fulfilment
        yield "payment", money.payment_status
        for (account, code), cents in accounts.items():
            yield f"account {account} {code}", cents
        for key, one in order.anomalies.recorded.items():
            yield f"anomaly {key}", f"{one.kind}: {one.state}"

    return {name: value for name, value in named() if value}
