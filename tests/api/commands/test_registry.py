"""The registry: every command of the domain, with bodies that accept what the domain accepts."""

import dataclasses
import json
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from api.commands.headers import Sender
from api.commands.parse import IDS_AT_ONCE, from_line, uuid7
from api.commands.registry import LINES, REGISTRY, Registered
from api.docs.examples import body_of
from domain.commands import COMMANDS, FACTS, PlaceOrder
from tests.api.conftest import START

EVERY = pytest.mark.parametrize("known", REGISTRY.values(), ids=lambda known: known.name)
ENVELOPE = {
    "command",
    "command_id",
    "order_id",
    "actor",
    "correlation_id",
    "causation_id",
    "traceparent",
    "occurred_at",
}


def test_every_command_is_registered_under_its_name() -> None:
    assert {name: known.command for name, known in REGISTRY.items()} == COMMANDS
    assert {known.command for known in REGISTRY.values() if known.fact} == FACTS


def test_a_command_without_an_example_is_named_and_so_is_the_place() -> None:
    with pytest.raises(LookupError, match=r"add-tea: no example in domain/commands\.py; NoTea"):
        body_of("add-tea", type("NoTea", (), {}))


@EVERY
def test_the_example_is_valid_and_gives_the_command(known: Registered) -> None:
    line = {"command": known.name, "command_id": "k1", "order_id": "1001", **known.example}

    submission = from_line(
        json.dumps(line).encode(), sender=Sender(channel="bulk", actor="ann"), now=START
    )

    assert type(submission.command) is known.command
    given = {**known.example, "order_id": "1001"}
    for field in dataclasses.fields(submission.command):
        if field.name in given and isinstance(given[field.name], str | int):
            assert getattr(submission.command, field.name) == given[field.name]


@EVERY
def test_a_body_takes_the_commands_fields_and_no_others(known: Registered) -> None:
    own = {field.name for field in dataclasses.fields(known.command)}

    assert set(known.body.model_fields) == own | {"reason", "occurred_at"}
    assert set(known.line.model_fields) == own | ENVELOPE | {"reason", "channel"}
    assert not own & (ENVELOPE - {"order_id"})


@EVERY
def test_a_field_without_a_default_is_required(known: Registered) -> None:
    required = {
        field.name
        for field in dataclasses.fields(known.command)
        if field.default is dataclasses.MISSING
    }
    if known.command is PlaceOrder:
        required.remove("order_id")

    with_nothing: set[Any] = set()
    try:
        known.body.model_validate_json(b"{}")
    except ValidationError as error:
        with_nothing = {detail["loc"][0] for detail in error.errors()}

    assert with_nothing == required


@EVERY
def test_a_field_that_is_left_out_has_the_default_of_the_domain(known: Registered) -> None:
    values = known.body.model_validate_json(json.dumps(known.example)).__dict__

    for field in dataclasses.fields(known.command):
        if field.name not in known.example and field.name != "order_id":
            assert values[field.name] == field.default


def test_a_line_is_distinguished_by_its_command() -> None:
    values = LINES.validate_json(b'{"command": "confirm-order", "order_id": "o1"}')

    assert isinstance(values, REGISTRY["confirm-order"].line)


def test_uuid7_contains_the_time_and_is_unique() -> None:
    ids = [uuid7() for _ in range(1000)]

    assert len(set(ids)) == 1000
    assert {id_.version for id_ in ids} == {7}
    assert {id_.variant for id_ in ids} == {"specified in RFC 4122"}
    times = [id_.int >> 80 for id_ in ids]
    assert times == sorted(times)


def test_a_command_without_an_id_gets_a_random_one() -> None:
    line, sender = b'{"command": "confirm-order", "order_id": "o1"}', Sender(channel="bulk")
    many = 3 * IDS_AT_ONCE

    texts = [from_line(line, sender=sender, now=START).command_id for _ in range(many)]

    ids = [UUID(text) for text in texts]
    assert [str(id_) for id_ in ids] == texts
    assert len(set(ids)) == many
    assert {id_.version for id_ in ids} == {4}
    assert {id_.variant for id_ in ids} == {"specified in RFC 4122"}
