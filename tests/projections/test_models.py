"""What holds for every read model, whatever happened to an order."""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from sqlalchemy import Table

from domain.events import (
    EVENTS,
    Event,
    GoodsEvent,
    ItemsCancelled,
    MoneyEvent,
    OrderCancelled,
)
from domain.order import Order, evolve
from domain.postings import ACCOUNTS, balances
from projections import read_models
from projections.models import MODELS, Incomplete, projection_of
from projections.projection import Projection, Row
from projections.read_models.order.projection import ORDERS
from projections.read_models.payment.projection import _STEPS as PAYMENT_STEP_OF
from projections.read_models.payment.queries import with_counted
from projections.read_models.payment.tables import BALANCES, PAYMENTS, POSTINGS
from projections.read_models.payment.tables import STEPS as PAYMENT_STEPS
from projections.read_models.shipment.projection import _STEPS as SHIPMENT_STEP_OF
from projections.read_models.shipment.tables import FULFILMENTS, LINES, SHIPMENT_LINES, SHIPMENTS
from runtime.model_names import MODEL_NAMES
from tests.projections.histories import LENGTH_MAX, histories, history_of
from tests.projections.order_events import order_events

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
    [(MoneyEvent, PAYMENT_STEP_OF), (GoodsEvent, SHIPMENT_STEP_OF)],
    ids=["payment", "shipment"],
)
def test_an_event_that_changes_the_model_is_one_of_its_steps(
    union: Any, steps: Mapping[type[Event], object]
) -> None:
    assert steps.keys() | {OrderCancelled, ItemsCancelled} == set(get_args(union))


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
        assert row["state"] == order.status.state
        assert row["on_hold"] == order.status.on_hold
        assert row["fulfilment"] == order.goods.fulfilment
        assert row["payment"] == order.money.payment_status
        assert row["balance_cents"] == order.money.balance_cents
        assert row["balance_cents"] == row["due_cents"] - row["net_cents"]


@given(history=histories)
def test_the_balance_row_says_what_the_order_is(history: list[Event]) -> None:
    for order, row in steps_of("payment", BALANCES, history):
        assert row["payment"] == order.money.payment_status
        assert row["cancelled"] == order.status.cancelled
        assert row["balance_cents"] == order.money.balance_cents
        assert row["open_refunds_cents"] == order.money.open_refunds_cents
        paid = order.money.payments.values()
        assert row["authorized_cents"] == sum(payment.authorized_cents for payment in paid)
        assert row["payment_count"] == len(order.money.payments)


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
    accounts: Counter[str] = Counter()
    for event in order_events(*history):
        order = evolve(order, event.event)
        view, entries = model.evolve(view, event)
        posted = {
            entry["account"]: entry["amount_cents"] for table, entry in entries if table is POSTINGS
        }
        assert sum(posted.values()) == 0
        accounts.update(posted)
        assert tuple(accounts[name] for name in ACCOUNTS) == balances(order.money)


@given(history=histories)
def test_the_steps_that_count_are_the_figures(history: list[Event]) -> None:
    model = MODELS["payment"]
    view, told_steps = model.initial("o-1"), list[Row]()
    for event in order_events(*history):
        view, entries = model.evolve(view, event)
        told_steps += [entry for table, entry in entries if table is PAYMENT_STEPS]
        steps = with_counted(told_steps, told_steps, "EUR")
        for payment in model.rows(view)[PAYMENTS]:
            for kind, figure in _FIGURES.items():
                counted = sum(
                    step["amount_cents"]
                    for step in steps
                    if step["kind"] == kind
                    and step["payment_id"] == payment["payment_id"]
                    and step["counted"]
                )
                assert (kind, counted) == (kind, payment[figure])


_FIGURES = {
    "authorization": "authorized_cents",
    "capture": "captured_cents",
    "void": "voided_cents",
    "payout": "refunded_cents",
    "chargeback": "charged_back_cents",
}


@given(history=histories)
def test_the_lines_of_shipments_on_their_way_are_the_lines_counters(history: list[Event]) -> None:
    model = MODELS["shipment"]
    view, planned = model.initial("o-1"), list[Row]()
    for event in order_events(*history):
        view, entries = model.evolve(view, event)
        planned += [entry for table, entry in entries if table is SHIPMENT_LINES]
    rows = model.rows(view)
    states = {shipment["shipment_id"]: shipment["state"] for shipment in rows[SHIPMENTS]}
    for line in rows[LINES]:
        for counter in ("planned", "delivered", "lost", "returned_to_sender"):
            units = sum(
                part["quantity"]
                for part in planned
                if part["line"] == line["line"] and states[part["shipment_id"]] == counter
            )
            assert (counter, units) == (counter, line[counter])


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
