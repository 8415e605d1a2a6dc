"""The largest figures a read model's columns can hold."""

from domain.money import Money

WHOLE_MAX = 2**63 - 1


def bounded(money: Money) -> Money:
    """Raises OverflowError for sums that fit in no column: the order is parked, not its worker.

    Facts are never refused, and nine thousand of the largest amount add up to more than 2^63.
    """
    within(
        money.captured_cents,
        money.refunded_cents + money.charged_back_cents,
        money.claimed_refunds_cents,
        money.allowed_refunds_cents,
    )
    return money


def within(*sums: int) -> None:
    """Raises OverflowError where one of them fits in no column."""
    if max(sums) > WHOLE_MAX:
        raise OverflowError("the amounts of this order add up to more than 2^63 - 1")
