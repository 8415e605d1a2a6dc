"""The audit export: the log itself as NDJSON or CSV, up to its head at the start.

It uses no read model. The log is read in pages, each in a short transaction; one page is held at a
time. The last record is `end` with from, to and count: an export without it was cut off. NDJSON
contains data and metadata byte for byte as stored, so that hashes can be checked from the file. CSV
is for spreadsheets: it begins with a byte order mark. A cell that could be taken for a formula gets
an apostrophe in front, and so does a cell that begins with one (remove one to get the text).
"""

import csv
import io
import json
from base64 import b64encode
from codecs import BOM_UTF8
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AbstractContextManager, aclosing, nullcontext
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from pydantic_core import from_json, to_json

from api.export.currencies import Currencies
from eventstore.port import EventReader, Page, Position, Recorded
from eventstore.record.codec import order_id_of, stream_name
from projections.query.listing import timestamp
from projections.query.periods import Limits

Format: TypeAlias = Literal["ndjson", "csv"]
MEDIA_TYPES: Final[Mapping[Format, bytes]] = {
    "ndjson": b"application/x-ndjson",
    "csv": b"text/csv; charset=utf-8; header=present",
}

_PLACE: Final = ("record", "position", "order_id", "revision", "event_id", "type")
_METADATA: Final = (
    "recorded_at",
    "occurred_at",
    "actor",
    "reason",
    "channel",
    "command_id",
    "correlation_id",
    "causation_id",
    "traceparent",
    "schema",
    "request_hash",
    "prev_hash",
    "hash",
)
_SUMS: Final = ("amount_cents", "currency", "payment_id", "line")
"""So that a sheet can add up: the currency is the order's where the event names none; the others
are empty where the event does not have them.
"""
COLUMNS: Final = (*_PLACE, *_METADATA, *_SUMS, "data")
_FORMULA_STARTS: Final = frozenset("=+-@\t\r\n'\uff1d\uff0b\uff0d\uff20")
"""The last four are the full-width forms of the first four."""


_UNLIMITED: Final = nullcontext()
NO_LIMITS: Final = Limits()


@dataclass(slots=True)
class Extent:
    """What an export contains so far: first and last position, and how many events."""

    first: Position | None = None
    last: Position | None = None
    count: int = 0

    def add(self, events: Sequence[Recorded]) -> None:
        if self.first is None:
            self.first = events[0].position
        self.last = events[-1].position
        self.count += len(events)

    @property
    def members(self) -> dict[str, int | None]:
        return {"from": self.first, "to": self.last, "count": self.count}


async def export(
    store: EventReader,
    kind: Format,
    *,
    order_id: str | None = None,
    limits: Limits = NO_LIMITS,
    extent: Extent | None = None,
    working: AbstractContextManager[object] = _UNLIMITED,
) -> AsyncGenerator[bytes, None]:
    """The log, or one order's stream, a page at a time. After a StoreError there is no `end`.

    limits: only events of these times; one whose times cannot be read is exported in any case.
    extent: updated with every page. working: entered while a page is formatted, which takes 4 to
    8 ms.
    """
    write = _FORMATS[kind]
    currencies = Currencies(store)
    extent = Extent() if extent is None else extent
    head = await store.head()
    if kind == "csv":
        yield BOM_UTF8 + _csv([COLUMNS])
    if head is not None:
        async with aclosing(_until(_pages(store, order_id), head)) as pages:
            async for page in pages:
                # Of all events, also of those that the limits leave out: few are then looked up.
                known = await currencies.of(page) if write.names_currencies else {}
                with working:
                    events = within(page, limits)
                    piece = write.page(events, known) if events else b""
                if events:
                    extent.add(events)
                    yield piece
    yield write.end(extent)


def within(events: Sequence[Recorded], limits: Limits) -> Sequence[Recorded]:
    """The events of these times, and those whose times cannot be read."""
    if limits.begin is None and limits.end is None:
        return events
    begin = None if limits.begin is None else timestamp(limits.begin)
    end = None if limits.end is None else timestamp(limits.end)

    def is_within(event: Recorded) -> bool:
        at = _parsed(event.metadata).get(f"{limits.by}_at")
        if not isinstance(at, str):
            return True
        return (begin is None or begin <= at) and (end is None or at < end)

    return [event for event in events if is_within(event)]


def _pages(store: EventReader, order_id: str | None) -> AsyncGenerator[Page, None]:
    return store.read_all() if order_id is None else store.read_stream(stream_name(order_id))


async def _until(pages: AsyncGenerator[Page, None], head: Position) -> AsyncGenerator[Page, None]:
    try:
        async for page in pages:
            events = [event for event in page if event.position <= head]
            if events:
                yield events
            if len(events) < len(page) or events[-1].position == head:
                return
    finally:
        await pages.aclose()


def ndjson_line(event: Recorded) -> bytes:
    """The event; data and metadata byte for byte where they are JSON, else as base64."""
    place = {
        "record": "event",
        "position": event.position,
        "order_id": order_id_of(event.stream),
        "revision": event.revision,
        "event_id": event.event_id,
        "type": event.type,
    }
    if not (_is_json_line(event.data) and _is_json_line(event.metadata)):
        raw = {
            "data_base64": b64encode(event.data).decode(),
            "metadata_base64": b64encode(event.metadata).decode(),
        }
        return to_json(place | raw) + b"\n"
    # Inserted as they are, not parsed and written again: the hash is over these bytes.
    return b'%b,"data":%b,"metadata":%b}\n' % (to_json(place)[:-1], event.data, event.metadata)


def _is_json_line(text: bytes) -> bool:
    try:
        from_json(text)
    except ValueError:
        return False
    return b"\n" not in text and b"\r" not in text


def _ndjson_page(events: Sequence[Recorded], _currencies: Mapping[str, str]) -> bytes:
    return b"".join([ndjson_line(event) for event in events])


def _ndjson_end(extent: Extent) -> bytes:
    return to_json({"record": "end", **extent.members}) + b"\n"


def _csv_page(events: Sequence[Recorded], currencies: Mapping[str, str]) -> bytes:
    return _csv([_row(event, currencies.get(order_id_of(event.stream))) for event in events])


def _csv_end(extent: Extent) -> bytes:
    """A row as long as the others: `end` in the first column, the extent in the last."""
    blank = [""] * (len(COLUMNS) - 2)
    return _csv([["end", *blank, to_json(extent.members).decode()]])


def _row(event: Recorded, currency: str | None) -> list[object]:
    """currency: the order's, for an event that names none."""
    metadata = _parsed(event.metadata)
    columns = [metadata.get(name) for name in _METADATA]
    data = event.data.decode(errors="replace")
    place = ["event", event.position, order_id_of(event.stream), event.revision]
    cells = (
        *place,
        event.event_id,
        event.type,
        *columns,
        *_sums(_parsed(event.data), currency),
        data,
    )
    return [safe(cell) for cell in cells]


def _sums(data: Mapping[str, Any], currency: str | None) -> tuple[object, ...]:
    """An order's amount is its total; a line is named by what is about one line alone."""
    amount = data.get("amount_cents", data.get("total_cents"))
    lines = data.get("lines")
    one = lines[0] if isinstance(lines, list) and len(lines) == 1 else None
    line = one.get("line") if isinstance(one, dict) else None
    return amount, data.get("currency") or currency, data.get("payment_id"), line


def _parsed(text: bytes) -> dict[str, Any]:
    """The metadata or data; empty where it is damaged, so that the row has at least the rest."""
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}


def safe(cell: object) -> object:
    """The cell as a text that no spreadsheet takes for a formula."""
    if cell is None:
        return ""
    if isinstance(cell, int):
        return cell
    text = str(cell)
    return f"'{text}" if text and text[0] in _FORMULA_STARTS else text


def _csv(rows: Sequence[Sequence[object]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


@dataclass(frozen=True, slots=True)
class _Writing:
    """page: events, with the currencies of their orders if it names_currencies."""

    page: Callable[[Sequence[Recorded], Mapping[str, str]], bytes]
    end: Callable[[Extent], bytes]
    names_currencies: bool


_FORMATS: Final[Mapping[Format, _Writing]] = {
    "ndjson": _Writing(_ndjson_page, _ndjson_end, names_currencies=False),
    "csv": _Writing(_csv_page, _csv_end, names_currencies=True),
}
