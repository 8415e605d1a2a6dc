"""What the contract requires of facts: identity, repeats, contradictions, reports, bounds."""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.domain.oracle_anomalies import REPORTS, anomalies, to_record, undone
from tests.domain.oracle_billing import lines_of
from tests.domain.oracle_goods import on_line, outcome_entries, shipment_state, units_of
from tests.domain.oracle_history import (
    OUTCOMES,
    THINGS,
    Entry,
    History,
    all_of,
    find,
    foreign,
    identity,
    placed,
    standing,
)
from tests.domain.oracle_verdict import NOTHING, Verdict, happens, refused

# fact -> what it says besides its identity, with what is filled in where it is left out
CONTENT: dict[str, tuple[str, ...]] = {
    "authorize-payment": ("amount_cents", "counted_cents", "method"),
    "adjust-authorization": ("amount_cents", "counted_cents"),
    "capture-payment": ("amount_cents", "counted_cents", "method"),
    "void-payment": ("amount_cents", "counted_cents"),
    "expire-authorization": (),
    "fail-payment": ("reason",),
    "refund-payment": ("amount_cents", "counted_cents", "refund_id", "method"),
    "fail-refund": ("reason", "refund_id"),
    "charge-back-payment": ("amount_cents", "counted_cents"),
    "reverse-chargeback": ("amount_cents", "counted_cents"),
    "record-fee": ("amount_cents", "counted_cents", "payment_id", "kind"),
    "receive-return": ("lines",),
    "deliver-shipment": ("lines",),
    "lose-shipment": ("lines",),
    "return-shipment-to-sender": ("lines",),
}
OF_AN_AUTHORIZATION = ("authorize-payment", "adjust-authorization", "expire-authorization")


def fact_entry(history: History, fact: Mapping[str, Any]) -> Entry:
    """The fact with the contract's defaults filled in."""
    name = fact["command"]
    fields = {key: fact.get(key) for key in (*THINGS[name], "report_id", *CONTENT[name])}
    if "amount_cents" in fields:
        fields["currency"] = (fact.get("currency") or placed(history)["currency"]).upper()
    if name in OF_AN_AUTHORIZATION:
        fields["authorization_id"] = fact.get("authorization_id") or fact["payment_id"]
    if name == "refund-payment":
        fields["refund_id"] = fact.get("refund_id") or fact["payout_id"]
    if "lines" in fields:
        fields["lines"] = list(fact.get("lines") or ())
    return Entry(name, fields)


def is_same(known: Entry, told: Entry) -> bool:
    """The same content. The refund that a failure names is not compared where it names a payout."""
    fields = set(CONTENT[told.name])
    if told.name == "fail-refund" and told.get("payment_id") and told.get("payout_id"):
        fields -= {"refund_id"}
    return all(known.fields.get(field) == told.fields.get(field) for field in fields)


def fact_verdict(history: History, fact: Mapping[str, Any]) -> Verdict:
    told = fact_entry(history, fact)
    about = "/".join(identity(told))
    known = next((f for f in standing(history) if identity(f) == identity(told)), None)
    if known is None:
        earlier = [e for e in history if e.name == told.name and identity(e) == identity(told)]
        if earlier and is_same(earlier[-1], told):
            return _flagged_once(history, "repeated-after-end", about)
        unknown = _unknown_lines(history, told)
        return _told(history, told) if unknown is None else unknown
    if is_same(known, told):
        ended = undone(history, known)
        return _flagged_once(history, "repeated-after-end", about) if ended else NOTHING
    contradiction = Entry("anomaly", {"kind": "contradicting-fact", "about": about})
    content = {**told.fields, "of": len(_retractions(history, told))}
    told_before = [e["content"] for e in all_of(history, "contradiction")]
    if content in told_before:
        return NOTHING
    return happens(contradiction, Entry("contradiction", {"content": content}))


def _retractions(history: History, told: Entry) -> list[Entry]:
    mine = identity(told)
    return [e for e in all_of(history, "retract-fact") if tuple(e["identity"]) == mine]


def _unknown_lines(history: History, told: Entry) -> Verdict | None:
    known = {line["line"] for line in lines_of(history)}
    if any(part["line"] not in known for part in told.get("lines", ())):
        return refused("unknown-line")
    return None


def _flagged_once(history: History, kind: str, about: str) -> Verdict:
    flag = Entry("anomaly", {"kind": kind, "about": about})
    return NOTHING if flag in anomalies(history) else happens(flag)


def _told(history: History, told: Entry) -> Verdict:
    about = "/".join(identity(told))
    kinds = set(_reports(history, told))
    flags = [
        Entry("anomaly", {"kind": k, "about": told["shipment_id"] if k == DISPATCH else about})
        for k in REPORTS
        if k in kinds
    ]
    bounds = to_record(history, (*history, told))
    may = frozenset(kind[1:] for kind in kinds if kind.startswith("?"))
    return Verdict(entries=(told, *bounds, *flags), may=may)


DISPATCH = "delivered-before-dispatch"


def _reports(history: History, told: Entry) -> Iterator[str]:
    """Kinds that must be recorded; with a "?" before it, one that may be."""
    if "currency" in told.fields and foreign(history, told) and told.get("counted_cents") is None:
        yield "currency-mismatch"
    if told.name == "fail-refund" and not (told.get("payment_id") and told.get("payout_id")):
        yield "failure-without-payout"
    if told.name in OUTCOMES:
        yield from _of_outcome(history, told)


def _of_outcome(history: History, told: Entry) -> Iterator[str]:
    shipment_id = told["shipment_id"]
    state = shipment_state(history, shipment_id)
    plan = find(history, "plan-shipment", shipment_id=shipment_id)
    if plan is None:
        yield "unknown-shipment"
        yield "?outcome-contradicted"
        return
    if state == "planned":
        yield DISPATCH
    if state == "cancelled":
        yield "dispatched-after-cancel"
    earlier = tuple(outcome_entries(history, shipment_id))
    if units_of((*earlier, told), plan)[1]:
        yield "outcome-contradicted"
    elif any(part["quantity"] > on_line(plan["lines"], part["line"]) for part in told["lines"]):
        yield "outcome-contradicted"  # more than the parcel has
