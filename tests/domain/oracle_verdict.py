"""A verdict: the entries that must follow, or the rules by which the command may be refused."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.domain.oracle_history import Entry

# The rules that the contract names; those of a single guard are written where it is judged.
UNKNOWN_ORDER, ENDED, REUSED = "unknown-order", "id-ended", "id-reused"
CANCELLED, PAID_OUT = "order-cancelled", "paid-out"
RETURN_ENDED, RETURN_RECEIVED = "return-ended", "return-received"
ABOVE_BILLED = "credit-above-billed"
MALFORMED = "malformed"  # 422: the shape is wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """entries: what happens, or None where it must be refused; rules: what it may be refused by.

    may: kinds of anomaly that the contract neither demands nor forbids here.
    """

    entries: tuple[Entry, ...] | None
    rules: frozenset[str] = frozenset()
    may: frozenset[str] = frozenset()


def entry(name: str, **fields: Any) -> Entry:
    return Entry(name, fields)


def happens(*entries: Entry) -> Verdict:
    return Verdict(entries=entries)


def refused(*rules: str) -> Verdict:
    return Verdict(entries=None, rules=frozenset(rules))


def either(verdict: Verdict, *rules: str) -> Verdict:
    """Where the contract allows both: the verdict, or a refusal by one of the rules."""
    return Verdict(entries=verdict.entries, rules=verdict.rules | set(rules))


def guarded(broken: Mapping[str, bool], *wished: Entry) -> Verdict:
    """It happens, unless guards are broken: then it is refused by one of them."""
    rules = [rule for rule, is_broken in broken.items() if is_broken]
    return refused(*rules) if rules else happens(*wished)


NOTHING = happens()


def lines_against(
    lines: Iterable[Mapping[str, Any]], free: Mapping[int, int], rule: str
) -> dict[str, bool]:
    """The guards on quantities: only lines that were ordered, on each no more than is free."""
    parts = list(lines)
    return {
        "unknown-line": any(part["line"] not in free for part in parts),
        rule: any(part["quantity"] > free.get(part["line"], part["quantity"]) for part in parts),
    }


def known_verdict(
    known: Entry | None, wished: Mapping[str, Any], *, in_force: bool = True
) -> Verdict | None:
    """The verdict on an id that was used before; None if it was not."""
    if known is None:
        return None
    if any(known.fields.get(name) != value for name, value in wished.items()):
        return refused(REUSED)
    return NOTHING if in_force else refused(ENDED)


def lines_told(command: Mapping[str, Any]) -> list[dict[str, int]]:
    return [dict(line) for line in command.get("lines") or ()]
