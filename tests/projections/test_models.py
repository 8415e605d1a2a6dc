"""What holds for every read model, whatever happened to an order."""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from sqlalchemy import Table, create_engine

from domain.events import (
    EVENTS,
    Event,
    FactRetracted,
    FeeRecorded,
    GoodsEvent,
    ItemsAdded,
    ItemsCancelled,
    MoneyEvent,
    MoneyFactEvent,
    OrderCancelled,
)
from domain.facts import retracted_event
from domain.figures import money_figures
from domain.order import Order, evolve
from domain.postings import ACCOUNTS, balances
from domain.words import state_word
from projections import read_models
from projections.models import MODELS, Incomplete, projection_of
from projections.projection import Projection, Row
from projections.read_models.order.projection import ORDERS
from projections.read_models.payment.queries import order_payments
from projections.read_models.payment.steps import STEP_OF
from projections.read_models.payment.tables import ANOMALIES, BALANCES, PAYMENTS, POSTINGS
from projections.read_models.payment.tables import MOVES as PAYMENT_MOVES
from projections.read_models.shipment.projection import _STEPS as SHIPMENT_STEP_OF
from projections.read_models.shipment.tables import FULFILMENTS, LINES, SHIPMENT_LINES, SHIPMENTS
from projections.read_models.shipment.tables import MOVES as SHIPMENT_MOVES
from runtime.model_names import MODEL_NAMES
from tests.projections.histories import LENGTH_MAX, histories, history_of
from tests.projections.order_events import folded, order_events

FOLDER = Path(read_models.__file__).parent

any_model = pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)


def test_every_folder_of_a_read_model_is_in_the_list() -> None:
    folders = {path.parent.name for path in FOLDER.glob("*/__init__.py")}

    assert folders == set(MODEL_NAMES), "name it in MODEL_NAMES (runtime/model_names.py)"


OF_ANOTHER = "from projections.read_models.order.projection import PROJECTION"


@pytest.mark.parametrize(
    ("name", "files", "lacks"),
    [
        ("folderless", {}, "there is no projections/read_models/folderless/projection.py"),
        ("empty", {"__init__.py": ""}, "there is no projections/read_models/empty/projection.py"),
        (
            "unnamed",
            {"__init__.py": "", "projection.py": ""},
            "projections/read_models/unnamed/projection.py has no PROJECTION",
        ),
        (
            "misnamed",
            {"__init__.py": "", "projection.py": OF_ANOTHER},
            "projections/read_models/misnamed/projection.py has the name order",
        ),
    ],
)
def test_what_a_read_model_of_the_list_lacks_is_named(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    files: Mapping[str, str],
    lacks: str,
) -> None:
    for file, text in files.items():
        (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / name / file).write_text(text)
    monkeypatch.setattr(read_models, "__path__", [*read_models.__path__, str(tmp_path)])

    with pytest.raises(Incomplete) as found:
        projection_of(name)

    listed = f"the read model {name} is in MODEL_NAMES (runtime/model_names.py), but "
    assert str(found.value).startswith(listed)
    assert lacks in str(found.value)


def test_the_histories_below_tell_every_kind_of_event() -> None:
    told_of = {type(event).__name__ for n in range(300) for event in history_of(n, LENGTH_MAX)}

    assert told_of == EVENTS.keys()


@pytest.mark.parametrize(
    ("union", "steps"),
    [(MoneyEvent, STEP_OF), (GoodsEvent, SHIPMENT_STEP_OF)],
    ids=["payment", "shipment"],
)
def test_an_event_that_changes_the_model_is_one_of_its_steps(
    union: Any, steps: Mapping[type[Event], object]
) -> None:
    assert steps.keys() | {OrderCancelled, ItemsCancelled, ItemsAdded} == set(get_args(union))


@any_model
def test_the_primary_key_of_every_table_starts_with_the_order(model: Projection[Any]) -> None:
    for table in model.tables.tables.values():
        assert next(iter(table.primary_key)).name == "order_id"


@any_model
@given(history=histories)
def test_a_view_comes_back_from_json_as_it_was(
    model: Projection[Any], history: list[Event]
) -> None:
    view = model.initial("o-1")
    assert model.view.validate_json(model.view.dump_json(view)) == view
    for event in order_events(*history):
        view, _ = model.evolve(view, event)
        again = model.view.validate_json(model.view.dump_json(view))
        assert again == view
        assert model.rows(again) == model.rows(view)


@any_model
@given(history=histories)
def test_rows_and_entries_fit_their_tables(model: Projection[Any], history: list[Event]) -> None:
    view, taken = model.initial("o-1"), set[tuple[Any, ...]]()
    for event in order_events(*history):
        view, entries = model.evolve(view, event)
        for table, entry in entries:
            assert fits(table, entry)
            assert key_of(table, entry) not in taken
            taken.add(key_of(table, entry))
        for table, rows in model.rows(view).items():
            assert all(fits(table, row) for row in rows)
            assert len({key_of(table, row) for row in rows}) == len(rows)


@any_model
@given(history=histories)
def test_rows_and_entries_are_in_different_tables(
    model: Projection[Any], history: list[Event]
) -> None:
    view, entered = model.initial("o-1"), set[Table]()
    for event in order_events(*history):
        view, entries = model.evolve(view, event)
        entered |= {table for table, _ in entries}
    assert entered.isdisjoint(model.rows(view))


@any_model
@given(history=histories)
def test_views_that_are_said_to_have_the_same_rows_have_them(
    model: Projection[Any], history: list[Event]
) -> None:
    before = model.initial("o-1")
    for event in order_events(*history):
        after, _ = model.evolve(before, event)
        if model.same_rows is not None and model.same_rows(before, after):
            assert model.rows(before) == model.rows(after)
        before = after


@any_model
@given(history=histories)
def test_rows_are_never_removed(model: Projection[Any], history: list[Event]) -> None:
    view, before = model.initial("o-1"), set[tuple[Any, ...]]()
    for event in order_events(*history):
        view, _ = model.evolve(view, event)
        now = {key_of(table, row) for table, rows in model.rows(view).items() for row in rows}
        assert before <= now
        before = now


@given(history=histories)
def test_the_order_row_says_what_the_order_is(history: list[Event]) -> None:
    for order, row in steps_of("order", ORDERS, history):
        assert row["state"] == state_word(order.status, order.money, order.goods)
        assert row["on_hold"] == order.status.on_hold
        assert row["fulfilment"] == order.goods.fulfilment
        assert row["payment"] == order.money.payment_status
        assert row["customer_id"] == order.status.customer_id
        assert row["anomalies"] == order.anomalies.open_count
        figures = money_figures(order.money)
        assert {name: row[name] for name in figures} == figures
        assert row["balance_cents"] == row["due_cents"] - row["net_cents"]


@given(history=histories)
def test_the_balance_row_says_what_the_order_is(history: list[Event]) -> None:
    for order, row in steps_of("payment", BALANCES, history):
        assert row["payment"] == order.money.payment_status
        assert row["cancelled"] == order.status.cancelled
        figures = money_figures(order.money)
        same = figures.keys() & row.keys()
        assert {name: row[name] for name in same} == {name: figures[name] for name in same}
        paid = order.money.payments.values()
        assert row["authorized_cents"] == sum(payment.authorized_cents for payment in paid)
        assert row["store_credit_cents"] == sum(payment.store_cents for payment in paid)
        assert row["anomaly_count"] == len(order.anomalies.recorded)
        assert row["open_anomaly_count"] == order.anomalies.open_count


@given(history=histories)
def test_the_rows_of_anomalies_say_what_the_order_says(history: list[Event]) -> None:
    """Although the payment model does not know the order's status."""
    model, view, order = MODELS["payment"], MODELS["payment"].initial("o-1"), None
    for event in order_events(*history):
        order = evolve(order, event.event)
        view, _ = model.evolve(view, event)
        said = [
            (row["anomaly_id"], row["kind"], row["state"], row["refers_to"], row["detail"])
            for row in model.rows(view).get(ANOMALIES, ())
        ]
        assert said == [
            (anomaly_id, it.kind, it.state, it.refers_to, it.detail)
            for anomaly_id, it in order.anomalies.recorded.items()
        ]


@given(history=histories)
def test_payments_are_counted_while_a_fact_of_them_counts(history: list[Event]) -> None:
    model, view, order = MODELS["payment"], MODELS["payment"].initial("o-1"), None
    facts: Counter[str] = Counter()
    for event in order_events(*history):
        before = None if order is None else order.money
        order = evolve(order, event.event)
        view, _ = model.evolve(view, event)
        body, sign = event.event, 1
        if isinstance(body, FactRetracted):
            body, sign = retracted_event(body), -1
        if isinstance(body, get_args(MoneyFactEvent)) and not isinstance(body, FeeRecorded):
            payment_id = getattr(body, "payment_id", None)
            if payment_id is not None and order.money is not before:
                facts[payment_id] += sign
        [row] = model.rows(view)[BALANCES]
        assert row["payment_count"] == sum(count > 0 for count in facts.values())


@given(history=histories)
def test_the_fulfilment_row_says_what_the_order_is(history: list[Event]) -> None:
    for order, row in steps_of("shipment", FULFILMENTS, history):
        assert row["fulfilment"] == order.goods.fulfilment
        assert row["cancelled"] == order.status.cancelled
        assert row["units_open"] == sum(line.open for line in order.goods.lines)
        assert row["units_delivered"] == sum(line.delivered for line in order.goods.lines)


@given(history=histories)
def test_every_event_is_posted_to_zero_and_all_of_them_to_the_balances(
    history: list[Event],
) -> None:
    model, view, order = MODELS["payment"], MODELS["payment"].initial("o-1"), None
    accounts: Counter[tuple[str, str]] = Counter()
    for event in order_events(*history):
        order = evolve(order, event.event)
        view, entries = model.evolve(view, event)
        posted: Counter[tuple[str, str]] = Counter()
        for table, entry in entries:
            if table is POSTINGS:
                posted[entry["account"], entry["tax_code"]] += entry["amount_cents"]
        assert sum(posted.values()) == 0
        accounts.update(posted)
        booked = balances(order.money)
        taxes = {("tax", code): cents for code, cents in booked.taxes.items()}
        without_tax = {
            (name, ""): cents for name, cents in zip(ACCOUNTS, booked.by_account, strict=False)
        }
        assert _not_zero(accounts) == _not_zero(taxes | without_tax)


def _not_zero(sums: Mapping[Any, int]) -> dict[Any, int]:
    return {name: cents for name, cents in sums.items() if cents}


@given(history=histories)
def test_the_steps_and_movements_that_count_are_the_figures(history: list[Event]) -> None:
    model = MODELS["payment"]
    view, entries = folded(model, order_events(*history))
    engine = create_engine("sqlite://")
    with engine.begin() as conn:
        model.tables.create_all(conn)
        for table, rows in model.rows(view).items():
            if rows:
                conn.execute(table.insert(), list(rows))
        for table, entry in entries:
            conn.execute(table.insert(), [entry])
        money = order_payments(conn, "o-1")
    engine.dispose()

    assert money is not None
    by_step: Counter[tuple[str | None, str]] = Counter()
    for step in money["steps"]:
        if step["counted"] and step["counted_cents"] is not None:
            by_step[step["payment_id"], step["kind"]] += step["counted_cents"]
    by_movement: Counter[tuple[str | None, str]] = Counter()
    for movement in money["movements"]:
        by_movement[movement["payment_id"], movement["kind"]] += movement["counted_cents"]
    for payment in money["payments"]:
        payment_id = payment["payment_id"]
        for kind, figure in _FIGURES.items():
            assert by_movement[payment_id, kind] == payment[figure]
            steps = sum(by_step[payment_id, name] for name in _STEPS.get(kind, (kind,)))
            if kind != "chargeback":  # of which a part may be reversed
                assert (kind, steps) == (kind, payment[figure])
    assert by_movement[None, "fee"] == money["fees_cents"]
    in_force = [it["amount_cents"] for it in money["adjustments"] if it["state"] == "in_force"]
    kept = sum(refund["kept_cents"] for refund in money["refunds"])
    assert kept - sum(cents for cents in in_force if cents < 0) == money["credited_cents"]
    assert sum(it["open_cents"] for it in money["refunds"]) == money["open_refunds_cents"]


@given(history=histories)
def test_what_moved_is_the_figures_of_payments(history: list[Event]) -> None:
    model = MODELS["payment"]
    view, entries = folded(model, order_events(*history))
    rows = model.rows(view)
    [balance] = rows[BALANCES]
    moves = [entry for table, entry in entries if table is PAYMENT_MOVES]
    by_method, reported = Counter[str](), Counter[str]()
    for payment in rows.get(PAYMENTS, ()):
        by_method[payment["method"]] += payment["captured_cents"]
        reported[payment["method"]] += 1
    moved, named = Counter[str](), Counter[str]()
    for move in moves:
        moved[move["method"]] += move["captured_cents"]
        named[move["method"]] += move["reported"]

    assert _not_zero(moved) == _not_zero(by_method)
    assert _not_zero(named) == _not_zero(reported)
    assert sum(move["payments"] for move in moves) == balance["payment_count"]
    for figure in ("authorized_cents", "captured_cents", "refunded_cents", "charged_back_cents"):
        assert (figure, sum(move[figure] for move in moves)) == (figure, balance[figure])


@given(history=histories)
def test_what_moved_is_the_figures_of_shipments(history: list[Event]) -> None:
    model = MODELS["shipment"]
    view, entries = folded(model, order_events(*history))
    [fulfilment] = model.rows(view)[FULFILMENTS]
    moves = [entry for table, entry in entries if table is SHIPMENT_MOVES]
    for figure in (
        *("shipments_planned", "shipments_dispatched", "shipments_delivered"),
        *("units_dispatched", "units_delivered"),
    ):
        assert (figure, sum(move[figure] for move in moves)) == (figure, fulfilment[figure])


_STEPS = {"authorization": ("authorization", "authorization-adjustment")}
_FIGURES = {
    "authorization": "authorized_cents",
    "capture": "captured_cents",
    "void": "voided_cents",
    "payout": "refunded_cents",
    "chargeback": "charged_back_cents",
}


@given(history=histories)
def test_the_lines_of_shipments_are_the_lines_counters(history: list[Event]) -> None:
    model = MODELS["shipment"]
    view, _ = folded(model, order_events(*history))
    rows = model.rows(view)
    states = {shipment["shipment_id"]: shipment for shipment in rows[SHIPMENTS]}
    for line in rows[LINES]:
        parts = [part for part in rows[SHIPMENT_LINES] if part["line"] == line["line"]]
        for counter in ("delivered", "lost", "returned_to_sender"):
            assert (counter, sum(part[counter] for part in parts)) == (counter, line[counter])
        planned = [part for part in parts if states[part["shipment_id"]]["state"] == "planned"]
        assert sum(part["quantity"] for part in planned) == line["planned"]


def steps_of(name: str, table: Table, history: Iterable[Event]) -> Iterable[tuple[Order, Row]]:
    """The order and the model's one row of this table, after each event."""
    model, view, order = MODELS[name], MODELS[name].initial("o-1"), None
    for event in order_events(*history):
        order = evolve(order, event.event)
        view, _ = model.evolve(view, event)
        [row] = model.rows(view)[table]
        yield order, row


def fits(table: Table, row: Row) -> bool:
    return row.keys() == set(table.columns.keys()) and all(
        row[column.name] is not None or column.nullable for column in table.columns
    )


def key_of(table: Table, row: Row) -> tuple[Any, ...]:
    return (table.name, *(row[column.name] for column in table.primary_key))
