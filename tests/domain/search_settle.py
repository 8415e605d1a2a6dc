"""From every state to balance 0 without an open anomaly, by allowed commands and true facts."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from tests.domain.oracle import Books, books
from tests.domain.oracle_anomalies import states
from tests.domain.oracle_history import History
from tests.domain.search_moves import because, give, resolve
from tests.domain.search_table import Command

N = TypeVar("N")
ROUNDS = 6


def by_paying(now: Books, unused: str) -> Iterator[Command]:
    """The customer pays what is due; what is owed back is granted and paid out."""
    if now.balance > 0:
        ids = {"payment_id": unused, "capture_id": unused}
        yield give("capture-payment", **ids, amount_cents=now.balance)
        return
    owed = -now.balance
    opened = [(key, refund.open) for key, refund in now.refunds.items() if refund.open]
    if opened:
        refund_id, left = opened[0]
        yield _payout(now, refund_id, unused, min(owed, left))
        return
    bound = now.captured - now.charged_back - now.claimed
    if bound > 0:
        amount = min(owed, bound)
        yield because("grant-refund", refund_id=unused, amount_cents=amount, credit_cents=0)
        yield _payout(now, unused, unused, amount)
    else:
        yield from by_booking(now, unused)


def _payout(now: Books, refund_id: str, unused: str, amount: int) -> Command:
    payments = now.payments
    left = {key: p.captured - p.refunded - p.charged_back for key, p in payments.items()}
    ids = {"payment_id": max(left, key=left.__getitem__, default=unused), "payout_id": unused}
    return give("refund-payment", **ids, refund_id=refund_id, amount_cents=amount)


def by_booking(now: Books, unused: str) -> Iterator[Command]:
    """What is due is written off; what is owed back is billed, above credits that wait."""
    if now.balance > 0:
        yield because("write-off", write_off_id=unused, amount_cents=now.balance)
        return
    owed = now.owed
    waiting = sum(owed.credited) - sum(owed.e1) + owed.written_off - owed.forgiven - owed.e2
    amount = waiting - now.balance
    ids = {"adjustment_id": unused, "label": "correction"}
    yield because("adjust-order", **ids, amount_cents=amount)


WAYS = (by_paying, by_booking)


def settled(
    node: N,
    history_of: Callable[[N], History],
    step: Callable[[N, Command], N],
    way: Callable[[Books, str], Iterator[Command]],
) -> N:
    """The order after it is settled in this way; AssertionError where it is not."""
    for number in range(ROUNDS):
        now = books(history_of(node))
        if now.balance == 0:
            break
        for command in way(now, f"settled-{number}"):
            node = step(node, command)
    for number, (_, _, state) in enumerate(states(history_of(node)), start=1):
        if state == "open":
            node = step(node, resolve(number))
    history = history_of(node)
    assert books(history).balance == 0, f"balance {books(history).balance} after {way.__name__}"
    left = [(kind, about) for kind, about, state in states(history) if state == "open"]
    assert not left, f"{left} open after {way.__name__}"
    return node
