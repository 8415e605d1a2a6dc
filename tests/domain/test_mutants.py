"""The checkers' negative control: with any one rule broken they fail, with none they do not."""

import pytest

from domain.events import EVENTS
from tests.domain.mutants import NotMutated, caught, mutated
from tests.domain.mutants_table import MUTANTS, Mutant
from tests.domain.oracle_check import the_domain

UNCHANGED = Mutant("nothing is broken", "domain.guards", "if ended:", "if ended:")


@pytest.mark.slow
@pytest.mark.parametrize("mutant", MUTANTS, ids=[mutant.rule for mutant in MUTANTS])
def test_the_search_catches_a_domain_that_breaks(mutant: Mutant) -> None:
    assert caught(mutant) is not None


def test_the_search_finds_nothing_wrong_with_an_unchanged_copy() -> None:
    assert caught(UNCHANGED, rounds=(60,)) is None


def test_a_mutated_copy_leaves_the_real_domain_as_it_is() -> None:
    before = the_domain()
    copy = mutated(MUTANTS[0])
    assert copy.decide is not before.decide
    assert the_domain() == before
    assert EVENTS["OrderPlaced"].__module__ == "domain.events"


@pytest.mark.parametrize(
    ("module", "old"),
    [("domain.guards", "no such text"), ("domain.nowhere", "if ended:")],
    ids=["text that is not there", "a module that is not there"],
)
def test_a_mutant_that_changes_nothing_is_an_error(module: str, old: str) -> None:
    with pytest.raises(NotMutated):
        mutated(Mutant("out of date", module, old, ""))


def test_no_mutant_is_in_the_table_twice() -> None:
    assert len({mutant.rule for mutant in MUTANTS}) == len(MUTANTS)
    assert len({(m.module, m.old, m.new) for m in MUTANTS}) == len(MUTANTS)
