"""The largest figures a read model's columns can hold."""

from operator import attrgetter
from typing import Final

from domain.money import Money

WHOLE_MAX = 2**63 - 1
_SUMS: Final = attrgetter(
    "credited_cents",
    "written_off_cents",
    "authorized_cents",
    "voided_cents",
    "claimed_refunds_cents",
)


def bounded(money: Money) -> Money:
    """Raises OverflowError for sums that fit in no column: the order is parked, not its worker.

    Commands and facts are refused long before, but a log may have been written by others.
    """
    within(
        *_SUMS(money),
        money.captured_cents + money.forgiven_cents + abs(money.fees_cents),
        money.billed_cents
        + money.refunded_cents
        + money.charged_back_cents
        + money.open_refunds_cents,
    )
    return money


def within(*sums: int) -> None:
    """Raises OverflowError where one of them fits in no column."""
    if max(sums) > WHOLE_MAX:
        raise OverflowError("the amounts of this order add up to more than 2^63 - 1")
