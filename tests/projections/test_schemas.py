"""What read models store has the shape that is checked in; another shape is another version."""

import json
from collections.abc import Mapping
from dataclasses import make_dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter
from sqlalchemy import MetaData

from projections.models import MODELS
from projections.projection import Projection
from projections.schemas import main, shape_of, shapes, stale_and_changed
from projections.storage.columns import count, key, table

TALLY_FIELDS: list[tuple[str, Any]] = [("order_id", str), ("captures", Mapping[str, int])]


def model(
    fields: list[tuple[str, Any]] = TALLY_FIELDS, column: str = "notes", **changes: Any
) -> Projection[Any]:
    """A read model with these fields in its view and this column in its table."""
    tables = MetaData()
    table("orders", tables, key("order_id"), count(column))
    view = make_dataclass("Tally", fields, frozen=True)
    base = replace(MODELS["order"], name="tally", tables=tables, view=TypeAdapter(view), version=1)
    return replace(base, **{"parts": {"captures": "capture_id"}, **changes})


WRITTEN = {"tally": shape_of(model())}


def test_no_shape_was_changed_without_a_new_version() -> None:
    """Fails? Raise `version` in the model's projection.py, then run `make schemas`."""
    assert stale_and_changed(MODELS.values(), shapes()) == ({}, [])


def test_every_shape_is_of_a_read_model() -> None:
    assert shapes().keys() == MODELS.keys()


def test_the_same_shape_is_no_change() -> None:
    assert stale_and_changed([model()], WRITTEN) == ({}, [])


def test_the_generator_writes_what_is_missing_and_refuses_what_was_changed(tmp_path: Path) -> None:
    path = tmp_path / "views.json"
    assert main(path) == 0
    assert shapes(path) == shapes()
    altered = shapes(path)
    altered["order"]["tables"] = {}
    path.write_text(json.dumps(altered), encoding="utf-8")

    assert main(path) == 1

    assert shapes(path) == altered


@pytest.mark.parametrize(
    "other",
    [
        model([*TALLY_FIELDS, ("notes", int)]),
        model([("order_id", str)]),
        model([("order_id", str), ("captures", Mapping[str, str])]),
        model(column="remarks"),
        model(parts={"captures": "void_id"}),
        model(split_at=7),
    ],
    ids=["a new field", "one less", "another type", "a column", "another key", "split elsewhere"],
)
def test_another_shape_needs_another_version(other: Projection[Any]) -> None:
    assert stale_and_changed([other], WRITTEN) == ({}, ["tally version 1"])

    stale, changed = stale_and_changed([replace(other, version=2)], WRITTEN)

    assert changed == []
    assert stale["tally"]["version"] == 2
