import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.events import (
    AnomalyRecorded,
    ChargebackReversed,
    Event,
    OrderCancelled,
    PaymentAuthorized,
    PaymentCaptured,
    PaymentChargedBack,
    PaymentFailed,
    PaymentRefunded,
    RefundFailed,
    RefundGranted,
)
from projections.query.listing import AmbiguousId, BadCursor, page
from projections.read_models.payment.projection import PROJECTION
from projections.read_models.payment.queries import (
    ANOMALY_LIST,
    PAYMENT_LIST,
    AnomalyFilters,
    PaymentFilters,
    order_payments,
    order_postings,
    payment,
    summary,
    trial_balance,
)
from projections.storage.tables import PENDING
from tests.projections.kinds import Kind
from tests.projections.order_events import minute, model_of, order_events, placed
from tests.projections.told import told


def paid(
    order_id: str,
    cents: int,
    *more: Event,
    payment_id: str = "p-1",
    method: str = "card",
    currency: str = "EUR",
    minutes: int = 0,
) -> list[Any]:
    """An order of 1,000 that was paid so much, and what happened then."""
    return order_events(
        placed(order_id, (1, 1_000), currency=currency),
        told(
            PaymentAuthorized,
            payment_id=payment_id,
            amount_cents=1_000,
            currency=currency,
            method=method,
        ),
        told(
            PaymentCaptured,
            payment_id=payment_id,
            capture_id="k-1",
            amount_cents=cents,
            currency=currency,
        ),
        *more,
        order_id=order_id,
        minutes=minutes,
    )


def paid_out(payout_id: str, cents: int) -> PaymentRefunded:
    return told(
        PaymentRefunded,
        payment_id="p-1",
        payout_id=payout_id,
        refund_id="r-1",
        amount_cents=cents,
        currency="EUR",
    )


GRANTED = told(
    RefundGranted, refund_id="r-1", amount_cents=250, credit_cents=0, reason="scratched", lines=()
)
PAYOUT_FAILED = told(
    RefundFailed, refund_id="r-1", payment_id="p-1", payout_id="o-1", reason="no iban"
)
ANOMALY = told(
    AnomalyRecorded, kind="captured-above-authorized", refers_to="capture:p-1/k-1", detail="1007"
)
CHARGED_BACK = told(
    PaymentChargedBack, payment_id="p-9", chargeback_id="b-1", amount_cents=300, currency="EUR"
)
CHARGED_BACK_TOO = told(
    PaymentChargedBack, payment_id="p-9", chargeback_id="b-2", amount_cents=20, currency="EUR"
)
REVERSED = told(ChargebackReversed, payment_id="p-9", chargeback_id="b-1")

LEDGER = (
    paid("o-1", 1_000),
    paid("o-2", 1_007, ANOMALY, minutes=10),
    paid("o-3", 990, method="voucher", minutes=20),
    paid("o-4", 1_000, OrderCancelled(reason="late"), GRANTED, paid_out("o-1", 250), minutes=30),
    order_events(placed("o-5", (1, 1_000)), order_id="o-5", minutes=40),
    paid(
        "o-6",
        1_000,
        GRANTED,
        paid_out("o-1", 200),
        PAYOUT_FAILED,
        paid_out("o-2", 50),
        minutes=50,
    ),
    paid("o-7", 1_000, CHARGED_BACK, CHARGED_BACK_TOO, REVERSED, payment_id="p-9", minutes=60),
    paid("o-8", 500, currency="USD", minutes=70),
    order_events(
        placed("o-9", (1, 1_000)),
        told(PaymentCaptured, payment_id="p-7", capture_id="k-1", amount_cents=0, currency="EUR"),
        told(PaymentCaptured, payment_id="p-8", capture_id="k-1", amount_cents=77, currency="USD"),
        told(PaymentFailed, payment_id="p-7", reason="no cover", report_id=None),
        order_id="o-9",
        minutes=80,
    ),
)


@pytest.fixture
async def conn(kind: Kind, tmp_path: Path) -> AsyncIterator[AsyncConnection]:
    async with model_of(tmp_path, PROJECTION, *LEDGER) as conn:
        yield conn


async def test_the_summary_is_right_to_the_cent(conn: AsyncConnection) -> None:
    assert await conn.run_sync(summary) == {
        "EUR": {
            "payments": 7,
            "authorized_cents": 6_000,
            "captured_cents": 5_997,
            "captured_cents_by_method": {"card": 5_007, "voucher": 990, "unknown": 0},
            "captured_cents_of_cancelled_orders": 750,
            "orders_paid_in_full": 2,
            "orders_overpaid": 1,
            "overpaid_cents": 7,
            "underpaid_cents_of_captured_orders": 1_080,
            "refunded_cents": 300,
            "charged_back_cents": 20,
            "anomalies": 1,
        },
        "USD": {
            "payments": 1,
            "authorized_cents": 1_000,
            "captured_cents": 500,
            "captured_cents_by_method": {"card": 500},
            "captured_cents_of_cancelled_orders": 0,
            "orders_paid_in_full": 0,
            "orders_overpaid": 0,
            "overpaid_cents": 0,
            "underpaid_cents_of_captured_orders": 500,
            "refunded_cents": 0,
            "charged_back_cents": 0,
            "anomalies": 0,
        },
    }


async def test_the_trial_balance_is_per_currency_and_account_and_adds_up_to_zero(
    conn: AsyncConnection,
) -> None:
    balance = await conn.run_sync(trial_balance)

    assert balance["USD"] == {"cash": 500, "receivable": 500, "sales": -1_000, "sum": 0}
    assert balance["EUR"]["sum"] == 0
    assert balance["EUR"]["cash"] == 5_997 - 300 - 20


async def test_a_trial_balance_that_does_not_add_up_to_zero_is_noticed(
    conn: AsyncConnection,
) -> None:
    lost = PENDING.delete().where(PENDING.c.id == "o-1")
    await conn.execute(lost)
    posted = [[3, 0, 0, "EUR", "cash", [5]]]
    await conn.execute(PENDING.insert(), [{"id": "x", "changes": json.dumps(posted)}])

    assert (await conn.run_sync(trial_balance))["EUR"]["sum"] == 5


async def test_the_trial_balance_of_one_order_has_its_postings_only(conn: AsyncConnection) -> None:
    assert await conn.run_sync(trial_balance, order_id="o-3") == {
        "EUR": {"cash": 990, "receivable": 10, "sales": -1_000, "sum": 0}
    }
    assert await conn.run_sync(trial_balance, order_id="nobody") == {}


async def test_the_journal_of_an_order_is_in_the_order_of_the_log(conn: AsyncConnection) -> None:
    journal = await conn.run_sync(order_postings, "o-3")

    assert [(it["revision"], it["account"], it["amount_cents"]) for it in journal["items"]] == [
        (0, "receivable", 1_000),
        (0, "sales", -1_000),
        (2, "receivable", -990),
        (2, "cash", 990),
    ]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (PaymentFilters(order_id="o-9"), ["p-7", "p-8"]),
        (PaymentFilters(method="voucher"), ["p-1"]),
        (PaymentFilters(method="unknown"), ["p-7", "p-8"]),
        (PaymentFilters(currency="USD"), ["p-1"]),
        (PaymentFilters(state="failed"), ["p-7"]),
        (PaymentFilters(state="partly_returned"), ["p-1", "p-1", "p-9"]),
    ],
)
async def test_filters_choose_payments(
    conn: AsyncConnection, filters: PaymentFilters, found: list[str]
) -> None:
    listed = await conn.run_sync(page, PAYMENT_LIST, filters=filters, sort="reported_at")

    assert [item["payment_id"] for item in listed.items] == found


async def test_pages_of_payments_go_through_all_of_them(conn: AsyncConnection) -> None:
    found, cursor = [], None
    for _ in range(9):
        listed = await conn.run_sync(
            page,
            PAYMENT_LIST,
            sort="-reported_at",
            filters=PaymentFilters(),
            limit=1,
            cursor=cursor,
        )
        found += [(item["order_id"], item["payment_id"]) for item in listed.items]
        cursor = listed.next

    assert cursor is None
    assert len(set(found)) == 9
    assert found[0] == ("o-9", "p-8")


async def test_a_payment_is_returned_with_its_steps(conn: AsyncConnection) -> None:
    found = await conn.run_sync(payment, "p-9")

    assert found is not None
    assert (found["order_id"], found["net_cents"]) == ("o-7", 980)
    assert [(step["kind"], step["id"], step["counted"]) for step in found["steps"]] == [
        ("authorization", "p-9", True),
        ("capture", "k-1", True),
        ("chargeback", "b-1", False),
        ("chargeback", "b-2", True),
        ("chargeback-reversal", "b-1", True),
    ]


async def test_a_payment_id_of_several_orders_names_them(conn: AsyncConnection) -> None:
    with pytest.raises(AmbiguousId) as caught:
        await conn.run_sync(payment, "p-1")

    assert caught.value.orders == ("o-1", "o-2", "o-3", "o-4", "o-6", "o-8")
    chosen = await conn.run_sync(payment, "p-1", order_id="o-3")
    assert chosen is not None
    assert chosen["method"] == "voucher"
    assert await conn.run_sync(payment, "nobody") is None


async def test_an_orders_money_is_returned_whole(conn: AsyncConnection) -> None:
    found = await conn.run_sync(order_payments, "o-6")

    assert found is not None
    assert (found["balance_cents"], found["open_refunds_cents"]) == (50, 200)
    assert [it["payment_id"] for it in found["payments"]] == ["p-1"]
    assert [(it["refund_id"], it["state"]) for it in found["refunds"]] == [("r-1", "open")]
    assert [(it["kind"], it["counted"]) for it in found["steps"]] == [
        ("authorization", True),
        ("capture", True),
        ("grant", True),
        ("payout", False),
        ("payout-failure", True),
        ("payout", True),
    ]
    assert await conn.run_sync(order_payments, "nobody") is None


LISTS = (
    *("payments", "movements", "refunds", "adjustments", "write_offs"),
    *("steps", "anomalies"),
)


@pytest.mark.parametrize("limit", [1, 2, 3, 5])
async def test_pages_of_an_orders_money_are_the_whole_of_it(
    conn: AsyncConnection, limit: int
) -> None:
    for order_id in ("o-1", "o-2", "o-6", "o-7", "o-9"):
        whole = await conn.run_sync(order_payments, order_id)
        assert whole is not None
        assert whole["next"] is None
        found: dict[str, Any] = {name: [] for name in LISTS}
        cursor = None
        while True:
            one = await conn.run_sync(order_payments, order_id, limit=limit, cursor=cursor)
            assert one is not None
            assert 0 < sum(len(one[name]) for name in found) <= limit
            assert one["balance_cents"] == whole["balance_cents"]
            found = {name: items + one[name] for name, items in found.items()}
            cursor = one["next"]
            if cursor is None:
                break
        assert found == {name: whole[name] for name in found}


async def test_pages_of_a_journal_are_the_whole_of_it(conn: AsyncConnection) -> None:
    first = await conn.run_sync(order_postings, "o-3", limit=3)
    rest = await conn.run_sync(order_postings, "o-3", limit=3, cursor=first["next"])

    assert [len(page["items"]) for page in (first, rest)] == [3, 1]
    assert rest["next"] is None
    assert first["items"] + rest["items"] == (await conn.run_sync(order_postings, "o-3"))["items"]


async def test_a_cursor_of_another_order_or_list_is_refused(conn: AsyncConnection) -> None:
    cursor = (await conn.run_sync(order_postings, "o-3", limit=1))["next"]

    for ask, order_id in ((order_postings, "o-1"), (order_payments, "o-3")):
        with pytest.raises(BadCursor):
            await conn.run_sync(ask, order_id, cursor=cursor)
    with pytest.raises(BadCursor):
        await conn.run_sync(order_postings, "o-3", cursor="x")


async def test_an_amount_in_another_currency_is_a_step_that_does_not_count(
    conn: AsyncConnection,
) -> None:
    found = await conn.run_sync(order_payments, "o-9")

    assert found is not None
    assert found["captured_cents"] == 0
    assert [(it["payment_id"], it["currency"], it["counted"]) for it in found["steps"]] == [
        ("p-7", "EUR", True),
        ("p-8", "USD", False),
        ("p-7", None, True),
    ]


async def test_anomalies_are_listed(conn: AsyncConnection) -> None:
    filters = AnomalyFilters(kind="captured-above-authorized")
    [found] = (await conn.run_sync(page, ANOMALY_LIST, sort="-recorded_at", filters=filters)).items

    assert (found["order_id"], found["revision"], found["recorded_at"]) == ("o-2", 3, minute(13))
    assert (
        await conn.run_sync(
            page, ANOMALY_LIST, sort="-recorded_at", filters=AnomalyFilters(order_id="o-1")
        )
    ).items == []
