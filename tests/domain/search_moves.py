"""What a small world (scope) is, and short ways to write a command in it."""

from dataclasses import dataclass
from typing import Any

from tests.domain.search_table import Command, clean


@dataclass(frozen=True, slots=True)
class Scope:
    """setup: the first commands, all accepted; moves: the commands that may follow, at any time."""

    name: str
    setup: tuple[Command, ...]
    moves: tuple[Command, ...]


def give(name: str, **fields: Any) -> Command:
    return clean({"command": name, **fields})


def because(name: str, **fields: Any) -> Command:
    return give(name, **fields, reason="why")


def lines(**quantities: int) -> list[dict[str, int]]:
    """lines(l1=2) is two pieces of line 1."""
    return [
        {"line": int(name.removeprefix("l")), "quantity": quantity}
        for name, quantity in quantities.items()
    ]


def item(quantity: int = 1, price_cents: int | None = None, **fields: Any) -> dict[str, Any]:
    price = {} if price_cents is None else {"price_cents": price_cents}
    return {"product_id": "p", "quantity": quantity, **price, **fields}


def place(*items: dict[str, Any], **fields: Any) -> Command:
    ids = {"order_id": "o", "customer_id": "ann", "currency": "EUR"}
    return give("place-order", **ids, items=list(items), **fields)


def authorize(amount: int, payment: str = "p", **fields: Any) -> Command:
    return give(
        "authorize-payment", payment_id=payment, amount_cents=amount, method="card", **fields
    )


def capture(amount: int, capture_id: str = "c", payment: str = "p", **fields: Any) -> Command:
    ids = {"payment_id": payment, "capture_id": capture_id}
    return give("capture-payment", **ids, amount_cents=amount, **fields)


def void(amount: int, void_id: str = "v", **fields: Any) -> Command:
    return give("void-payment", payment_id="p", void_id=void_id, amount_cents=amount, **fields)


def expire(**fields: Any) -> Command:
    return give("expire-authorization", payment_id="p", **fields)


def grant(amount: int, refund: str = "r", **fields: Any) -> Command:
    return because("grant-refund", refund_id=refund, amount_cents=amount, **fields)


def revoke(refund: str = "r") -> Command:
    return because("revoke-refund", refund_id=refund)


def payout(amount: int, payout_id: str = "o", refund: str | None = "r", **fields: Any) -> Command:
    ids = {"payment_id": "p", "payout_id": payout_id, "refund_id": refund}
    return give("refund-payment", **{**ids, "amount_cents": amount, **fields})


def fail(payout_id: str | None = "o", **fields: Any) -> Command:
    return because("fail-refund", **{"payment_id": "p", "payout_id": payout_id, **fields})


def accept(payout_id: str = "o", **fields: Any) -> Command:
    return because("accept-refund", payment_id="p", payout_id=payout_id, **fields)


def charge_back(amount: int, chargeback_id: str = "b", **fields: Any) -> Command:
    ids = {"payment_id": "p", "chargeback_id": chargeback_id}
    return give("charge-back-payment", **ids, amount_cents=amount, **fields)


def reverse(chargeback_id: str = "b", **fields: Any) -> Command:
    return give("reverse-chargeback", payment_id="p", chargeback_id=chargeback_id, **fields)


def adjust(amount: int, adjustment: str = "d", **fields: Any) -> Command:
    ids = {"adjustment_id": adjustment, "label": "price"}
    return because("adjust-order", **ids, amount_cents=amount, **fields)


def write_off(amount: int, write_off_id: str = "w") -> Command:
    return because("write-off", write_off_id=write_off_id, amount_cents=amount)


def cancel_items(cancellation: str, shipping: int = 0, **fields: Any) -> Command:
    quantities = {key: fields.pop(key) for key in tuple(fields) if key in {"l1", "l2", "l3"}}
    less = {"shipping_cents": shipping} if shipping else {}
    return because(
        "cancel-items",
        cancellation_id=cancellation,
        lines=lines(**quantities),
        **less,
        **fields,
    )


def plan(shipment: str, replaces: str | bool | None = None, **quantities: int) -> Command:
    told = {"lines": lines(**quantities), "location": "north", "replaces": replaces}
    return give("plan-shipment", shipment_id=shipment, **told)


def dispatch(shipment: str, tracking: str | None = "t") -> Command:
    return give("dispatch-shipment", shipment_id=shipment, carrier="post", tracking=tracking)


def told(outcome: str, shipment: str, report: str | None = None, **quantities: int) -> Command:
    """An outcome: deliver, lose or return-to-sender; of part of the parcel if lines are named."""
    verb, _, rest = outcome.partition("-")
    name = f"{verb}-shipment" + (f"-{rest}" if rest else "")
    part = lines(**quantities) or None
    return give(name, shipment_id=shipment, report_id=report, lines=part)


def request_return(return_id: str, **quantities: int) -> Command:
    return because("request-return", return_id=return_id, lines=lines(**quantities))


def receive(return_id: str, receipt: str, line: int, quantity: int, **fields: Any) -> Command:
    arrived = [{"line": line, "quantity": quantity, "condition": "good"}]
    ids = {"return_id": return_id, "receipt_id": receipt}
    return give("receive-return", **ids, lines=arrived, **fields)


def retract(fact: str, **ids: Any) -> Command:
    return because("retract-fact", fact=fact, **ids)


def resolve(number: int) -> Command:
    return because("resolve-anomaly", anomaly_id=str(number))


CONFIRM = give("confirm-order")
CANCEL = because("cancel-order")
HOLD = because("place-hold", hold_id="h", kind="fraud")
RELEASE = because("release-hold", hold_id="h")
# 2 x 5 - 1 and tax 2, shipping 3: goods 9, shipping 3, tax 2, total 14
BILLED = place(item(2, 5), shipping_cents=3, tax_cents=2, discount_cents=1)
