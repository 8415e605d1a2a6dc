"""The audit trail's one table: an entry per event, nothing filtered out, nothing ever changed."""

from sqlalchemy import CheckConstraint, Column, Index, LargeBinary, MetaData

from projections.storage.columns import (
    WHOLE,
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

# None for command_id: it would cost as much as the whole entry does without (a page written at a
# random place per event), and with order_id, which a command_id belongs to, it needs none.
Index("entries_position", ENTRIES.c.position, unique=True)
Index("entries_actor", ENTRIES.c.actor, ENTRIES.c.position)
Index("entries_type", ENTRIES.c.type, ENTRIES.c.position)
Index("entries_correlation_id", ENTRIES.c.correlation_id)
