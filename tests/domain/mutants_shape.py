"""What a mutant is: a rule of the domain, broken in one place of its text."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mutant:
    """rule: a sentence that is true of the domain and false of the mutant."""

    rule: str
    module: str
    old: str
    new: str


def broken(module: str, *mutants: tuple[str, str, str]) -> tuple[Mutant, ...]:
    return tuple(Mutant(rule, f"domain.{module}", old, new) for rule, old, new in mutants)
