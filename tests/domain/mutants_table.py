"""Every mutant that the checkers must catch."""

from tests.domain.mutants_books import COUNTERS, FACTS, POSTINGS
from tests.domain.mutants_guards import GUARDS

MUTANTS = (*GUARDS, *COUNTERS, *POSTINGS, *FACTS)
