"""What usually comes next in the life of an order, so that random ones get far enough."""

from collections.abc import Iterator, Sequence

from domain import commands as c
from domain import events as happened
from domain.commands import Command, LineQuantity, ReceivedLine
from tests.domain.oracle import Books
from tests.domain.oracle_goods import outcomes, received_of, return_ended, shipment_state
from tests.domain.oracle_history import History, all_of, open_holds

SHIPMENTS = ("ship-1", "ship-2", "ship-3")
RETURNS = ("return-1", "return-2")
REFUNDS = ("refund-1", "refund-2", "refund-3")


def usual_steps(history: History, now: Books) -> list[Command]:
    """Commands and facts that the order as it stands is waiting for."""
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
    planned = [plan.shipment_id for plan in all_of(history, happened.ShipmentPlanned)]
    for shipment_id in _free(SHIPMENTS, set(planned)):
        for number, quantity in open_lines:
            lines = (LineQuantity(line=number, quantity=quantity),)
            yield c.PlanShipment(shipment_id=shipment_id, lines=lines, location="early")
    for shipment_id in planned:
        state = shipment_state(history, shipment_id)
        if state == "planned":
            yield c.DispatchShipment(shipment_id=shipment_id, carrier="early", tracking="t")
        elif state == "dispatched" and not outcomes(history, shipment_id):
            yield c.DeliverShipment(shipment_id=shipment_id)


def _returns(history: History, now: Books) -> Iterator[Command]:
    requests = all_of(history, happened.ReturnRequested)
    for return_id in _free(RETURNS, {request.return_id for request in requests}):
        for number, line in now.lines.items():
            if line.returnable > 0:
                lines = (LineQuantity(line=number, quantity=line.returnable),)
                yield c.RequestReturn(return_id=return_id, lines=lines, reason="early")
    for request in requests:
        if return_ended(history, request.return_id):
            continue
        got = received_of(history, request.return_id)
        for part in request.lines:
            if got[part.line] < part.quantity:
                arrived = ReceivedLine(line=part.line, quantity=1, condition="early")
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
    left = now.captured - now.charged_back - now.bound
    for refund_id in _free(REFUNDS, set(now.refunds)):
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
