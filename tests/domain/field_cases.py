"""The field cases, played through the domain alone (tests/data/field-cases.json)."""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from domain.commands import COMMANDS, Command
from domain.figures import order_figures
from domain.order import decide, fold
from domain.state import Order

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "data" / "field-cases.json").read_text(encoding="utf-8")
)
_OF_THE_EDGE = {"actor", "occurred_at", "channel"}


def command_of(line: Mapping[str, Any], order_id: str) -> Command:
    """The command of a line as bulk has it."""
    kind = COMMANDS[line["command"]]
    names = {field.name for field in fields(kind)}
    values = {
        name: value
        for name, value in line.items()
        if name != "command" and (name in names or name not in _OF_THE_EDGE)
    }
    if "order_id" in names:
        values["order_id"] = order_id
    command: Command = _built(kind, values)
    return command


def play(lines: list[dict[str, Any]], order_id: str = "o1") -> Order:
    order: Order | None = None
    for line in lines:
        order = fold(decide(command_of(line, order_id), order), order)
    assert order is not None
    return order


def figures_of(case: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an order's document that a case may name."""
    figures = order_figures(play(case["commands"], case["id"]))
    opened = [one["kind"] for one in figures["anomalies"] if one["state"] == "open"]
    return {**figures, "open_anomalies": opened}


def _built(kind: type, values: Mapping[str, Any]) -> Any:
    hints = get_type_hints(kind, include_extras=True)
    return kind(**{name: _value(hints[name], value) for name, value in values.items()})


def _value(hint: Any, value: Any) -> Any:
    """A value of JSON as the dataclass that the annotation names, or tuple of them."""
    if get_origin(hint) is Annotated:
        return _value(get_args(hint)[0], value)
    if get_origin(hint) in (Union, UnionType):
        for arm in get_args(hint):
            if is_dataclass(arm) and value is not None:
                return _value(arm, value)
        return value
    if get_origin(hint) is tuple:
        return tuple(_value(get_args(hint)[0], entry) for entry in value)
    return _built(hint, value) if isinstance(hint, type) and is_dataclass(hint) else value
