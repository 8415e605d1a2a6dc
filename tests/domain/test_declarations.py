"""A command or an event that is declared is one: nothing is declared and then forgotten."""

from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from types import ModuleType
from typing import get_args, get_type_hints

import pytest

from domain import commands, events
from domain.commands import COMMANDS, Command
from domain.events import EVENTS, Event


def declared(module: ModuleType) -> set[type]:
    classes = {one for one in vars(module).values() if isinstance(one, type)}
    return {one for one in classes if is_dataclass(one) and one.__module__ == module.__name__}


def parts_of(kinds: Iterable[type]) -> Iterator[type]:
    """The classes that fields of these are, may be or are lists of; and those of their fields."""
    for kind in kinds:
        for hint in get_type_hints(kind).values():
            parts = [arg for arg in (hint, *get_args(hint)) if is_dataclass(arg)]
            yield from parts
            yield from parts_of(parts)


@pytest.mark.parametrize(
    ("module", "known"),
    [(commands, set(COMMANDS.values())), (events, set(EVENTS.values()))],
    ids=["commands", "events"],
)
def test_what_is_declared_is_in_the_union_or_a_part_of_what_is(
    module: ModuleType, known: set[type]
) -> None:
    assert declared(module) - set(parts_of(known)) == known


def test_a_command_is_named_by_its_class_in_lower_case() -> None:
    assert COMMANDS["return-shipment-to-sender"] is commands.ReturnShipmentToSender
    assert len(COMMANDS) == len(get_args(Command))


def test_an_event_is_named_by_its_class() -> None:
    assert EVENTS["PaymentCaptured"] is events.PaymentCaptured
    assert len(EVENTS) == len(get_args(Event))


@pytest.mark.parametrize("event", EVENTS.values())
def test_an_identity_is_made_of_fields(event: type[Event]) -> None:
    assert set(event.identity) <= {field.name for field in fields(event)}
