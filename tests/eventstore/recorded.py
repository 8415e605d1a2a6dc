"""Recorded events made by hand, and a strategy for any event."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from hypothesis import strategies as st

from domain.events import EVENTS, Event
from eventstore.port import Position, Recorded, Revision, StreamName
from eventstore.record.chain import GENESIS, sealed
from eventstore.record.codec import Metadata, stream_name
from eventstore.record.schemas import SCHEMAS

GOLDEN = Path(__file__).parent / "golden"

METADATA = Metadata(
    command_id="c-1",
    request_hash="ab" * 32,
    actor="alice",
    reason=None,
    channel="http",
    correlation_id="trace-1",
    causation_id=None,
    traceparent=None,
    occurred_at="2026-01-02T03:04:05.000006Z",
    recorded_at="2026-01-02T03:04:05.000006Z",
    schema=1,
    prev_hash=GENESIS,
    hash=GENESIS,
)

any_event: st.SearchStrategy[Event] = st.sampled_from(list(EVENTS.values())).flatmap(st.from_type)


def sealed_stream(*events: Event | tuple[str, bytes, int], order_id: str = "o-1") -> list[Recorded]:
    """The events as a chained stream; given as (type, data, schema version) they are raw bytes."""
    stream, prev_hash = stream_name(order_id), GENESIS
    recorded = []
    for revision, event in enumerate(events):
        type_, data, version = event if isinstance(event, tuple) else encoded(event)
        event_id = uuid5(NAMESPACE_OID, f"{stream} {revision}")
        metadata, prev_hash = sealed_metadata(
            stream, revision, event_id, type_, data, prev_hash=prev_hash, schema=version
        )
        at = (stream, Revision(revision), Position(revision * 3 + 3))
        recorded.append(Recorded(*at, event_id, type_, data, metadata))
    return recorded


def sealed_metadata(
    stream: str,
    revision: int,
    event_id: UUID,
    type_: str,
    data: bytes,
    *,
    prev_hash: str,
    schema: int = METADATA.schema,
) -> tuple[bytes, str]:
    """METADATA in its place in the chain, and its hash."""
    fields: dict[str, Any] = asdict(METADATA) | {"schema": schema, "prev_hash": prev_hash}
    del fields["hash"]
    return sealed(
        json.dumps(fields, separators=(",", ":"))[:-1].encode(),
        stream=stream,
        revision=revision,
        event_id=event_id,
        event_type=type_,
        data=data,
    )


def encoded(event: Event) -> tuple[str, bytes, int]:
    schema = SCHEMAS[type(event).__name__]
    return schema.type, schema.encode(event), schema.version


def without_hashes(metadata: Metadata) -> dict[str, Any]:
    return {key: value for key, value in asdict(metadata).items() if "hash" not in key}


def interleaved(*streams: Sequence[Recorded]) -> list[Recorded]:
    """The streams' events as one log: the first of each stream, then the second of each."""
    depth = max(map(len, streams))
    return [stream[place] for place in range(depth) for stream in streams if place < len(stream)]


def stored(file_name: str) -> Recorded:
    """A recorded event from the bytes of a log."""
    fields = json.loads((GOLDEN / file_name).read_text(encoding="utf-8"))
    return Recorded(
        StreamName(fields["stream"]),
        Revision(fields["revision"]),
        Position(fields["position"]),
        UUID(fields["event_id"]),
        fields["type"],
        fields["data"].encode(),
        fields["metadata"].encode(),
    )
