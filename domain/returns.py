"""One return: what was requested, and what arrived under its id, whichever came first."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from domain.commands import LineQuantity, ReceivedLine
from domain.frozen import dataclass
from domain.persistent import with_entry, with_fields

# States of returns. UNANNOUNCED: something arrived that nobody requested.
UNANNOUNCED: Final = "unannounced"
OPEN: Final = "open"
DECLINED: Final = "declined"
CLOSED: Final = "closed"


@dataclass(frozen=True)
class ReturnLine:
    """settled: what had been received when the return was closed; it counts as requested."""

    line: int
    requested: int
    received: int = 0
    settled: int = 0


@dataclass(frozen=True)
class Return:
    """receipts: by receipt_id, how many reports of it count."""

    state: str = UNANNOUNCED
    lines: tuple[ReturnLine, ...] = ()
    receipts: Mapping[str, int] | None = None

    @property
    def has_received(self) -> bool:
        return any(line.received for line in self.lines)

    @property
    def unannounced(self) -> int:
        """Units received that nobody requested or declined."""
        return sum(line.received for line in self.lines) if self.state == UNANNOUNCED else 0

    @property
    def received_above_requested(self) -> int:
        """Units above what was requested; after the end, above what had been received by then."""
        if self.state == UNANNOUNCED:
            return 0
        asked = [line.requested if self.state == OPEN else line.settled for line in self.lines]
        pairs = zip(asked, self.lines, strict=True)
        return sum(max(0, line.received - many) for many, line in pairs)

    def receipt_reports(self, receipt_id: str) -> int:
        return (self.receipts or {}).get(receipt_id, 0)

    def counters(self) -> dict[int, tuple[int, int]]:
        """By line: requested and not yet received, while the return is open; received."""
        is_open = self.state == OPEN
        return {
            line.line: (max(0, line.requested - line.received) if is_open else 0, line.received)
            for line in self.lines
        }


NO_RETURN: Final = Return()


def request(old: Return, parts: Iterable[LineQuantity]) -> Return:
    """The return once it is requested; what was received under its id before belongs to it."""
    received = {line.line: line.received for line in old.lines}
    lines = [ReturnLine(part.line, part.quantity, received.pop(part.line, 0)) for part in parts]
    others = [ReturnLine(number, 0, quantity) for number, quantity in received.items()]
    return with_fields(old, state=OPEN, lines=(*lines, *others))


def receive(
    old: Return, receipt_id: str, parts: Iterable[ReceivedLine], receipts: Mapping[str, int]
) -> Return:
    """The return after a receipt. receipts: an empty map, for a return that has none yet."""
    return _counted(old, receipt_id, parts, 1, receipts)


def retract(
    old: Return, receipt_id: str, parts: Iterable[ReceivedLine], receipts: Mapping[str, int]
) -> Return:
    """The return after a receipt of it was retracted."""
    return _counted(old, receipt_id, parts, -1, receipts)


def _counted(
    old: Return,
    receipt_id: str,
    parts: Iterable[ReceivedLine],
    sign: int,
    receipts: Mapping[str, int],
) -> Return:
    arrived: Counter[int] = Counter()
    for part in parts:  # a line is named once per condition
        arrived[part.line] += sign * part.quantity
    lines = [
        with_fields(line, received=line.received + arrived.pop(line.line, 0)) for line in old.lines
    ]
    new = [ReturnLine(number, 0, quantity) for number, quantity in arrived.items()]
    reports = old.receipt_reports(receipt_id) + sign
    return with_fields(
        old,
        lines=(*lines, *new),
        receipts=with_entry(old.receipts or receipts, receipt_id, reports),
    )


def end(old: Return, state: str) -> Return:
    """The return declined or closed: what was not received may be returned again."""
    lines = [with_fields(line, settled=line.received) for line in old.lines]
    return with_fields(old, state=state, lines=tuple(lines))
