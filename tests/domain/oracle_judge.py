"""What an order must answer to a command by the contract, from its whole history by brute force.

An independent reading of the table of commands and of the order in which refusals are judged:
the order exists; the same id; the order is cancelled; the guards.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from tests.domain.oracle import Books, books
from tests.domain.oracle_anomalies import anomalies, broken, state_of, to_record
from tests.domain.oracle_billing import (
    Malformed,
    bill,
    bill_of,
    contains_tax,
    kept_credits,
    lines_of,
    shipping_left,
)
from tests.domain.oracle_codes import (
    added,
    kept_codes,
    over_codes,
    taken_codes,
    uncredited_codes,
)
from tests.domain.oracle_facts import fact_entry, fact_verdict
from tests.domain.oracle_goods import shipment_state
from tests.domain.oracle_history import (
    THINGS,
    Entry,
    History,
    all_of,
    find,
    identity,
    is_cancelled,
    open_holds,
    standing,
)
from tests.domain.oracle_judge_goods import JUDGES as GOODS_JUDGES
from tests.domain.oracle_judge_refunds import JUDGES as REFUND_JUDGES
from tests.domain.oracle_judge_refunds import parts_told
from tests.domain.oracle_parts import NOTHING as NO_PARTS
from tests.domain.oracle_parts import minus, over, parts_of, taken
from tests.domain.oracle_verdict import (
    ABOVE_BILLED,
    CANCELLED,
    ENDED,
    MALFORMED,
    NOTHING,
    REUSED,
    UNKNOWN_ORDER,
    Verdict,
    either,
    entry,
    guarded,
    happens,
    known_verdict,
    lines_against,
    lines_told,
    refused,
)

Given: TypeAlias = Mapping[str, Any]
Judge: TypeAlias = Callable[[History, Books, Given], Verdict]


def verdict(history: History, command: Given) -> Verdict:
    """Raises Malformed where the shape is wrong."""
    name = command["command"]
    if not history:
        first = name == "place-order"
        return happens(_placed(command)) if first else refused(UNKNOWN_ORDER, MALFORMED)
    if name in THINGS:
        return fact_verdict(history, command)
    judged = JUDGES[name](history, books(history), command)
    if not judged.entries:
        return judged
    bounds = to_record(history, (*history, *judged.entries))
    return Verdict(entries=(*judged.entries, *bounds), rules=judged.rules)


# Order --------------------------------------------------------------------------------------------


def _placed(command: Given) -> Entry:
    contained = bool(command.get("prices_include_tax"))
    told = {
        "order_id": command.get("order_id"),
        "customer_id": command["customer_id"],
        "currency": command["currency"].upper(),
        "prices_include_tax": contained,
    }
    return Entry("place-order", told | bill(command, contained=contained))


def _place(history: History, _now: Books, command: Given) -> Verdict:
    same = history[0] == _placed(command)
    if not same:
        return refused(REUSED)
    return refused(ENDED) if is_cancelled(history) else NOTHING


def _confirm(history: History, now: Books, _command: Given) -> Verdict:
    if is_cancelled(history):
        return refused(CANCELLED)
    if find(history, "confirm-order") is not None:
        return NOTHING
    return guarded({"on-hold": now.on_hold}, entry("confirm-order"))


def _cancel(history: History, now: Books, _command: Given) -> Verdict:
    if is_cancelled(history):
        return NOTHING
    if any(line.out for line in now.lines.values()):
        return refused("goods-out")
    planned = [
        entry("cancel-shipment", shipment_id=plan["shipment_id"])
        for plan in all_of(history, "plan-shipment")
        if shipment_state(history, plan["shipment_id"]) == "planned"
    ]
    return happens(*planned, entry("cancel-order"))


def _cancel_items(history: History, now: Books, command: Given) -> Verdict:
    told = {
        "cancellation_id": command["cancellation_id"],
        "lines": lines_told(command),
        "shipping_cents": command.get("shipping_cents") or 0,
        "refund_id": command.get("refund_id"),
        "reason": command["reason"],
    }
    if not told["lines"] and not told["shipping_cents"]:
        raise Malformed("nothing to cancel")
    known = find(history, "cancel-items", cancellation_id=command["cancellation_id"])
    if (verdict_on_id := known_verdict(known, told)) is not None:
        return verdict_on_id
    if is_cancelled(history):
        return refused(CANCELLED)
    free = {number: line.cancellable for number, line in now.lines.items()}
    guards = lines_against(told["lines"], free, "quantity-not-open")
    guards["shipping-not-billed"] = told["shipping_cents"] > shipping_left(history)
    refund = told["refund_id"]
    guards["unknown-refund"] = bool(refund) and refund not in kept_credits(history)
    if any(guards.values()):
        return guarded(guards)
    return happens(Entry("cancel-items", told | _credit_that_ends(history, told)))


def _credit_that_ends(history: History, told: Given) -> dict[str, Any]:
    """The kept credit of the named refund ends as far as the shares of this cancellation go."""
    bare = Entry("cancel-items", {**told, "taken": NO_PARTS, "taken_codes": {}})
    before, after = bill_of(history), bill_of((*history, bare))
    shares = minus(before.parts, after.parts)
    refund = told["refund_id"]
    ends = taken(sum(shares), shares, kept_credits(history).get(refund, NO_PARTS))
    of_codes = added(before.by_code, after.by_code, sign=-1)
    codes = taken_codes(ends[3], of_codes, kept_codes(history).get(refund, {}))
    return {"taken": ends, "taken_codes": codes}


def _add_items(history: History, _now: Books, command: Given) -> Verdict:
    first = 1 + len(lines_of(history))
    known = find(history, "add-items", addition_id=command["addition_id"])
    if known is not None:
        first = known["lines"][0]["line"]
    told = {"addition_id": command["addition_id"]}
    told |= bill(command, contained=contains_tax(history), first_line=first)
    if (verdict_on_id := known_verdict(known, told)) is not None:
        return verdict_on_id
    return refused(CANCELLED) if is_cancelled(history) else happens(Entry("add-items", told))


def _adjust(history: History, now: Books, command: Given) -> Verdict:
    amount = command["amount_cents"]
    if amount == 0:
        raise Malformed("an adjustment of 0")
    given = parts_told(command, amount)
    told = {
        "adjustment_id": command["adjustment_id"],
        "amount_cents": amount,
        "label": command["label"],
        "reason": command["reason"],
        "told_parts": given,
    }
    known = find(history, "adjust-order", adjustment_id=command["adjustment_id"])
    revoked = find(history, "revoke-adjustment", adjustment_id=command["adjustment_id"])
    plain = {key: value for key, value in told.items() if key != "told_parts"}
    if (verdict_on_id := known_verdict(known, plain, in_force=revoked is None)) is not None:
        same = known is not None and given in {None, known["parts"]}
        filled_in = known is not None and given != known["told_parts"]
        if not same:
            return refused(REUSED)
        # Whether parts were given or filled in need not be in the event.
        return either(verdict_on_id, REUSED) if filled_in else verdict_on_id
    if -amount > now.owed.creditable:
        return refused(ABOVE_BILLED)
    if amount > 0:
        parts = given or (0, 0, amount, 0)
    else:
        parts = given or parts_of(-cents for cents in over(-amount, now.owed.uncredited))
    codes = over_codes(parts[3], uncredited_codes(history))
    return happens(Entry("adjust-order", told | {"parts": parts, "codes": codes}))


def _revoke_adjustment(history: History, _now: Books, command: Given) -> Verdict:
    return _revoked(history, command, "adjust-order", "adjustment_id", "unknown-adjustment")


def _revoked(history: History, command: Given, made: str, id_name: str, unknown: str) -> Verdict:
    ids = {id_name: command[id_name]}
    if find(history, made, **ids) is None:
        return refused(unknown)
    if find(history, command["command"], **ids) is not None:
        return refused("already-revoked")
    return happens(Entry(command["command"], ids))


def _write_off(history: History, now: Books, command: Given) -> Verdict:
    told = {key: command[key] for key in ("write_off_id", "amount_cents", "reason")}
    known = find(history, "write-off", write_off_id=command["write_off_id"])
    revoked = find(history, "revoke-write-off", write_off_id=command["write_off_id"])
    if (verdict_on_id := known_verdict(known, told, in_force=revoked is None)) is not None:
        return verdict_on_id
    amount = command["amount_cents"]
    if amount > now.balance:
        return refused("write-off-above-balance")
    forgiven = amount - min(amount, max(0, now.due))
    return happens(Entry("write-off", told | {"forgiven_cents": forgiven}))


def _revoke_write_off(history: History, _now: Books, command: Given) -> Verdict:
    return _revoked(history, command, "write-off", "write_off_id", "unknown-write-off")


def _change_customer(history: History, _now: Books, command: Given) -> Verdict:
    changes = all_of(history, "place-order", "change-customer")
    if changes[-1]["customer_id"] == command["customer_id"]:
        return NOTHING
    return happens(entry("change-customer", customer_id=command["customer_id"]))


def _set_attributes(history: History, _now: Books, command: Given) -> Verdict:
    now: dict[str, str] = {}
    for one in all_of(history, "place-order", "set-attributes"):
        now |= one.get("attributes", {})
    wished = {**now, **command["attributes"]}
    if {k: v for k, v in wished.items() if v is not None} == {
        k: v for k, v in now.items() if v is not None
    }:
        return NOTHING
    return happens(entry("set-attributes", attributes=dict(command["attributes"])))


def _hold(history: History, _now: Books, command: Given) -> Verdict:
    told = {key: command[key] for key in ("hold_id", "kind", "reason")}
    known = find(history, "place-hold", hold_id=command["hold_id"])
    in_force = command["hold_id"] in open_holds(history)
    if (verdict_on_id := known_verdict(known, told, in_force=in_force)) is not None:
        return verdict_on_id
    return refused(CANCELLED) if is_cancelled(history) else happens(Entry("place-hold", told))


def _release(history: History, _now: Books, command: Given) -> Verdict:
    if find(history, "place-hold", hold_id=command["hold_id"]) is None:
        return refused("unknown-hold")
    if command["hold_id"] not in open_holds(history):
        return NOTHING
    return happens(entry("release-hold", hold_id=command["hold_id"]))


def _note(history: History, _now: Books, command: Given) -> Verdict:
    told = {key: command[key] for key in ("note_id", "text")}
    known = find(history, "add-note", note_id=command["note_id"])
    return known_verdict(known, told) or happens(Entry("add-note", told))


def _retract(history: History, _now: Books, command: Given) -> Verdict:
    amount = {} if command["fact"] == "reverse-chargeback" else {"amount_cents": 0}
    told = fact_entry(history, {**command, "command": command["fact"], **amount})
    known = next((f for f in standing(history) if identity(f) == identity(told)), None)
    if known is None:
        return refused("unknown-fact")  # never told, or retracted already
    return happens(entry("retract-fact", identity=list(identity(told))))


def _resolve(history: History, _now: Books, command: Given) -> Verdict:
    number = int(command["anomaly_id"])
    if not 1 <= number <= len(anomalies(history)):
        return refused("unknown-anomaly")
    if state_of(history, number) != "open":
        return refused("anomaly-not-open")
    one = anomalies(history)[number - 1]
    many = broken(history).get((one["kind"], one["about"]), 0)
    return happens(entry("resolve-anomaly", number=number, many=many))


JUDGES: dict[str, Judge] = {
    "place-order": _place,
    "confirm-order": _confirm,
    "cancel-order": _cancel,
    "cancel-items": _cancel_items,
    "add-items": _add_items,
    "adjust-order": _adjust,
    "revoke-adjustment": _revoke_adjustment,
    "write-off": _write_off,
    "revoke-write-off": _revoke_write_off,
    "change-customer": _change_customer,
    "set-attributes": _set_attributes,
    "place-hold": _hold,
    "release-hold": _release,
    "add-note": _note,
    "retract-fact": _retract,
    "resolve-anomaly": _resolve,
    **REFUND_JUDGES,
    **GOODS_JUDGES,
}
