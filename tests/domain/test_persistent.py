"""Versions of a map: each stays what it was, and the newest costs the same however many."""

import gc
import time
from collections.abc import Callable, Iterator, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.commands import (
    AddNote,
    AuthorizePayment,
    CapturePayment,
    ChargeBackPayment,
    Command,
    PlaceHold,
    RefundPayment,
    ReverseChargeback,
)
from domain.order import Order, decide, evolve
from domain.persistent import PersistentMap, with_entry, without_entry
from tests.domain.examples import PLACED, order_of

MANY = 10_000


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


@pytest.fixture
def no_pauses() -> Iterator[None]:
    """Garbage collection grows with everything the process holds, not with the order."""
    gc.disable()
    yield
    gc.enable()


def note(number: int) -> Command:
    return AddNote(note_id=f"n{number}", text="hello")


def capture(number: int) -> Command:
    return CapturePayment(payment_id="p1", capture_id=f"c{number}", amount_cents=0)


def payment(number: int) -> Command:
    return AuthorizePayment(payment_id=f"p{number}", amount_cents=1, method="card")


def payout(number: int) -> Command:
    return RefundPayment(payment_id="p1", payout_id=f"o{number}", amount_cents=0)


def chargeback(number: int) -> Command:
    return ChargeBackPayment(payment_id="p1", chargeback_id=f"b{number}", amount_cents=1)


def reversal(number: int) -> Command:
    return ReverseChargeback(payment_id="p1", chargeback_id=f"b{number}")


def hold(number: int) -> Command:
    return PlaceHold(hold_id=f"h{number}", kind="fraud", reason="why")


@pytest.mark.parametrize("make", [note, capture, payment, payout, chargeback, reversal, hold])
@pytest.mark.usefixtures("no_pauses")
def test_an_order_with_ten_thousand_events_is_as_fast_as_a_new_one(
    make: Callable[[int], Command],
) -> None:
    """A copy per event would cost 5 to 40 times as much; the bound leaves room for a busy day."""
    new, long = order_of(PLACED), order_of(PLACED)
    for number in range(MANY):
        long = _told(long, make(number))
    new_cost_s, long_cost_s = [], []

    for start in range(MANY, 2 * MANY, 500):
        commands = [make(number) for number in range(start, start + 50)]
        new_cost_s.append(_cost_s(new, commands))
        long_cost_s.append(_cost_s(long, commands))

    assert min(long_cost_s) < 2 * min(new_cost_s)


def _told(order: Order, command: Command) -> Order:
    for event in decide(command, order):
        order = evolve(order, event)
    return order


def _cost_s(order: Order, commands: list[Command]) -> float:
    began = time.thread_time()
    for command in commands:
        order = _told(order, command)
    return time.thread_time() - began
