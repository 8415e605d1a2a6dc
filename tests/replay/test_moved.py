"""Which orders a generation shows in another way than the one before, on both kinds of database."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import MetaData, Table

from domain.events import PaymentCaptured
from eventstore.record.codec import OrderEvent
from projections.projection import Entries, Projection, Row, Rows
from projections.storage.columns import count, key, number, signed_cents, table, text
from projections.storage.errors import BeingBuilt
from projections.storage.open import open_generations
from replay.moved import Compared, Moved, compared
from replay.rebuild import rebuild
from tests.projections.toy import TALLY, Log, Tally, captured, note, placed, url_of
from tests.projections.toy import evolve as toy_evolve

pytestmark = pytest.mark.usefixtures("kind")

Changed = Callable[[Row], Row | None]


def the_same(row: Row) -> Row | None:
    return row


def made(
    *,
    order: Changed = the_same,
    capture: Changed = the_same,
    posting: Changed = the_same,
    new_column: bool = False,
) -> Projection[Tally]:
    """A tally with postings, of which each row may be another one, or none."""
    tables = MetaData()
    more = [text("channel")] if new_column else []
    orders = table("orders", tables, key("order_id"), count("total_cents"), count("notes"), *more)
    captures = table("captures", tables, key("order_id"), key("id"), count("amount_cents"))
    posted = table(
        "posted",
        tables,
        *(key("order_id"), number("revision"), number("n")),
        *(text("account"), text("currency"), signed_cents("amount_cents")),
    )

    def evolve(tally: Tally, event: OrderEvent) -> tuple[Tally, Entries]:
        after, _ = toy_evolve(tally, event)
        if not isinstance(event.event, PaymentCaptured):
            return after, ()
        cents = event.event.amount_cents
        entries = [
            {
                "order_id": event.order_id,
                "revision": event.revision,
                "n": n,
                "account": account,
                "currency": "EUR",
                "amount_cents": amount,
            }
            for n, (account, amount) in enumerate((("cash", cents), ("receivable", -cents)))
        ]
        return after, [(posted, row) for entry in entries if (row := posting(entry))]

    def rows(tally: Tally) -> Rows:
        first: Row = {
            "order_id": tally.order_id,
            "total_cents": tally.total_cents,
            "notes": tally.notes,
        }
        if new_column:
            first["channel"] = "web"
        of_captures = [
            {"order_id": tally.order_id, "id": name, "amount_cents": cents}
            for name, cents in tally.captures.items()
        ]
        return {
            orders: [row for each in [first] if (row := order(each))],
            captures: [row for each in of_captures if (row := capture(each))],
        }

    return replace(
        TALLY,
        tables=tables,
        evolve=evolve,
        rows=rows,
        split_at=1_000,
        contributions=(),
        sums={_named(tables, "posted"): ("amount_cents", "account")},
    )


def _named(tables: MetaData, name: str) -> Table:
    return tables.tables[name]


def of(order_id: str, **others: object) -> Changed:
    return lambda row: row | others if row["order_id"] == order_id else row


def without(order_id: str) -> Changed:
    return lambda row: None if row["order_id"] == order_id else row


@pytest.fixture
async def log() -> Log:
    log = Log()
    for n in range(7):
        await log.append(f"o-{n}", placed(f"o-{n}"), captured("a"), captured("b"), note())
    return log


async def moved_between(
    folder: Path, log: Log, before: Projection[Tally], after: Projection[Tally]
) -> list[Compared]:
    """Ranges of three orders."""
    url = url_of(folder)
    first = await rebuild(before, url, log.store)
    second = await rebuild(after, url, log.store)
    assert second.previous == first.generation
    numbers = {"before": first.generation, "number": second.generation}
    return [each async for each in compared(after, url, **numbers, orders_at_once=3)]


def all_of(ranges: list[Compared]) -> list[Moved]:
    return [moved for each in ranges for moved in each.moved]


async def test_what_is_the_same_has_not_moved(tmp_path: Path, log: Log) -> None:
    ranges = await moved_between(tmp_path, log, made(), made())

    assert [each.orders for each in ranges] == [3, 3, 1]
    assert all_of(ranges) == []
    assert sum(each.skipped for each in ranges) == 0


async def test_columns_that_differ_are_named_by_order(tmp_path: Path, log: Log) -> None:
    after = made(order=of("o-5", total_cents=1, notes=7), capture=of("o-2", amount_cents=1))
    ranges = await moved_between(tmp_path, log, made(), after)

    assert all_of(ranges) == [
        Moved("o-2", ["captures.amount_cents"]),
        Moved("o-5", ["orders.notes", "orders.total_cents"]),
    ]
    assert [len(each.moved) for each in ranges] == [1, 1, 0]


async def test_rows_that_came_or_went_are_named(tmp_path: Path, log: Log) -> None:
    ranges = await moved_between(
        tmp_path, log, made(order=without("o-1")), made(capture=without("o-6"))
    )

    assert all_of(ranges) == [Moved("o-1", ["orders.row"]), Moved("o-6", ["captures.row"])]


async def test_postings_are_compared_by_event_and_account(tmp_path: Path, log: Log) -> None:
    def other_month(row: Row) -> Row | None:
        """What the first capture posts is posted by the second: the order's sum stays."""
        first = row["order_id"] == "o-3" and row["revision"] == 1
        return row | {"revision": 2, "n": row["n"] + 10} if first else row

    def renumbered(row: Row) -> Row | None:
        return row | {"n": row["n"] + 1}

    ranges = await moved_between(tmp_path, log, made(), made(posting=other_month))
    assert all_of(ranges) == [Moved("o-3", ["posted.cash", "posted.receivable"])]
    ranges = await moved_between(tmp_path, log, made(), made(posting=renumbered))
    assert all_of(ranges) == []


async def test_an_order_with_other_events_is_skipped(tmp_path: Path, log: Log) -> None:
    url = url_of(tmp_path)
    await rebuild(made(), url, log.store)
    await log.append("o-3", note())
    await log.append("o-8", placed("o-8"))
    after = made(order=lambda row: row | {"total_cents": 9})
    await rebuild(after, url, log.store)

    [found] = [each async for each in compared(after, url, before=1, number=2)]
    assert [each.order_id for each in found.moved] == ["o-0", "o-1", "o-2", "o-4", "o-5", "o-6"]
    assert (found.orders, found.skipped) == (8, 1)


async def test_columns_and_tables_that_only_one_has_are_left_out(tmp_path: Path, log: Log) -> None:
    ranges = await moved_between(tmp_path, log, made(), made(new_column=True))
    assert all_of(ranges) == []
    ranges = await moved_between(tmp_path, log, TALLY, made(order=of("o-4", notes=3)))
    assert all_of(ranges) == [Moved("o-4", ["orders.notes"])]


async def test_it_waits_for_no_other_build(tmp_path: Path, log: Log) -> None:
    url = url_of(tmp_path)
    await rebuild(made(), url, log.store)
    await rebuild(made(), url, log.store)
    found = open_generations(url)
    async with found.building():
        with pytest.raises(BeingBuilt):
            await anext(compared(made(), url, before=1, number=2))
    await found.aclose()
