"""The demo's day: the same every time, and commands that Daybook takes."""

import json
from collections import Counter
from datetime import UTC, datetime

import pytest

from api.commands.headers import Sender
from api.commands.parse import from_body
from api.commands.registry import REGISTRY
from api.demo.day import ORDERS, Step, day, special
from api.demo.stories import SPECIAL

MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)
NOW = datetime(2026, 3, 3, tzinfo=UTC)
STORIES = day(MIDNIGHT)
STEPS = [step for story in STORIES for step in story]


def test_every_day_is_the_same_day() -> None:
    assert day(MIDNIGHT) == STORIES


def test_a_day_has_about_two_hundred_orders_over_all_that_can_happen_to_one() -> None:
    assert len(STORIES) == ORDERS
    assert len({story[0].order_id for story in STORIES}) == ORDERS
    commands = Counter(step.command for step in STEPS)
    for command in (
        "cancel-items",
        "release-hold",
        "receive-return",
        "refund-payment",
        "charge-back-payment",
        "lose-shipment",
    ):
        assert commands[command] >= 1
    assert commands["deliver-shipment"] > ORDERS / 2


def test_some_steps_are_sent_twice_with_their_key() -> None:
    assert 5 < sum(step.times == 2 for step in STEPS) < len(STEPS) / 10
    assert len({step.key for step in STEPS}) == len(STEPS)


@pytest.mark.parametrize("name", SPECIAL)
def test_the_stories_to_look_at_are_found_by_name(name: str) -> None:
    [story] = [story for story in STORIES if story[0].order_id == special(name)]
    command = {"returned": "close-return", "charged back": "add-note"}.get(name)
    assert command is None or story[-1].command == command


@pytest.mark.parametrize("step", STEPS[::7], ids=lambda step: step.key)
def test_every_step_is_a_well_formed_command(step: Step) -> None:
    placing = step.command == "place-order"
    body = step.fields | ({"order_id": step.order_id} if placing else {})
    submission = from_body(
        REGISTRY[step.command],
        json.dumps(body).encode(),
        order_id=None if placing else step.order_id,
        key=step.key,
        sender=Sender(channel="http", actor=step.actor),
        precondition=None,
        now=NOW,
    )
    assert submission.order_id == step.order_id
