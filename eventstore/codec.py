"""Bytes in the log <-> events with a meaning (design section 5)."""

from dataclasses import dataclass
from uuid import UUID

from domain.events import Event
from eventstore.port import Position, Recorded, Revision


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """Who, why, when and through what. Times are RFC 3339, UTC, microseconds, ending in Z."""

    command_id: str
    request_hash: str
    actor: str
    reason: str | None
    channel: str
    correlation_id: str
    causation_id: str | None
    traceparent: str | None
    occurred_at: str
    recorded_at: str
    schema: int
    prev_hash: str
    hash: str


@dataclass(frozen=True, slots=True)
class OrderEvent:
    """A recorded event, decoded and brought up to the current schema version."""

    order_id: str
    revision: Revision
    position: Position
    event_id: UUID
    type: str
    event: Event
    metadata: Metadata
    recorded: Recorded


class Undecodable(Exception):
    """A known type and version whose bytes do not decode; names stream, revision and position."""


class UpgradeNeeded(Exception):
    """An unknown event type or a newer schema version: a newer Daybook wrote it; names where."""


def decode(recorded: Recorded) -> OrderEvent:
    """Raises Undecodable, UpgradeNeeded."""
    raise NotImplementedError
