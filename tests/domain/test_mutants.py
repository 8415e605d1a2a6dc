"""The checkers' negative control: with any one rule broken they fail, with none they do not."""

import importlib
from pathlib import Path

import pytest

from domain.events import EVENTS
from tests.domain.mutants import NotMutated, caught, mutated
from tests.domain.mutants_table import MUTANTS, Mutant
from tests.domain.oracle_check import the_domain
from tests.given import amount

UNCHANGED = Mutant("nothing is broken", "domain.guards", "if ended:", "if ended:")


STRIDE = amount("MUTANTS_STRIDE", quick=12, deep=1)
"""Every so many a mutant is searched; `python -m tests.domain.mutants` searches them all."""
SEARCHED = MUTANTS[::STRIDE]


@pytest.mark.slow
@pytest.mark.parametrize("mutant", SEARCHED, ids=[mutant.rule for mutant in SEARCHED])
def test_the_search_catches_a_domain_that_breaks(mutant: Mutant) -> None:
    assert caught(mutant) is not None


def test_the_search_finds_nothing_wrong_with_an_unchanged_copy() -> None:
    assert caught(UNCHANGED, rounds=(30,)) is None


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


@pytest.mark.parametrize("module", sorted({mutant.module for mutant in MUTANTS}))
def test_the_text_of_every_mutant_is_in_its_module_once(module: str) -> None:
    source = Path(importlib.import_module(module).__file__ or "").read_text(encoding="utf-8")
    counts = {m.rule: source.count(m.old) for m in MUTANTS if m.module == module}
    assert {rule: count for rule, count in counts.items() if count != 1} == {}


def test_no_mutant_is_in_the_table_twice() -> None:
    assert len({mutant.rule for mutant in MUTANTS}) == len(MUTANTS)
    assert len({(m.module, m.old, m.new) for m in MUTANTS}) == len(MUTANTS)
