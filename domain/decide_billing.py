"""What an order answers to commands that change what is billed."""

from domain import commands as c
from domain import events as e
from domain.state import Order


def decide(command: c.BillingRequest, order: Order) -> tuple[e.Event, ...]:
    raise NotImplementedError
