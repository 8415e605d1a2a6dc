"""Who did what, when, why and because of what: every event of the log as one entry."""

from dataclasses import fields
from operator import attrgetter

from pydantic import TypeAdapter
from sqlalchemy import CheckConstraint, Column, Index, LargeBinary, MetaData

from eventstore.port import Recorded
from eventstore.record.codec import Metadata, OrderEvent, Undecodable, decode_metadata, order_id_of
from projections.projection import Entries, Projection, Row
from projections.storage.columns import (
    WHOLE,
    Beginning,
    key,
    number,
    optional,
    optional_bytes,
    text,
    wide_table,
)

TABLES = MetaData()

ENTRIES = wide_table(
    "entries",
    TABLES,
    key("order_id"),
    number("revision"),
    Column("position", WHOLE, nullable=False),
    text("event_id"),
    text("type"),
    # From here on null where the event's metadata cannot be read.
    Column("schema", WHOLE, nullable=True),
    optional("actor"),
    optional("reason"),
    optional("channel"),
    optional("command_id"),
    optional("correlation_id"),
    optional("causation_id"),
    optional("traceparent"),
    optional("occurred_at"),
    optional("recorded_at"),
    optional("request_hash"),
    optional("prev_hash"),
    optional("hash"),
    Column("data", LargeBinary, nullable=False),
    # As it was written, for an event that does not decode; null for all others.
    optional_bytes("raw_metadata"),
    CheckConstraint("hash IS NOT NULL OR raw_metadata IS NOT NULL", name="told_or_raw"),
)

# command_id has no index: it would double the cost of an entry (each event would write a page at a
# random place), and a query with order_id, which a command_id belongs to, needs none.
Index("entries_position", ENTRIES.c.position, unique=True)
Index("entries_actor", Beginning(ENTRIES.c.actor), ENTRIES.c.position)
Index("entries_type", ENTRIES.c.type, ENTRIES.c.position)
Index("entries_correlation_id", ENTRIES.c.correlation_id)


_METADATA = tuple(field.name for field in fields(Metadata))
_values = attrgetter(*_METADATA)
_UNKNOWN = (None,) * len(_METADATA)


def evolve(order_id: str, event: OrderEvent) -> tuple[str, Entries]:
    """The view is the order's id alone: an entry is a function of its event."""
    return order_id, ((ENTRIES, _entry(event.recorded, event.metadata, None)),)


def raw(recorded: Recorded) -> Entries:
    """The entry of an event that does not decode: its place, its bytes as they are, and its
    metadata if that can be read.
    """
    try:
        metadata = decode_metadata(recorded)
    except Undecodable:
        metadata = None
    return ((ENTRIES, _entry(recorded, metadata, recorded.metadata)),)


def _entry(recorded: Recorded, metadata: Metadata | None, raw_metadata: bytes | None) -> Row:
    return {
        "order_id": order_id_of(recorded.stream),
        "revision": recorded.revision,
        "position": recorded.position,
        "event_id": str(recorded.event_id),
        "type": recorded.type,
        "data": recorded.data,
        "raw_metadata": raw_metadata,
        **dict(zip(_METADATA, _UNKNOWN if metadata is None else _values(metadata), strict=True)),
    }


PROJECTION = Projection(
    name="audit",
    version=2,
    tables=TABLES,
    view=TypeAdapter(str),
    initial=str,
    evolve=evolve,
    rows=lambda _: {},
    raw=raw,
)
