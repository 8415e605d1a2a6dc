"""The books of an order are folded once by all models of a process that share them."""

from dataclasses import dataclass, replace

import pytest

from domain.anomalies import Anomalies
from domain.events import Event, PaymentCaptured
from domain.goods import Goods
from domain.money import Money
from projections import books
from projections.books import evolve_books
from tests.projections.toy import captured, placed


@dataclass(frozen=True)
class View:
    money: Money | None = None
    goods: Goods | None = None
    anomalies: Anomalies | None = None


def after(view: View, event: Event) -> View:
    return View(*evolve_books(view, event))


def test_models_that_fold_the_same_events_share_the_books() -> None:
    events = [placed(), captured(cents=100), captured(cents=50, capture_id="c2")]
    order, payment = View(), View()
    for event in events:
        order, payment = after(order, event), after(payment, event)
        assert order.money is payment.money
        assert order.goods is payment.goods
        assert order.anomalies is payment.anomalies


@pytest.mark.parametrize("part", ["money", "goods", "anomalies"])
def test_other_books_before_the_event_are_folded_for_themselves(part: str) -> None:
    event = captured(cents=100)
    one, equal = after(View(), placed()), after(View(), placed())
    other = replace(one, **{part: getattr(equal, part)})

    assert evolve_books(one, event) == evolve_books(other, event)
    assert evolve_books(one, event) is not evolve_books(other, event)


def test_an_equal_event_of_another_order_is_another_event() -> None:
    one, other = captured(cents=100), captured(cents=100)
    view = after(View(), placed())

    assert one == other
    assert after(view, one) == after(view, other)
    assert after(view, one).money is not after(view, other).money


def test_few_steps_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(books, "_STEPS_MAX", 3)
    books._steps.clear()
    view = after(View(), placed())
    for n in range(10):
        event = captured(cents=1, capture_id=f"c{n}")
        assert isinstance(event, PaymentCaptured)
        view = after(view, event)
        assert len(books._steps) <= 3
    assert view.money is not None
    assert view.money.captured_cents == 10
