"""The oracle itself, against figures worked out by hand from the text of the design."""

from collections.abc import Iterable

import pytest

from domain import events as e
from domain.commands import COMMANDS, FACTS, LineQuantity, PlaceOrder
from domain.events import Event
from tests.domain.oracle import Books, books
from tests.domain.oracle_judge import JUDGES
from tests.domain.oracle_postings import broken_equations, expected_postings, posted

# Two pieces at 50.00, shipping 3.00, tax 2.00, discount 1.00: total 104.00.
PLACED = e.OrderPlaced(
    order_id="o",
    customer_id="k",
    currency="EUR",
    exponent=2,
    items=(e.Item(line=1, product_id="a", quantity=2, price_cents=5000),),
    shipping_cents=300,
    tax_cents=200,
    discount_cents=100,
    total_cents=10400,
    channel="",
)
ONE = (LineQuantity(line=1, quantity=1),)
CAPTURED = e.PaymentCaptured(payment_id="p", capture_id="c", amount_cents=10400, currency="EUR")
PLANNED = e.ShipmentPlanned(shipment_id="s", lines=ONE, location="north")
DISPATCHED = e.ShipmentDispatched(shipment_id="s", carrier="post", tracking="t")
LOST = e.ShipmentLost(shipment_id="s", report_id=None)
GRANTED = e.RefundGranted(
    refund_id="r", amount_cents=1000, allowance_cents=1000, reason="late", lines=()
)
PAID_OUT = e.PaymentRefunded(
    payment_id="p", payout_id="o", refund_id="r", amount_cents=400, currency="EUR"
)
FAILED = e.RefundFailed(refund_id="r", payment_id=None, payout_id=None, reason="closed")
REVOKED = e.RefundRevoked(refund_id="r", revoked_cents=600, reason="mistake")
CHARGED_BACK = e.PaymentChargedBack(
    payment_id="p", chargeback_id="b", amount_cents=900, currency="EUR"
)
REVERSED = e.ChargebackReversed(payment_id="p", chargeback_id="b")


def after(*history: Event) -> Books:
    return books((PLACED, *history))


def accounts_after(history: Iterable[Event]) -> dict[str, int]:
    """Every account by the design's table of postings; the equations hold at every event."""
    accounts: dict[str, int] = {}
    before: Books | None = None
    history_so_far: tuple[Event, ...] = ()
    for event in history:
        history_so_far = (*history_so_far, event)
        now = books(history_so_far)
        accounts = posted(accounts, expected_postings(accounts, before, event, now))
        assert broken_equations(accounts, now) == []
        before = now
    return {account: cents for account, cents in accounts.items() if cents}


def test_every_request_has_a_judge() -> None:
    requests = {*COMMANDS.values()} - {*FACTS, PlaceOrder}
    unjudged = sorted(request.__name__ for request in requests - JUDGES.keys())

    assert not unjudged, f"{', '.join(unjudged)}: no judge in tests/domain/oracle_judge.py (JUDGES)"


def test_a_lost_parcel_leaves_its_quantity_open_again() -> None:
    assert after(PLANNED, DISPATCHED).lines[1].open == 1
    assert after(PLANNED, DISPATCHED, LOST).lines[1].open == 2


def test_of_two_outcomes_the_last_one_counts() -> None:
    delivered = e.ShipmentDelivered(shipment_id="s", report_id=None)
    line = after(PLANNED, LOST, delivered).lines[1]
    assert (line.dispatched, line.lost, line.delivered) == (1, 0, 1)


def test_a_failed_payout_does_not_count_whichever_came_first() -> None:
    assert after(CAPTURED, PAID_OUT, FAILED).net == 10400
    assert after(CAPTURED, FAILED, PAID_OUT).net == 10400
    assert after(CAPTURED, PAID_OUT).net == 10000


def test_a_reversed_chargeback_does_not_count_whichever_came_first() -> None:
    assert after(CAPTURED, CHARGED_BACK).net == 9500
    assert after(CAPTURED, CHARGED_BACK, REVERSED).net == 10400
    assert after(CAPTURED, REVERSED, CHARGED_BACK).net == 10400


def test_an_amount_in_another_currency_is_in_no_counter() -> None:
    dollars = e.PaymentCaptured(payment_id="p", capture_id="c", amount_cents=5, currency="USD")
    assert after(dollars).captured == 0


def test_a_grant_settles_its_allowance_of_what_was_due() -> None:
    now = after(CAPTURED, GRANTED)
    assert (now.due_before_refunds, now.settled) == (10400, 1000)
    assert (now.due, now.balance, now.open_refunds) == (9400, -1000, 1000)


def test_a_revoked_grant_settles_only_what_was_paid_out() -> None:
    now = after(CAPTURED, GRANTED, PAID_OUT, REVOKED)
    assert (now.settled, now.due, now.net, now.balance) == (400, 10000, 10000, 0)
    assert now.open_refunds == 0


@pytest.mark.parametrize(
    ("history", "accounts"),
    [
        (
            (),
            {"receivable": 10400, "sales": -10000, "shipping": -300, "tax": -200, "discount": 100},
        ),
        (
            (CAPTURED, GRANTED),
            {
                "cash": 10400,
                "refunds_payable": -1000,
                "sales": -9000,
                "shipping": -300,
                "tax": -200,
                "discount": 100,
            },
        ),
        (
            (CAPTURED, GRANTED, PAID_OUT, FAILED, CHARGED_BACK),
            {
                "cash": 9500,
                "receivable": 900,
                "refunds_payable": -1000,
                "sales": -9000,
                "shipping": -300,
                "tax": -200,
                "discount": 100,
            },
        ),
        ((CAPTURED, e.OrderCancelled(reason="no")), {"cash": 10400, "receivable": -10400}),
    ],
    ids=["placed", "granted", "payout failed, then charged back", "cancelled after capture"],
)
def test_accounts_are_those_of_the_table_of_postings(
    history: tuple[Event, ...], accounts: dict[str, int]
) -> None:
    assert accounts_after((PLACED, *history)) == accounts


def test_cancelling_all_goods_of_a_discounted_order_takes_the_discount_with_it() -> None:
    everything = e.ItemsCancelled(
        cancellation_id="x", lines=(LineQuantity(line=1, quantity=2),), reason="none left"
    )
    dearly = e.OrderPlaced(
        order_id="o",
        customer_id="k",
        currency="EUR",
        exponent=2,
        items=PLACED.items,
        shipping_cents=0,
        tax_cents=0,
        discount_cents=100,
        total_cents=9900,
        channel="",
    )
    assert accounts_after((dearly, everything)) == {}


def test_a_wrong_posting_breaks_an_equation() -> None:
    assert broken_equations({"cash": 10399, "receivable": -10399}, after(CAPTURED)) != []
