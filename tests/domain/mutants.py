"""Does the search see anything? Copies of the domain with one rule changed, each to be caught.

`python -m tests.domain.mutants` prints how many were caught, and names those that were not.
"""

import importlib
import importlib.abc
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import module_from_spec
from time import monotonic
from types import ModuleType
from typing import Any, NoReturn

import click

import domain
from domain.events import EVENTS
from tests.domain.mutants_table import MUTANTS, Mutant
from tests.domain.oracle_check import Domain, RuleBroken, domain_of
from tests.domain.search import search
from tests.domain.search_scopes import SCOPES

# Compared by class with what the oracle and the scopes are made of: never copied.
SHARED = frozenset({"domain.commands", "domain.events", "domain.values", "domain.currency"})
ROUNDS = (20, 100)  # states per scope; most mutants are caught near the beginning


class NotMutated(Exception):
    """The text to replace is not in its module exactly once: the table is out of date."""


class _Source(SourceFileLoader):
    """Loads a module with the mutant's text in place; never from or into the bytecode cache."""

    def __init__(self, name: str, path: str, mutant: Mutant) -> None:
        super().__init__(name, path)
        self.mutant = mutant

    def path_stats(self, path: str) -> NoReturn:
        raise OSError(path)

    def get_data(self, path: str) -> bytes:
        source = super().get_data(path).decode()
        if source.count(self.mutant.old) != 1:
            raise NotMutated(f"{self.mutant}: found {source.count(self.mutant.old)} times")
        return source.replace(self.mutant.old, self.mutant.new).encode()


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != self.mutant.module:
            return None
        spec = PathFinder.find_spec(fullname, path)
        if spec is None or spec.origin is None:
            raise NotMutated(f"{self.mutant}: no such module")
        spec.loader = _Source(fullname, spec.origin, self.mutant)
        return spec


@contextmanager
def _fresh_modules() -> Iterator[None]:
    """Inside, every module of the domain but SHARED is loaded anew; afterwards all is as before."""
    kept = {n: m for n, m in sys.modules.items() if n.startswith("domain.") and n not in SHARED}
    for name in kept:
        del sys.modules[name]
        delattr(domain, name.removeprefix("domain."))  # "from domain import x" looks here first
    try:
        yield
    finally:
        for name in [n for n in sys.modules if n.startswith("domain.") and n not in SHARED]:
            del sys.modules[name]
        sys.modules.update(kept)
        for name, module in kept.items():
            setattr(domain, name.removeprefix("domain."), module)


@contextmanager
def _identities(mutant: Mutant, finder: _Finder) -> Iterator[None]:
    """Inside, the real events have the identities of the mutant, which a copy reads when loaded."""
    if mutant.module != "domain.events":
        yield
        return
    spec = finder.find_spec(mutant.module, domain.__path__)
    assert spec is not None
    assert spec.loader is not None
    copy = module_from_spec(spec)
    spec.loader.exec_module(copy)
    kept = {kind: kind.identity for kind in EVENTS.values()}
    for name, kind in EVENTS.items():
        kind.identity = getattr(copy, name).identity
    try:
        if kept == {kind: kind.identity for kind in kept}:
            raise NotMutated(f"{mutant}: of domain.events only identities can be changed")
        yield
    finally:
        for kind, identity in kept.items():
            kind.identity = identity


def mutated(mutant: Mutant) -> Domain:
    """A copy of the domain with one rule changed; the real one stays as it is."""
    finder = _Finder(mutant)
    sys.meta_path.insert(0, finder)
    try:
        with _fresh_modules(), _identities(mutant, finder):
            for name in ("order", "postings", "rules", "words"):
                importlib.import_module(f"domain.{name}")
            copies: dict[str, Any] = dict(sys.modules)
            if mutant.module not in copies:
                raise NotMutated(f"{mutant}: its module is not part of the domain")
            return domain_of(copies)
    finally:
        sys.meta_path.remove(finder)


def caught(mutant: Mutant, *, rounds: Sequence[int] = ROUNDS) -> RuleBroken | None:
    """What the search found in each scope's nearest states; None if the mutant went unseen."""
    copy = mutated(mutant)
    try:
        for states in rounds:
            for scope in SCOPES:
                search(copy, scope, states_max=states)
    except RuleBroken as broken:
        return broken
    return None


@click.command()
def main() -> None:
    """Search every mutant; exit 1 if one is not caught."""
    unseen = []
    for mutant in MUTANTS:
        started = monotonic()
        broken = caught(mutant)
        if broken is None:
            unseen.append(mutant)
        what = broken.what.splitlines()[0][:120] if broken else "NOT CAUGHT"
        click.echo(f"{monotonic() - started:5.1f} s {mutant.rule}: {what}")
    click.echo(f"caught {len(MUTANTS) - len(unseen)}/{len(MUTANTS)}")
    sys.exit(1 if unseen else 0)


if __name__ == "__main__":
    main()
