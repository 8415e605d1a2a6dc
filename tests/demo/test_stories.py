"""The stories of the demo end as they are meant to, by the domain alone."""

import contextlib

import pytest

from domain.figures import order_figures
from domain.order import Order, decide, fold
from domain.rules import OrderRefused
from tests.demo.day import day, special
from tests.demo.stories import SPECIAL
from tests.domain.field_cases import command_of

OF_THE_SENDER = {"order_id", "command_id", "correlation_id"}
ENDS = {
    "discounted line cancelled": ("completed", "delivered", "paid", 5891, 0, []),
    "replacement": ("completed", "delivered", "paid", 1880, 0, []),
    "dispute won": ("completed", "delivered", "paid", 6850, 0, []),
    "dispute lost": ("completed", "delivered", "charged_back", 0, 0, []),
    "refund made elsewhere": (
        "completed",
        "delivered",
        "paid",
        1900,
        0,
        [("refund-without-grant", "explained")],
    ),
    "lost and sent again": ("completed", "delivered", "paid", 6060, 0, []),
    "captured after cancel": (
        "cancelled",
        "none",
        "overpaid",
        0,
        -15670,
        [("captured-after-cancel", "open")],
    ),
    "returned": ("completed", "partly_returned", "paid", 1650, 0, []),
}


@pytest.mark.parametrize("name", SPECIAL)
def test_the_special_stories_end_as_they_are_meant_to(name: str) -> None:
    figures = order_figures(played(name))
    words = figures["state"], figures["fulfilment"], figures["payment"]
    anomalies = [(one["kind"], one["state"]) for one in figures["anomalies"]]
    assert (*words, figures["due_cents"], figures["balance_cents"], anomalies) == ENDS[name]


def played(name: str) -> Order:
    """The order after its lines; what a rule refuses is refused in the demo too."""
    [story] = [story for story in day() if story[0]["order_id"] == special(name)]
    order: Order | None = None
    for line in {line["command_id"]: line for line in story}.values():
        fields = {key: value for key, value in line.items() if key not in OF_THE_SENDER}
        with contextlib.suppress(OrderRefused):
            order = fold(decide(command_of(fields, special(name)), order), order)
    assert order is not None
    return order
