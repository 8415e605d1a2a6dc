"""Goods by sums: the counters of a line are what its shipments and returns add up to, any order of
the facts of different things gives the same counters, and no allowed command overships a line.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Literal

from hypothesis import given as for_all
from hypothesis import strategies as st

from domain import commands as c
from domain.commands import Command
from domain.goods import Goods
from domain.order import decide, fold
from domain.rules import OrderRefused
from domain.shipments import DISPATCHED, PLANNED
from domain.state import Order
from tests.domain.examples import READY, order_of

SHIPMENTS = ("s1", "s2", "s3")
RETURNS = ("b1", "b2")
LINES = st.sampled_from([(1, 1), (1, 2), (2, 1), (2, 3)]).map(
    lambda pair: (c.LineQuantity(line=pair[0], quantity=pair[1]),)
)
REPORTS = (c.DeliverShipment, c.LoseShipment, c.ReturnShipmentToSender)
REASON = "why"


def _plan(
    shipment_id: str, lines: tuple[c.LineQuantity, ...], replaces: str | Literal[True] | None
) -> Command:
    return c.PlanShipment(
        shipment_id=shipment_id, lines=lines, location="here", replaces=replaces, reason=REASON
    )


def _dispatch(shipment_id: str) -> Command:
    return c.DispatchShipment(shipment_id=shipment_id, carrier="dhl")


def _receive(return_id: str, receipt_id: str, lines: tuple[c.LineQuantity, ...]) -> Command:
    received = tuple(
        c.ReceivedLine(line=part.line, quantity=part.quantity, condition="good") for part in lines
    )
    return c.ReceiveReturn(return_id=return_id, receipt_id=receipt_id, lines=received)


ids = st.sampled_from(SHIPMENTS)
reports = st.sampled_from([None, "x1", "x2"])
carriers_facts = st.one_of(
    st.builds(
        lambda report, id_, lines, report_id: report(
            shipment_id=id_, lines=lines, report_id=report_id
        ),
        st.sampled_from(REPORTS),
        ids,
        st.just(()) | LINES,
        reports,
    ),
)
receipts = st.builds(_receive, st.sampled_from(RETURNS), st.sampled_from(["g1", "g2"]), LINES)
requests = st.one_of(
    st.builds(_plan, ids, LINES, st.none() | st.just(True) | ids),
    st.builds(_dispatch, ids),
    st.builds(lambda id_: c.CancelShipment(shipment_id=id_, reason=REASON), ids),
    st.builds(
        lambda id_, lines: c.CancelItems(cancellation_id=id_, lines=lines, reason=REASON),
        st.sampled_from(["x1", "x2"]),
        LINES,
    ),
    st.builds(
        lambda id_, lines: c.RequestReturn(return_id=id_, lines=lines, reason=REASON),
        st.sampled_from(RETURNS),
        LINES,
    ),
    st.builds(lambda id_: c.DeclineReturn(return_id=id_, reason=REASON), st.sampled_from(RETURNS)),
    st.builds(lambda id_: c.CloseReturn(return_id=id_), st.sampled_from(RETURNS)),
)


def after(order: Order, command: Command) -> Order:
    try:
        events = decide(command, order)
    except OrderRefused:
        return order
    new = fold(events, order)
    assert new is not None
    return new


@for_all(st.lists(requests | carriers_facts | receipts, max_size=14))
def test_counters_are_sums_over_shipments_and_returns(commands: list[Command]) -> None:
    order = order_of(*READY)
    for command in commands:
        order = after(order, command)
        sums = added_up(order.goods)
        assert counted(order.goods) == {key: sums[key] for key in counted(order.goods)}


def counted(goods: Goods) -> dict[tuple[int, str], int]:
    names = [name for name in vars(goods.lines[0]) if name not in UNCHANGED]
    return {
        (number, name): getattr(line, name)
        for number, line in enumerate(goods.lines, start=1)
        for name in names
    }


UNCHANGED = {"product_id", "ordered", "requires_shipping", "cancelled"}


def added_up(goods: Goods) -> Counter[tuple[int, str]]:
    sums: Counter[tuple[int, str]] = Counter()
    for number in range(1, len(goods.lines) + 1):
        for id_, shipment in goods.shipments.items():
            part = shipment.line(number)
            sums[number, "planned"] += part.quantity * (shipment.state == PLANNED)
            sums[number, "dispatched"] += part.quantity * (shipment.state == DISPATCHED)
            sums[number, "delivered"] += part.delivered
            sums[number, "lost"] += part.lost
            sums[number, "returned_to_sender"] += part.returned_to_sender
            again = replacements(goods, id_, number)
            assert part.sent_again == again["held"]
            assert part.delivered_again == again["delivered"]
            assert part.out_again == out_again(goods, id_, number)
            gone = part.lost + part.returned_to_sender
            sent = part.quantity - min(part.settled, gone)
            sums[number, "extra"] += max(0, part.quantity - gone + again["held"] - sent)
            arrived = part.delivered + again["delivered"]
            sums[number, "delivered_extra"] += max(0, arrived - sent)
        for return_ in goods.returns.values():
            for line in return_.lines:
                if line.line == number:
                    missing = max(0, line.requested - line.received)
                    sums[number, "requested"] += missing * (return_.state == "open")
                    sums[number, "received"] += line.received
    return sums


def out_again(goods: Goods, shipment_id: str, number: int) -> int:
    parts = (it.line(number) for it in goods.shipments.values() if it.state == DISPATCHED)
    return sum(part.held for part in parts if part.replaces == shipment_id)


def replacements(goods: Goods, shipment_id: str, number: int) -> Counter[str]:
    sums: Counter[str] = Counter()
    for shipment in goods.shipments.values():
        part = shipment.line(number)
        if part.replaces == shipment_id:
            sums["held"] += part.held * (shipment.state in {PLANNED, DISPATCHED})
            sums["delivered"] += part.delivered
    return sums


@for_all(st.lists(requests | carriers_facts | receipts, max_size=14))
def test_no_allowed_command_overships_a_line(commands: list[Command]) -> None:
    order = order_of(*READY)
    for command in commands:
        before = [line.overshipped for line in order.goods.lines]
        order = after(order, command)
        if not isinstance(command, c.Fact):
            rises = zip(before, order.goods.lines, strict=True)
            assert all(line.overshipped <= many for many, line in rises)
        for line in order.goods.lines:
            assert line.delivered + line.lost + line.returned_to_sender <= line.dispatched
            assert min(counted(order.goods).values()) >= 0


@for_all(st.lists(requests | carriers_facts | receipts, max_size=10), st.data())
def test_facts_of_different_things_count_in_any_order(
    commands: list[Command], data: st.DataObject
) -> None:
    order = order_of(*READY)
    for command in commands:
        order = after(order, command)
    facts = data.draw(st.lists(carriers_facts | receipts, max_size=5, unique_by=thing))
    other = data.draw(st.permutations(facts))
    assert folded(order, facts) == folded(order, other)


def thing(fact: Command) -> tuple[str | None, ...]:
    return getattr(fact, "shipment_id", None), getattr(fact, "return_id", None)


def folded(order: Order, facts: Iterable[Command]) -> Goods:
    for fact in facts:
        order = after(order, fact)
    goods = order.goods
    return Goods(goods.lines, dict(goods.shipments), dict(goods.returns), goods.open_returns)
