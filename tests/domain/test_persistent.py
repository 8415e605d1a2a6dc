"""Versions of a map: each stays what it was, and the newest costs the same however many."""

import tracemalloc
from collections.abc import Callable, Mapping
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import commands as c
from domain.commands import Command
from domain.fold_money import place_money
from domain.order import Order, decide, evolve
from domain.persistent import PersistentMap, with_entry, without_entry
from tests.domain.examples import (
    PLACED,
    as_received,
    authorized,
    charged_back,
    order_of,
    return_received,
)

MANY = 3_000
COPY_BYTES = 50_000
"""More than a command needs, less than the table of a dict of MANY entries."""


@given(
    st.lists(
        st.tuples(st.integers(0, 30), st.integers(0, 5), st.integers(0, 9) | st.none()),
        max_size=40,
    ),
    st.lists(st.integers(0, 40), max_size=40),
)
def test_every_version_stays_what_it_was(
    writes: list[tuple[int, int, int | None]], reads: list[int]
) -> None:
    """Each write (None: takes the entry out) goes on from any earlier version; versions are then
    read in any order.
    """
    versions: list[Mapping[int, int]] = [PersistentMap()]
    models: list[Mapping[int, int]] = [{}]
    for at, key, value in writes:
        for maps in (versions, models):
            old = maps[at % len(maps)]
            maps.append(without_entry(old, key) if value is None else with_entry(old, key, value))

    for read in reads:
        at = read % len(versions)
        assert dict(versions[at]) == models[at]
        assert len(versions[at]) == len(models[at])
    assert [dict(version) for version in versions] == models


def test_a_map_answers_like_a_dict() -> None:
    entries = PersistentMap[str, int]().with_entry("a", 1)

    assert entries["a"] == 1
    assert entries.get("b") is None
    assert "b" not in entries
    assert entries == {"a": 1}
    with pytest.raises(KeyError):
        entries["b"]


@pytest.mark.parametrize("map_of", [dict, PersistentMap])
def test_without_an_entry_that_it_does_not_have_a_map_is_the_same(
    map_of: Callable[[dict[str, int]], Mapping[str, int]],
) -> None:
    entries = map_of({"a": 1})

    assert without_entry(entries, "b") is entries


def test_a_plain_dict_is_copied() -> None:
    old = {"a": 1}

    assert with_entry(old, "b", 2) == {"a": 1, "b": 2}
    assert without_entry(old, "a") == {}
    assert old == {"a": 1}


def note(number: int) -> Command:
    return c.AddNote(note_id=f"n{number}", text="hello")


def capture(number: int) -> Command:
    return c.CapturePayment(payment_id="p1", capture_id=f"c{number}", amount_cents=0)


def payment(number: int) -> Command:
    return c.AuthorizePayment(payment_id=f"p{number}", amount_cents=1, method="card")


def payout(number: int) -> Command:
    return c.RefundPayment(payment_id="p1", payout_id=f"o{number}", amount_cents=0)


def chargeback(number: int) -> Command:
    return c.ChargeBackPayment(payment_id="p1", chargeback_id=f"b{number}", amount_cents=1)


def reversal(number: int) -> Command:
    return c.ReverseChargeback(payment_id="p1", chargeback_id=f"b{number}")


def hold(number: int) -> Command:
    return c.PlaceHold(hold_id=f"h{number}", kind="fraud", reason="why")


def report(number: int) -> Command:
    return c.DeliverShipment(shipment_id=f"s{number}")


def receipt(number: int) -> Command:
    return c.ReceiveReturn(return_id="b1", receipt_id=f"g{number}", lines=as_received(1))


COMMANDS = [note, capture, payment, payout, chargeback, reversal, hold, report, receipt]


@pytest.mark.parametrize("make", COMMANDS)
def test_a_command_on_a_long_order_copies_nothing_of_it(make: Callable[[int], Command]) -> None:
    order = order_of(PLACED)
    for number in range(MANY):
        order = after(order, make(number))

    assert bytes_for_one(order, make) < COPY_BYTES


def test_the_copy_of_a_long_order_would_be_seen() -> None:
    """The control: an order whose payments are in a dict, as a stored view has them."""
    copying = replace(order_of(PLACED), money=place_money(PLACED, dict))
    for number in range(MANY):
        copying = after(copying, payment(number))

    assert bytes_for_one(copying, payment) > COPY_BYTES


def test_every_map_of_an_order_is_persistent() -> None:
    """A new map that is a dict would be copied for each event; what is checked is its kind."""
    order = order_of(PLACED, authorized(), charged_back(1), return_received("b1", "g1", 1))
    parts = (order, order.status, order.money, order.goods, order.anomalies)
    nested = (order.money.payment("p1"), order.goods.return_("b1"))
    maps = {
        f"{type(part).__name__}.{field.name}": getattr(part, field.name)
        for part in (*parts, *nested)
        for field in fields(part)
        if isinstance(getattr(part, field.name), Mapping)
    }

    assert len(maps) == 12
    assert {name for name, each in maps.items() if not isinstance(each, PersistentMap)} == set()


def after(order: Order, command: Command) -> Order:
    for event in decide(command, order):
        order = evolve(order, event)
    return order


def bytes_for_one(order: Order, make: Callable[[int], Command]) -> int:
    """The memory that a command takes at its peak; of several, as now and then a dict grows."""
    peaks = []
    tracemalloc.start()
    try:
        for number in range(MANY, MANY + 5):
            command = make(number)
            before, _ = tracemalloc.get_traced_memory()
            tracemalloc.reset_peak()
            order = after(order, command)
            peaks.append(tracemalloc.get_traced_memory()[1] - before)
    finally:
        tracemalloc.stop()
    return min(peaks)
