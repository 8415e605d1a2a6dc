"""The schema version and codec of every event type, and their JSON Schemas in docs/events.json.

`python -m eventstore.record.schemas` adds the JSON Schema of each new version. It never changes one
that is written: a shape that was stored once stays, a change is a new version
(eventstore.record.upcast).
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from domain.events import EVENTS, Event
from eventstore.record.upcast import current_version

WRITTEN = Path(__file__).resolve().parents[2] / "docs" / "events.json"


@dataclass(frozen=True, slots=True)
class EventSchema:
    """version: the one that is written. adapter: between bytes and the event's dataclass."""

    type: str
    version: int
    adapter: TypeAdapter[Event]

    def encode(self, event: Event) -> bytes:
        return self.adapter.serializer.to_json(event)

    def decode(self, data: bytes) -> Event:
        """Strict: 12.0, "12" and true are no integers; no unknown fields. Raises ValueError."""
        event: Event = self.adapter.validator.validate_json(data, strict=True, extra="forbid")
        return event

    @property
    def key(self) -> str:
        """Of its JSON Schema in docs/events.json."""
        return f"{self.type}.{self.version}"

    def json_schema(self) -> dict[str, Any]:
        """The shape alone, without descriptions, as those may change at any time."""
        shape: dict[str, Any] = bare_shape(self.adapter.json_schema())
        dialect = "https://json-schema.org/draft/2020-12/schema"
        return {"$schema": dialect, "title": f"{self.type} version {self.version}", **shape}


SCHEMAS: dict[str, EventSchema] = {
    name: EventSchema(name, current_version(name), TypeAdapter(event))
    for name, event in EVENTS.items()
}


def missing_and_changed(
    schemas: Mapping[str, EventSchema], written: Mapping[str, Any]
) -> tuple[dict[str, Any], list[str]]:
    """JSON Schemas that are not written yet, by key; and events whose shape is not the written one.

    A changed shape needs a new version: add an upcaster in eventstore.record.upcast, then generate.
    """
    missing: dict[str, Any] = {}
    changed: list[str] = []
    for schema in schemas.values():
        if schema.key not in written:
            missing[schema.key] = schema.json_schema()
        elif written[schema.key] != schema.json_schema():
            changed.append(f"{schema.type} version {schema.version}")
    return missing, changed


def read_written(path: Path) -> dict[str, Any]:
    """By key; empty if there is no such file."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def main(path: Path = WRITTEN) -> int:
    written = read_written(path)
    missing, changed = missing_and_changed(SCHEMAS, written)
    if changed:
        sys.stderr.write(
            f"changed in place: {', '.join(changed)}. Stored events have the old shape: "
            "add an upcaster for each in eventstore/record/upcast.py; that is the next version.\n"
        )
        return 1
    whole = dict(sorted((written | missing).items()))
    path.write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
    sys.stderr.write(f"{len(missing)} written, {len(SCHEMAS) - len(missing)} unchanged\n")
    return 0


def bare_shape(node: Any) -> Any:
    """Without title and description; objects closed, as decoding forbids unknown fields."""
    if isinstance(node, list):
        return [bare_shape(entry) for entry in node]
    if not isinstance(node, dict):
        return node
    bare = {
        key: bare_shape(value) for key, value in node.items() if key not in {"title", "description"}
    }
    if "properties" in node:
        # Here the keys are field names, which may be "title" or "description".
        bare["properties"] = {key: bare_shape(value) for key, value in node["properties"].items()}
        bare["additionalProperties"] = False
    return bare


if __name__ == "__main__":
    sys.exit(main())
