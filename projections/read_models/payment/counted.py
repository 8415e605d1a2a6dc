"""What of an order's steps, credits, adjustments and write-offs is in its figures."""

import json
from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias

from sqlalchemy import Connection, Table, select, tuple_

from projections.query.listing import Item, of_order
from projections.read_models.payment.tables import (
    ADJUSTMENTS,
    ALL,
    MOVEMENTS,
    RETRACTIONS,
    WRITE_OFFS,
)
from projections.storage.reader import plain_rows

_Thing: TypeAlias = tuple[str, str, str]
"""payment_id, kind and id of a movement."""
_Report: TypeAlias = tuple[str, str | None, str]
"""Adjustment_id or "", report_id, currency."""

IN_FORCE: Final = "in_force"
REVOKED: Final = "revoked"
ENDED: Final = "ended"
_COMMANDED: Final[Mapping[str, Table]] = {"adjustment": ADJUSTMENTS, "write-off": WRITE_OFFS}
_REPORTS: Final = frozenset({"authorization", "capture", "void", "payout", "chargeback", "fee"})


def with_counted(
    conn: Connection, order_id: str, steps: Iterable[Item], *, cancelled: bool
) -> list[Item]:
    """The steps of one order, each with `counted`. Reads what these steps are about."""
    steps = list(steps)
    reports = _counted_reports(conn, order_id, {_thing(step) for step in steps} - {None})
    commanded = {
        (kind, item[_id_of(table)])
        for kind, table in _COMMANDED.items()
        for item in _rows_of(conn, table, order_id, {s["id"] for s in steps if s["kind"] == kind})
        if in_force(item, cancelled=cancelled)["state"] == IN_FORCE
    }
    retracted: dict[tuple[str | None, ...], int] = {
        _fact(row): row["revision"] for row in of_order(conn, RETRACTIONS, order_id)
    }

    def counted(step: Item) -> bool:
        kind, thing = step["kind"], _thing(step)
        if kind in _COMMANDED:
            return (kind, step["id"]) in commanded
        if retracted.get(_fact(step), -1) > step["revision"]:
            return False
        if thing is not None:
            counting = reports.get(thing, frozenset())
            if counting is None:  # all of them
                return not _in_other_currency(step)
            return _report(step) in counting
        if kind == "payout-failure":
            return bool(step["payment_id"] and step["id"])
        return step["amount_cents"] is None or not _in_other_currency(step)

    return [{**with_null_ids(step), "counted": counted(step)} for step in steps]


def _in_other_currency(step: Item) -> bool:
    return step["currency"] is not None and step["counted_cents"] is None


def _fact(step: Item) -> tuple[str | None, ...]:
    names = ("payment_id", "kind", "id", "authorization_id", "report_id", "currency")
    return tuple(step[name] for name in names)


def _thing(step: Item) -> _Thing | None:
    """What the step reports an amount of; None for other steps."""
    kind = step["kind"]
    if kind == "authorization-adjustment":
        return step["payment_id"], "authorization", step["authorization_id"]
    if kind not in _REPORTS:
        return None
    return "" if kind == "fee" else step["payment_id"], kind, step["id"]


def _report(step: Item) -> _Report:
    changes = step["kind"] == "authorization-adjustment"
    return step["id"] if changes else "", step["report_id"], step["currency"]


def _counted_reports(
    conn: Connection, order_id: str, things: Iterable[_Thing | None]
) -> dict[_Thing, frozenset[_Report] | None]:
    """None: all of a thing."""
    wanted = [thing for thing in things if thing is not None]
    if not wanted:
        return {}
    columns = MOVEMENTS.c.payment_id, MOVEMENTS.c.kind, MOVEMENTS.c.id
    query = select(*columns, MOVEMENTS.c.counted).where(
        MOVEMENTS.c.order_id == order_id, tuple_(*columns).in_(wanted)
    )
    return {
        (payment_id, kind, id_): None if text == ALL else frozenset(map(tuple, json.loads(text)))
        for payment_id, kind, id_, text in conn.execute(query)
    }


def _rows_of(conn: Connection, table: Table, order_id: str, ids: Iterable[str]) -> list[Item]:
    wanted = list(ids)
    if not wanted:
        return []
    query = select(table).where(table.c.order_id == order_id, table.c[_id_of(table)].in_(wanted))
    return plain_rows(conn.execute(query))


def _id_of(table: Table) -> str:
    return [column.name for column in table.primary_key][1]


def in_force(item: Item, *, cancelled: bool) -> Item:
    """An adjustment or write-off with `state`: in_force, revoked, or ended by the order's
    cancellation.
    """
    item = dict(item)
    revoked, after_cancel = item.pop("revoked"), item.pop("after_cancel")
    if revoked:
        return {**item, "state": REVOKED}
    return {**item, "state": IN_FORCE if after_cancel == cancelled else ENDED}


def with_kept(refund: Item, *, cancelled: bool) -> Item:
    """A refund; nothing is kept of a credit that the order's cancellation ended."""
    refund = dict(refund)
    if refund.pop("kept_after_cancel") != cancelled:
        refund["kept_cents"] = 0
    return refund


def without_reports(movement: Item) -> Item:
    return {name: value for name, value in with_null_ids(movement).items() if name != "counted"}


def with_null_ids(item: Item) -> Item:
    """A step or movement as it is answered. In its row an id that is not known is part of the
    key, and empty.
    """
    return {**item, "payment_id": item["payment_id"] or None, "id": item["id"] or None}
