"""Single rules of the domain, each broken: where, the text of the rule, what it is broken into.

The text must stand in its module exactly once. When the domain is reworded, reword it here.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mutant:
    """rule: what the broken domain no longer keeps, in words."""

    rule: str
    module: str
    old: str
    new: str


def broken(module: str, *mutants: tuple[str, str, str]) -> tuple[Mutant, ...]:
    return tuple(Mutant(rule, f"domain.{module}", old, new) for rule, old, new in mutants)
