"""Random lifecycles: orders of several lines, every command and fact, few ids, many amounts.

Each step is held to the oracle (tests.domain.oracle_check.tell). What was told before is told
again, late and out of order, because every rule may run at any time.
"""

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, rule

from domain import commands as c
from domain.commands import Command, LineQuantity, ReceivedLine
from tests.domain import machine_steps as steps
from tests.domain.oracle_check import Domain, Node, begin, check_fold, tell, the_domain

CENTS = st.sampled_from([0, 1, 4, 5, 9, 10, 30])
CURRENCIES = st.sampled_from([None, None, None, None, "EUR", "USD"])
REPORTS = st.sampled_from([None, None, "report-1", "report-2"])
WORDS = st.sampled_from(["early", "late"])
QUANTITIES = st.integers(1, 3)


def some(*ids: str) -> st.SearchStrategy[str]:
    return st.sampled_from(ids)


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
).map(lambda drawn: tuple(LineQuantity(line=n, quantity=q) for n, q in sorted(drawn.items())))
RECEIVED = st.dictionaries(
    st.tuples(st.integers(1, 3), WORDS), st.integers(1, 2), min_size=1, max_size=2
).map(
    lambda drawn: tuple(
        ReceivedLine(line=n, quantity=q, condition=word) for (n, word), q in sorted(drawn.items())
    )
)
PAYMENTS = some("pay-1", "pay-2")
REFUNDS = some(*steps.REFUNDS)
MAYBE_REFUNDS = st.sampled_from([None, "refund-1", "refund-1", "refund-2", "refund-3"])
SHIPMENTS = some(*steps.SHIPMENTS)
RETURNS = some(*steps.RETURNS)
SECOND = some("a", "b", "refund-3")  # captures, voids, payouts, chargebacks

ORDERS: list[st.SearchStrategy[Command]] = [
    st.just(c.ConfirmOrder()),
    st.builds(c.CancelOrder, reason=WORDS),
    st.builds(c.CancelItems, cancellation_id=some("less-1", "less-2"), lines=LINES, reason=WORDS),
    st.builds(c.PlaceHold, hold_id=some("hold-1", "hold-2"), kind=WORDS, reason=WORDS),
    st.builds(c.ReleaseHold, hold_id=some("hold-1", "hold-2"), reason=WORDS),
    st.builds(c.AddNote, note_id=some("note-1"), text=WORDS),
]
PAYING: list[st.SearchStrategy[Command]] = [
    st.builds(
        c.AuthorizePayment,
        payment_id=PAYMENTS,
        amount_cents=CENTS,
        method=WORDS,
        currency=CURRENCIES,
    ),
    st.builds(
        c.CapturePayment,
        payment_id=PAYMENTS,
        capture_id=SECOND,
        amount_cents=CENTS,
        currency=CURRENCIES,
    ),
    st.builds(
        c.VoidPayment,
        payment_id=PAYMENTS,
        void_id=SECOND,
        amount_cents=CENTS,
        currency=CURRENCIES,
    ),
    st.builds(c.ExpireAuthorization, payment_id=PAYMENTS, report_id=REPORTS),
    st.builds(c.FailPayment, payment_id=PAYMENTS, reason=WORDS, report_id=REPORTS),
    st.builds(
        c.ChargeBackPayment,
        payment_id=PAYMENTS,
        chargeback_id=SECOND,
        amount_cents=CENTS,
        currency=CURRENCIES,
    ),
    st.builds(c.ReverseChargeback, payment_id=PAYMENTS, chargeback_id=SECOND),
]
REFUNDING: list[st.SearchStrategy[Command]] = [
    st.builds(
        c.GrantRefund,
        refund_id=REFUNDS,
        amount_cents=CENTS,
        reason=WORDS,
        allowance_cents=st.none() | CENTS,
        lines=st.just(()) | LINES,
    ),
    st.builds(c.RevokeRefund, refund_id=REFUNDS, reason=WORDS),
    st.builds(
        c.RefundPayment,
        payment_id=PAYMENTS,
        payout_id=SECOND,
        amount_cents=CENTS,
        refund_id=MAYBE_REFUNDS,
        currency=CURRENCIES,
    ).filter(lambda payout: payout.refund_id != payout.payout_id),
    st.builds(
        c.FailRefund,
        refund_id=REFUNDS,
        reason=WORDS,
        payment_id=st.none() | PAYMENTS,
        payout_id=st.none() | SECOND,
    ),
]
SHIPPING: list[st.SearchStrategy[Command]] = [
    st.builds(c.PlanShipment, shipment_id=SHIPMENTS, lines=LINES, location=WORDS),
    st.builds(c.CancelShipment, shipment_id=SHIPMENTS, reason=WORDS),
    st.builds(c.DispatchShipment, shipment_id=SHIPMENTS, carrier=WORDS, tracking=some("t")),
    st.builds(c.DeliverShipment, shipment_id=SHIPMENTS, report_id=REPORTS),
    st.builds(c.LoseShipment, shipment_id=SHIPMENTS, report_id=REPORTS),
    st.builds(c.ReturnShipmentToSender, shipment_id=SHIPMENTS, report_id=REPORTS),
]
RETURNING: list[st.SearchStrategy[Command]] = [
    st.builds(c.RequestReturn, return_id=RETURNS, lines=LINES, reason=WORDS),
    st.builds(c.ReceiveReturn, return_id=RETURNS, receipt_id=some("in-1", "in-2"), lines=RECEIVED),
    st.builds(c.DeclineReturn, return_id=RETURNS, reason=WORDS),
    st.builds(c.CloseReturn, return_id=RETURNS),
]


class Lifecycle(RuleBasedStateMachine):
    """Any command at any time; told: those that were accepted or refused before."""

    told = Bundle("told")
    domain: Domain = the_domain()

    def __init__(self) -> None:
        super().__init__()
        self.node: Node = begin()

    @initialize(
        target=told,
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
        self._tell(before)  # about an order that does not exist
        goods = sum(item.quantity * item.price_cents for item in items)
        placed = c.PlaceOrder(
            order_id="order",
            customer_id="customer",
            currency="EUR",
            items=items,
            shipping_cents=shipping,
            discount_cents=min(discount, goods),
        )
        self._tell(placed)
        if confirmed:
            self._tell(c.ConfirmOrder())
        return placed

    def _tell(self, command: Command) -> Command:
        before, self.node = self.node, tell(self.domain, self.node, command)
        if self.node is not before:
            check_fold(self.domain, self.node)
        return command

    @rule(target=told, command=st.one_of(ORDERS))
    def order(self, command: Command) -> Command:
        return self._tell(command)

    @rule(target=told, command=st.one_of(PAYING))
    def pay(self, command: Command) -> Command:
        return self._tell(command)

    @rule(target=told, command=st.one_of(REFUNDING))
    def refund(self, command: Command) -> Command:
        return self._tell(command)

    @rule(target=told, command=st.one_of(SHIPPING))
    def ship(self, command: Command) -> Command:
        return self._tell(command)

    @rule(target=told, command=st.one_of(RETURNING))
    def send_back(self, command: Command) -> Command:
        return self._tell(command)

    @rule(choice=st.integers(0, 99))
    def go_on(self, choice: int) -> None:
        """Most lives go the usual way most of the time; else few would ever see a return."""
        assert self.node.now is not None
        usual = steps.usual_steps(self.node.history, self.node.now)
        if usual:
            self._tell(usual[choice % len(usual)])

    @rule(choice=st.integers(0, 99))
    def go_further(self, choice: int) -> None:
        self.go_on(choice)

    @rule(command=told)
    def tell_again(self, command: Command) -> None:
        self._tell(command)
