"""What is billed, credited, written off and due, added up from the whole history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from tests.domain.oracle_history import (
    Entry,
    History,
    all_of,
    is_cancelled,
    since_cancelled,
)
from tests.domain.oracle_parts import NOTHING, Parts, apportion, filled, minus, parts_of, plus

CENTS_MAX = 10**15 - 1


class Malformed(Exception):
    """422: the shape is wrong, whatever happened to the order."""


def bill(command: Mapping[str, Any], *, contained: bool, first_line: int = 1) -> dict[str, Any]:
    """The lines and the shipping of a place-order or add-items, each with its own amounts."""
    items = command.get("items", ())
    amounts = [_amount(item) for item in items]
    own = [item.get("discount_cents") or 0 for item in items]
    shipping = command.get("shipping_cents") or 0
    discount = command.get("discount_cents") or 0
    room = [amount - less for amount, less in zip(amounts, own, strict=True)]
    if min(room) < 0 or discount > sum(room) + shipping:
        raise Malformed("a discount above what it can be taken from")
    off_goods = min(discount, sum(room))
    off = apportion(off_goods, room)
    nets = [left - less for left, less in zip(room, off, strict=True)]
    shipped = shipping - (discount - off_goods)
    *taxes, shipping_tax = apportion(command.get("tax_cents") or 0, [*nets, shipped])
    lines = [
        {
            "line": number,
            "product_id": item["product_id"],
            "quantity": item["quantity"],
            "amount": amount,
            "net": net,
            "tax": tax + (item.get("tax_cents") or 0),
            "code": item.get("tax_code") or "",
            "ships": item.get("requires_shipping", True),
        }
        for number, (item, amount, net, tax) in enumerate(
            zip(items, amounts, nets, taxes, strict=True), start=first_line
        )
    ]
    carriage = {
        "amount": shipping,
        "net": shipped,
        "tax": shipping_tax + (command.get("shipping_tax_cents") or 0),
        "code": command.get("shipping_tax_code") or "",
    }
    billed = [*lines, carriage]
    if contained and any(part["tax"] > part["net"] for part in billed):
        raise Malformed("contained tax above the amount that it is contained in")
    if sum(part["net"] + (0 if contained else part["tax"]) for part in billed) > CENTS_MAX:
        raise Malformed("the total is out of range")
    return {"lines": lines, "shipping": carriage}


def _amount(item: Mapping[str, Any]) -> int:
    price, amount = item.get("price_cents"), item.get("amount_cents")
    if (price is None) == (amount is None):
        raise Malformed("either a price or an amount")
    return int(amount if price is None else price * item["quantity"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """parts: what is billed. amounts, discounts: of goods, without contained tax. by_code: tax."""

    parts: Parts
    amounts: int
    discounts: int
    by_code: Mapping[str, int]

    @property
    def billed(self) -> int:
        return sum(self.parts)


def contains_tax(history: History) -> bool:
    return bool(history[0].get("prices_include_tax", False))


def lines_of(history: History) -> list[dict[str, Any]]:
    billed = all_of(history, "place-order", "add-items")
    return [line for entry in billed for line in entry["lines"]]


def share(part: int, count: int, quantity: int) -> int:
    """What k of q units take of a part, cumulative."""
    return part * count // quantity


def cancelled_on(history: History, line: int) -> int:
    """The units that cancel-items took off a line."""
    parts = (part for entry in all_of(history, "cancel-items") for part in entry["lines"])
    return sum(part["quantity"] for part in parts if part["line"] == line)


def shipping_left(history: History) -> int:
    """The shipping that was billed with items and is not taken off."""
    if is_cancelled(history):
        return 0
    billed = sum(e["shipping"]["net"] for e in all_of(history, "place-order", "add-items"))
    off = sum(e["shipping_cents"] for e in all_of(history, "cancel-items"))
    return int(billed - off)


@lru_cache(maxsize=256)
def bill_of(history: History) -> Bill:
    """What is billed: items and shipping less what was taken off, and charges."""
    contained = contains_tax(history)
    goods = amounts = nets = tax = carriage = 0
    codes: dict[str, int] = {}
    if not is_cancelled(history):
        for line in lines_of(history):
            off, quantity = cancelled_on(history, line["line"]), line["quantity"]
            net = line["net"] - share(line["net"], off, quantity)
            amount = line["amount"] - share(line["amount"], off, quantity)
            taxed = line["tax"] - share(line["tax"], off, quantity)
            inside = taxed if contained else 0
            goods += net - inside
            nets += net
            amounts += amount - inside
            tax += taxed
            codes[line["code"]] = codes.get(line["code"], 0) + taxed
            assert net >= inside >= 0
            assert amount >= net
        discounts = amounts - goods
        to_cancel = sum(e["shipping_cents"] for e in all_of(history, "cancel-items"))
        for entry in all_of(history, "place-order", "add-items"):
            one = entry["shipping"]
            off = min(to_cancel, one["net"])
            to_cancel -= off
            taxed = one["tax"] - (share(one["tax"], off, one["net"]) if off else 0)
            carriage += one["net"] - off - (taxed if contained else 0)
            tax += taxed
            codes[one["code"]] = codes.get(one["code"], 0) + taxed
    else:
        discounts = 0
    parts: Parts = (goods, carriage, 0, tax)
    charges = NOTHING
    for entry in adjustments(history):
        if entry["amount_cents"] > 0:
            charges = plus(charges, entry["parts"])
    return Bill(
        parts=plus(parts, charges),
        amounts=amounts + charges[0],
        discounts=discounts,
        by_code={code: cents for code, cents in codes.items() if cents},
    )


def adjustments(history: History) -> list[Entry]:
    """Those that count: made since the order was cancelled, if it was, and not revoked."""
    counted = since_cancelled(history) if is_cancelled(history) else history
    revoked = {entry["adjustment_id"] for entry in all_of(history, "revoke-adjustment")}
    return [e for e in all_of(counted, "adjust-order") if e["adjustment_id"] not in revoked]


def kept_credits(history: History) -> dict[str, Parts]:
    """Per refund_id what is kept of its credit, by part."""
    kept: dict[str, Parts] = {}
    for entry in history:
        if entry.name == "cancel-order":
            kept = dict.fromkeys(kept, NOTHING)
        refund = entry.get("refund_id")
        now = kept.get(refund, NOTHING)
        if entry.name in {"grant-refund", "accept-refund"}:
            kept[refund] = plus(now, entry["parts"])
        elif entry.name in {"revoke-refund", "cancel-items"} and refund:
            kept[refund] = minus(now, entry["taken"])
    return kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """credited: K, by part as granted. e1, e2: what counts of credits and of write-offs.

    forgiven: F. written_off: all of them.
    """

    bill: Bill
    credited: Parts
    e1: Parts
    e2: int
    forgiven: int
    written_off: int

    @property
    def creditable(self) -> int:
        """C - e: what is billed and neither credited nor written off."""
        return self.bill.billed - sum(self.e1) - self.e2

    @property
    def due(self) -> int:
        return self.creditable - self.forgiven

    @property
    def uncredited(self) -> Parts:
        """What is billed and not credited, by part."""
        return minus(self.bill.parts, self.e1)


@lru_cache(maxsize=256)
def due_of(history: History) -> Due:
    bill_now = bill_of(history)
    credits_ = [*kept_credits(history).values()]
    credits_ += [
        parts_of(-cents for cents in entry["parts"])
        for entry in adjustments(history)
        if entry["amount_cents"] < 0
    ]
    credited = plus(*credits_)
    e1 = filled(min(bill_now.billed, sum(credited)), credited, bill_now.parts)
    written, forgiven = _write_offs(history)
    return Due(
        bill=bill_now,
        credited=credited,
        e1=e1,
        e2=min(bill_now.billed - sum(e1), written),
        forgiven=forgiven,
        written_off=written + forgiven,
    )


def _write_offs(history: History) -> tuple[int, int]:
    """Of those in force: what is not forgiven, and what is."""
    revoked = {entry["write_off_id"] for entry in all_of(history, "revoke-write-off")}

    def in_force(some: Sequence[Entry]) -> list[Entry]:
        return [e for e in some if e.name == "write-off" and e["write_off_id"] not in revoked]

    counted = since_cancelled(history) if is_cancelled(history) else history
    written = sum(e["amount_cents"] - e["forgiven_cents"] for e in in_force(counted))
    return written, sum(e["forgiven_cents"] for e in in_force(history))
