"""Events as a read model gets them, and a read model's tables filled with their rows.

A minute passes from event to event, so that their times differ.
"""

import json
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from domain.commands import OrderedItem, PlaceOrder
from domain.events import Event, OrderPlaced, require_placed
from domain.order import decide
from eventstore.port import Position
from eventstore.record.codec import OrderEvent, decode
from eventstore.record.moments import utc_text
from projections.projection import Entries, Projection, Row
from projections.storage.statements import adding_up
from projections.storage.tables import COMMON, PENDING, TOTALS
from projections.storage.totals import Changes, Contributions, rolled_up, total_rows
from tests.eventstore.recorded import sealed_stream
from tests.projections import kinds

START = datetime(2026, 1, 2, 8, 0, tzinfo=UTC)


def minute(n: int) -> str:
    """The time of the n-th event."""
    return utc_text(START + timedelta(minutes=n))


def placed(
    order_id: str = "o-1",
    *quantity_and_price: tuple[int, int],
    currency: str = "EUR",
    customer_id: str = "c-1",
    shipping_cents: int = 0,
    tax_cents: int = 0,
    discount_cents: int = 0,
) -> OrderPlaced:
    items = tuple(
        OrderedItem(product_id=f"product-{line}", quantity=quantity, price_cents=price)
        for line, (quantity, price) in enumerate(quantity_and_price or ((1, 100),), start=1)
    )
    [event] = decide(
        PlaceOrder(
            order_id=order_id,
            customer_id=customer_id,
            currency=currency,
            items=items,
            shipping_cents=shipping_cents,
            tax_cents=tax_cents,
            discount_cents=discount_cents,
            channel="shop",
        ),
        None,
    )
    return require_placed(event)


def order_events(*events: Event, order_id: str = "o-1", minutes: int = 0) -> list[OrderEvent]:
    """The events of one order, as they decode; positions are minutes, so keep orders apart."""
    result = []
    for recorded in sealed_stream(*events, order_id=order_id):
        event = decode(recorded)
        n = minutes + event.revision
        metadata = replace(event.metadata, occurred_at=minute(n), recorded_at=minute(n))
        at = Position(n + 1)
        stored = replace(recorded, position=at)
        result.append(event._replace(metadata=metadata, position=at, recorded=stored))
    return result


def folded(projection: Projection[Any], events: Sequence[OrderEvent]) -> tuple[Any, Entries]:
    """The view after the events of one order, and all entries."""
    view = projection.initial(events[0].order_id)
    entries: list[tuple[Table, Row]] = []
    for event in events:
        view, more = projection.evolve(view, event)
        entries.extend(more)
    return view, entries


def rows_of(projection: Projection[Any], table: Table, *events: Event) -> list[Row]:
    """A table's rows and entries after the events of one order."""
    view, entries = folded(projection, order_events(*events))
    rows = list(projection.rows(view).get(table, ()))
    return rows + [row for to, row in entries if to is table]


@asynccontextmanager
async def model_of(
    folder: Path, projection: Projection[Any], *orders: Iterable[OrderEvent]
) -> AsyncIterator[AsyncConnection]:
    """The projection's tables in a database, holding these orders."""
    engine = create_async_engine(kinds.kind.url(folder, projection.name))
    try:
        async with engine.begin() as conn:
            await conn.run_sync(projection.tables.create_all)
            await conn.run_sync(COMMON.create_all)
            for events in orders:
                await fill(conn, projection, list(events))
            yield conn
    finally:
        await engine.dispose()


async def fill(
    conn: AsyncConnection, projection: Projection[Any], events: Sequence[OrderEvent]
) -> None:
    view, entries = folded(projection, events)
    for table, rows in projection.rows(view).items():
        if rows:
            await conn.execute(table.insert(), list(rows))
    for table, entry in entries:
        await conn.execute(table.insert(), [entry])
    await add_totals(conn, projection, [*projection.rows(view).items(), *entries], events[0])


async def add_totals(
    conn: AsyncConnection,
    projection: Projection[Any],
    stored: Iterable[tuple[Table, Any]],
    first: OrderEvent,
) -> None:
    """What the rows contribute: of every other order as a change that is not merged yet."""
    changes = Changes(Contributions(projection.contributions))
    for table, rows in stored:
        changes.added(table, [rows] if isinstance(rows, dict) else rows)
    if first.position % 20 == 1:
        row = {"id": first.order_id, "changes": json.dumps(list(changes))}
        await conn.execute(PENDING.insert(), [row])
        return
    for row in total_rows(projection.contributions, rolled_up(changes)):
        await conn.execute(adding_up(TOTALS, conn.dialect), [row])
