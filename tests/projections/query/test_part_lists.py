"""The same page of many orders' lists: as each alone would be, by one statement, by its key."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Table

from projections.models import MODELS
from projections.query.listing import BadCursor, Listed
from projections.query.part_lists import PartList, pages_of_parts
from projections.read_models.audit.queries import ENTRIES_OF_ORDER
from projections.read_models.order.queries import ORDER_OF_ID
from projections.read_models.payment.queries import (
    ANOMALIES_OF_ORDER,
    MOVEMENTS_OF_PAYMENT,
    PAYMENTS_OF_ORDER,
    POSTINGS_OF_ORDER,
    POSTINGS_OF_PAYMENT,
)
from projections.read_models.payment.tables import POSTINGS, STEPS
from projections.read_models.shipment.queries import LINES_OF_SHIPMENT, SHIPMENTS_OF_ORDER
from tests.projections.query.test_plans import plans
from tests.projections.toy import writer_of

pytestmark = pytest.mark.usefixtures("kind")

LISTS: dict[str, tuple[str, PartList]] = {
    "anomalies": ("payment", ANOMALIES_OF_ORDER),
    "entries": ("audit", ENTRIES_OF_ORDER),
    "lines": ("shipment", LINES_OF_SHIPMENT),
    "movements": ("payment", MOVEMENTS_OF_PAYMENT),
    "order": ("order", ORDER_OF_ID),
    "payments": ("payment", PAYMENTS_OF_ORDER),
    "postings": ("payment", POSTINGS_OF_ORDER),
    "postings of a payment": ("payment", POSTINGS_OF_PAYMENT),
    "shipments": ("shipment", SHIPMENTS_OF_ORDER),
}


def _row(table: Table, **values: Any) -> dict[str, Any]:
    """A row with these values; nothing in the others."""
    empty = {
        column.name: None if column.nullable else (0 if column.type.python_type is int else "")
        for column in table.columns
    }
    return empty | values


def _fill(conn: Connection) -> None:
    """Three orders: one of seven postings, one of two, one of none. p1 posted at revision 1."""
    for order_id, revisions in (("a", 7), ("b", 2)):
        for revision in range(revisions):
            posting = {"order_id": order_id, "revision": revision, "n": 0, "account": "cash"}
            conn.execute(POSTINGS.insert(), _row(POSTINGS, **posting, amount_cents=revision))
        step = {"order_id": order_id, "payment_id": "p1", "kind": "capture", "id": "c"}
        conn.execute(STEPS.insert(), _row(STEPS, **step, revision=1))


async def _asked(folder: Path, question: Callable[[Connection], Any]) -> Any:
    async with writer_of(folder, MODELS["payment"]) as writer:
        await writer.change(_fill)
        return await writer.change(question)


def _revisions(page: Listed) -> list[int]:
    return [item["revision"] for item in page.items]


async def test_each_order_gets_its_own_page_in_the_order_asked_for(tmp_path: Path) -> None:
    def question(conn: Connection) -> Sequence[Listed]:
        owners = [("b",), ("none",), ("a",)]
        return pages_of_parts(conn, POSTINGS_OF_ORDER, owners, limit=3)

    b, none, a = await _asked(tmp_path, question)

    assert (_revisions(b), b.next) == ([0, 1], None)
    assert (none.items, none.next) == ([], None)
    assert _revisions(a) == [0, 1, 2]
    assert a.next is not None
    assert set(a.items[0]) == {column.name for column in POSTINGS.columns}


async def test_the_pages_of_one_list_are_the_whole_of_it(tmp_path: Path) -> None:
    def question(conn: Connection) -> list[list[int]]:
        found, cursor = [], None
        for _ in range(10):
            [page] = pages_of_parts(conn, POSTINGS_OF_ORDER, [("a",)], limit=3, cursor=cursor)
            found.append(_revisions(page))
            cursor = page.next
            if cursor is None:
                break
        return found

    assert await _asked(tmp_path, question) == [[0, 1, 2], [3, 4, 5], [6]]


async def test_a_cursor_belongs_to_one_list_of_one_order(tmp_path: Path) -> None:
    def question(conn: Connection) -> None:
        [page] = pages_of_parts(conn, POSTINGS_OF_ORDER, [("a",)], limit=1)
        for wanted, owner in (
            (POSTINGS_OF_ORDER, ("b",)),
            (PAYMENTS_OF_ORDER, ("a",)),
            (POSTINGS_OF_PAYMENT, ("a", "p1")),
        ):
            with pytest.raises(BadCursor):
                pages_of_parts(conn, wanted, [owner], limit=1, cursor=page.next)

    await _asked(tmp_path, question)


async def test_the_postings_of_a_payment_are_those_of_its_steps(tmp_path: Path) -> None:
    def question(conn: Connection) -> Sequence[Listed]:
        owners = [("a", "p1"), ("a", "p2"), ("b", "p1")]
        return pages_of_parts(conn, POSTINGS_OF_PAYMENT, owners, limit=5)

    found = await _asked(tmp_path, question)

    assert [_revisions(page) for page in found] == [[1], [], [1]]


@pytest.mark.parametrize("name", LISTS)
async def test_no_list_scans_a_table(tmp_path: Path, name: str) -> None:
    model, wanted = LISTS[name]
    owners = [tuple("xy"[: len(wanted.owner)]), tuple("zy"[: len(wanted.owner)])]

    def question(conn: Connection) -> list[str]:
        def asked(conn: Connection) -> None:
            pages_of_parts(conn, wanted, owners, limit=5)

        return list(plans(conn, asked))

    async with writer_of(tmp_path, MODELS[model]) as writer:
        [plan] = await writer.change(question)

    # What is scanned is the list of owners, or the rows that were found by the key.
    tables = {table.name for table in MODELS[model].tables.sorted_tables}
    scanned = [
        step
        for step in plan.splitlines()
        if ("Seq Scan" in step or step.strip().startswith("SCAN "))
        and tables & set(step.replace('"', " ").split())
    ]
    assert scanned == [], plan
    assert "Index" in plan or "USING" in plan, plan
