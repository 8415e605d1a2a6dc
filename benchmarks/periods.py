"""What summaries, trial balances and lists cost at a hundredth of the orders, and at all of them.

The rows of a hundredth are made here, over 32 days; the others are copies of them in SQL, each 32
days later, and so are their totals. Rows that no list or total reads are not stored.
"""

import asyncio
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from statistics import median
from typing import Any, NamedTuple, get_args

from sqlalchemy import Connection, Table

from benchmarks.figures import Figure
from eventstore.record.moments import quarter_of, utc_text
from projections.models import MODELS
from projections.projection import Row
from projections.query.listing import Listing, page
from projections.query.periods import asked
from projections.read_models.order import queries as orders
from projections.read_models.order.projection import ORDERS
from projections.read_models.payment import queries as payments
from projections.read_models.payment.tables import ANOMALIES, BALANCES, MOVES, PAYMENTS, POSTINGS
from projections.read_models.shipment import queries as shipments
from projections.read_models.shipment.tables import MOVES as SHIPMENT_MOVES
from projections.read_models.shipment.tables import SHIPMENTS
from projections.storage.database import ReadDatabase
from projections.storage.open import open_generations
from projections.storage.tables import TOTALS
from projections.storage.totals import SIZES, Changes, Contributions, rolled_up, total_rows
from projections.worker.writer import Writer, open_writer
from runtime.loop import run

COPIES = 100
ROUNDS = 150
AT_MOST_MS = 20.0
RATIO = 1.5
_BEGIN = datetime(2018, 1, 5, tzinfo=UTC)
"""A multiple of 32 days after 1970, so that copies of totals are in spans of their own."""
_DAYS = 32
_ACCOUNTS = {"receivable": 0, "cash": 1, "sales": -1}

Rows = dict[str, dict[Table, list[Row]]]
_STORED = {"order": (ORDERS,), "payment": (PAYMENTS, ANOMALIES), "shipment": (SHIPMENTS,)}


class Question(NamedTuple):
    """asked: whether it is to cost the same at both sizes. A year is not: a hundredth of the orders
    has 32 days of it; nor are lists of a rare state, which are looked for along the sort.
    """

    model: str
    name: str
    ask: Callable[[Connection], Any]
    asked: bool = True


def measure(count: int) -> list[Figure]:
    return run(_measure(count))


async def _measure(count: int) -> list[Figure]:
    rows = _rows(max(1, count // COPIES))
    with tempfile.TemporaryDirectory() as folder:
        async with AsyncExitStack() as stack:
            sizes: list[dict[str, ReadDatabase]] = []
            for copies in (1, COPIES):
                opened: dict[str, ReadDatabase] = {}
                for name in _STORED:
                    url = f"sqlite+aiosqlite:///{Path(folder) / f'{name}-{copies}'}.db"
                    await _fill(name, url, rows[name], copies)
                    opened[name] = ReadDatabase(MODELS[name], url)
                    stack.push_async_callback(opened[name].aclose)
                sizes.append(opened)
            figures: list[Figure] = []
            for question in _questions():
                few, many = await _compare(question, sizes)
                figures += [
                    Figure(
                        f"{question.name}: p99 at {count:,} orders (median {many[0]:.1f})",
                        many[1],
                        "ms",
                        at_most=AT_MOST_MS if question.asked else None,
                    ),
                    Figure(
                        f"{question.name}: median, {count:,} orders / a hundredth",
                        many[0] / few[0],
                        "",
                        at_most=RATIO if question.asked else None,
                    ),
                ]
            return figures


async def _compare(
    question: Question, sizes: Sequence[dict[str, ReadDatabase]]
) -> list[tuple[float, float]]:
    """Median and p99 in milliseconds, at each of the sizes, asked in turns."""
    took: list[list[float]] = [[] for _ in sizes]
    for _ in range(ROUNDS):
        for opened, times in zip(sizes, took, strict=True):
            begun = time.perf_counter()
            await opened[question.model].ask(question.ask, long=True)
            times.append((time.perf_counter() - begun) * 1e3)
        await asyncio.sleep(0)
    return [(median(times), sorted(times)[int(len(times) * 0.99) - 1]) for times in took]


def _questions() -> Iterator[Question]:
    day = _BEGIN.date()
    month: dict[str, Any] = {
        "begin": day.isoformat(),
        "end": (day + timedelta(days=30)).isoformat(),
    }
    for model, summary in (
        ("order", orders.summary),
        ("payment", payments.summary),
        ("shipment", shipments.summary),
        ("payment", payments.trial_balance),
    ):
        what = "trial balance" if summary is payments.trial_balance else f"{model} summary"
        for when, given in (
            ("of all time", {}),
            ("of 30 days in Berlin", month | {"tz": "Europe/Berlin"}),
            ("of 30 days in Kolkata, by day", month | {"tz": "Asia/Kolkata", "group_by": "day"}),
            (
                "by month of a year",
                {"begin": "2018-01-01", "end": "2019-01-01", "group_by": "month"},
            ),
        ):
            question = partial(summary, asked=asked(**given))
            yield Question(model, f"{what} {when}", question, asked="year" not in when)
    for model, listing, filters, sort in (
        ("order", orders.ORDER_LIST, orders.OrderFilters, orders.Sort),
        ("payment", payments.PAYMENT_LIST, payments.PaymentFilters, payments.Sort),
        ("payment", payments.ANOMALY_LIST, payments.AnomalyFilters, payments.AnomalySort),
        ("shipment", shipments.SHIPMENT_LIST, shipments.ShipmentFilters, shipments.Sort),
    ):
        yield from _list_questions(model, listing, filters, get_args(sort))


def _list_questions(
    model: str, listing: Listing, filters: type[Any], sorts: Sequence[str]
) -> Iterator[Question]:
    for sort in sorts:
        name = f"list of {listing.table.name} by {sort}"
        listed = partial(page, listing=listing, sort=sort, limit=50)
        yield Question(model, name, partial(listed, filters=filters()))
    for each in fields(filters):
        value = _FILTERED.get((listing.table.name, each.name))
        if value is not None:
            given = filters(**{each.name: value})
            name = f"list of {listing.table.name} of one {each.name}"
            listed = partial(page, listing=listing, sort=sorts[-1], limit=50)
            yield Question(model, name, partial(listed, filters=given), asked=False)


_FILTERED: dict[tuple[str, str], Any] = {
    ("orders", "state"): "cancelled",
    ("orders", "fulfilment"): "planned",
    ("orders", "payment"): "overpaid",
    ("orders", "on_hold"): True,
    ("orders", "customer_id"): "c-7",
    ("orders", "currency"): "USD",
    ("payments", "state"): "failed",
    ("payments", "method"): "voucher",
    ("payments", "order_id"): "o-00000007",
    ("anomalies", "kind"): "unknown-refund",
    ("shipments", "state"): "lost",
    ("shipments", "tracking"): "t-7",
    ("shipments", "carrier"): "snail",
}


async def _fill(name: str, url: str, rows: dict[Table, list[Row]], copies: int) -> None:
    projection = MODELS[name]
    async with aclosing(open_generations(url)) as found:
        number = await found.claim()
        await found.create(projection, number, indexed=False)
        async with open_writer(projection, found, number, bulk=True) as writer:
            await writer.change(partial(_store, writer, name, rows))
            await writer.change(partial(_copy, _STORED[name], copies))
            await writer.finish()
        await found.switch(number)


def _store(writer: Writer, name: str, rows: dict[Table, list[Row]], conn: Connection) -> None:
    contributions = Contributions(MODELS[name].contributions)
    changes = Changes(contributions)
    for table, made in rows.items():
        changes.added(table, made)
        if table in _STORED[name]:
            writer.statements.add(conn, table, made)
    sums = total_rows(contributions.all, rolled_up(changes))
    writer.statements.add_up(conn, TOTALS, sums)


def _copy(tables: Sequence[Table], copies: int, conn: Connection) -> None:
    for n in range(1, copies):
        for table in tables:
            columns = ", ".join(_copied(column.name, n) for column in table.columns)
            last = "WHERE order_id < 'p'"
            sql = f"INSERT INTO {table.name} SELECT {columns} FROM {table.name} {last}"
            conn.exec_driver_sql(sql)
    for n in range(1, copies):
        conn.exec_driver_sql(
            f"""INSERT INTO totals
            SELECT dated, size, start + {n * SIZES[-1]}, name, currency, dimension, high, low
            FROM totals WHERE size > 0 AND start < {quarter_of(utc_text(_BEGIN)) + SIZES[-1]}"""
        )
    conn.exec_driver_sql(
        f"""UPDATE totals SET high = high * {copies} + low * {copies} / 1000000000,
        low = low * {copies} % 1000000000 WHERE size = 0"""
    )


def _copied(column: str, n: int) -> str:
    if column == "order_id":
        return f"'p' || {n} || order_id"
    if column in {"shipment_id", "payment_id", "tracking", "customer_id"}:
        return f"{column} || '-{n}'"
    if column.endswith("_at"):
        moved = f"strftime('%Y-%m-%dT%H:%M:%f', substr({column}, 1, 23), '+{n * _DAYS} days')"
        return f"{moved} || '000Z'"
    return column


def _rows(count: int) -> Rows:
    """The rows of so many orders, by model. Every other order is paid, and sent a day later."""
    random = Random(14)
    made: Rows = {
        "order": {ORDERS: []},
        "payment": {table: [] for table in (BALANCES, PAYMENTS, MOVES, POSTINGS, ANOMALIES)},
        "shipment": {SHIPMENTS: [], SHIPMENT_MOVES: []},
    }
    for n in range(count):
        at = _BEGIN + timedelta(seconds=random.randrange((_DAYS - 1) * 86_400))
        for model, table, row in _of_order(n, at, random):
            made[model][table].append(row)
    return made


def _blank(table: Table) -> Row:
    """A row of what a column may have that is of no matter here."""
    return {
        column.name: None if column.nullable else "" if column.type.python_type is str else 0
        for column in table.columns
    }


def _of_order(n: int, at: datetime, random: Random) -> Iterator[tuple[str, Table, Row]]:
    order_id, cents = f"o-{n:08}", random.randrange(100, 100_000)
    placed, paid = utc_text(at), utc_text(at + timedelta(hours=random.randrange(1, 24)))
    currency = "USD" if n % 50 == 7 else "EUR"
    cancelled = n % 500 == 3
    quarters = {"occurred_quarter": quarter_of(paid), "recorded_quarter": quarter_of(paid)}
    base = {"order_id": order_id, "currency": currency}
    yield (
        "order",
        ORDERS,
        {
            **_blank(ORDERS),
            **base,
            "customer_id": f"c-{n % 1000}",
            "channel": "web",
            "state": "cancelled" if cancelled else "confirmed",
            "on_hold": n % 500 == 9,
            "fulfilment": "planned" if n % 500 == 5 else "delivered",
            "payment": "overpaid" if n % 500 == 6 else "paid",
            "goods_cents": cents,
            "total_cents": cents,
            "due_cents": cents,
            "lines": 1,
            "units_ordered": 1,
            **dict.fromkeys(("placed_at", "placed_recorded_at"), placed),
            **dict.fromkeys(("updated_at", "updated_recorded_at"), paid),
        },
    )
    yield (
        "payment",
        BALANCES,
        {
            **_blank(BALANCES),
            **base,
            "cancelled": cancelled,
            "payment": "paid",
            "net_cents": cents,
            "balance_cents": 0,
            "open_refunds_cents": 0,
            "captured_cents": cents,
            "due_cents": cents,
            "capture_count": 1,
            "placed_quarter": quarter_of(placed),
            "placed_recorded_quarter": quarter_of(placed),
        },
    )
    method = "voucher" if n % 500 == 8 else f"method {n % 5}"
    yield (
        "payment",
        PAYMENTS,
        {
            **_blank(PAYMENTS),
            **base,
            "payment_id": f"p-{n}",
            "method": method,
            "state": "failed" if n % 500 == 4 else "captured",
            "captured_cents": cents,
            "expired": False,
            "failed": False,
            "reported_at": paid,
        },
    )
    moved = {"reported": 1, "payments": 1, "authorized_cents": cents, "captured_cents": cents}
    moved |= {"refunded_cents": 0, "charged_back_cents": 0}
    yield "payment", MOVES, {**base, **moved, **quarters, "method": method}
    for account, sign in _ACCOUNTS.items():
        amount = {"account": account, "amount_cents": sign * cents}
        yield "payment", POSTINGS, {**base, **quarters, **amount}
    if n % 50 == 1:
        yield (
            "payment",
            ANOMALIES,
            {
                **_blank(ANOMALIES),
                **base,
                "revision": 3,
                "anomaly_id": f"a-{n}",
                "state": "open",
                "kind": "unknown-refund" if n % 500 == 1 else "captured-above-authorized",
                "refers_to": "x",
                "detail": "",
                "recorded_at": paid,
                "occurred_at": paid,
            },
        )
    yield (
        "shipment",
        SHIPMENTS,
        {
            **_blank(SHIPMENTS),
            **base,
            "shipment_id": f"s-{n}",
            "state": "lost" if n % 500 == 2 else "delivered",
            "was_planned": True,
            "location": "north",
            "carrier": "snail" if n % 500 == 2 else "post",
            "tracking": f"t-{n}",
            "units": 1,
            "reported_at": paid,
            "planned_at": placed,
        },
    )
    steps = ("orders", "shipments_planned", "shipments_dispatched", "shipments_delivered")
    figures = dict.fromkeys((*steps, "units_dispatched", "units_delivered"), 1)
    yield "shipment", SHIPMENT_MOVES, {**base, **figures, **quarters}
