"""A verdict: the events that must happen, or the rules by which the command may be refused."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from domain.commands import LineQuantity
from domain.events import AnomalyRecorded, Event

# The rules that the design names; those of a single guard are written where it is judged.
UNKNOWN_ORDER, ENDED, REUSED = "unknown-order", "id-ended", "id-reused"
CANCELLED, PAID_OUT = "order-cancelled", "paid-out"
RETURN_ENDED, RETURN_RECEIVED = "return-ended", "return-received"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """events: what happens, or None where it must be refused; rules: what it may be refused by.

    may: kinds of anomaly that the design neither requires nor forbids here.
    """

    events: tuple[Event, ...] | None
    rules: frozenset[str] = frozenset()
    may: frozenset[str] = frozenset()

    def allows_refusal(self, rule: str) -> bool:
        return rule in self.rules

    def allows(self, answer: tuple[Event, ...]) -> bool:
        """The same events in the same order; of an anomaly only its kind is compared."""
        if self.events is None:
            return False
        required = [_without_words(event) for event in self.events]
        answered = [_without_words(event) for event in answer]
        optional = [anomaly(kind) for kind in self.may]
        return [
            event for event in answered if event in required or event not in optional
        ] == required


def happens(*events: Event, may: frozenset[str] = frozenset()) -> Verdict:
    return Verdict(events=events, may=may)


def refused(*rules: str) -> Verdict:
    return Verdict(events=None, rules=frozenset(rules))


def either(verdict: Verdict, *rules: str) -> Verdict:
    """Where the design allows both: the verdict, or a refusal by one of the rules."""
    return Verdict(events=verdict.events, rules=verdict.rules | set(rules), may=verdict.may)


def guarded(wished: Event, broken: Mapping[str, bool]) -> Verdict:
    """It happens, unless guards are broken: then it is refused by one of them."""
    rules = [rule for rule, is_broken in broken.items() if is_broken]
    return refused(*rules) if rules else happens(wished)


NOTHING = happens()


def anomaly(kind: str) -> AnomalyRecorded:
    return AnomalyRecorded(kind=kind, refers_to="", detail="")


def _without_words(event: Event) -> Event:
    return anomaly(event.kind) if isinstance(event, AnomalyRecorded) else event


def of_known(event: Event | None, wished: Event, *, in_force: bool = True) -> Verdict | None:
    """The verdict on an id that was used before; None if it was not."""
    if event is None:
        return None
    if event != wished:
        return refused(REUSED)
    return NOTHING if in_force else refused(ENDED)


def lines_against(
    lines: Iterable[LineQuantity], free: Mapping[int, int], rule: str
) -> dict[str, bool]:
    """The guards on quantities: only lines that were ordered, on each no more than is free."""
    parts = list(lines)
    return {
        "unknown-line": any(part.line not in free for part in parts),
        rule: any(part.quantity > free.get(part.line, part.quantity) for part in parts),
    }
