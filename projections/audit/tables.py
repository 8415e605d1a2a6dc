"""The audit trail's one table: an entry per event, nothing filtered out, nothing ever changed.

Entries are kept in the order they come in (a plain rowid table), as their data is too wide for a
b-tree that is written at random places.
"""

from sqlalchemy import CheckConstraint, Column, Index, LargeBinary, MetaData, Table

from projections.columns import WHOLE, key, number, optional, optional_bytes, text

TABLES = MetaData()

ENTRIES = Table(
    "entries",
    TABLES,
    key("order_id"),
    number("revision"),
    Column("position", WHOLE, nullable=False),
    text("event_id"),
    text("type"),
    # From here on null where the event's bytes do not decode: `metadata` then has what was written.
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
    optional_bytes("metadata"),
    CheckConstraint("(hash IS NULL) = (metadata IS NOT NULL)", name="decoded_or_raw"),
    sqlite_strict=True,
)

Index("entries_position", ENTRIES.c.position, unique=True)
Index("entries_actor", ENTRIES.c.actor, ENTRIES.c.position)
Index("entries_type", ENTRIES.c.type, ENTRIES.c.position)
Index("entries_command_id", ENTRIES.c.command_id)
Index("entries_correlation_id", ENTRIES.c.correlation_id)
