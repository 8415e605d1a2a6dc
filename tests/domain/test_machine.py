"""Random lives of orders, each step held to the oracle; facts in another order; settled at the end.

DAYBOOK_TEST_LIFECYCLES is how many are played by Hypothesis, DAYBOOK_TEST_WALKS how many others.
"""

from random import Random

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.domain.machine import Lifecycle
from tests.domain.mutants import mutated
from tests.domain.mutants_table import MUTANTS, Mutant
from tests.domain.oracle import books
from tests.domain.oracle_check import (
    Domain,
    Node,
    RuleBroken,
    check_fold,
    history_of,
    step,
    the_domain,
)
from tests.domain.search_settle import WAYS, settled
from tests.domain.search_table import Command
from tests.domain.search_walk import shuffled, walk
from tests.given import amount

pytestmark = pytest.mark.slow

WALKS = amount("WALKS", quick=120, deep=5_000)
STEPS = 40
PLAYED = settings(
    max_examples=amount("LIFECYCLES", quick=100, deep=2_500),
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestLifecycle = Lifecycle.TestCase
TestLifecycle.settings = PLAYED

OF_OUTCOMES = (1300, 1486)
"""Seeds of lives in which a parcel is lost and delivered, and what is open then is cancelled."""
SEEN_AT_RANDOM = {
    "an id names one thing for ever",
    "a fact reported again is no event",
}


def walked(domain: Domain, seed: int) -> tuple[Node, list[Command]]:
    return walk(
        Random(seed), STEPS, Node(), history_of, lambda node, given: step(domain, node, given)
    )


@pytest.mark.parametrize("part", range(4))
def test_random_lives_are_as_the_oracle_says_and_every_one_can_be_settled(part: int) -> None:
    domain = the_domain()
    for seed in range(part, WALKS, 4):
        node, _ = walked(domain, seed)
        check_fold(domain, node)
        for way in WAYS:
            settled(node, history_of, lambda n, given: step(domain, n, given), way)


@pytest.mark.parametrize("part", range(4))
def test_facts_in_any_order_give_the_same_net_due_and_balance(part: int) -> None:
    domain = the_domain()
    for seed in (*range(part, WALKS, 4), *OF_OUTCOMES[part::4]):
        node, given = walked(domain, seed)
        kinds = {entry["kind"] for entry in node.history if entry.name == "anomaly"}
        if "contradicting-fact" in kinds:  # of two contents the first told counts
            continue
        other = Node()
        for command in shuffled(Random(seed), given):
            other = step(domain, other, command)
        money, shuffled_money = books(node.history), books(other.history)
        assert (money.net, money.due) == (shuffled_money.net, shuffled_money.due), given
        assert other.order.money.balance_cents == node.order.money.balance_cents


@pytest.mark.parametrize(
    "mutant",
    [mutant for mutant in MUTANTS if mutant.rule in SEEN_AT_RANDOM],
    ids=lambda mutant: mutant.rule,
)
def test_random_lives_catch_a_domain_that_breaks(mutant: Mutant) -> None:
    class Mutated(Lifecycle):
        domain = mutated(mutant)

    with pytest.raises(RuleBroken):
        run_state_machine_as_test(
            Mutated,
            settings=settings(PLAYED, phases=[Phase.generate], derandomize=True, max_examples=400),
        )
