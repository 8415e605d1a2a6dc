"""Decoding events from the bytes in the log (design section 5)."""

import json
from dataclasses import dataclass
from typing import Final, NamedTuple
from uuid import UUID

from pydantic import TypeAdapter

from domain.events import Event
from eventstore.port import Position, Recorded, Revision, StreamName
from eventstore.record.chain import hashes_of
from eventstore.record.schemas import SCHEMAS, EventSchema
from eventstore.record.upcast import upcast

_STREAM_PREFIX: Final = "order-"


def stream_name(order_id: str) -> StreamName:
    return StreamName(_STREAM_PREFIX + order_id)


def order_id_of(stream: StreamName) -> str:
    """The order that a stream belongs to."""
    return stream.removeprefix(_STREAM_PREFIX)


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


class OrderEvent(NamedTuple):
    """A recorded event, decoded and upcast to the current schema version.

    A tuple, as one is created for each event read: a frozen dataclass takes three times as long.
    """

    order_id: str
    revision: Revision
    position: Position
    event_id: UUID
    type: str
    event: Event
    metadata: Metadata
    recorded: Recorded


class _DecodeError(Exception):
    def __init__(self, recorded: Recorded, why: str) -> None:
        super().__init__(
            f"{recorded.stream} revision {recorded.revision}, position {recorded.position} "
            f"({recorded.type}): {why}"
        )
        self.stream = recorded.stream
        self.revision = recorded.revision
        self.position = recorded.position
        self.type = recorded.type


class Undecodable(_DecodeError):
    """The bytes of a known type and version do not decode, or another program wrote them. Names
    stream, revision and position.
    """


class UpgradeNeeded(_DecodeError):
    """An unknown event type or a newer schema version, written by a newer Daybook."""


_METADATA: Final = TypeAdapter(Metadata).validator


def decode(recorded: Recorded) -> OrderEvent:
    """Raises Undecodable, UpgradeNeeded."""
    schema = SCHEMAS.get(recorded.type)
    if schema is None:
        if hashes_of(recorded) is None:
            raise Undecodable(recorded, "another program wrote it; run `daybook check`")
        raise UpgradeNeeded(recorded, "an unknown event type; run a newer Daybook")
    metadata = decode_metadata(recorded)
    return OrderEvent(
        order_id_of(recorded.stream),
        recorded.revision,
        recorded.position,
        recorded.event_id,
        schema.type,
        _event(recorded, schema, metadata.schema),
        metadata,
        recorded,
    )


def decode_metadata(recorded: Recorded) -> Metadata:
    """The metadata alone, of any event type. Unknown keys are ignored, as later versions may add
    some.

    Raises Undecodable.
    """
    try:
        metadata: Metadata = _METADATA.validate_json(recorded.metadata, strict=True)
    except ValueError as error:
        raise Undecodable(recorded, "its metadata is damaged; run `daybook check`") from error
    return metadata


def _event(recorded: Recorded, schema: EventSchema, version: int) -> Event:
    if version > schema.version:
        raise UpgradeNeeded(
            recorded, f"schema version {version} is above {schema.version}; run a newer Daybook"
        )
    try:
        if version == schema.version:
            return schema.decode(recorded.data)
        return schema.decode(_upcast(recorded, version))
    # All that an old version's bytes can raise in JSON and an upcaster.
    except (ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
        raise Undecodable(
            recorded, f"its data is not schema version {version}; run `daybook check`"
        ) from error


def _upcast(recorded: Recorded, version: int) -> bytes:
    if version < 1:
        raise ValueError("schema versions start at 1")
    data = json.loads(recorded.data)
    return json.dumps(upcast(recorded.type, version, data), ensure_ascii=False).encode()
