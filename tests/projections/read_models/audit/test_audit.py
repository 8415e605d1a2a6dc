import json
from base64 import b64decode
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.events import NoteAdded, OrderConfirmed
from eventstore.port import Position
from projections.query.listing import page
from projections.read_models.audit.projection import ENTRIES, PROJECTION, raw
from projections.read_models.audit.queries import ENTRY_LIST, EntryFilters, Sort
from tests.eventstore.recorded import sealed_stream
from tests.projections.kinds import Kind
from tests.projections.order_events import START, minute, model_of, order_events, placed, rows_of

NOTE = NoteAdded(note_id="n-1", text="=cmd|' /C calc'!A0 \u2603")
FIRST = order_events(placed("o-1"), OrderConfirmed(), NOTE, order_id="o-1")
SECOND = [
    event._replace(
        metadata=replace(
            event.metadata,
            actor="bob",
            channel="cli",
            command_id="c-2",
            correlation_id="trace-2",
            causation_id="c-1",
            reason="asked by phone",
        ),
    )
    for event in order_events(placed("o-2"), OrderConfirmed(), order_id="o-2", minutes=10)
]


@pytest.fixture
async def conn(kind: Kind, tmp_path: Path) -> AsyncIterator[AsyncConnection]:
    async with model_of(tmp_path, PROJECTION, FIRST, SECOND) as conn:
        yield conn


async def found(
    conn: AsyncConnection, filters: EntryFilters, sort: Sort = "position"
) -> list[tuple[str, int]]:
    listed = await conn.run_sync(page, ENTRY_LIST, filters=filters, sort=sort)
    return [(item["order_id"], item["revision"]) for item in listed.items]


def test_an_event_is_one_entry_with_who_when_why_and_the_bytes_as_written() -> None:
    [_, entry] = rows_of(PROJECTION, ENTRIES, placed(), NOTE)
    event = order_events(placed(), NOTE)[1]

    assert entry == {
        "order_id": "o-1",
        "revision": 1,
        "position": 2,
        "event_id": str(event.event_id),
        "type": "NoteAdded",
        "schema": 1,
        "actor": "alice",
        "reason": None,
        "channel": "http",
        "command_id": "c-1",
        "correlation_id": "trace-1",
        "causation_id": None,
        "traceparent": None,
        "occurred_at": minute(1),
        "recorded_at": minute(1),
        "request_hash": "ab" * 32,
        "prev_hash": event.metadata.prev_hash,
        "hash": event.metadata.hash,
        "data": event.recorded.data,
        "raw_metadata": None,
    }


async def test_an_entry_is_returned_with_the_fields_of_its_event(conn: AsyncConnection) -> None:
    listed = await conn.run_sync(
        page, ENTRY_LIST, sort="position", filters=EntryFilters(type="NoteAdded")
    )
    [item] = listed.items

    assert item["data"] == {"note_id": "n-1", "text": NOTE.text}
    assert item["undecodable"] is None
    assert "raw_metadata" not in item
    json.dumps(item)


@pytest.mark.parametrize(
    ("filters", "answer"),
    [
        (EntryFilters(order_id="o-1"), [("o-1", 0), ("o-1", 1), ("o-1", 2)]),
        (EntryFilters(actor="bob"), [("o-2", 0), ("o-2", 1)]),
        (EntryFilters(type="OrderConfirmed"), [("o-1", 1), ("o-2", 1)]),
        (EntryFilters(channel="cli", type="OrderPlaced"), [("o-2", 0)]),
        (EntryFilters(command_id="c-2"), [("o-2", 0), ("o-2", 1)]),
        (EntryFilters(correlation_id="trace-2"), [("o-2", 0), ("o-2", 1)]),
        (EntryFilters(recorded_after=START + timedelta(minutes=11)), [("o-2", 1)]),
        (EntryFilters(recorded_before=START + timedelta(minutes=1)), [("o-1", 0)]),
        (EntryFilters(actor="nobody"), []),
    ],
)
async def test_filters_choose_entries_in_the_order_of_the_log(
    conn: AsyncConnection, filters: EntryFilters, answer: list[tuple[str, int]]
) -> None:
    assert await found(conn, filters) == answer
    assert await found(conn, filters, "-position") == answer[::-1]


# What does not decode -----------------------------------------------------------------------------

DAMAGED_DATA = replace(
    sealed_stream(placed("o-3"), ("OrderConfirmed", b"not JSON \xff", 1), order_id="o-3")[1],
    position=Position(100),
)
DAMAGED_METADATA = replace(DAMAGED_DATA, metadata=b"\x00 neither", position=Position(101))


async def answered(folder: Path, *rows: Any) -> list[dict[str, Any]]:
    async with model_of(folder, PROJECTION) as conn:
        await conn.execute(ENTRIES.insert(), list(rows))
        return (
            await conn.run_sync(page, ENTRY_LIST, sort="position", filters=EntryFilters())
        ).items


async def test_an_event_whose_data_is_damaged_keeps_its_bytes_and_its_metadata(
    tmp_path: Path,
) -> None:
    [(table, row)] = raw(DAMAGED_DATA)
    [item] = await answered(tmp_path, row)

    assert table is ENTRIES
    assert (item["order_id"], item["revision"], item["actor"]) == ("o-3", 1, "alice")
    assert item["data"] is None
    assert b64decode(item["undecodable"]["data_base64"]) == b"not JSON \xff"
    assert b64decode(item["undecodable"]["metadata_base64"]) == DAMAGED_DATA.metadata


async def test_an_event_whose_metadata_is_damaged_keeps_its_place_and_bytes(
    tmp_path: Path,
) -> None:
    [(_, row)] = raw(DAMAGED_METADATA)
    [item] = await answered(tmp_path, row)

    assert (item["position"], item["type"], item["actor"]) == (101, "OrderConfirmed", None)
    assert b64decode(item["undecodable"]["metadata_base64"]) == b"\x00 neither"
