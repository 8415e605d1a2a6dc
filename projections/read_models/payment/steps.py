"""Which of an order's payment steps are in its figures: told by the steps themselves."""

from collections.abc import Iterable

from domain.money import Failure, Payout
from projections.query.listing import Item


def with_counted(steps: Iterable[Item], currency: str) -> list[Item]:
    """All steps of one order in the order of the log, each with `counted`; currency: the order's.

    False for an amount in another currency, a payout of which a failure is told, and a chargeback
    of which the reversal is, whichever came first.
    """
    steps = sorted(steps, key=lambda step: step["revision"])
    failures = [
        (step["refund_id"], Failure(step["payment_id"] or None, step["id"] or None))
        for step in steps
        if step["kind"] == "payout-failure"
    ]
    reversals = {
        (step["payment_id"], step["id"]) for step in steps if step["kind"] == "chargeback-reversal"
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
