"""Who did what, when, why and because of what: every event of the log as one entry."""

from pydantic import TypeAdapter

from eventstore.codec import OrderEvent
from eventstore.port import Recorded
from projections.audit.tables import ENTRIES, TABLES
from projections.projection import Entries, Projection

STREAM_PREFIX = "order-"
_UNKNOWN = dict.fromkeys(
    (
        "schema",
        "actor",
        "reason",
        "channel",
        "command_id",
        "correlation_id",
        "causation_id",
        "traceparent",
        "occurred_at",
        "recorded_at",
        "request_hash",
        "prev_hash",
        "hash",
    )
)


def evolve(order_id: str, event: OrderEvent) -> tuple[str, Entries]:
    """The view is the order's id alone: nothing has to be remembered to write an entry."""
    metadata = event.metadata
    entry = {
        "order_id": event.order_id,
        "revision": event.revision,
        "position": event.position,
        "event_id": str(event.event_id),
        "type": event.type,
        "schema": metadata.schema,
        "actor": metadata.actor,
        "reason": metadata.reason,
        "channel": metadata.channel,
        "command_id": metadata.command_id,
        "correlation_id": metadata.correlation_id,
        "causation_id": metadata.causation_id,
        "traceparent": metadata.traceparent,
        "occurred_at": metadata.occurred_at,
        "recorded_at": metadata.recorded_at,
        "request_hash": metadata.request_hash,
        "prev_hash": metadata.prev_hash,
        "hash": metadata.hash,
        "data": event.recorded.data,
        "metadata": None,
    }
    return order_id, ((ENTRIES, entry),)


def raw(recorded: Recorded) -> Entries:
    """An event that does not decode is in the trail too: its place, and its bytes as they are."""
    entry = _UNKNOWN | {
        "order_id": recorded.stream.removeprefix(STREAM_PREFIX),
        "revision": recorded.revision,
        "position": recorded.position,
        "event_id": str(recorded.event_id),
        "type": recorded.type,
        "data": recorded.data,
        "metadata": recorded.metadata,
    }
    return ((ENTRIES, entry),)


PROJECTION = Projection(
    name="audit",
    version=1,
    tables=TABLES,
    view=TypeAdapter(str),
    initial=str,
    evolve=evolve,
    rows=lambda _: {},
    raw=raw,
)
