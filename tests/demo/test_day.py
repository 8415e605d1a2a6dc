"""The demo's day: the same every time, and commands that Daybook takes."""

import json
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from api.commands.headers import Sender
from api.commands.parse import from_line
from api.demo.demo import DAY
from api.demo.show import SHOWN, UNUSUAL
from tests.demo.day import ORDERS, day, day_file, special
from tests.demo.stories import SPECIAL

NOW = datetime(2026, 3, 3, tzinfo=UTC)
LINES: list[dict[str, Any]] = [json.loads(line) for line in DAY.read_text().splitlines()]


def test_the_file_is_the_day_that_is_made_here() -> None:
    assert DAY.read_text() == day_file(), "run `make reference`"


def test_a_day_has_two_hundred_orders_over_all_that_can_happen_to_one() -> None:
    assert len({line["order_id"] for line in LINES}) == ORDERS
    commands = Counter(line["command"] for line in LINES)
    for command in (
        "cancel-items",
        "release-hold",
        "receive-return",
        "refund-payment",
        "accept-refund",
        "charge-back-payment",
        "reverse-chargeback",
        "write-off",
        "lose-shipment",
    ):
        assert commands[command] >= 1
    assert commands["deliver-shipment"] > ORDERS / 2


def test_the_lines_of_an_order_stay_in_order() -> None:
    for story in day():
        order_id = story[0]["order_id"]
        assert [line for line in LINES if line["order_id"] == order_id] == list(story)


def test_some_lines_are_sent_twice_with_their_command_id() -> None:
    times = Counter(line["command_id"] for line in LINES)
    twice = [id_ for id_, count in times.items() if count == 2]
    assert max(times.values()) == 2
    assert 5 < len(twice) < len(LINES) / 10


def test_the_demo_names_the_stories_whose_figures_it_shows() -> None:
    assert UNUSUAL.keys() == {special(name) for name in SPECIAL if name != "lost and sent again"}


def test_the_demo_shows_the_returned_order() -> None:
    assert special("returned") == SHOWN


@pytest.mark.parametrize("line", LINES[::7], ids=lambda line: str(line["command_id"]))
def test_every_line_is_a_well_formed_command(line: dict[str, Any]) -> None:
    submission = from_line(json.dumps(line).encode(), sender=Sender(channel="http"), now=NOW)
    assert submission.order_id == line["order_id"]
    assert submission.actor == line["actor"]
