"""Random lives of orders: every command and fact, few ids, many amounts, repeats, retractions."""

from collections.abc import Callable
from random import Random
from typing import TypeVar

from tests.domain.oracle_billing import Malformed
from tests.domain.oracle_history import RETRACTABLE, THINGS, History
from tests.domain.oracle_judge import verdict
from tests.domain.search_table import TABLE, Command, drawn, first_command
from tests.domain.search_usual import retraction_of, usual

N = TypeVar("N")
RARE = {"cancel-order": 0.15, "place-hold": 0.3, "add-note": 0.2, "change-customer": 0.2}
NAMES = [name for name in TABLE if name != "retract-fact"]


def placed_at_random(random: Random) -> Command:
    """A place-order that is well formed."""
    while True:
        command = first_command(random)
        try:
            verdict((), command)
        except Malformed:
            continue
        return command


def next_command(random: Random, history: History, given: list[Command]) -> Command:
    """What usually follows, what was given before, or anything."""
    kind = random.random()
    if kind < 0.45 and (likely := usual(history)):
        return random.choice(likely)
    if kind < 0.52 and given:
        return random.choice(given)
    if kind < 0.56:
        told = [command for command in given if command["command"] in RETRACTABLE]
        if told:
            fact = random.choice(told)
            return retraction_of(fact["command"], fact)
    name = random.choice(NAMES)
    while random.random() > RARE.get(name, 1):
        name = random.choice(NAMES)
    return drawn(random, name, TABLE[name])


def walk(
    random: Random,
    steps: int,
    begin: N,
    history_of: Callable[[N], History],
    step: Callable[[N, Command], N],
) -> tuple[N, list[Command]]:
    """Plays steps commands; what was accepted is given back. step: the same node if nothing was."""
    first = placed_at_random(random)
    node, given = step(begin, first), [first]
    for _ in range(steps):
        command = next_command(random, history_of(node), given)
        try:
            verdict(history_of(node), command)
        except Malformed:
            continue
        after = step(node, command)
        if after is not node:
            given.append(command)
        node = after
    return node, given


def shuffled(random: Random, commands: list[Command]) -> list[Command]:
    """The same commands; the facts between two requests in another order.

    Outcomes of parcels stay in their order: of several the last one told counts, and with it what
    is open to be cancelled.
    """
    result: list[Command] = []
    block: list[Command] = []
    for command in commands:
        if command["command"] in THINGS:
            block.append(command)
            continue
        result += [*_mixed(random, block), command]
        block = []
    return result + _mixed(random, block)


def _mixed(random: Random, facts: list[Command]) -> list[Command]:
    mixed = facts.copy()
    random.shuffle(mixed)
    outcomes = iter([fact for fact in facts if fact["command"] in OUTCOMES])
    return [next(outcomes) if fact["command"] in OUTCOMES else fact for fact in mixed]


OUTCOMES = ("deliver-shipment", "lose-shipment", "return-shipment-to-sender")
