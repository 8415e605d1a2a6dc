"""Random lifecycles of orders, each step held to the oracle.

DAYBOOK_TEST_LIFECYCLES is how many are played.
"""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.domain.machine import Lifecycle
from tests.domain.mutants import mutated
from tests.domain.mutants_table import MUTANTS, Mutant
from tests.domain.oracle_check import RuleBroken
from tests.given import amount

pytestmark = pytest.mark.slow

PLAYED = settings(
    max_examples=amount("LIFECYCLES", quick=100, deep=2_500),
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestLifecycle = Lifecycle.TestCase
TestLifecycle.settings = PLAYED

SEEN_AT_RANDOM = {
    "a shipment has one outcome",
    "a fact reported again is no event",
    "a failed payout counts no longer",
    "what ended returns did not bring is free again",
}


@pytest.mark.parametrize(
    "mutant",
    [mutant for mutant in MUTANTS if mutant.rule in SEEN_AT_RANDOM],
    ids=lambda mutant: mutant.rule,
)
def test_random_lifecycles_catch_a_domain_that_breaks(mutant: Mutant) -> None:
    class Mutated(Lifecycle):
        domain = mutated(mutant)

    with pytest.raises(RuleBroken):
        run_state_machine_as_test(
            Mutated,
            settings=settings(PLAYED, phases=[Phase.generate], derandomize=True, max_examples=400),
        )
