"""The same figures from both sides, flat and by name, without zeros: domain's and oracle's."""

from collections.abc import Iterator
from typing import Any

from tests.domain.oracle import Books

LINE_FIGURES = {  # the oracle's name -> the domain's
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
PAYMENT_FIGURES = {
    "authorized": "authorized_cents",
    "captured": "captured_cents",
    "voided": "voided_cents",
    "refunded": "refunded_cents",
    "charged_back": "charged_back_cents",
    "expired": "expired",
    "failed": "failed",
    "method": "method",
}
REFUND_FIGURES = {
    "granted": "granted_cents",
    "allowance": "allowance_cents",
    "revoked": "revoked_cents",
    "paid_out": "paid_out_cents",
    "open": "open_cents",
}
MONEY_FIGURES = {
    "captured": "captured_cents",
    "refunded": "refunded_cents",
    "charged_back": "charged_back_cents",
    "net": "net_cents",
    "due0": "due_before_refunds_cents",
    "due": "due_cents",
    "balance": "balance_cents",
}
Named = Iterator[tuple[str, object]]


def of_oracle(now: Books) -> dict[str, object]:
    def named() -> Named:
        for number, line in now.lines.items():
            yield from ((f"line {number} {n}", getattr(line, n)) for n in LINE_FIGURES)
        for key, payment in now.payments.items():
            yield from ((f"payment {key} {n}", getattr(payment, n)) for n in PAYMENT_FIGURES)
        for key, refund in now.refunds.items():
            yield from ((f"refund {key} {n}", getattr(refund, n)) for n in REFUND_FIGURES)
        yield from ((n, getattr(now, n)) for n in MONEY_FIGURES)

    return {name: value for name, value in named() if value}


def of_domain(money: Any, goods: Any) -> dict[str, object]:
    def named() -> Named:
        for number, line in enumerate(goods.lines, start=1):
            yield from ((f"line {number} {n}", getattr(line, d)) for n, d in LINE_FIGURES.items())
        for key, payment in money.payments.items():
            for n, d in PAYMENT_FIGURES.items():
                yield f"payment {key} {n}", getattr(payment, d)
        for key, refund in money.refunds.items():
            yield from (
                (f"refund {key} {n}", getattr(refund, d)) for n, d in REFUND_FIGURES.items()
            )
        yield from ((n, getattr(money, d)) for n, d in MONEY_FIGURES.items())

    return {name: value for name, value in named() if value}
