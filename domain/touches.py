"""All bounds, and which of them each event touches: those of money and those of goods."""

from typing import Final

from domain import events as e
from domain.bounds import Bound, Touch
from domain.bounds_goods import GOODS_TOUCHES
from domain.bounds_money import MONEY_TOUCHES

TOUCHES: Final[dict[type[e.Event], tuple[Touch, ...]]] = {
    kind: (*MONEY_TOUCHES.get(kind, ()), *GOODS_TOUCHES.get(kind, ()))
    for kind in e.EVENTS.values()
    if kind in MONEY_TOUCHES or kind in GOODS_TOUCHES
}
BOUND_ABOUT: Final[dict[tuple[str, str], Bound]] = {
    (bound.kind, bound.thing): bound
    for touches in TOUCHES.values()
    for touch in touches
    for bound in touch.bounds
}
"""By kind and sort of thing."""
