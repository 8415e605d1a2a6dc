"""No history of the small worlds breaks a rule: the states nearest to their beginning.

DAYBOOK_TEST_SEARCH_STATES says how many of each; `make check-domain` runs it for a time.
"""

from dataclasses import replace

import pytest

from domain.commands import COMMANDS, Command
from domain.events import EVENTS, AnomalyRecorded, Event
from domain.order import Order
from domain.rules import BOUNDS, REPORTS, RULES, OrderRefused
from tests.domain.oracle_check import Node, RuleBroken, history_of, step, the_domain
from tests.domain.search import search, search_all
from tests.domain.search_moves import CONFIRM, Scope
from tests.domain.search_scopes import ORDERS, PAYING, SCOPES
from tests.domain.search_scopes_goods import DIGITAL
from tests.domain.search_settle import WAYS, settled
from tests.domain.search_table import TABLE
from tests.given import amount

STATES = amount("SEARCH_STATES", quick=100, deep=10_000)
SETTLED = amount("SETTLED_STATES", quick=25, deep=2_000)


# Limits of size: no small world has so many lines or cents.
OUT_OF_SCOPE = {"amount-out-of-range", "too-many-items", "too-many-attributes"}


@pytest.mark.slow
def test_no_history_breaks_a_rule_and_every_rule_event_and_kind_of_anomaly_is_met(
    capsys: pytest.CaptureFixture[str],
) -> None:
    met: set[str] = set()

    def decide(command: Command, order: Order | None) -> tuple[Event, ...]:
        try:
            answer = the_domain().decide(command, order)
        except OrderRefused as refusal:
            met.add(refusal.rule.name)
            raise
        met.update(event.kind for event in answer if isinstance(event, AnomalyRecorded))
        met.update(type(event).__name__ for event in answer)
        return answer

    watched = replace(the_domain(), decide=decide)
    searched = list(search_all(watched, SCOPES, seconds=1e9, states_max=STATES))
    with capsys.disabled():
        for result in searched:
            print(f"\n  {result}", end="")  # noqa: T201  # how far the bounded search came
    assert [result.scope for result in searched] == [scope.name for scope in SCOPES]
    assert all(result.exhausted or result.states >= STATES for result in searched)
    assert met == {*RULES, *BOUNDS, *REPORTS, *EVENTS} - OUT_OF_SCOPE


@pytest.mark.slow
@pytest.mark.parametrize("scope", SCOPES, ids=lambda scope: scope.name)
def test_every_state_can_be_settled(scope: Scope) -> None:
    """By allowed commands and true facts: balance 0 and no open anomaly."""
    domain = the_domain()

    def settle(node: Node) -> None:
        for way in WAYS:
            settled(node, history_of, lambda n, given: step(domain, n, given), way)

    search(domain, scope, states_max=SETTLED, visit=settle)


def test_the_scopes_make_every_command_and_fact() -> None:
    made = {command["command"] for scope in SCOPES for command in (*scope.setup, *scope.moves)}
    assert made == set(COMMANDS)


def test_random_lives_have_every_command_and_fact() -> None:
    assert {*TABLE, "place-order"} == set(COMMANDS)


def test_a_scope_small_enough_is_exhausted() -> None:
    assert search(the_domain(), ORDERS, states_max=20).exhausted is False
    assert search(the_domain(), Scope("one", PAYING.setup, PAYING.moves[:3])).exhausted


def test_a_beginning_that_is_refused_is_an_error() -> None:
    with pytest.raises(RuleBroken, match="the beginning of scope"):
        search(the_domain(), Scope("wrong", (CONFIRM,), DIGITAL.moves))
