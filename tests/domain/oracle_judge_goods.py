"""What an order must answer to commands about shipments and returns."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from tests.domain.oracle import Books
from tests.domain.oracle_goods import (
    first_parcel,
    lines_now,
    outcome_entries,
    received_of,
    return_of,
    shipment_state,
)
from tests.domain.oracle_history import Entry, History, all_of, find, is_cancelled
from tests.domain.oracle_verdict import (
    CANCELLED,
    ENDED,
    NOTHING,
    RETURN_ENDED,
    RETURN_RECEIVED,
    REUSED,
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


def _plan(history: History, now: Books, command: Given) -> Verdict:
    shipment_id = command["shipment_id"]
    told = {
        "shipment_id": shipment_id,
        "lines": lines_told(command),
        "location": command["location"],
        "replaces": command.get("replaces"),
        "reason": command.get("reason") or "",
    }
    known = find(history, "plan-shipment", shipment_id=shipment_id)
    in_force = shipment_state(history, shipment_id) != "cancelled"
    if (verdict := known_verdict(known, told, in_force=in_force)) is not None:
        cancelled = find(history, "cancel-shipment", shipment_id=shipment_id)
        sent_all_the_same = cancelled is not None and verdict == NOTHING
        return either(NOTHING, ENDED) if sent_all_the_same else verdict
    named = bool(outcome_entries(history, shipment_id))
    if is_cancelled(history):
        return refused(CANCELLED, REUSED) if named else refused(CANCELLED)
    if named:
        return refused(REUSED)
    firsts = {
        str(part["line"]): first_parcel(history, part["line"], told["replaces"])
        for part in told["lines"]
    }
    wished = Entry("plan-shipment", told | {"firsts": firsts})
    judged = guarded(_plan_guards(history, now, told), wished)
    if judged.entries and _overships(now, (*history, wished)):
        return refused("replacement-above-dispatched", "quantity-not-open", "overshipped")
    # A replacement that is named and not out stands for the parcel first sent, or for nothing.
    return either(judged, "not-replaceable") if isinstance(told["replaces"], str) else judged


def _overships(before: Books, after: History) -> bool:
    lines = lines_now(after)
    return any(line.overshipped > before.lines[n].overshipped for n, line in lines.items())


def _plan_guards(history: History, now: Books, told: Given) -> dict[str, bool]:
    lines = [part["line"] for part in told["lines"]]
    guards = {
        "not-confirmed": not now.confirmed,
        "on-hold": now.on_hold,
        "line-not-shipped": any(n in now.lines and not now.lines[n].ships for n in lines),
    }
    if not told["replaces"]:
        free = {number: line.open for number, line in now.lines.items()}
        return guards | lines_against(told["lines"], free, "quantity-not-open")
    free = {number: line.replaceable for number, line in now.lines.items()}
    guards |= lines_against(told["lines"], free, "replacement-above-dispatched")
    named = told["replaces"]
    guards["not-replaceable"] = not all(
        first_parcel(history, line, named) is not None for line in lines
    )
    if isinstance(named, str):
        state = shipment_state(history, named)
        guards["unknown-shipment"] = state == "unknown"
        guards["shipment-cancelled"] = state == "cancelled"
        guards["shipment-not-dispatched"] = state == "planned"
    return guards


def _cancel_shipment(history: History, _now: Books, command: Given) -> Verdict:
    state = shipment_state(history, command["shipment_id"])
    cancelled = find(history, "cancel-shipment", shipment_id=command["shipment_id"])
    if state == "planned":
        return happens(entry("cancel-shipment", shipment_id=command["shipment_id"]))
    if state == "cancelled":
        return NOTHING
    if state == "unknown":
        return refused("unknown-shipment")
    left = refused("shipment-dispatched")
    return left if cancelled is None else either(NOTHING, *left.rules)


def _dispatch(history: History, now: Books, command: Given) -> Verdict:
    shipment_id = command["shipment_id"]
    told = {
        "shipment_id": shipment_id,
        "carrier": command["carrier"],
        "tracking": command.get("tracking"),
    }
    known = find(history, "dispatch-shipment", shipment_id=shipment_id)
    if (verdict := known_verdict(known, told)) is not None:
        return verdict
    wished = Entry("dispatch-shipment", told)
    state = shipment_state(history, shipment_id)
    if state == "dispatched":
        return either(happens(wished), CANCELLED) if is_cancelled(history) else happens(wished)
    if is_cancelled(history):
        return refused(CANCELLED, ENDED) if state == "cancelled" else refused(CANCELLED)
    if state == "cancelled":
        return refused("shipment-cancelled", ENDED)
    plan = find(history, "plan-shipment", shipment_id=shipment_id)
    if plan is None:
        return refused("unknown-shipment")
    over = any(now.lines[part["line"]].overshipped for part in plan["lines"])
    return guarded({"on-hold": now.on_hold, "overshipped": over}, wished)


def _correct(history: History, _now: Books, command: Given) -> Verdict:
    shipment_id = command["shipment_id"]
    told = {
        "shipment_id": shipment_id,
        "carrier": command["carrier"],
        "tracking": command.get("tracking"),
    }
    if shipment_state(history, shipment_id) == "unknown":
        return refused("unknown-shipment")
    names = ("dispatch-shipment", "correct-tracking")
    last = [e for e in all_of(history, *names) if e["shipment_id"] == shipment_id][-1:]
    if not last:
        state = shipment_state(history, shipment_id)
        if state == "dispatched":  # an outcome implied it
            return either(happens(Entry("correct-tracking", told)), "shipment-not-dispatched")
        return refused("shipment-not-dispatched", *["shipment-cancelled"] * (state == "cancelled"))
    same = all(last[0].fields[key] == value for key, value in told.items())
    return NOTHING if same else happens(Entry("correct-tracking", told))


def _request(history: History, now: Books, command: Given) -> Verdict:
    told = {
        "return_id": command["return_id"],
        "lines": lines_told(command),
        "reason": command["reason"],
    }
    known = find(history, "request-return", return_id=command["return_id"])
    in_force = known is None or return_of(history, command["return_id"]).state == "open"
    if (verdict := known_verdict(known, told, in_force=in_force)) is not None:
        return verdict
    got = received_of(history, command["return_id"])
    free = {number: got[number] + line.returnable for number, line in now.lines.items()}
    guards = lines_against(told["lines"], free, "quantity-not-returnable")
    return guarded(guards, Entry("request-return", told))


def _decline(history: History, _now: Books, command: Given) -> Verdict:
    return _ended(history, command, "declined", "decline-return")


def _close(history: History, _now: Books, command: Given) -> Verdict:
    return _ended(history, command, "closed", "close-return")


def _ended(history: History, command: Given, goal: str, name: str) -> Verdict:
    return_id = command["return_id"]
    one = return_of(history, return_id)
    if one.requested is None:
        return refused("unknown-return")
    if one.state == goal:
        return NOTHING
    if one.state != "open":
        return refused(RETURN_ENDED)
    if goal == "declined" and any(one.received.values()):
        return refused(RETURN_RECEIVED)
    return happens(entry(name, return_id=return_id))


JUDGES: dict[str, Judge] = {
    "plan-shipment": _plan,
    "cancel-shipment": _cancel_shipment,
    "dispatch-shipment": _dispatch,
    "correct-tracking": _correct,
    "request-return": _request,
    "decline-return": _decline,
    "close-return": _close,
}
