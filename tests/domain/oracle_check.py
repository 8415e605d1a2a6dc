"""One step of an order: the domain's answer compared with the oracle's.

Used alike by the exhaustive search, the random lifecycles and the mutants. The domain is passed in
as a table of functions, so that a mutated copy can be compared in the same way.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import domain.order  # loads every module of the domain that domain_of() names
import domain.postings  # noqa: F401
from domain import events as e
from domain.commands import FACTS, Command, GrantRefund
from domain.events import Event
from domain.rules import OrderRefused
from tests.domain.oracle import Books, books
from tests.domain.oracle_facts import content, fact_event, same_identity
from tests.domain.oracle_judge import verdict
from tests.domain.oracle_postings import broken_equations, expected_postings, posted
from tests.domain.oracle_verdict import ENDED


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """The functions under test: the real ones, or those of a mutated copy."""

    decide: Callable[[Command, Any], tuple[Event, ...]]
    evolve: Callable[[Any, Event], Any]
    fold: Callable[[Iterable[Event]], Any]
    evolve_money: Callable[[Any, Event], Any]
    evolve_goods: Callable[[Any, Event], Any]
    postings: Callable[[Any, Event, Any], Iterable[Any]]
    refused: type[OrderRefused]


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """An order as the domain has it, and the whole history that the oracle reads.

    contradictions: contents of facts that were recorded as contradicting. accounts: the sum of
    the domain's postings.
    """

    history: tuple[Event, ...] = ()
    order: Any = None
    money: Any = None
    goods: Any = None
    now: Books | None = None
    accounts: Mapping[str, int] = field(default_factory=dict)
    contradictions: frozenset[Event] = frozenset()


def the_domain() -> Domain:
    return domain_of(sys.modules)


def domain_of(modules: Mapping[str, Any]) -> Domain:
    """modules: sys.modules, or those of a mutated copy, by name."""
    order = modules["domain.order"]
    return Domain(
        decide=order.decide,
        evolve=order.evolve,
        fold=order.fold,
        evolve_money=modules["domain.money"].evolve_money,
        evolve_goods=modules["domain.goods"].evolve_goods,
        postings=modules["domain.postings"].postings,
        refused=modules["domain.rules"].OrderRefused,
    )


class RuleBroken(AssertionError):
    """The domain broke a rule of the design; the text is a history that shows it."""

    def __init__(self, history: Iterable[Event], command: Command | None, what: str) -> None:
        lines = "\n".join(f"  {event}" for event in history)
        super().__init__(f"{what}\nhistory:\n{lines}\ncommand:\n  {command}")
        self.what = what


def begin() -> Node:
    return Node()


def step(domain: Domain, node: Node, command: Command) -> Node:
    """The order after the command; the same node if nothing happened. Raises RuleBroken."""
    answer = _judged(domain, node, command)
    if not answer:
        return node
    after = node
    for event in answer:
        after = _grown(domain, after, event, command)
    if type(command) in FACTS and node.now is not None:
        after = _with_fact(after, command, answer)
    elif node.now is not None and after.now is not None:
        _check_bounds(node, node.now, after.now, command)
    _check_retry(domain, after, command)
    return after


def _decided(domain: Domain, node: Node, command: Command) -> tuple[Event, ...] | str:
    """The events, or the name of the rule that refused."""
    try:
        return tuple(domain.decide(command, node.order))
    except domain.refused as refusal:
        return str(refusal.rule.name)
    except Exception as error:
        raise RuleBroken(node.history, command, f"decide raised {error!r}") from error


def _judged(domain: Domain, node: Node, command: Command) -> tuple[Event, ...]:
    answer = _decided(domain, node, command)
    wanted = verdict(node.history, node.now, node.contradictions, command)
    if isinstance(answer, str):
        if not wanted.allows_refusal(answer):
            raise RuleBroken(node.history, command, f"refused by {answer}, not as in {wanted}")
        return ()
    if not wanted.allows(answer):
        raise RuleBroken(node.history, command, f"answered {answer}, not as in {wanted}")
    return answer


def _grown(domain: Domain, node: Node, event: Event, command: Command) -> Node:
    """The node with one more event; its counters, statuses and postings are the oracle's."""
    history = (*node.history, event)
    try:
        order = domain.evolve(node.order, event)
        money = domain.evolve_money(node.money, event)
        goods = domain.evolve_goods(node.goods, event)
        postings = list(domain.postings(node.money, event, money))
    except Exception as error:
        raise RuleBroken(history, command, f"the fold raised {error!r}") from error
    now = books(history)
    rows = _summed(postings)
    _same(
        history, command, "postings", rows, expected_postings(node.accounts, node.now, event, now)
    )
    accounts = posted(node.accounts, rows)
    unequal = broken_equations(accounts, now) + [f"{r} posted" for r in [rows] if sum(r.values())]
    if unequal:
        raise RuleBroken(history, command, f"double entry: {unequal}")
    _same(history, command, "figures", of_domain(money, goods), of_oracle(now))
    _same(history, command, "statuses", _statuses(order, money, goods), _statuses_of(now))
    if (order.money, order.goods) != (money, goods):
        raise RuleBroken(history, command, "the order and its parts were folded to other figures")
    _check_invariants(history, command, now)
    return Node(
        history=history,
        order=order,
        money=money,
        goods=goods,
        now=now,
        accounts=accounts,
        contradictions=node.contradictions,
    )


def check_fold(domain: Domain, node: Node) -> None:
    """The fold of the whole history is the order that was reached step by step."""
    folded = domain.fold(node.history)
    if (folded.status, folded.money, folded.goods) != (
        node.order.status,
        node.order.money,
        node.order.goods,
    ):
        raise RuleBroken(node.history, None, "the fold of the history is another order")


def _statuses(order: Any, money: Any, goods: Any) -> dict[str, object]:
    return {
        "state": order.status.state,
        "on_hold": order.status.on_hold,
        "fulfilment": goods.fulfilment,
        "payment": money.payment_status,
    }


def _statuses_of(now: Books) -> dict[str, object]:
    return {
        "state": now.state,
        "on_hold": now.on_hold,
        "fulfilment": now.fulfilment,
        "payment": now.payment_status,
    }


def _summed(postings: Iterable[Any]) -> dict[str, int]:
    rows: dict[str, int] = {}
    for posting in postings:
        rows[str(posting.account)] = rows.get(str(posting.account), 0) + posting.amount_cents
    return {account: cents for account, cents in rows.items() if cents}


def _same(
    history: Iterable[Event],
    command: Command,
    what: str,
    found: Mapping[str, object],
    wanted: Mapping[str, object],
) -> None:
    if found != wanted:
        names = sorted(found.keys() | wanted.keys())
        differ = [
            f"{name} is {found.get(name)}, by the oracle {wanted.get(name)}"
            for name in names
            if found.get(name) != wanted.get(name)
        ]
        raise RuleBroken(history, command, f"{what}: {differ}")


def _with_fact(after: Node, command: Command, answer: tuple[Event, ...]) -> Node:
    """The fact is in the history, or its content was recorded as contradicting: none is lost."""
    currency = next(event for event in after.history if isinstance(event, e.OrderPlaced)).currency
    event = fact_event(command, currency)
    if event in after.history:
        return after
    recorded = [event for event in answer if isinstance(event, e.AnomalyRecorded)]
    if [event.kind for event in recorded] != ["contradicting-fact"]:
        raise RuleBroken(after.history, command, "a fact was lost")
    known = same_identity(after.history, command, event)
    contents = {*content(command, event), *([] if known is None else content(command, known))}
    if not all(str(value) in recorded[0].detail for value in contents):
        raise RuleBroken(after.history, command, "a contradiction is without one of its contents")
    return Node(
        history=after.history,
        order=after.order,
        money=after.money,
        goods=after.goods,
        now=after.now,
        accounts=after.accounts,
        contradictions=after.contradictions | {event},
    )


def _check_retry(domain: Domain, after: Node, command: Command) -> None:
    """An accepted command yields nothing when it is given again."""
    again = _decided(domain, after, command)
    if again not in ((), ENDED) or (type(command) in FACTS and again):
        raise RuleBroken(after.history, command, f"given again, it answered {again}")


def _check_invariants(history: Iterable[Event], command: Command, now: Books) -> None:
    for number, line in now.lines.items():
        counters = (line.ordered, line.cancelled, line.planned, line.dispatched, line.delivered)
        if min(*counters, line.lost, line.back, line.requested, line.received) < 0:
            raise RuleBroken(history, command, f"a counter of line {number} is negative: {line}")
        if line.delivered + line.lost + line.back > line.dispatched:
            raise RuleBroken(
                history, command, f"more outcomes than dispatched on line {number}: {line}"
            )
    if not 0 <= now.settled <= now.due_before_refunds:
        raise RuleBroken(history, command, f"refunds settle below 0 or above the due: {now}")


def _check_bounds(before: Node, earlier: Books, now: Books, command: Command) -> None:
    """No command ships, plans or cancels more than is open, takes back more than was delivered."""
    for number, line in now.lines.items():
        was = earlier.lines[number]
        if line.overshipped > max(0, was.overshipped):
            raise RuleBroken(before.history, command, f"line {number}: overshipped")
        if -line.returnable > max(0, -was.returnable):
            raise RuleBroken(before.history, command, f"line {number}: over-returned")
    if isinstance(command, GrantRefund) and now.claimed_refunds > now.captured - now.charged_back:
        raise RuleBroken(before.history, command, "more granted than was captured")


# The same figures from both sides, flat and by name, without zeros --------------------------------

LINE_FIGURES = {  # the oracle's name -> the domain's
    "ordered": "ordered",
    "cancelled": "cancelled",
    "planned": "planned",
    "dispatched": "dispatched",
    "delivered": "delivered",
    "lost": "lost",
    "back": "returned_to_sender",
    "requested": "requested",
    "received": "received",
    "open": "open",
    "overshipped": "overshipped",
}
PAYMENT_FIGURES = {
    "authorized": "authorized_cents",
    "captured": "captured_cents",
    "voided": "voided_cents",
    "refunded": "refunded_cents",
    "charged_back": "charged_back_cents",
    "expired": "expired",
    "failed": "failed",
    "method": "method",
}
REFUND_FIGURES = {
    "granted": "granted_cents",
    "allowance": "allowance_cents",
    "revoked": "revoked_cents",
    "paid_out": "paid_out_cents",
    "open": "open_cents",
}
MONEY_FIGURES = {
    "captured": "captured_cents",
    "refunded": "refunded_cents",
    "charged_back": "charged_back_cents",
    "net": "net_cents",
    "due_before_refunds": "due_before_refunds_cents",
    "due": "due_cents",
    "balance": "balance_cents",
}
Named = Iterator[tuple[str, object]]


def of_oracle(now: Books) -> dict[str, object]:
    def named() -> Named:
        for number, line in now.lines.items():
            yield from ((f"line {number} {n}", getattr(line, n)) for n in LINE_FIGURES)
        for key, payment in now.payments.items():
            yield from ((f"payment {key} {n}", getattr(payment, n)) for n in PAYMENT_FIGURES)
        for key, refund in now.refunds.items():
            yield from ((f"refund {key} {n}", getattr(refund, n)) for n in REFUND_FIGURES)
        yield from ((n, getattr(now, n)) for n in MONEY_FIGURES)

    return {name: value for name, value in named() if value}


def of_domain(money: Any, goods: Any) -> dict[str, object]:
    def named() -> Named:
        for number, line in enumerate(goods.lines, start=1):
            yield from ((f"line {number} {n}", getattr(line, d)) for n, d in LINE_FIGURES.items())
        for key, payment in money.payments.items():
            for n, d in PAYMENT_FIGURES.items():
                yield f"payment {key} {n}", getattr(payment, d)
        for key, refund in money.refunds.items():
            yield from (
                (f"refund {key} {n}", getattr(refund, d)) for n, d in REFUND_FIGURES.items()
            )
        yield from ((n, getattr(money, d)) for n, d in MONEY_FIGURES.items())

    return {name: value for name, value in named() if value}
