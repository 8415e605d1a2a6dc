"""How far the goods of an order are: the word fulfilment, and whether nothing is left to do."""

from dataclasses import replace

import pytest

from domain.events import Event
from tests.domain.examples import (
    CANCELLED,
    CONFIRMED,
    PLACED,
    READY,
    arrived,
    closed,
    declined,
    delivered,
    dispatched,
    items_cancelled,
    lost,
    order_of,
    parts,
    planned,
    return_received,
    return_requested,
    sent_back,
    shipped,
    unplanned,
)

ONE_CUP = parts(0, 1)


def again(shipment_id: str, *quantities: int) -> Event:
    """A replacement of what s1 was sent with."""
    replaced = ("s1",) * len(parts(*quantities))
    return planned(shipment_id, *quantities, replaces="s1", replaced=replaced)


def replaced_by(shipment_id: str) -> tuple[Event, ...]:
    """A replacement of one cup, which is delivered."""
    return again(shipment_id, 0, 1), dispatched(shipment_id), delivered(shipment_id)


ONE_BACK = return_received("b1", "x1", 0, 1)
BACK = return_received("b1", "x1", 2, 3)
TWO_CUPS = (*READY, items_cancelled("x1", 2, 1))  # only two of line 2 are wanted


@pytest.mark.parametrize(
    ("status", "history"),
    [
        ("none", ()),
        ("none", (CANCELLED,)),
        ("planned", (planned("s1", 1),)),
        ("none", (*shipped("s1", 2, 3), lost("s1"))),
        ("planned", (*shipped("s1", 2, 3), lost("s1"), planned("s2", 1))),
        ("none", (*arrived("s1", 2, 3), BACK, lost("s1"))),
        ("partly_dispatched", shipped("s1", 1)),
        ("partly_dispatched", shipped("s1", 2)),
        ("dispatched", shipped("s1", 2, 3)),
        ("dispatched", (items_cancelled("x1", 0, 3), *shipped("s1", 2))),
        ("partly_delivered", (*shipped("s1", 2, 2), *arrived("s2", 0, 1))),
        ("delivered", arrived("s1", 2, 3)),
        ("delivered", (items_cancelled("x1", 0, 3), *arrived("s1", 2))),
        ("partly_delivered", (*arrived("s1", 2), *shipped("s2", 0, 3), sent_back("s2"))),
        ("partly_dispatched", (*arrived("s1", 2), *shipped("s2", 0, 3), lost("s1"))),
        ("partly_delivered", (*shipped("s1", 2, 3), delivered("s1", lines=parts(2)))),
        ("delivered", (*shipped("s1", 2, 3), delivered("s1", lines=parts(2)), delivered("s1"))),
        ("returned", (*arrived("s1", 2, 3), BACK)),
        ("returned", (*shipped("s1", 2, 3), BACK)),
        ("partly_returned", (*arrived("s1", 2, 3), return_received("b1", "x1", 1))),
        ("partly_returned", (*arrived("s1", 2, 3), return_received("b1", "x1", 2))),
        ("partly_returned", (*arrived("s1", 2, 3), BACK, again("s2", 1))),
        ("partly_returned", (*arrived("s1", 2, 3), BACK, again("s2", 1), dispatched("s2"))),
    ],
)
def test_fulfilment(status: str, history: tuple[Event, ...]) -> None:
    assert order_of(*READY, *history).goods.fulfilment == status


@pytest.mark.parametrize(
    ("status", "history"),
    [
        ("partly_delivered", (*arrived("s1", 0, 1), *replaced_by("s2"))),
        ("partly_dispatched", (*shipped("s1", 0, 1), again("s2", 0, 1), dispatched("s2"))),
        ("dispatched", (*shipped("s1", 0, 2), again("s2", 0, 1), dispatched("s2"))),
        ("partly_dispatched", (*shipped("s1", 0, 2), again("s2", 0, 1))),
        ("delivered", (*arrived("s1", 0, 2), *replaced_by("s2"))),
        (
            "delivered",
            (*arrived("s1", 0, 2), return_received("b1", "x1", 0, 1), *replaced_by("s2")),
        ),
        ("partly_returned", (*arrived("s1", 0, 2), return_received("b1", "x1", 0, 1))),
        ("delivered", (*shipped("s1", 0, 2), *replaced_by("s2"), delivered("s1", lines=ONE_CUP))),
        (
            "partly_delivered",
            (
                *shipped("s1", 0, 2),
                lost("s1", lines=ONE_CUP),
                delivered("s1"),
                *shipped("s3", 0, 1),
                *replaced_by("s2"),
            ),
        ),
        (
            "delivered",
            (
                *shipped("s1", 0, 2),
                lost("s1", lines=ONE_CUP),
                delivered("s1"),
                *arrived("s3", 0, 1),
                *replaced_by("s2"),
            ),
        ),
    ],
)
def test_fulfilment_of_an_order_with_a_replacement(status: str, history: tuple[Event, ...]) -> None:
    assert order_of(*TWO_CUPS, *history).goods.fulfilment == status


@pytest.mark.parametrize(
    ("status", "needed", "history"),
    [
        ("unneeded", (False, False), ()),
        ("delivered", (True, False), arrived("s1", 2)),
        ("none", (True, False), ()),
    ],
)
def test_only_lines_that_require_shipping_count(
    status: str, needed: tuple[bool, bool], history: tuple[Event, ...]
) -> None:
    pairs = zip(PLACED.items, needed, strict=True)
    items = tuple(replace(item, requires_shipping=it) for item, it in pairs)
    goods = order_of(replace(PLACED, items=items), CONFIRMED, *history).goods

    assert goods.fulfilment == status
    assert goods.is_complete is (status != "none")


@pytest.mark.parametrize(
    ("complete", "history"),
    [
        (False, ()),
        (False, (items_cancelled("x1", 2, 3),)),
        (False, shipped("s1", 2, 3)),
        (False, arrived("s1", 2, 2)),
        (True, arrived("s1", 2, 3)),
        (True, (items_cancelled("x1", 0, 3), *arrived("s1", 2))),
        (False, (*arrived("s1", 2, 3), return_requested("b1", 1))),
        (False, (*arrived("s1", 2, 3), return_requested("b1", 1), return_received("b1", "x", 1))),
        (True, (*arrived("s1", 2, 3), return_requested("b1", 1), closed("b1"))),
        (True, (*arrived("s1", 2, 3), return_requested("b1", 1), declined("b1"))),
        (True, (*arrived("s1", 2, 3), BACK)),
        (True, (*shipped("s1", 2, 3), BACK)),
        (False, (*shipped("s1", 2, 3), BACK, lost("s1"))),
        (False, (*shipped("s1", 2, 3), lost("s1"), planned("s2", 2), delivered("s1"))),
        (False, (*arrived("s1", 2, 3), again("s2", 1))),
        (False, (*arrived("s1", 2, 3), again("s2", 1), dispatched("s2"))),
        (True, (*arrived("s1", 2, 3), *replaced_by("s2"))),
        (True, (*arrived("s1", 2, 3), again("s2", 1), unplanned("s2"))),
    ],
)
def test_goods_are_complete(complete: bool, history: tuple[Event, ...]) -> None:
    assert order_of(*READY, *history).goods.is_complete is complete


def test_a_shipment_that_is_delivered_at_last_counts_once() -> None:
    order = order_of(*READY, *shipped("s1", 2, 3), lost("s1"), delivered("s1"))

    assert [(line.delivered, line.lost) for line in order.goods.lines] == [(2, 0), (3, 0)]
    assert order.goods.fulfilment == "delivered"
