"""Exhaustive search over small worlds: every order of every move, each step held to the oracle.

`python -m tests.domain.search --seconds N` searches for N seconds; without it until every scope is
exhausted. Two histories of the same events, in another order where the order means nothing, are
one state: it is visited once, and reaching it again is checked like any other step.
"""

import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from time import monotonic

import click

from tests.domain.oracle_check import (
    Domain,
    Node,
    RuleBroken,
    check_fold,
    step,
    the_domain,
)
from tests.domain.oracle_history import THINGS
from tests.domain.search_moves import Scope
from tests.domain.search_scopes import SCOPES

STATES_MAX = 300_000


@dataclass(frozen=True, slots=True)
class Searched:
    """exhausted: every state of the scope was visited; else time or states ran out."""

    scope: str
    states: int
    steps: int
    seconds: float
    exhausted: bool

    def __str__(self) -> str:
        whole = "all" if self.exhausted else "only the nearest"
        return (
            f"{self.scope}: {whole} {self.states:,} states, {self.steps:,} steps, "
            f"{self.seconds:.1f} s"
        )


def search(
    domain: Domain,
    scope: Scope,
    *,
    seconds: float = 1e9,
    states_max: int = STATES_MAX,
    visit: Callable[[Node], object] = id,
) -> Searched:
    """Breadth-first over the scope; raises RuleBroken at the first step that breaks a rule.

    visit: called with each state once.
    """
    started = monotonic()
    first = _first(domain, scope)
    seen, waiting, steps = {_key(first)}, deque([first]), 0
    while waiting and monotonic() - started < seconds:
        node = waiting.popleft()
        for after in _neighbours(domain, node, scope):
            steps += 1
            key = _key(after)
            if after is not node and key not in seen and len(seen) < states_max:
                seen.add(key)
                check_fold(domain, after)
                visit(after)
                waiting.append(after)
    exhausted = not waiting and len(seen) < states_max
    return Searched(scope.name, len(seen), steps, monotonic() - started, exhausted)


def search_all(
    domain: Domain, scopes: Sequence[Scope], *, seconds: float, states_max: int = STATES_MAX
) -> Iterator[Searched]:
    """Each scope gets its share of the time; what it does not need is left to those after it."""
    until = monotonic() + seconds
    for index, scope in enumerate(scopes):
        share = (until - monotonic()) / (len(scopes) - index)
        yield search(domain, scope, seconds=share, states_max=states_max)


def _first(domain: Domain, scope: Scope) -> Node:
    node = Node()
    for command in scope.setup:
        after = step(domain, node, command)
        if after is node:
            raise RuleBroken(node, command, f"the beginning of scope {scope.name} is refused")
        node = after
    return node


def _neighbours(domain: Domain, node: Node, scope: Scope) -> Iterator[Node]:
    return (step(domain, node, command) for command in scope.moves)


def _key(node: Node) -> int:
    """Equal for histories that no rule can distinguish: between requests facts may be in any order,
    but for those whose order is told: outcomes, adjustments and expiries of authorizations.
    """
    blocks: list[object] = []
    commuting: list[str] = []
    for entry in node.history:
        if entry.name in THINGS and entry.name not in ORDERED:
            commuting.append(entry.key)
        else:
            blocks += [frozenset(commuting), entry.key]
            commuting = []
    return hash((*blocks, frozenset(commuting)))


ORDERED = (
    "adjust-authorization",
    "expire-authorization",
    "deliver-shipment",
    "lose-shipment",
    "return-shipment-to-sender",
)


@click.command()
@click.option("--seconds", type=float, default=1e9, help="Stop after so long (default: never).")
@click.option("--states", type=int, default=STATES_MAX, help="States per scope at most.")
def main(seconds: float, states: int) -> None:
    """Search every scope; exit 1 with the shortest history that breaks a rule."""
    try:
        for searched in search_all(the_domain(), SCOPES, seconds=seconds, states_max=states):
            click.echo(str(searched))
    except RuleBroken as broken:
        click.echo(str(broken), err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
