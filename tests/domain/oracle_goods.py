"""Goods by brute force: every quantity of a line and of a parcel from the whole history."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

from tests.domain.oracle_billing import cancelled_on, lines_of
from tests.domain.oracle_history import (
    OUTCOMES,
    Entry,
    History,
    all_of,
    facts,
    find,
    is_cancelled,
)

DELIVERED, LOST, BACK = OUTCOMES


def on_line(parts: Iterable[Mapping[str, Any]], line: int) -> int:
    return sum(part["quantity"] for part in parts if part["line"] == line)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A shipment, as far as one line goes. outcomes: units per outcome."""

    shipment_id: str
    state: str
    quantity: int
    outcomes: Mapping[str, int]
    first: str | None

    @property
    def planned(self) -> int:
        return self.quantity if self.state == "planned" else 0

    @property
    def dispatched(self) -> int:
        return self.quantity if self.state == "dispatched" else 0

    def units(self, outcome: str) -> int:
        return self.outcomes.get(outcome, 0) if self.state == "dispatched" else 0

    @property
    def out(self) -> int:
        return self.dispatched - self.units(LOST) - self.units(BACK)

    @property
    def holds(self) -> int:
        return self.planned + self.out


def outcome_entries(history: History, shipment_id: str) -> list[Entry]:
    return [e for e in history if e.name in OUTCOMES and e["shipment_id"] == shipment_id]


def shipment_state(history: History, shipment_id: str) -> str:
    """planned, dispatched (also by an outcome alone) or cancelled; unknown: never planned."""
    if find(history, "plan-shipment", shipment_id=shipment_id) is None:
        return "unknown"
    gone = find(history, "dispatch-shipment", shipment_id=shipment_id)
    if gone is not None or outcome_entries(history, shipment_id):
        return "dispatched"
    cancelled = find(history, "cancel-shipment", shipment_id=shipment_id)
    return "planned" if cancelled is None else "cancelled"


Units: TypeAlias = Mapping[int, Mapping[str, int]]


@lru_cache(maxsize=4096)
def units_of(outcomes: History, plan: Entry) -> tuple[Units, bool]:
    """By line of a parcel its units by their outcome ("" has none); whether the last one told
    changed the outcome of any.
    """
    units = {part["line"]: Counter({"": part["quantity"]}) for part in plan["lines"]}
    changed = False
    for told in outcomes:
        changed = False
        everything = all(many[""] == 0 for many in units.values())
        for line, many in units.items():
            wanted = on_line(told["lines"], line)
            if not told["lines"]:
                wanted = many.total() if everything else many[""]
            for state in ("", *(other for other in OUTCOMES if other != told.name)):
                moved = min(wanted, many[state])
                wanted -= moved
                many[state] -= moved
                many[told.name] += moved
                changed = changed or (moved > 0 and state != "")
    return units, changed


def first_parcel(history: History, line: int, replaces: str | bool | None) -> str | None:
    """Whose goods of the line are sent again: the parcel first sent, of which something is out,
    itself or what replaced it. None for a shipment of its own, or where nothing is out.
    """
    parcels = parcels_of(history, line)
    firsts = {p.shipment_id: p.first or p.shipment_id for p in parcels}
    out = [firsts[p.shipment_id] for p in parcels if p.out > 0]
    if replaces is True:
        return out[0] if out else None
    named = firsts.get(str(replaces))
    return named if named in out else None


@lru_cache(maxsize=4096)
def parcels_of(history: History, line: int) -> tuple[Parcel, ...]:
    return tuple(
        Parcel(
            shipment_id=plan["shipment_id"],
            state=shipment_state(history, plan["shipment_id"]),
            quantity=on_line(plan["lines"], line),
            outcomes=units_of(tuple(outcome_entries(history, plan["shipment_id"])), plan)[0][line],
            first=plan["firsts"].get(str(line)),
        )
        for plan in all_of(history, "plan-shipment")
        if on_line(plan["lines"], line)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """requested: None if it was never announced. limit: what counts as requested, by line."""

    requested: Mapping[int, int] | None
    received: Mapping[int, int]
    limit: Mapping[int, int]
    state: str  # unannounced, open, closed, declined

    @property
    def above_requested(self) -> int:
        return sum(max(0, many - self.limit.get(line, 0)) for line, many in self.received.items())


def received_of(history: History, return_id: str) -> Counter[int]:
    got: Counter[int] = Counter()
    for receipt in facts(history, "receive-return"):
        if receipt["return_id"] == return_id:
            for part in receipt["lines"]:
                got[part["line"]] += part["quantity"]
    return got


def return_of(history: History, return_id: str) -> Return:
    asked = find(history, "request-return", return_id=return_id)
    received = received_of(history, return_id)
    if asked is None:
        return Return(requested=None, received=received, limit={}, state="unannounced")
    wanted = {part["line"]: part["quantity"] for part in asked["lines"]}
    for index, entry in enumerate(history):
        if entry.get("return_id") == return_id and entry.name in {"close-return", "decline-return"}:
            by_then = received_of(history[:index], return_id)
            state = "closed" if entry.name == "close-return" else "declined"
            return Return(requested=wanted, received=received, limit=by_then, state=state)
    return Return(requested=wanted, received=received, limit=wanted, state="open")


def return_ids(history: History) -> list[str]:
    told = [*all_of(history, "request-return"), *facts(history, "receive-return")]
    return list(dict.fromkeys(str(entry["return_id"]) for entry in told))


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The counters of section 4, by their names there in lower case."""

    ships: bool
    ordered: int
    cancelled: int
    planned: int
    dispatched: int
    delivered: int
    lost: int
    back: int
    requested: int
    received: int
    replacing: int
    r: int
    delivered_above_sent: int

    @property
    def out(self) -> int:
        return self.dispatched - self.lost - self.back

    @property
    def wanted(self) -> int:
        return self.ordered - self.cancelled

    @property
    def open(self) -> int:
        return max(0, self.wanted - self.planned - self.out + self.r)

    @property
    def cancellable(self) -> int:
        return max(0, self.wanted - self.planned - self.out)

    @property
    def overshipped(self) -> int:
        return max(0, self.planned + self.out - self.wanted - self.r)

    @property
    def replaceable(self) -> int:
        """S - L - B - r: with R a replacement could not be replaced once the first was lost."""
        return max(0, self.out - self.r)

    @property
    def returnable(self) -> int:
        return max(0, self.delivered - self.requested - self.received)

    @property
    def kept(self) -> int:
        return max(0, self.delivered - self.received)


def settled_of(history: History, item: Mapping[str, Any], first: str) -> int:
    """What of a parcel was lost before a replacement was planned and was not open any more then (it
    had been cancelled): no replacement takes its place, so it does not count as sent.
    """
    number, settled = item["line"], 0
    for place, plan in enumerate(history):
        if plan.name == "plan-shipment" and plan["firsts"].get(str(number)) == first:
            then = history[:place]
            parcels = parcels_of(then, number)
            [one] = [p for p in parcels if p.shipment_id == first]
            place_of_lost = max(0, one.quantity - one.holds - settled)
            not_replaced = max(0, place_of_lost - sum(p.holds for p in parcels if p.first == first))
            settled += max(0, not_replaced - line_of(then, item).open)
    return settled


def line_of(history: History, item: Mapping[str, Any]) -> Line:
    number = item["line"]
    parcels = parcels_of(history, number)
    families = [
        (first, [p for p in parcels if p.first == first.shipment_id])
        for first in parcels
        if first.first is None
    ]
    above = delivered_above = 0
    for first, again in families:
        if again:
            settled = settled_of(history, item, first.shipment_id)
            place_of_lost = max(0, first.quantity - first.holds - settled)
            arrived = first.units(DELIVERED) + sum(p.units(DELIVERED) for p in again)
            above += max(0, sum(p.holds for p in again) - place_of_lost)
            delivered_above += max(0, arrived - first.holds - place_of_lost)
    requested = received = 0
    for return_id in return_ids(history):
        one = return_of(history, return_id)
        received += one.received.get(number, 0)
        if one.state == "open" and one.requested is not None:
            requested += max(0, one.requested.get(number, 0) - one.received.get(number, 0))
    return Line(
        ships=item["ships"],
        ordered=item["quantity"],
        cancelled=item["quantity"] if is_cancelled(history) else cancelled_on(history, number),
        planned=sum(p.planned for p in parcels),
        dispatched=sum(p.dispatched for p in parcels),
        delivered=sum(p.units(DELIVERED) for p in parcels),
        lost=sum(p.units(LOST) for p in parcels),
        back=sum(p.units(BACK) for p in parcels),
        requested=requested,
        received=received,
        replacing=sum(p.holds for p in parcels if p.first is not None),
        r=above,
        delivered_above_sent=delivered_above,
    )


def lines_now(history: History) -> dict[int, Line]:
    return {item["line"]: line_of(history, item) for item in lines_of(history)}
