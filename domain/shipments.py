"""One shipment: what it was sent with, and what became of every part of it."""

from collections.abc import Iterator
from typing import Final

from domain import events as e
from domain.commands import LineQuantity
from domain.frozen import dataclass
from domain.persistent import with_fields

# States of shipments. UNKNOWN: a carrier reported on it, but it was never planned.
UNKNOWN: Final = "unknown"
PLANNED: Final = "planned"
CANCELLED: Final = "cancelled"
DISPATCHED: Final = "dispatched"
# Outcomes, which carriers report. They are names of counters, too.
DELIVERED: Final = "delivered"
LOST: Final = "lost"
RETURNED_TO_SENDER: Final = "returned_to_sender"
OUTCOMES: Final = (DELIVERED, LOST, RETURNED_TO_SENDER)
PARTLY_DELIVERED: Final = "partly_delivered"


@dataclass(frozen=True)
class ShippedLine:
    """How many units of a line are in a shipment, and what is known of them.

    replaces: the shipment first sent that these units go again for; None: they are no replacement.
    Of a shipment that was replaced: sent_again: what its replacements hold, planned or out;
    out_again, delivered_again: what of it is out, and arrived. settled: what was lost before a
    replacement was planned, and was no longer open then: no replacement takes its place.
    """

    line: int
    quantity: int
    delivered: int = 0
    lost: int = 0
    returned_to_sender: int = 0
    replaces: str | None = None
    sent_again: int = 0
    out_again: int = 0
    delivered_again: int = 0
    settled: int = 0

    @property
    def without_outcome(self) -> int:
        return self.quantity - self.delivered - self.lost - self.returned_to_sender

    @property
    def held(self) -> int:
        """Neither lost nor back."""
        return self.quantity - self.lost - self.returned_to_sender

    @property
    def was_replaced(self) -> bool:
        """Only then it has something extra."""
        return self.sent_again > 0 or self.delivered_again > 0

    @property
    def not_replaced(self) -> int:
        """Lost or back, and neither settled nor in a replacement."""
        return max(0, self._to_replace - self.sent_again)

    @property
    def extra(self) -> int:
        """What the shipment and its replacements hold above what was sent first."""
        return max(0, self.sent_again - self._to_replace)

    @property
    def delivered_extra(self) -> int:
        """What of the shipment and its replacements arrived above what was sent first."""
        sent = self.held + self._to_replace
        return max(0, self.delivered + self.delivered_again - sent)

    @property
    def _to_replace(self) -> int:
        return max(0, self.quantity - self.held - self.settled)


NO_PART: Final = ShippedLine(0, 0)


@dataclass(frozen=True)
class Shipment:
    """outcome: the last one that was reported, of a part or of all. None: not known yet.

    before_dispatch: an outcome was reported while it was planned, and it was not dispatched since.
    """

    state: str = UNKNOWN
    lines: tuple[ShippedLine, ...] = ()
    location: str | None = None
    carrier: str | None = None
    tracking: str | None = None
    outcome: str | None = None
    before_dispatch: bool = False

    @property
    def status(self) -> str:
        """Its state; an outcome once every unit has one; partly_delivered if not all arrived."""
        if self.outcome is None or not self.lines:
            return self.outcome or self.state
        delivered = sum([part.delivered for part in self.lines])
        if delivered:
            complete = delivered == sum([part.quantity for part in self.lines])
            return DELIVERED if complete else PARTLY_DELIVERED
        return DISPATCHED if self.has_part_without_outcome else self.outcome

    @property
    def has_part_without_outcome(self) -> bool:
        return any([part.without_outcome for part in self.lines])  # noqa: C419 (few lines)

    def line(self, number: int) -> ShippedLine:
        """The part of a line; NO_PART if none of it is in the shipment."""
        return next((part for part in self.lines if part.line == number), NO_PART)


NO_SHIPMENT: Final = Shipment()


def counted(
    state_before: str, before: ShippedLine, state: str, after: ShippedLine
) -> dict[str, int]:
    """By how much a step of a shipment raises the counters of a line."""
    rises = {}
    if state != state_before:
        if state_before in _COUNTED:
            rises[state_before] = -before.quantity
        if state in _COUNTED:
            rises[state] = after.quantity
    if after is before:
        return rises
    if after.delivered != before.delivered:
        rises[DELIVERED] = after.delivered - before.delivered
    if after.lost != before.lost:
        rises[LOST] = after.lost - before.lost
    if after.returned_to_sender != before.returned_to_sender:
        rises[RETURNED_TO_SENDER] = after.returned_to_sender - before.returned_to_sender
    if after.was_replaced or before.was_replaced:
        rises["extra"] = after.extra - before.extra
        rises["delivered_extra"] = after.delivered_extra - before.delivered_extra
    return rises


_COUNTED: Final = frozenset({PLANNED, DISPATCHED})
"""States that have a counter."""


def replacing(state: str, part: ShippedLine) -> tuple[int, int, int]:
    """What a part of a replacement in this state holds: planned or out, out, delivered."""
    out = part.held if state == DISPATCHED else 0
    return part.quantity if state == PLANNED else out, out, part.delivered


def changes(old: Shipment, new: Shipment) -> Iterator[tuple[ShippedLine, ShippedLine]]:
    """Each part before and after a step of the shipment, where the step may change a counter."""
    before = old.lines or (NO_PART,) * len(new.lines)
    pairs = zip(before, new.lines, strict=True)
    return pairs if old.state != new.state else (pair for pair in pairs if pair[0] is not pair[1])


def plan(event: e.ShipmentPlanned) -> Shipment:
    lines = [with_fields(NO_PART, line=part.line, quantity=part.quantity) for part in event.lines]
    if event.replaced:
        replaced = {part.line: part.shipment_id for part in event.replaced}
        lines = [with_fields(part, replaces=replaced[part.line]) for part in lines]
    return with_fields(NO_SHIPMENT, state=PLANNED, lines=tuple(lines), location=event.location)


def dispatch(old: Shipment, event: e.ShipmentDispatched) -> Shipment:
    return with_fields(
        old,
        state=DISPATCHED,
        carrier=event.carrier,
        tracking=event.tracking,
        before_dispatch=False,
    )


def with_outcome(old: Shipment, outcome: str, parts: tuple[LineQuantity, ...]) -> Shipment:
    """After a carrier's report, which implies the dispatch; the same object if nothing changed.

    parts: what the report is about; empty: all that has no outcome yet or, where all has one, all
    of it. A part gets its outcome from what has none yet first, then from what has another one.
    """
    state = UNKNOWN if old.state == UNKNOWN else DISPATCHED
    if old.outcome is None and not parts:  # nearly always
        lines = [with_fields(part, **{outcome: part.quantity}) for part in old.lines]
    else:
        quantities = {part.line: part.quantity for part in parts} if parts else _all(old)
        lines = [_reported(part, outcome, quantities.get(part.line, 0)) for part in old.lines]
    new = with_fields(
        old,
        state=state,
        lines=tuple(lines),
        outcome=outcome,
        before_dispatch=old.before_dispatch or old.state == PLANNED,
    )
    return old if outcome == old.outcome and new == old else new


def contradicts(old: Shipment, outcome: str, parts: tuple[LineQuantity, ...]) -> bool:
    """True if the report changes an outcome, or is about more than the shipment was sent with."""
    if not old.lines:
        return old.outcome not in {None, outcome}
    if parts and _is_above(old, parts):
        return True
    if old.outcome is None:
        return False  # it has no outcome to lose
    new = with_outcome(old, outcome, parts)
    return any(_loses_an_outcome(*pair) for pair in zip(old.lines, new.lines, strict=True))


def _is_above(old: Shipment, parts: tuple[LineQuantity, ...]) -> bool:
    known = {part.line: part.quantity for part in old.lines}
    return any(part.quantity > known.get(part.line, 0) for part in parts)


def _all(shipment: Shipment) -> dict[int, int]:
    if shipment.has_part_without_outcome:
        return {part.line: part.without_outcome for part in shipment.lines}
    return {part.line: part.quantity for part in shipment.lines}


def _reported(part: ShippedLine, outcome: str, quantity: int) -> ShippedLine:
    if quantity <= part.without_outcome:
        return with_fields(part, **{outcome: getattr(part, outcome) + quantity})
    counts: dict[str, int] = {name: getattr(part, name) for name in OUTCOMES}
    new = min(quantity, part.without_outcome)
    counts[outcome] += new
    left = quantity - new
    for other in OUTCOMES:
        moved = 0 if other == outcome else min(left, counts[other])
        counts[other] -= moved
        counts[outcome] += moved
        left -= moved
    return with_fields(part, **counts)


def _loses_an_outcome(old: ShippedLine, new: ShippedLine) -> bool:
    return any(getattr(new, name) < getattr(old, name) for name in OUTCOMES)
