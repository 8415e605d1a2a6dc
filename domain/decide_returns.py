"""What an order answers to returns: requested, declined, closed. What arrives is a fact."""

from typing import assert_never

from domain import commands as c
from domain import events as e
from domain.guards import already_done, require_known_lines
from domain.returns import CLOSED, DECLINED, OPEN, UNANNOUNCED, Return
from domain.rules import OrderRefused
from domain.state import Order


def decide(command: c.ReturnRequest, order: Order) -> tuple[e.Event, ...]:
    match command:
        case c.RequestReturn():
            return _request(command, order)
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
    return_ = order.goods.return_(command.return_id)
    if already_done(order, event, ended=return_.state in {DECLINED, CLOSED}):
        return ()
    require_known_lines(order, command.lines)
    received = {line.line: line.received for line in return_.lines}
    for part in command.lines:
        # What arrived under this id before is announced late: it is counted as received already.
        new = part.quantity - received.get(part.line, 0)
        returnable = order.goods.line(part.line).returnable
        if new > max(0, returnable):
            detail = f"line {part.line}: {new} wanted, {max(0, returnable)} returnable"
            raise OrderRefused("quantity-not-returnable", detail)
    return (event,)


def _decline(command: c.DeclineReturn, order: Order) -> tuple[e.Event, ...]:
    return_ = _known(order, command.return_id)
    if return_.state == DECLINED:
        return ()
    _not_ended(return_)
    if return_.has_received:
        raise OrderRefused("return-received")
    return (e.ReturnDeclined(return_id=command.return_id, reason=command.reason),)


def _close(command: c.CloseReturn, order: Order) -> tuple[e.Event, ...]:
    return_ = _known(order, command.return_id)
    if return_.state == CLOSED:
        return ()
    _not_ended(return_)
    return (e.ReturnClosed(return_id=command.return_id),)


def _known(order: Order, return_id: str) -> Return:
    return_ = order.goods.return_(return_id)
    if return_.state == UNANNOUNCED:
        raise OrderRefused("unknown-return")
    return return_


def _not_ended(return_: Return) -> None:
    if return_.state != OPEN:
        raise OrderRefused("return-ended", return_.state)
