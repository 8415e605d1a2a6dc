"""What an order's money is made of, and which of it still counts."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from projections.query.listing import page
from projections.read_models.payment.gauges import open_anomalies
from projections.read_models.payment.projection import PROJECTION
from projections.read_models.payment.queries import (
    ANOMALY_LIST,
    AnomalyFilters,
    AnomalyState,
    order_payments,
    payment,
    summary,
)
from tests.projections.kinds import Kind
from tests.projections.order_events import model_of, order_events
from tests.projections.played import PLACE, command, played

AUTHORIZED = command("authorize-payment", payment_id="p", amount_cents=1_000, method="card")
CAPTURED = command("capture-payment", payment_id="p", capture_id="k", amount_cents=1_000)
PAID_OUT = command("refund-payment", payment_id="p", payout_id="o", refund_id="r", amount_cents=300)
CHARGED_BACK = command("charge-back-payment", payment_id="p", chargeback_id="b", amount_cents=400)
REVERSED = command("reverse-chargeback", payment_id="p", chargeback_id="b", amount_cents=150)


async def money_of(path: Path, *lines: Mapping[str, Any]) -> dict[str, Any]:
    events, _ = played([PLACE, *lines])
    async with model_of(path, PROJECTION, order_events(*events)) as conn:
        found = await conn.run_sync(order_payments, "o-1")
    assert found is not None
    return found


def folder(path: Path, name: str) -> Path:
    """Of a second database."""
    path = path / name
    path.mkdir()
    return path


def counted(money: Mapping[str, Any]) -> list[tuple[str, str, bool]]:
    return [(step["kind"], step["id"], step["counted"]) for step in money["steps"]]


async def test_a_fact_that_was_retracted_does_not_count_and_can_be_told_again(
    kind: Kind, tmp_path: Path
) -> None:
    retracted = command(
        "retract-fact", fact="capture-payment", payment_id="p", capture_id="k", actor="ann"
    )
    right = CAPTURED | {"amount_cents": 100}
    money = await money_of(tmp_path, CAPTURED, retracted, right)

    assert counted(money) == [
        ("capture", "k", False),
        ("retraction", "k", True),
        ("capture", "k", True),
    ]
    assert (money["captured_cents"], money["payment_count"], money["capture_count"]) == (100, 1, 1)
    retraction = money["steps"][1]
    assert (retraction["label"], retraction["amount_cents"], retraction["reason"]) == (
        "capture",
        1_000,
        "why",
    )


async def test_a_payment_whose_only_fact_was_retracted_is_not_counted(
    kind: Kind, tmp_path: Path
) -> None:
    retracted = command(
        "retract-fact", fact="capture-payment", payment_id="p", capture_id="k", actor="ann"
    )
    money = await money_of(tmp_path, CAPTURED, retracted)

    assert (money["payment_count"], money["capture_count"]) == (0, 0)
    assert [(it["payment_id"], it["state"]) for it in money["payments"]] == [("p", "none")]


async def test_the_last_amount_of_an_authorization_is_the_one_that_counts(
    kind: Kind, tmp_path: Path
) -> None:
    changed = command("adjust-authorization", payment_id="p", adjustment_id="a", amount_cents=1_200)
    money = await money_of(tmp_path, AUTHORIZED, changed, changed | {"adjustment_id": "b"})

    assert counted(money) == [
        ("authorization", "p", False),
        ("authorization-adjustment", "a", False),
        ("authorization-adjustment", "b", True),
    ]
    assert money["authorized_cents"] == 1_200


async def test_a_chargeback_counts_for_what_was_not_reversed(kind: Kind, tmp_path: Path) -> None:
    money = await money_of(tmp_path, AUTHORIZED, CAPTURED, CHARGED_BACK, REVERSED)
    [movement] = [it for it in money["movements"] if it["kind"] == "chargeback"]

    assert movement == {
        "order_id": "o-1",
        "payment_id": "p",
        "kind": "chargeback",
        "id": "b",
        "reports": 1,
        "ends": 1,
        "reported_cents": 400,
        "counted_cents": 250,
        "accepted_cents": 0,
    }
    assert money["charged_back_cents"] == 250
    assert counted(money)[-2:] == [("chargeback", "b", True), ("chargeback-reversal", "b", True)]


async def test_of_two_reports_of_a_payout_the_failed_one_does_not_count(
    kind: Kind, tmp_path: Path
) -> None:
    first, second = PAID_OUT | {"report_id": "1"}, PAID_OUT | {"report_id": "2"}
    failed = command("fail-refund", payment_id="p", payout_id="o", report_id="9")
    money = await money_of(tmp_path, CAPTURED, first, second, failed)

    assert [(step["report_id"], step["counted"]) for step in money["steps"]] == [
        (None, True),
        ("1", False),
        ("2", True),
        ("9", True),
    ]
    assert money["refunded_cents"] == 300


async def test_a_failure_that_names_no_payout_does_not_count(kind: Kind, tmp_path: Path) -> None:
    money = await money_of(tmp_path, CAPTURED, PAID_OUT, command("fail-refund", refund_id="r"))

    assert counted(money)[-2:] == [("payout", "o", True), ("payout-failure", None, False)]


async def test_what_another_currency_counts_for_is_in_the_figures(
    kind: Kind, tmp_path: Path
) -> None:
    dollars = CAPTURED | {"currency": "USD", "amount_cents": 1_100}
    money = await money_of(
        tmp_path, dollars | {"counted_cents": 1_000}, dollars | {"capture_id": "l"}
    )

    assert [(it["amount_cents"], it["counted_cents"], it["counted"]) for it in money["steps"]] == [
        (1_100, 1_000, True),
        (1_100, None, False),
    ]
    assert money["captured_cents"] == 1_000


async def test_a_fee_is_a_step_of_its_payment_and_in_no_balance(kind: Kind, tmp_path: Path) -> None:
    fee = command("record-fee", fee_id="f", payment_id="p", amount_cents=-29, kind="rebate")
    events, _ = played([PLACE, CAPTURED, fee])
    async with model_of(tmp_path, PROJECTION, order_events(*events)) as conn:
        found = await conn.run_sync(payment, "p")
        money = await conn.run_sync(order_payments, "o-1")

    assert found is not None
    assert money is not None
    step = found["steps"][-1]
    assert (step["kind"], step["id"], step["amount_cents"], step["label"], step["counted"]) == (
        *("fee", "f", -29, "rebate"),
        True,
    )
    assert (money["fees_cents"], money["balance_cents"]) == (-29, 0)


async def test_a_step_has_the_parts_of_what_it_changed(kind: Kind, tmp_path: Path) -> None:
    place = PLACE | {"tax_cents": 200, "shipping_cents": 100}
    cancelled = command(
        "cancel-items", cancellation_id="x", lines=[{"line": 1, "quantity": 1}], shipping_cents=100
    )
    added = command(
        "add-items", addition_id="y", items=[{"product_id": "lid", "quantity": 1, "price_cents": 7}]
    )
    granted = command(
        "grant-refund", refund_id="r", amount_cents=300, parts={"goods_cents": 200, "tax_cents": 90}
    )
    charged = command("adjust-order", adjustment_id="a", amount_cents=5, label="fee")
    events, _ = played([place, CAPTURED, cancelled, added, granted, charged])
    async with model_of(tmp_path, PROJECTION, order_events(*events)) as conn:
        money = await conn.run_sync(order_payments, "o-1")

    assert money is not None
    names = ("kind", "amount_cents", "goods_cents", "shipping_cents", "tax_cents", "other_cents")
    assert [
        tuple(step[name] for name in (*names, "credit_cents")) for step in money["steps"][1:]
    ] == [
        ("cancellation", -709, -500, -100, -109, 0, 0),
        ("addition", 7, 7, 0, 0, 0, 0),
        ("grant", 300, 200, 0, 90, 0, 290),
        ("adjustment", 5, 0, 0, 0, 5, 0),
    ]


async def test_adjustments_and_write_offs_are_revoked_or_ended_by_a_cancellation(
    kind: Kind, tmp_path: Path
) -> None:
    charge = command("adjust-order", adjustment_id="a", amount_cents=50, label="fee")
    credit = command("adjust-order", adjustment_id="b", amount_cents=-20, label="goodwill")
    waived = command("write-off", write_off_id="w", amount_cents=10)
    revoked = command("revoke-adjustment", adjustment_id="a")
    later = charge | {"adjustment_id": "c"}
    before = await money_of(folder(tmp_path, "one"), charge, credit, waived, revoked)
    after = await money_of(
        folder(tmp_path, "two"), charge, credit, waived, revoked, command("cancel-order"), later
    )

    def states(money: Mapping[str, Any]) -> list[str]:
        return [it["state"] for it in (*money["adjustments"], *money["write_offs"])]

    assert states(before) == ["revoked", "in_force", "in_force"]
    assert states(after) == ["revoked", "ended", "in_force", "ended"]
    assert [flag for _, _, flag in counted(before)] == [False, True, True, True]
    assert [flag for _, _, flag in counted(after)] == [False, False, False, True, True, True]
    assert (before["due_cents"], after["due_cents"]) == (970, 50)


async def test_a_credit_that_the_cancellation_ended_is_not_kept(kind: Kind, tmp_path: Path) -> None:
    granted = command("grant-refund", refund_id="r", amount_cents=300, credit_cents=300)
    before = await money_of(folder(tmp_path, "one"), CAPTURED, granted)
    after = await money_of(folder(tmp_path, "two"), CAPTURED, granted, command("cancel-order"))

    assert [refund["kept_cents"] for refund in before["refunds"]] == [300]
    assert [refund["kept_cents"] for refund in after["refunds"]] == [0]


async def test_a_payout_that_was_accepted_is_covered(kind: Kind, tmp_path: Path) -> None:
    accepted = command("accept-refund", payment_id="p", payout_id="o")
    before = await money_of(folder(tmp_path, "one"), CAPTURED, PAID_OUT)
    after = await money_of(folder(tmp_path, "two"), CAPTURED, PAID_OUT, accepted)

    [uncovered], [covered] = before["refunds"], after["refunds"]
    assert (uncovered["state"], uncovered["uncovered_cents"]) == ("ungranted", 300)
    assert (covered["state"], covered["uncovered_cents"], covered["granted_cents"]) == (
        *("paid_out", 0),
        300,
    )
    assert after["steps"][-1]["kind"] == "acceptance"
    states = [[it["state"] for it in money["anomalies"]] for money in (before, after)]
    assert states == [["open"], ["explained"]]


async def test_store_credit_is_in_the_balance(kind: Kind, tmp_path: Path) -> None:
    money = await money_of(tmp_path, CAPTURED | {"method": "gift-card"})

    assert (money["store_credit_cents"], money["net_cents"]) == (1_000, 1_000)
    assert [it["method"] for it in money["payments"]] == ["gift-card"]


async def test_lists_and_summaries_tell_the_open_anomalies(kind: Kind, tmp_path: Path) -> None:
    accepted = command("accept-refund", payment_id="p", payout_id="o")
    resolved = command("resolve-anomaly", anomaly_id="1")
    orders = {
        "open": [CAPTURED, PAID_OUT],
        "explained": [CAPTURED, PAID_OUT, accepted],
        "resolved": [CAPTURED, PAID_OUT, resolved],
    }
    histories = [
        order_events(*played([PLACE, *lines], name)[0], order_id=name, minutes=20 * n)
        for n, (name, lines) in enumerate(orders.items())
    ]
    async with model_of(tmp_path, PROJECTION, *histories) as conn:

        async def listed(filters: AnomalyFilters) -> list[str]:
            found = await conn.run_sync(page, ANOMALY_LIST, filters=filters, sort="recorded_at")
            assert all(it["state"] == it["order_id"] for it in found.items)
            return [it["order_id"] for it in found.items]

        assert await listed(AnomalyFilters()) == ["open"]
        states: tuple[AnomalyState, ...] = ("open", "explained", "resolved")
        for state in states:
            assert await listed(AnomalyFilters(state=state)) == [state]
        assert await listed(AnomalyFilters(state="all")) == list(states)
        assert (await conn.run_sync(summary))["EUR"]["anomalies"] == 1
        assert await conn.run_sync(open_anomalies) == {"refund-without-grant": 1}
