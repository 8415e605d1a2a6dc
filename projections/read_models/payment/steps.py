"""Which of an order's payment steps count in its figures: the steps themselves decide it."""

from collections.abc import Iterable
from typing import Final

from domain.money import Failure, Payout
from projections.query.listing import Item

CORRECTIONS: Final = ("payout-failure", "chargeback-reversal")
"""Kinds of steps that cancel another step of the order, so that it does not count."""


def with_counted(steps: Iterable[Item], corrections: Iterable[Item], currency: str) -> list[Item]:
    """The steps, each with `counted`. corrections: the order's steps of these kinds; steps of other
    kinds in it are ignored. currency: the order's.

    False for an amount in another currency, a payout with a reported failure, and a chargeback with
    a reported reversal, whichever was reported first.
    """
    corrections = list(corrections)
    failures = [
        (step["refund_id"], Failure(step["payment_id"] or None, step["id"] or None))
        for step in corrections
        if step["kind"] == "payout-failure"
    ]
    reversals = {
        (step["payment_id"], step["id"])
        for step in corrections
        if step["kind"] == "chargeback-reversal"
    }

    def counted(step: Item) -> bool:
        if step["currency"] not in {None, currency}:
            return False
        if step["kind"] == "chargeback":
            return (step["payment_id"], step["id"]) not in reversals
        return not any(
            refund_id == step["refund_id"] and failure.names(_payout(step))
            for refund_id, failure in failures
            if step["kind"] == "payout"
        )

    return [{**step, "counted": counted(step)} for step in steps]


def _payout(step: Item) -> Payout:
    return Payout(step["payment_id"], step["id"], step["amount_cents"])
