"""Random lives of orders by Hypothesis: every command and fact, few ids, many amounts.

Each step is held to the oracle (tests.domain.oracle_check.step). A command that was given before is
given again, late and out of order, as every rule may run at any time; what was told is retracted.
At the end the order is settled in each way.
"""

from typing import Any, ClassVar

from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, rule

from tests.domain.oracle_billing import Malformed
from tests.domain.oracle_check import Domain, Node, check_fold, history_of, step, the_domain
from tests.domain.oracle_history import OUTCOMES, RETRACTABLE, THINGS
from tests.domain.oracle_judge import verdict
from tests.domain.search_moves import CONFIRM
from tests.domain.search_settle import WAYS, settled
from tests.domain.search_table import ITEMS, PLACED, TABLE, Command, clean
from tests.domain.search_usual import retraction_of, usual

GOODS = (
    "plan-shipment",
    "cancel-shipment",
    "dispatch-shipment",
    "correct-tracking",
    "request-return",
    "receive-return",
    "decline-return",
    "close-return",
    *OUTCOMES,
)
PAYING = tuple(name for name in THINGS if name not in GOODS)
REFUNDING = ("grant-refund", "revoke-refund", "accept-refund", "refund-payment", "fail-refund")
OTHERS = tuple(name for name in TABLE if name not in {*GOODS, *PAYING, *REFUNDING, "retract-fact"})


def drawn(name: str, fields: dict[str, tuple[Any, ...]]) -> st.SearchStrategy[Command]:
    return st.fixed_dictionaries(
        {"command": st.just(name), **{key: st.sampled_from(fields[key]) for key in fields}}
    ).map(clean)


def any_of(*names: str) -> st.SearchStrategy[Command]:
    return st.one_of([drawn(name, TABLE[name]) for name in names])


class Lifecycle(RuleBasedStateMachine):
    domain: ClassVar[Domain] = the_domain()
    given = Bundle("given")

    def __init__(self) -> None:
        super().__init__()
        self.node = Node()

    @initialize(
        target=given,
        before=any_of(*TABLE.keys() - {"retract-fact"}),
        placed=drawn("place-order", PLACED),
        items=st.lists(st.sampled_from(ITEMS), min_size=1, max_size=3),
        confirmed=st.booleans(),
    )
    def place(
        self, before: Command, placed: Command, items: list[dict[str, Any]], confirmed: bool
    ) -> Command:
        self._give(before)  # about an order that does not exist
        ids = {"order_id": "o", "customer_id": "ann", "currency": "EUR"}
        command = placed | {**ids, "items": items}
        try:
            verdict((), command)
        except Malformed:
            assume(False)
        self._give(command)
        if confirmed:
            self._give(CONFIRM)
        return command

    def _give(self, command: Command) -> Command:
        before, self.node = self.node, step(self.domain, self.node, command)
        if self.node is not before:
            check_fold(self.domain, self.node)
        return command

    @rule(target=given, command=any_of(*OTHERS))
    def order(self, command: Command) -> Command:
        return self._give(command)

    @rule(target=given, command=any_of(*PAYING))
    def pay(self, command: Command) -> Command:
        return self._give(command)

    @rule(target=given, command=any_of(*REFUNDING))
    def refund(self, command: Command) -> Command:
        return self._give(command)

    @rule(target=given, command=any_of(*GOODS))
    def ship_or_send_back(self, command: Command) -> Command:
        return self._give(command)

    @rule(target=given, choice=st.integers(0, 99))
    def go_on(self, choice: int) -> Command:
        """Usual steps most of the time: with random ones alone few orders get to a refund."""
        likely = usual(self.node.history) or [CONFIRM]
        return self._give(likely[choice % len(likely)])

    @rule(target=given, choice=st.integers(0, 99))
    def go_further(self, choice: int) -> Command:
        return self.go_on(choice)

    @rule(command=given)
    def give_again(self, command: Command) -> None:
        self._give(command)

    @rule(command=given)
    def retract(self, command: Command) -> None:
        if command["command"] in RETRACTABLE:
            self._give(retraction_of(command["command"], command))

    def teardown(self) -> None:
        if self.node.history:
            for way in WAYS:
                settled(self.node, history_of, lambda n, c: step(self.domain, n, c), way)
