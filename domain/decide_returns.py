"""What an order answers to returns: requested, received, declined, closed."""

from collections import Counter
from typing import assert_never

from domain import commands as c
from domain import events as e
from domain.goods import CLOSED, DECLINED, OPEN, Return
from domain.guards import already_done, require_known_lines
from domain.rules import OrderRefused
from domain.state import Order


def decide(command: c.ReturnRequest, order: Order) -> tuple[e.Event, ...]:
    match command:
        case c.RequestReturn():
            return _request(command, order)
        case c.ReceiveReturn():
            return _receive(command, order)
        case c.DeclineReturn():
            return _decline(command, order)
        case c.CloseReturn():
            return _close(command, order)
        case _:
            assert_never(command)


def _request(command: c.RequestReturn, order: Order) -> tuple[e.Event, ...]:
    event = e.ReturnRequested(
        return_id=command.return_id, lines=command.lines, reason=command.reason
    )
    ended = order.goods.return_(command.return_id).state != OPEN
    if already_done(order, event, ended=ended):
        return ()
    require_known_lines(order, command.lines)
    for part in command.lines:
        returnable = order.goods.line(part.line).returnable
        if part.quantity > returnable:
            detail = f"line {part.line}: {part.quantity} wanted, {max(0, returnable)} returnable"
            raise OrderRefused("quantity-not-returnable", detail)
    return (event,)


def _receive(command: c.ReceiveReturn, order: Order) -> tuple[e.Event, ...]:
    event = e.ReturnReceived(
        return_id=command.return_id, receipt_id=command.receipt_id, lines=command.lines
    )
    if already_done(order, event):
        return ()
    return_ = _known(order, command.return_id)
    _not_ended(return_)
    require_known_lines(order, command.lines)
    arrived: Counter[int] = Counter()
    for part in command.lines:  # a line is named once per condition
        arrived[part.line] += part.quantity
    missing = {line.line: line.missing for line in return_.lines}
    for line, quantity in arrived.items():
        if quantity > missing.get(line, 0):
            detail = f"line {line}: {quantity} received, {missing.get(line, 0)} still expected"
            raise OrderRefused("received-above-requested", detail)
    return (event,)


def _decline(command: c.DeclineReturn, order: Order) -> tuple[e.Event, ...]:
    return_ = _known(order, command.return_id)
    if return_.state == DECLINED:
        return ()
    _not_ended(return_)
    if any(line.received for line in return_.lines):
        raise OrderRefused("return-received")
    return (e.ReturnDeclined(return_id=command.return_id, reason=command.reason),)


def _close(command: c.CloseReturn, order: Order) -> tuple[e.Event, ...]:
    return_ = _known(order, command.return_id)
    if return_.state == CLOSED:
        return ()
    _not_ended(return_)
    return (e.ReturnClosed(return_id=command.return_id),)


def _known(order: Order, return_id: str) -> Return:
    if return_id not in order.goods.returns:
        raise OrderRefused("unknown-return")
    return order.goods.return_(return_id)


def _not_ended(return_: Return) -> None:
    if return_.state != OPEN:
        raise OrderRefused("return-ended", return_.state)
