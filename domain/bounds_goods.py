"""The bounds of goods, and which of them an event touches."""

from collections.abc import Iterable
from typing import Final, TypeAlias

from domain import events as e
from domain.bounds import Books, Bound, Touch
from domain.goods import Line
from domain.references import Ids


def _line(books: Books, ids: Ids) -> Line:
    return books.goods.line(int(ids[0]))


def _overshipped(books: Books, ids: Ids) -> int:
    return _line(books, ids).overshipped


def _shipped_figures(books: Books, ids: Ids) -> str:
    line = _line(books, ids)
    return (
        f"wanted {line.wanted}, planned {line.planned}, out {line.out},"
        f" of them replacements {line.extra}"
    )


def _received_above_delivered(books: Books, ids: Ids) -> int:
    line = _line(books, ids)
    return line.received - line.delivered


def _received_figures(books: Books, ids: Ids) -> str:
    line = _line(books, ids)
    return f"delivered {line.delivered}, received {line.received}"


def _unannounced(books: Books, ids: Ids) -> int:
    return books.goods.return_(ids[0]).unannounced


def _received_above_requested(books: Books, ids: Ids) -> int:
    return books.goods.return_(ids[0]).received_above_requested


def _return_figures(books: Books, ids: Ids) -> str:
    return_ = books.goods.return_(ids[0])
    return (
        f"{return_.state}: requested {sum(line.requested for line in return_.lines)},"
        f" received {sum(line.received for line in return_.lines)}"
    )


def _told_again(books: Books, ids: Ids) -> int:
    return books.goods.return_(ids[0]).receipt_reports(ids[1]) - 1


def _receipt_figures(books: Books, ids: Ids) -> str:
    return f"reports in force: {books.goods.return_(ids[0]).receipt_reports(ids[1])}"


def _before_dispatch(books: Books, ids: Ids) -> int:
    return int(books.goods.shipment(ids[0]).before_dispatch)


def _shipment_figures(books: Books, ids: Ids) -> str:
    return f"the shipment was planned; {books.goods.shipment(ids[0]).outcome}"


BEFORE_DISPATCH: Final = Bound(
    "delivered-before-dispatch", "shipment", _before_dispatch, _shipment_figures
)
OVERSHIPPED: Final = Bound("overshipped", "line", _overshipped, _shipped_figures)
ABOVE_DELIVERED: Final = Bound(
    "received-above-delivered", "line", _received_above_delivered, _received_figures
)
UNANNOUNCED: Final = Bound("unannounced-return", "return", _unannounced, _return_figures)
ABOVE_REQUESTED: Final = Bound(
    "received-above-requested", "return", _received_above_requested, _return_figures
)
TOLD_AGAIN: Final = Bound("told-again", "receipt", _told_again, _receipt_figures)


_ShipmentEvent: TypeAlias = (
    e.ShipmentPlanned
    | e.ShipmentCancelled
    | e.ShipmentDispatched
    | e.ShipmentDelivered
    | e.ShipmentLost
    | e.ShipmentReturnedToSender
)


def _shipment(event: _ShipmentEvent, _: Books) -> Iterable[Ids]:
    return ((event.shipment_id,),)


def _lines_shipped(event: _ShipmentEvent, books: Books) -> Iterable[Ids]:
    """The lines of the shipment: also of a replacement, whose lines are those that it replaces."""
    return [(str(part.line),) for part in books.goods.shipment(event.shipment_id).lines]


def _return(
    event: e.ReturnRequested | e.ReturnReceived | e.ReturnDeclined | e.ReturnClosed, _: Books
) -> Iterable[Ids]:
    return ((event.return_id,),)


def _lines_received(event: e.ReturnReceived, _: Books) -> Iterable[Ids]:
    return [(str(number),) for number in sorted({part.line for part in event.lines})]


def _receipt(event: e.ReturnReceived, _: Books) -> Iterable[Ids]:
    return ((event.return_id, event.receipt_id),)


_PLAN: Final = (Touch(_lines_shipped, (OVERSHIPPED,)),)
_OUTCOME: Final = (
    Touch(_shipment, (BEFORE_DISPATCH,)),
    Touch(_lines_shipped, (OVERSHIPPED, ABOVE_DELIVERED)),
)
_RETURN: Final = (Touch(_return, (UNANNOUNCED, ABOVE_REQUESTED)),)

GOODS_TOUCHES: Final[dict[type[e.Event], tuple[Touch, ...]]] = {
    e.ShipmentPlanned: _PLAN,
    e.ShipmentCancelled: _PLAN,
    e.ShipmentDispatched: (Touch(_shipment, (BEFORE_DISPATCH,)),),
    e.ShipmentDelivered: _OUTCOME,
    e.ShipmentLost: _OUTCOME,
    e.ShipmentReturnedToSender: _OUTCOME,
    e.ReturnRequested: _RETURN,
    e.ReturnDeclined: _RETURN,
    e.ReturnClosed: _RETURN,
    e.ReturnReceived: (
        Touch(_receipt, (TOLD_AGAIN,)),
        *_RETURN,
        Touch(_lines_received, (ABOVE_DELIVERED,)),
    ),
}
"""By event. What is about the same thing is in one Touch, so that the thing is looked up once."""
