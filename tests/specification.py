"""given(what happened).when(a command).then(exactly these events), or what refuses it."""

from dataclasses import dataclass

from domain.commands import Command
from domain.events import Event
from domain.order import Order, decide, evolve, fold
from domain.rules import RULES, OrderRefused

ONCE_ONLY = ("already-revoked", "anomaly-not-open", "unknown-fact")
"""Rules that refuse to end a second time what a command has ended."""


@dataclass(frozen=True)
class Outcome:
    """events: what happened; rule: what refused the command, None if nothing did."""

    order: Order | None
    command: Command
    events: tuple[Event, ...]
    rule: str | None

    def then(self, *events: Event) -> None:
        """Exactly these events in this order, and nothing more when the command is retried."""
        assert self.rule is None
        assert self.events == events
        self._retried_nothing_happens()

    def then_is_decided(self) -> None:
        """Some event, whichever."""
        assert self.rule is None
        assert self.events
        self._retried_nothing_happens()

    def then_nothing_happened(self) -> None:
        self.then()

    def then_refused(self, rule: str) -> None:
        assert rule in RULES
        assert self.rule == rule

    def _retried_nothing_happens(self) -> None:
        order = self.order
        for event in self.events:
            order = evolve(order, event)
        events, rule = _answer(self.command, order)
        assert events == ()
        assert rule in {None, *ONCE_ONLY}


@dataclass(frozen=True)
class Given:
    history: tuple[Event, ...]

    def when(self, command: Command) -> Outcome:
        order = fold(self.history)
        return Outcome(order, command, *_answer(command, order))


def given(*history: Event) -> Given:
    return Given(history)


def _answer(command: Command, order: Order | None) -> tuple[tuple[Event, ...], str | None]:
    try:
        return decide(command, order), None
    except OrderRefused as refusal:
        return (), refusal.rule.name
