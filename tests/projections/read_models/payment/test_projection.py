import pytest

from domain.commands import LineQuantity
from domain.events import (
    AnomalyRecorded,
    AnomalyResolved,
    AuthorizationExpired,
    ChargebackReversed,
    Event,
    ItemsCancelled,
    NoteAdded,
    OrderCancelled,
    PaymentAuthorized,
    PaymentCaptured,
    PaymentChargedBack,
    PaymentFailed,
    PaymentRefunded,
    PaymentVoided,
    RefundFailed,
    RefundGranted,
    RefundRevoked,
    ShipmentDelivered,
    ShipmentDispatched,
    ShipmentPlanned,
)
from domain.persistent import with_fields
from eventstore.record.moments import quarter_of
from projections.projection import Row
from projections.read_models.payment.projection import PROJECTION
from projections.read_models.payment.tables import (
    ANOMALIES,
    BALANCES,
    PAYMENTS,
    POSTINGS,
    REFUNDS,
    STEPS,
)
from tests.projections.order_events import folded, minute, order_events, placed, rows_of
from tests.projections.told import told

PLACED = placed("o-1", (2, 300), (1, 400), shipping_cents=60, tax_cents=40, discount_cents=100)


def authorized(
    cents: int = 1_000, currency: str = "EUR", authorization_id: str = "p-1"
) -> PaymentAuthorized:
    return told(
        PaymentAuthorized,
        payment_id="p-1",
        authorization_id=authorization_id,
        amount_cents=cents,
        currency=currency,
        method="card",
    )


def captured(cents: int = 1_000, capture_id: str = "k-1", currency: str = "EUR") -> PaymentCaptured:
    return told(
        PaymentCaptured,
        payment_id="p-1",
        capture_id=capture_id,
        amount_cents=cents,
        currency=currency,
    )


def voided(cents: int) -> PaymentVoided:
    return told(PaymentVoided, payment_id="p-1", void_id="v-1", amount_cents=cents, currency="EUR")


def granted(cents: int, credit_cents: int = 0) -> RefundGranted:
    return told(
        RefundGranted,
        refund_id="r-1",
        amount_cents=cents,
        credit_cents=credit_cents,
        reason="broken",
        lines=(),
    )


def paid_out(cents: int, payout_id: str = "o-1") -> PaymentRefunded:
    return told(
        PaymentRefunded,
        payment_id="p-1",
        payout_id=payout_id,
        refund_id="r-1",
        amount_cents=cents,
        currency="EUR",
    )


FAILED_PAYOUT = told(
    RefundFailed, refund_id="r-1", payment_id="p-1", payout_id="o-1", reason="no iban"
)
REVOKED = told(RefundRevoked, refund_id="r-1", revoked_cents=300, reason="found it")
CHARGED_BACK = told(
    PaymentChargedBack, payment_id="p-1", chargeback_id="b-1", amount_cents=1_000, currency="EUR"
)
REVERSED = told(ChargebackReversed, payment_id="p-1", chargeback_id="b-1")
EXPIRED = told(AuthorizationExpired, payment_id="p-1", report_id=None)
FAILED = told(PaymentFailed, payment_id="p-1", reason="no cover", report_id="f-1")


def payment_after(*events: Event) -> Row:
    [row] = rows_of(PROJECTION, PAYMENTS, PLACED, *events)
    return row


def balance_after(*events: Event) -> Row:
    [row] = rows_of(PROJECTION, BALANCES, PLACED, *events)
    return row


def test_a_payment_is_one_row() -> None:
    assert payment_after(authorized(), captured(400)) == {
        "order_id": "o-1",
        "payment_id": "p-1",
        "currency": "EUR",
        "method": "card",
        "state": "partly_captured",
        "authorized_cents": 1_000,
        "left_cents": 600,
        "captured_cents": 400,
        "voided_cents": 0,
        "refunded_cents": 0,
        "charged_back_cents": 0,
        "net_cents": 400,
        "expired": False,
        "failed": False,
        "reported_at": minute(1),
    }


def test_the_method_of_a_payment_without_authorization_is_unknown() -> None:
    assert payment_after(captured())["method"] == "unknown"


@pytest.mark.parametrize(
    ("events", "word"),
    [
        ((authorized(0),), "none"),
        ((authorized(),), "authorized"),
        ((authorized(), voided(1_000)), "voided"),
        ((authorized(), EXPIRED), "expired"),
        ((authorized(), EXPIRED, FAILED), "failed"),
        ((authorized(), captured(999)), "partly_captured"),
        ((authorized(), captured(999), EXPIRED), "captured"),
        ((authorized(), captured(900), voided(100)), "captured"),
        ((captured(),), "captured"),
        ((captured(), granted(300), paid_out(300)), "partly_returned"),
        ((captured(), granted(1_000), paid_out(1_000)), "refunded"),
        ((captured(), granted(300), paid_out(300), FAILED_PAYOUT), "captured"),
        ((captured(), CHARGED_BACK), "charged_back"),
        ((captured(), CHARGED_BACK, REVERSED), "captured"),
    ],
)
def test_a_payment_in_a_word(events: tuple[Event, ...], word: str) -> None:
    assert payment_after(*events)["state"] == word


def test_a_payment_in_another_currency_is_a_row_without_figures() -> None:
    row = payment_after(authorized(currency="USD"), captured(currency="USD"))

    assert (row["state"], row["authorized_cents"], row["captured_cents"]) == ("none", 0, 0)
    assert balance_after(authorized(currency="USD"))["payment_count"] == 0


def test_the_balance_is_one_row() -> None:
    assert balance_after(authorized(), captured(), granted(300, credit_cents=300)) == {
        "order_id": "o-1",
        "currency": "EUR",
        "cancelled": False,
        "payment": "refunding",
        "total_cents": 1_000,
        "billed_cents": 1_000,
        "credited_cents": 300,
        "written_off_cents": 0,
        "forgiven_cents": 0,
        "due_cents": 700,
        "authorized_cents": 1_000,
        "captured_cents": 1_000,
        "voided_cents": 0,
        "refunded_cents": 0,
        "charged_back_cents": 0,
        "store_credit_cents": 0,
        "fees_cents": 0,
        "net_cents": 1_000,
        "balance_cents": -300,
        "open_refunds_cents": 300,
        "payment_count": 1,
        "capture_count": 1,
        "anomaly_count": 0,
        "open_anomaly_count": 0,
        "placed_quarter": quarter_of(minute(0)),
        "placed_recorded_quarter": quarter_of(minute(0)),
    }


def test_captures_that_count_are_counted() -> None:
    events = (captured(0), captured(5, "k-2"), captured(5, "k-3", currency="USD"))

    assert balance_after(*events)["capture_count"] == 2


@pytest.mark.parametrize(
    ("events", "word", "open_cents"),
    [
        ((granted(300),), "open", 300),
        ((granted(300), paid_out(100)), "open", 200),
        ((granted(300), paid_out(300)), "paid_out", 0),
        ((granted(300), paid_out(300), FAILED_PAYOUT), "open", 300),
        ((granted(300), REVOKED), "revoked", 0),
        ((paid_out(300),), "ungranted", 0),
    ],
)
def test_a_refund_is_one_row(events: tuple[Event, ...], word: str, open_cents: int) -> None:
    [row] = rows_of(PROJECTION, REFUNDS, PLACED, captured(), *events)

    assert (row["refund_id"], row["state"], row["open_cents"]) == ("r-1", word, open_cents)


def test_every_fact_and_grant_is_a_step_with_its_identity_in_the_key() -> None:
    events = (
        authorized(),
        captured(),
        voided(1),
        EXPIRED,
        FAILED,
        granted(300),
        REVOKED,
        paid_out(300),
        FAILED_PAYOUT,
        CHARGED_BACK,
        REVERSED,
    )
    steps = rows_of(PROJECTION, STEPS, PLACED, *events)

    assert [(it["kind"], it["payment_id"], it["id"], it["amount_cents"]) for it in steps] == [
        ("authorization", "p-1", "p-1", 1_000),
        ("capture", "p-1", "k-1", 1_000),
        ("void", "p-1", "v-1", 1),
        ("expiry", "p-1", "p-1", None),
        ("failure", "p-1", "", None),
        ("grant", "", "r-1", 300),
        ("revocation", "", "r-1", 300),
        ("payout", "p-1", "o-1", 300),
        ("payout-failure", "p-1", "o-1", None),
        ("chargeback", "p-1", "b-1", 1_000),
        ("chargeback-reversal", "p-1", "b-1", None),
    ]
    assert steps[7]["refund_id"] == "r-1"
    assert (steps[4]["reason"], steps[4]["report_id"]) == ("no cover", "f-1")
    assert steps[0]["method"] == "card"


ABOVE = told(
    AnomalyRecorded,
    kind="captured-above-authorized",
    anomaly_id="1",
    refers_to="payment:p-1",
    detail="captured 1000",
)


def test_an_anomaly_is_a_row_and_is_counted() -> None:
    history = (PLACED, authorized(900), captured(), ABOVE)
    [row] = rows_of(PROJECTION, ANOMALIES, *history)

    assert row == {
        "order_id": "o-1",
        "anomaly_id": "1",
        "revision": 3,
        "kind": "captured-above-authorized",
        "state": "open",
        "refers_to": "payment:p-1",
        "detail": "captured 1000",
        "occurred_at": minute(3),
        "recorded_at": minute(3),
        "currency": "EUR",
    }


@pytest.mark.parametrize(
    ("events", "word", "is_open"),
    [
        ((), "open", 1),
        ((authorized(100, authorization_id="a-2"),), "explained", 0),
        ((AnomalyResolved(anomaly_id="1", reason="agreed"),), "resolved", 0),
    ],
)
def test_an_anomaly_in_a_word(events: tuple[Event, ...], word: str, is_open: int) -> None:
    history = (authorized(900), captured(), ABOVE, *events)
    [row] = rows_of(PROJECTION, ANOMALIES, PLACED, *history)
    balance = balance_after(*history)

    assert row["state"] == word
    assert (balance["anomaly_count"], balance["open_anomaly_count"]) == (1, is_open)


def test_an_anomaly_about_goods_is_explained_by_what_happens_to_goods() -> None:
    unit = (LineQuantity(line=1, quantity=1),)
    early = told(
        AnomalyRecorded,
        kind="delivered-before-dispatch",
        anomaly_id="1",
        refers_to="shipment:s-1",
    )
    history = (
        PLACED,
        told(ShipmentPlanned, shipment_id="s-1", lines=unit),
        told(ShipmentDelivered, shipment_id="s-1"),
        early,
    )
    dispatched = told(ShipmentDispatched, shipment_id="s-1")

    [row] = rows_of(PROJECTION, ANOMALIES, *history)
    assert row["state"] == "open"
    [row] = rows_of(PROJECTION, ANOMALIES, *history, dispatched)
    assert row["state"] == "explained"


def test_an_anomaly_of_an_older_log_has_its_place_as_its_id() -> None:
    older = told(AnomalyRecorded, kind="unknown-shipment", refers_to="deliver-shipment:s/-")
    rows = rows_of(PROJECTION, ANOMALIES, PLACED, older, older)

    assert [(row["anomaly_id"], row["revision"]) for row in rows] == [("1", 1), ("2", 2)]


def test_an_event_that_does_not_concern_money_changes_nothing() -> None:
    view, _ = folded(PROJECTION, order_events(PLACED))
    note = order_events(PLACED, NoteAdded(note_id="n-1", text="hello"))[1]

    after, entries = PROJECTION.evolve(view, note)

    assert after is view
    assert entries == ()


def posted(*events: Event) -> dict[str, int]:
    """The postings of the last of the events, by account."""
    entries = rows_of(PROJECTION, POSTINGS, PLACED, *events)
    last = [entry for entry in entries if entry["revision"] == len(events)]
    assert [entry["n"] for entry in last] == list(range(len(last)))
    assert {entry["currency"] for entry in last} <= {"EUR"}
    return {entry["account"]: entry["amount_cents"] for entry in last}


LINE_2 = (LineQuantity(line=2, quantity=1),)


@pytest.mark.parametrize(
    ("events", "postings"),
    [
        (
            (),
            {"receivable": 1_000, "sales": -1_000, "shipping": -60, "tax": -40, "discount": 100},
        ),
        ((authorized(),), {}),
        ((captured(400),), {"cash": 400, "receivable": -400}),
        ((captured(400, currency="USD"),), {}),
        (
            (OrderCancelled(reason="late"),),
            {"receivable": -1_000, "sales": 1_000, "shipping": 60, "tax": 40, "discount": -100},
        ),
        (
            (told(ItemsCancelled, cancellation_id="x", lines=LINE_2, reason="late"),),
            # Its part of the discount is 40, and of the tax 15.
            {"sales": 400, "discount": -40, "tax": 15, "receivable": -375},
        ),
        (
            (captured(), granted(300, credit_cents=300)),
            {
                "refunds_payable": -300,
                "returns_and_allowances": 270,
                "shipping": 18,
                "tax": 12,
            },
        ),
        ((captured(), granted(300), paid_out(300)), {"cash": -300, "refunds_payable": 300}),
        ((captured(), paid_out(300)), {"cash": -300, "receivable": 300}),
        (
            (captured(), granted(300), paid_out(300), FAILED_PAYOUT),
            {"cash": 300, "refunds_payable": -300},
        ),
        ((captured(), FAILED_PAYOUT, paid_out(300)), {}),
        (
            (captured(), granted(300, credit_cents=300), REVOKED),
            {
                "refunds_payable": 300,
                "returns_and_allowances": -270,
                "shipping": -18,
                "tax": -12,
            },
        ),
        ((captured(), CHARGED_BACK), {"cash": -1_000, "receivable": 1_000}),
        ((captured(), CHARGED_BACK, REVERSED), {"cash": 1_000, "receivable": -1_000}),
        ((captured(), REVERSED, CHARGED_BACK), {}),
    ],
)
def test_an_event_is_posted(events: tuple[Event, ...], postings: dict[str, int]) -> None:
    assert posted(*events) == postings


def test_amounts_that_fit_in_no_column_do_not_fold() -> None:
    voids = [
        told(
            PaymentVoided,
            payment_id="p-1",
            void_id=f"v-{n}",
            amount_cents=10**15 - 1,
            currency="EUR",
        )
        for n in range(9_224)
    ]
    events = order_events(PLACED, *voids)
    view, _ = folded(PROJECTION, events[:-1])
    with pytest.raises(OverflowError, match="2\\^63"):
        PROJECTION.evolve(view, events[-1])


def test_authorizations_that_fit_in_no_column_do_not_fold() -> None:
    view, _ = folded(PROJECTION, order_events(PLACED))
    nearly = with_fields(view, money=with_fields(view.money, authorized_cents=2**63 - 1))
    with pytest.raises(OverflowError, match="2\\^63"):
        PROJECTION.evolve(nearly, order_events(PLACED, authorized(1))[1])
