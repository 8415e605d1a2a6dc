"""One step of an order: the domain's answer compared with the oracle's.

Used alike by the exhaustive search, the random lives and the mutants. The domain is passed in as a
table of functions, so that a mutated copy can be compared in the same way.
"""

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import domain.order  # loads every module of the domain that domain_of() names
import domain.postings
import domain.words  # noqa: F401
from domain.values import Malformed as MalformedByDomain
from tests.domain.oracle import Books, books
from tests.domain.oracle_anomalies import BOUNDS
from tests.domain.oracle_billing import Malformed
from tests.domain.oracle_commands import command_of, differs, of_entry, of_event
from tests.domain.oracle_figures import of_domain, of_oracle
from tests.domain.oracle_history import Entry, History
from tests.domain.oracle_judge import verdict
from tests.domain.oracle_verdict import MALFORMED, Verdict
from tests.domain.search_table import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """The functions under test: the real ones, or those of a mutated copy."""

    decide: Callable[[Any, Any], tuple[Any, ...]]
    evolve: Callable[[Any, Any], Any]
    fold: Callable[[Iterable[Any]], Any]
    postings: Callable[[Any, Any, Any], Iterable[Any]]
    state: Callable[[Any, Any, Any], str]
    refused: type[Exception]


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """An order as the domain has it, and the whole history that the oracle keeps.

    events: the domain's. commands: those that were accepted. accounts: the sum of all postings, by
    account and tax_code.
    """

    history: History = ()
    order: Any = None
    events: tuple[Any, ...] = ()
    commands: tuple[Command, ...] = ()
    accounts: Mapping[tuple[str, str], int] = field(default_factory=dict)


def history_of(node: Node) -> History:
    return node.history


def the_domain() -> Domain:
    return domain_of(sys.modules)


def domain_of(modules: Mapping[str, Any]) -> Domain:
    """modules: sys.modules, or those of a mutated copy, by name."""
    order = modules["domain.order"]
    return Domain(
        decide=order.decide,
        evolve=order.evolve,
        fold=order.fold,
        postings=modules["domain.postings"].postings,
        state=modules["domain.words"].state_word,
        refused=modules["domain.rules"].OrderRefused,
    )


class RuleBroken(AssertionError):
    """The domain broke a rule of the contract; the text is a history that shows it."""

    def __init__(self, node: Node, command: Command | None, what: str) -> None:
        lines = "\n".join(f"  {given}" for given in node.commands)
        super().__init__(f"{what}\ncommands:\n{lines}\nand then:\n  {command}")
        self.what = what
        self.commands = (*node.commands, command) if command else node.commands


def step(domain: Domain, node: Node, command: Command) -> Node:
    """The order after the command; the same node if nothing happened. Raises RuleBroken."""
    answer, entries = _judged(domain, node, command)
    if not entries:
        return node
    after = _grown(domain, node, command, answer, entries)
    _check_retry(domain, after, command)
    return after


def _decided(domain: Domain, node: Node, command: Command) -> tuple[Any, ...] | str:
    """The events, or the name of the rule that refused; "malformed" where the shape is wrong."""
    try:
        return tuple(domain.decide(command_of(command), node.order))
    except domain.refused as refusal:
        return str(refusal.rule.name)  # type: ignore[attr-defined]
    except MalformedByDomain:
        return MALFORMED
    except Exception as error:
        raise RuleBroken(node, command, f"decide raised {error!r}") from error


@lru_cache(maxsize=1 << 18)  # mutants are searched through the same histories
def _wanted(history: History, command: Command) -> Verdict:
    try:
        return verdict(history, command)
    except Malformed:
        return Verdict(entries=None, rules=frozenset({MALFORMED}))


def _judged(
    domain: Domain, node: Node, command: Command
) -> tuple[tuple[Any, ...], tuple[Entry, ...]]:
    answer = _decided(domain, node, command)
    wanted = _wanted(node.history, command)
    if isinstance(answer, str):
        if answer not in wanted.rules:
            raise RuleBroken(node, command, f"refused by {answer}, not as in {wanted}")
        return (), ()
    if wanted.entries is None:
        raise RuleBroken(node, command, f"answered {answer}, not as in {wanted}")
    entries = (*wanted.entries, *_allowed(wanted, answer))
    unequal = _unequal(entries, answer)
    if unequal and not (wanted.rules and not answer):
        raise RuleBroken(node, command, f"{unequal}\nanswered {answer}\nnot as in {wanted}")
    return answer, entries if answer else ()


def _allowed(wanted: Verdict, answer: tuple[Any, ...]) -> list[Entry]:
    """The anomalies of the answer that the contract neither demands nor forbids."""
    found = (of_event(event) for event in answer)
    return [
        Entry("anomaly", {"kind": told["kind"], "about": told["about"]})
        for told in found
        if _is_flag(told) and told["kind"] in wanted.may
    ]


def _unequal(entries: tuple[Entry, ...], answer: tuple[Any, ...]) -> list[str]:
    """In order; anomalies in any order, after what they are about."""
    wanted = [of_entry(entry) for entry in entries if entry.name != "contradiction"]
    found = [of_event(event) for event in answer]
    flags, found_flags = (
        sorted(f"{e['kind']} {_ids(e) if _is_bound(e) else ''}" for e in some if _is_flag(e))
        for some in (wanted, found)
    )
    told, found_told = ([e for e in some if not _is_flag(e)] for some in (wanted, found))
    if [e["event"] for e in told] != [e["event"] for e in found_told]:
        return ["other events"]
    unequal = [text for pair in zip(told, found_told, strict=True) for text in differs(*pair)]
    if flags != found_flags:
        unequal.append(f"anomalies are {found_flags}, by the oracle {flags}")
    return unequal


def _is_flag(told: Mapping[str, Any]) -> bool:
    return bool(told["event"] == "AnomalyRecorded")


def _ids(told: Mapping[str, Any]) -> str:
    return str(told["about"].rpartition(":")[2])


def _is_bound(told: Mapping[str, Any]) -> bool:
    return told["kind"] in BOUNDS


def _grown(
    domain: Domain,
    node: Node,
    command: Command,
    answer: tuple[Any, ...],
    entries: tuple[Entry, ...],
) -> Node:
    """The node after the answer; its figures, words, accounts and anomalies are the oracle's."""
    order, accounts = node.order, dict(node.accounts)
    for event in answer:
        before = order
        try:
            order = domain.evolve(order, event)
            rows = list(domain.postings(before and before.money, event, order.money))
        except Exception as error:
            raise RuleBroken(node, command, f"the fold of {event} raised {error!r}") from error
        if sum(row.amount_cents for row in rows):
            raise RuleBroken(node, command, f"{event} posted {rows}")
        for row in rows:
            key = (str(row.account), getattr(row, "tax_code", None) or "")
            accounts[key] = accounts.get(key, 0) + row.amount_cents
    history = (*node.history, *_in_order(entries, answer))
    after = Node(
        history=history,
        order=order,
        events=(*node.events, *answer),
        commands=(*node.commands, command),
        accounts={key: cents for key, cents in accounts.items() if cents},
    )
    now = books(history)
    state = domain.state(order.status, order.money, order.goods)
    found, wanted = of_domain(order, state, after.accounts), of_oracle(history)
    if found != wanted:
        names = sorted(found.keys() | wanted.keys())
        unequal = [
            f"{name} is {found.get(name)}, by the oracle {wanted.get(name)}"
            for name in names
            if found.get(name) != wanted.get(name)
        ]
        raise RuleBroken(node, command, f"{unequal}")
    _check_invariants(node, command, now)
    return after


def _in_order(entries: tuple[Entry, ...], answer: tuple[Any, ...]) -> tuple[Entry, ...]:
    """The entries, with the anomalies in the order in which the domain recorded them."""
    flags = [entry for entry in entries if entry.name == "anomaly"]
    others = [entry for entry in entries if entry.name != "anomaly"]
    kinds = [event.kind for event in answer if type(event).__name__ == "AnomalyRecorded"]
    flags.sort(key=lambda flag: kinds.index(flag["kind"]))
    first = [entry for entry in others if entry.name != "contradiction"]
    return (*first, *flags, *(entry for entry in others if entry.name == "contradiction"))


def check_fold(domain: Domain, node: Node) -> None:
    """The fold of the whole history is the order that was reached step by step."""
    if domain.fold(node.events) != node.order:
        raise RuleBroken(node, None, "the fold of the history is another order")


def _check_retry(domain: Domain, after: Node, command: Command) -> None:
    """An accepted command yields nothing when given again; at most that it came after the end."""
    again, _ = _judged(domain, after, command)
    kinds = {getattr(event, "kind", type(event).__name__) for event in again}
    # Reports of one payout may name several refunds, each of which is accepted on its own.
    if kinds and kinds not in ({"repeated-after-end"}, {"RefundAccepted"}):
        raise RuleBroken(after, command, f"given again, it answered {again}")


def _check_invariants(node: Node, command: Command, now: Books) -> None:
    """The equations of sections 1 and 5, and what no history may break."""
    owed, accounts = now.owed, now.accounts

    def of(*names: str) -> int:
        return sum(accounts.get(name, 0) for name in names)

    equations = {
        "all accounts sum to 0": sum(accounts.values()) == 0,
        "receivable + refunds_payable = balance": of("receivable", "refunds_payable")
        == now.balance,
        "cash + store_credit + provider_fees = net": of("cash", "store_credit", "provider_fees")
        == now.net,
        "the accounts of what was sold sum to -due": of(*SOLD) == -now.due,
        "due = C - e - F": owed.due == owed.bill.billed - sum(owed.e1) - owed.e2 - owed.forgiven,
        "no part of what is billed is below 0": min(owed.bill.parts) >= 0,
        "no part of e1 is above what is billed of it": min(owed.uncredited) >= 0,
        "no kept credit is below 0": min(owed.credited) >= 0,
        "e is at most C": owed.creditable >= 0,
    }
    for number, line in now.lines.items():
        counters = (line.cancelled, line.planned, line.dispatched, line.delivered, line.lost)
        lowest = min(*counters, line.back, line.requested, line.received, line.replacing, line.r)
        equations[f"no counter of line {number} is below 0"] = lowest >= 0
        outcomes = line.delivered + line.lost + line.back
        equations[f"line {number}: D + L + B <= S"] = outcomes <= line.dispatched
    for text, holds in equations.items():
        if not holds:
            raise RuleBroken(node, command, f"broken: {text}")


SOLD = (
    "sales",
    "discount",
    "shipping",
    "other",
    "tax",
    "returns_and_allowances",
    "write_offs",
)
