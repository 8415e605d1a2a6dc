"""Random lifecycles: orders of several lines, every command and fact, few ids, many amounts.

Each step is held to the oracle (tests.domain.oracle_check.step). A command that
was given before is given again, late and out of order, as every rule may run at any time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any, get_args, get_type_hints

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, rule

from domain import commands as c
from domain import events as e
from domain.commands import COMMANDS, Command
from domain.values import CENTS_MAX, Identifier, TextShape, Whole
from tests.domain.oracle import Books
from tests.domain.oracle_check import Domain, Node, begin, check_fold, step, the_domain
from tests.domain.oracle_goods import outcomes, received_of, return_ended, shipment_state
from tests.domain.oracle_history import History, all_of, open_holds

SHIPMENT_IDS = ("ship-1", "ship-2", "ship-3")
RETURN_IDS = ("return-1", "return-2")
REFUND_IDS = ("refund-1", "refund-2", "refund-3")


def usual_steps(history: History, now: Books) -> list[Command]:
    """Commands and facts that usually come next for the order as it is."""
    return [
        *_order(history, now),
        *_shipments(history, now),
        *_returns(history, now),
        *_money(now),
    ]


def _order(history: History, now: Books) -> Iterator[Command]:
    if now.state == "placed":
        yield c.ConfirmOrder()
    for hold_id in sorted(open_holds(history)):
        yield c.ReleaseHold(hold_id=hold_id, reason="fine")


def _free(ids: Sequence[str], used: set[str]) -> list[str]:
    return [name for name in ids if name not in used][:1]


def _shipments(history: History, now: Books) -> Iterator[Command]:
    open_lines = [(number, line.open) for number, line in now.lines.items() if line.open]
    planned = [plan.shipment_id for plan in all_of(history, e.ShipmentPlanned)]
    for shipment_id in _free(SHIPMENT_IDS, set(planned)):
        for number, quantity in open_lines:
            lines = (c.LineQuantity(line=number, quantity=quantity),)
            yield c.PlanShipment(shipment_id=shipment_id, lines=lines, location="early")
    for shipment_id in planned:
        state = shipment_state(history, shipment_id)
        if state == "planned":
            yield c.DispatchShipment(shipment_id=shipment_id, carrier="early", tracking="t")
        elif state == "dispatched" and not outcomes(history, shipment_id):
            yield c.DeliverShipment(shipment_id=shipment_id)


def _returns(history: History, now: Books) -> Iterator[Command]:
    requests = all_of(history, e.ReturnRequested)
    for return_id in _free(RETURN_IDS, {request.return_id for request in requests}):
        for number, line in now.lines.items():
            if line.returnable > 0:
                lines = (c.LineQuantity(line=number, quantity=line.returnable),)
                yield c.RequestReturn(return_id=return_id, lines=lines, reason="early")
    for request in requests:
        if return_ended(history, request.return_id):
            continue
        got = received_of(history, request.return_id)
        for part in request.lines:
            if got[part.line] < part.quantity:
                arrived = c.ReceivedLine(line=part.line, quantity=1, condition="early")
                yield c.ReceiveReturn(
                    return_id=request.return_id,
                    receipt_id=f"in-{1 + got.total()}",
                    lines=(arrived,),
                )
        yield c.CloseReturn(return_id=request.return_id)


def _money(now: Books) -> Iterator[Command]:
    if now.balance > 0:
        yield c.AuthorizePayment(payment_id="pay-1", amount_cents=now.balance, method="early")
        yield c.CapturePayment(payment_id="pay-1", capture_id="a", amount_cents=now.balance)
    left = now.captured - now.charged_back - now.claimed_refunds
    for refund_id in _free(REFUND_IDS, set(now.refunds)):
        if left > 0:
            yield c.GrantRefund(refund_id=refund_id, amount_cents=left, reason="early")
    for refund_id, refund in now.refunds.items():
        if refund.open:
            yield c.RefundPayment(
                payment_id="pay-1",
                payout_id="a",
                amount_cents=max(1, refund.open // 2),
                refund_id=refund_id,
            )


# Values for the fields of any command: by "Command.field", by field, and else by the shape that the
# field is annotated with. A new command is played with no entry of its own. -----------------------


def some(*ids: str) -> st.SearchStrategy[str]:
    return st.sampled_from(ids)


CENTS = st.sampled_from([0, 1, 4, 5, 9, 10, 30])
TEXTS = st.sampled_from(["early", "late"])
QUANTITIES = st.integers(1, 3)
ITEMS = st.lists(
    st.builds(
        c.OrderedItem,
        product_id=some("product-1", "product-2"),
        quantity=QUANTITIES,
        price_cents=st.sampled_from([0, 3, 10]),
    ),
    min_size=1,
    max_size=3,
).map(tuple)
# Line 4 is never ordered.
LINES = st.dictionaries(
    st.sampled_from([1, 1, 1, 2, 2, 3, 4]), QUANTITIES, min_size=1, max_size=2
).map(lambda drawn: tuple(c.LineQuantity(line=n, quantity=q) for n, q in sorted(drawn.items())))
RECEIVED = st.dictionaries(
    st.tuples(st.integers(1, 3), TEXTS), st.integers(1, 2), min_size=1, max_size=2
).map(
    lambda drawn: tuple(
        c.ReceivedLine(line=n, quantity=q, condition=word) for (n, word), q in sorted(drawn.items())
    )
)
PAYMENTS = some("pay-1", "pay-2")
SECOND = some("a", "b", "refund-3")
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "lines": LINES,
    "ReceiveReturn.lines": RECEIVED,
    "GrantRefund.lines": st.just(()) | LINES,
    "allowance_cents": st.none() | CENTS,
    "currency": st.sampled_from([None, None, None, None, "EUR", "USD"]),
    "report_id": st.sampled_from([None, None, "report-1", "report-2"]),
    "payment_id": PAYMENTS,
    "FailRefund.payment_id": st.none() | PAYMENTS,
    **dict.fromkeys(("capture_id", "void_id", "chargeback_id", "payout_id"), SECOND),
    "FailRefund.payout_id": st.none() | SECOND,
    "refund_id": some(*REFUND_IDS),
    "RefundPayment.refund_id": st.sampled_from(
        [None, "refund-1", "refund-1", "refund-2", "refund-3"]
    ),
    "shipment_id": some(*SHIPMENT_IDS),
    "return_id": some(*RETURN_IDS),
    "receipt_id": some("in-1", "in-2"),
    "note_id": some("note-1"),
    "tracking": some("t"),
}


def _shapes(command: type[Command]) -> dict[str, Any]:
    """The types of its fields, by name."""
    hints = get_type_hints(command, include_extras=True)
    return {field.name: hints[field.name] for field in fields(command)}


def values_of(command: type[Command], name: str, shape: Any) -> st.SearchStrategy[Any]:
    for key in (f"{command.__name__}.{name}", name):
        if key in VALUES:
            return VALUES[key]
    match get_args(shape):
        case (_, Identifier()):
            return some(f"{name}-1", f"{name}-2")
        case (_, TextShape()):
            return TEXTS
        case (_, Whole(high=high)) if high == CENTS_MAX:
            return CENTS
        case (_, Whole()):
            return QUANTITIES
        case _:
            raise LookupError(f"{command.__name__}.{name}: no values in tests/domain/machine.py")


def any_of(*commands: type[Command]) -> st.SearchStrategy[Command]:
    return st.one_of(
        [
            st.builds(
                command,
                **{
                    name: values_of(command, name, shape)
                    for name, shape in _shapes(command).items()
                },
            )
            for command in commands
        ]
    ).filter(_is_clear)


def _is_clear(command: Command) -> bool:
    """False for a payout that names its own id as its refund: it looks like one that names none."""
    return not isinstance(command, c.RefundPayment) or command.refund_id != command.payout_id


PAYING: tuple[type[Command], ...] = (
    c.AuthorizePayment,
    c.CapturePayment,
    c.VoidPayment,
    c.ExpireAuthorization,
    c.FailPayment,
    c.ChargeBackPayment,
    c.ReverseChargeback,
)
REFUNDING: tuple[type[Command], ...] = (
    c.GrantRefund,
    c.RevokeRefund,
    c.RefundPayment,
    c.FailRefund,
)
SHIPPING: tuple[type[Command], ...] = (
    c.PlanShipment,
    c.CancelShipment,
    c.DispatchShipment,
    c.DeliverShipment,
    c.LoseShipment,
    c.ReturnShipmentToSender,
)
RETURNING: tuple[type[Command], ...] = (
    c.RequestReturn,
    c.ReceiveReturn,
    c.DeclineReturn,
    c.CloseReturn,
)
OTHERS = tuple(
    command
    for command in COMMANDS.values()
    if command not in (c.PlaceOrder, *PAYING, *REFUNDING, *SHIPPING, *RETURNING)
)


class Lifecycle(RuleBasedStateMachine):
    """Any command at any time. given: those that were given before, accepted or refused."""

    given = Bundle("given")
    domain: Domain = the_domain()

    def __init__(self) -> None:
        super().__init__()
        self.node: Node = begin()

    @initialize(
        target=given,
        items=ITEMS,
        shipping=CENTS,
        discount=CENTS,
        confirmed=st.booleans(),
        before=st.sampled_from([c.ConfirmOrder(), c.CancelOrder(reason="early")]),
    )
    def place(
        self,
        items: tuple[c.OrderedItem, ...],
        shipping: int,
        discount: int,
        confirmed: bool,  # drawn by Hypothesis, by keyword
        before: Command,
    ) -> Command:
        self._give(before)  # about an order that does not exist
        goods = sum(item.quantity * item.price_cents for item in items)
        placed = c.PlaceOrder(
            order_id="order",
            customer_id="customer",
            currency="EUR",
            items=items,
            shipping_cents=shipping,
            discount_cents=min(discount, goods),
        )
        self._give(placed)
        if confirmed:
            self._give(c.ConfirmOrder())
        return placed

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

    @rule(target=given, command=any_of(*SHIPPING))
    def ship(self, command: Command) -> Command:
        return self._give(command)

    @rule(target=given, command=any_of(*RETURNING))
    def send_back(self, command: Command) -> Command:
        return self._give(command)

    @rule(choice=st.integers(0, 99))
    def go_on(self, choice: int) -> None:
        """Usual steps most of the time: with random ones alone few orders would get to a return."""
        assert self.node.now is not None
        usual = usual_steps(self.node.history, self.node.now)
        if usual:
            self._give(usual[choice % len(usual)])

    @rule(choice=st.integers(0, 99))
    def go_further(self, choice: int) -> None:
        self.go_on(choice)

    @rule(command=given)
    def give_again(self, command: Command) -> None:
        self._give(command)
