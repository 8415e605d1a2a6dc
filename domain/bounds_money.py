"""The bounds of money, and which of them an event touches."""

from typing import Final

from domain import events as e
from domain.bounds import Touch

MONEY_TOUCHES: Final[dict[type[e.Event], tuple[Touch, ...]]] = {}
"""By event. What is about the same thing is in one Touch, so that the thing is looked up once."""
