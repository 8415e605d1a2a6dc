"""A command or an event that is declared is one: nothing is declared and then forgotten."""

from collections.abc import Iterator
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


def parts_of(kinds: set[type]) -> Iterator[type]:
    """The classes that fields of these are, or are lists of; and their parts."""
    for kind in kinds:
        for hint in get_type_hints(kind).values():
            arms = (hint, *get_args(hint))
            found = {arm for arm in arms if isinstance(arm, type) and is_dataclass(arm)}
            yield from found
            yield from parts_of(found)


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


def test_what_is_declared_is_frozen_and_so_can_be_hashed() -> None:
    for kind in declared(commands) | declared(events):
        assert kind.__hash__ is not None, kind
