"""No list, summary or trial balance reads a whole table: what the databases plan to do for them.

SQLite plans by the indexes there are; PostgreSQL is asked for the best plan without a scan of a
table, and without a sort, so that either is left only where there is no index for it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any, get_args

import pytest
from sqlalchemy import Connection, event

from projections.models import MODELS
from projections.query.listing import Listing, page
from projections.query.periods import asked
from projections.read_models.audit import queries as audit
from projections.read_models.order import queries as order
from projections.read_models.payment import queries as payment
from projections.read_models.shipment import queries as shipment
from tests.projections.toy import writer_of

pytestmark = pytest.mark.usefixtures("kind")

LISTS: dict[str, tuple[str, Listing, type[Any], Sequence[str]]] = {
    "orders": ("order", order.ORDER_LIST, order.OrderFilters, get_args(order.Sort)),
    "payments": ("payment", payment.PAYMENT_LIST, payment.PaymentFilters, get_args(payment.Sort)),
    "anomalies": (
        "payment",
        payment.ANOMALY_LIST,
        payment.AnomalyFilters,
        get_args(payment.AnomalySort),
    ),
    "shipments": (
        "shipment",
        shipment.SHIPMENT_LIST,
        shipment.ShipmentFilters,
        get_args(shipment.Sort),
    ),
    "audit": ("audit", audit.ENTRY_LIST, audit.EntryFilters, get_args(audit.Sort)),
}
FEW = {"customer_id", "tracking", "order_id", "correlation_id", "command_id"}
"""Filters by which few rows are found, which may then be sorted."""
PERIODS: dict[str, dict[str, Any]] = {
    "all time": {},
    "a month": {"begin": "2026-01-01", "end": "2026-02-01", "tz": "Europe/Berlin"},
    "days": {"begin": "2026-01-01", "end": "2026-02-01", "group_by": "day", "by": "recorded"},
}
TOTALS: dict[str, tuple[str, Callable[..., Any]]] = {
    "orders": ("order", order.summary),
    "payments": ("payment", payment.summary),
    "shipments": ("shipment", shipment.summary),
    "trial balance": ("payment", payment.trial_balance),
}


def plans(conn: Connection, question: Callable[[Connection], Any]) -> Iterator[str]:
    """The plan of every statement that a question runs."""
    asked_: list[tuple[str, Any]] = []

    def note(_conn: Any, _cursor: Any, sql: str, parameters: Any, *_: Any) -> None:
        asked_.append((sql, parameters))

    event.listen(conn, "before_cursor_execute", note)
    try:
        question(conn)
    finally:
        event.remove(conn, "before_cursor_execute", note)
    is_postgres = conn.dialect.name == "postgresql"
    if is_postgres:
        conn.exec_driver_sql("SET LOCAL enable_seqscan = off")
        conn.exec_driver_sql("SET LOCAL enable_sort = off")
        conn.exec_driver_sql("SET LOCAL enable_bitmapscan = off")
    for sql, parameters in asked_:
        explain = "EXPLAIN " if is_postgres else "EXPLAIN QUERY PLAN "
        rows = conn.exec_driver_sql(explain + sql, tuple(parameters)).all()
        yield "\n".join(str(row[-1]) for row in rows)


def scans(plan: str) -> list[str]:
    """The steps that read a whole table."""
    return [
        step.strip()
        for step in plan.splitlines()
        if "Seq Scan" in step
        or (step.strip().startswith("SCAN ") and " USING " not in step and not _is_small(step))
    ]


def _is_small(step: str) -> bool:
    """Of the ranges that a question names, and no table."""
    return "CONSTANT" in step or step.strip() == "SCAN ranges"


def sorts(plan: str) -> list[str]:
    return [step for step in plan.splitlines() if "TEMP B-TREE FOR ORDER" in step or "Sort" in step]


async def planned(folder: Path, model: str, question: Callable[[Connection], Any]) -> list[str]:
    async with writer_of(folder, MODELS[model]) as writer:
        return await writer.change(lambda conn: list(plans(conn, question)))


def _value(name: str, hint: Any) -> Any:
    if name.endswith(("_after", "_before", "_from", "_to")):
        return asked(begin="2026-01-01").whole.begin
    return True if "bool" in str(hint) else "x"


@pytest.mark.parametrize("name", LISTS)
async def test_no_list_scans_or_sorts_a_table(tmp_path: Path, name: str) -> None:
    model, listing, filters, sort_names = LISTS[name]
    given = [{}, *({each.name: _value(each.name, each.type)} for each in fields(filters))]
    # Left out, it is those that are open: few, which may be sorted if another filter was quicker.
    every = {"state": "all"} if name == "anomalies" else {}

    def questions(conn: Connection) -> list[tuple[str, str]]:
        return [
            (f"{sort} {wanted}", plan)
            for sort in sort_names
            for wanted in given
            for plan in plans(
                conn, partial(page, listing=listing, filters=filters(**every | wanted), sort=sort)
            )
        ]

    async with writer_of(tmp_path, MODELS[model]) as writer:
        found = await writer.change(questions)

    assert {what: scans(plan) for what, plan in found if scans(plan)} == {}
    assert {what for what, plan in found if sorts(plan) and not FEW & set(what.split("'"))} == set()


@pytest.mark.parametrize("when", PERIODS)
@pytest.mark.parametrize("name", TOTALS)
async def test_no_total_scans_a_table(tmp_path: Path, name: str, when: str) -> None:
    model, summary = TOTALS[name]
    period = asked(**PERIODS[when])

    found = await planned(tmp_path, model, partial(summary, asked=period))

    # Changes that are not merged yet are few, and read all.
    left = [step for plan in found for step in scans(plan) if "pending" not in step]
    assert left == []
    assert any("totals" in plan for plan in found)


async def test_a_scan_is_noticed(tmp_path: Path) -> None:
    def by_channel(conn: Connection) -> None:
        conn.exec_driver_sql("SELECT * FROM orders WHERE channel = 'x' ORDER BY lines").all()

    [plan] = await planned(tmp_path, "order", by_channel)

    assert scans(plan)
    assert sorts(plan)
