"""The shape of what each read model stores, as checked in in docs/views.json: view, parts, tables.

A generation with another shape cannot be read, or is read wrongly, so a changed shape is a new
version: a running installation then asks for a replay. `python -m projections.schemas` writes the
shape of a new version, and refuses one that was changed without.
"""

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Table

from eventstore.record.schemas import bare_shape
from projections.models import MODELS
from projections.projection import Projection

WRITTEN = Path(__file__).resolve().parents[1] / "docs" / "views.json"


def shape_of(projection: Projection[Any]) -> dict[str, Any]:
    contributions = [
        [each.table.name, *each.names, each.occurred, each.recorded, each.of or ""]
        for each in projection.contributions
    ]
    return ({"contributions": contributions} if contributions else {}) | {
        "name": projection.name,
        "version": projection.version,
        "view": bare_shape(projection.view.json_schema()),
        "parts": {
            path: of if isinstance(of, str) else f"{of.__name__}()"
            for path, of in projection.parts.items()
        },
        "split_at": projection.split_at if projection.parts else None,
        "tables": {table.name: _columns(table) for table in projection.tables.sorted_tables},
    }


def _columns(table: Table) -> list[str]:
    return [
        f"{column.name} {type(column.type).__name__}"
        f"{' key' if column.primary_key else ''}{' or null' if column.nullable else ''}"
        for column in table.columns
    ]


def stale_and_changed(
    models: Iterable[Projection[Any]], written: Mapping[str, Any]
) -> tuple[dict[str, Any], list[str]]:
    """By name, the shapes that are not written yet or of which an older version is; and the models
    whose shape was changed without a new version. written: what shapes() gave, by name.
    """
    stale: dict[str, Any] = {}
    changed: list[str] = []
    for projection in models:
        shape, before = shape_of(projection), written.get(projection.name)
        if before is None or before["version"] < projection.version:
            stale[projection.name] = shape
        elif before != shape:
            changed.append(f"{projection.name} version {projection.version}")
    return stale, changed


def shapes(path: Path = WRITTEN) -> dict[str, Any]:
    """What is checked in, by the name of the read model."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def main(path: Path = WRITTEN) -> int:
    written = shapes(path)
    stale, changed = stale_and_changed(MODELS.values(), written)
    if changed:
        sys.stderr.write(
            f"changed without a new version: {', '.join(changed)}. Read models in use have the old"
            " shape: raise `version` in its projection.py\n"
        )
        return 1
    path.write_text(json.dumps(written | stale, indent=2) + "\n", encoding="utf-8")
    sys.stderr.write(f"{len(stale)} written, {len(MODELS) - len(stale)} unchanged\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
