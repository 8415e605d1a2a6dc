import json
from dataclasses import make_dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from pydantic import TypeAdapter

from domain.events import EVENTS, Event, HoldPlaced, OrderPlaced
from eventstore.record.schemas import (
    SCHEMAS,
    WRITTEN,
    EventSchema,
    main,
    missing_and_changed,
    read_written,
)
from eventstore.record.upcast import UPCASTERS
from tests.eventstore.recorded import any_event


def schema_of(fields: list[tuple[str, Any]], version: int = 1) -> dict[str, EventSchema]:
    """HoldPlaced as it would be with these fields."""
    changed = make_dataclass("HoldPlaced", fields, frozen=True, slots=True, kw_only=True)
    return {"HoldPlaced": EventSchema("HoldPlaced", version, TypeAdapter(changed))}


def test_no_shape_has_changed_without_a_new_version() -> None:
    """Fails? Add an upcaster in eventstore/record/upcast.py, then run `make schemas`."""
    assert missing_and_changed(SCHEMAS, read_written(WRITTEN)) == ({}, [])


def test_every_old_version_is_kept() -> None:
    expected = {
        f"{name}.{version}"
        for name, schema in SCHEMAS.items()
        for version in range(1, schema.version + 1)
    }

    assert read_written(WRITTEN).keys() == expected


@pytest.mark.parametrize(
    "fields",
    [
        [("hold_id", str), ("kind", str), ("reason", str), ("until", str)],
        [("hold_id", str), ("kind", str)],
        [("hold_id", str), ("kind", str), ("why", str)],
        [("hold_id", str), ("kind", str), ("reason", str | None)],
        [("hold_id", str), ("kind", int), ("reason", str)],
    ],
    ids=["added", "removed", "renamed", "made optional", "another type"],
)
def test_a_changed_shape_is_noticed(fields: list[tuple[str, Any]]) -> None:
    missing, changed = missing_and_changed(schema_of(fields), read_written(WRITTEN))

    assert (missing, changed) == ({}, ["HoldPlaced version 1"])


def test_the_same_shape_is_no_change() -> None:
    same = [("hold_id", str), ("kind", str), ("reason", str)]

    assert missing_and_changed(schema_of(same), read_written(WRITTEN)) == ({}, [])


def test_a_new_version_is_a_new_schema() -> None:
    changed_shape = schema_of([("hold_id", str)], version=2)
    missing, changed = missing_and_changed(changed_shape, read_written(WRITTEN))

    assert list(missing) == ["HoldPlaced.2"]
    assert missing["HoldPlaced.2"]["required"] == ["hold_id"]
    assert changed == []


def test_the_generator_writes_missing_schemas_and_changes_no_existing_one(
    tmp_path: Path,
) -> None:
    path = tmp_path / "events.json"
    assert main(path) == 0
    written = read_written(path)
    assert missing_and_changed(SCHEMAS, written) == ({}, [])
    del written["NoteAdded.1"]
    path.write_text(json.dumps(written), encoding="utf-8")

    assert main(path) == 0
    assert "NoteAdded.1" in read_written(path)

    path.write_text(json.dumps(written | {"HoldPlaced.1": {}}), encoding="utf-8")
    assert main(path) == 1
    assert read_written(path) == written | {"HoldPlaced.1": {}}


def test_fields_named_like_json_schema_words_are_kept() -> None:
    schema = schema_of([("title", str), ("description", str)])["HoldPlaced"].json_schema()

    assert set(schema["properties"]) == {"title", "description"}


@given(any_event)
def test_what_is_written_has_the_fields_of_the_json_schema(event: Event) -> None:
    schema = SCHEMAS[type(event).__name__]

    written = json.loads(schema.encode(event))

    assert set(written) == set(schema.json_schema()["properties"])
    assert set(written) == set(schema.json_schema().get("required", ()))


def test_every_event_has_a_schema_and_its_version_counts_the_upcasters() -> None:
    assert set(SCHEMAS) == set(EVENTS)
    assert set(UPCASTERS) <= set(EVENTS)
    assert SCHEMAS[OrderPlaced.__name__].version == 3
    assert SCHEMAS[HoldPlaced.__name__].version == 1
