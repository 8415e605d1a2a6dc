"""Reports that are odd in themselves: one fact, judged as it comes (domain.rules.REPORTS)."""

from collections.abc import Callable, Iterator
from typing import Any, Final, TypeAlias

from domain import events as e
from domain.bounds import Books
from domain.reports_goods import GOODS_REPORTS

Odd: TypeAlias = Iterator[tuple[str, str]]
"""Kind and detail of each anomaly of a fact."""
Judge: TypeAlias = Callable[[Any, Books, Books], Odd]
"""Given the fact's event, the books before it and the books after it."""


def _other_currency(event: Any, before: Books, _after: Books) -> Odd:
    currency = before.money.currency
    if event.currency not in {None, currency} and event.counted_cents is None:
        yield "currency-mismatch", f"the order is in {currency}, not in {event.currency}"


def _names_no_payout(event: e.RefundFailed, _before: Books, _after: Books) -> Odd:
    if event.payment_id is None or event.payout_id is None:
        yield "failure-without-payout", "payment_id and payout_id name the payout that failed"


_IN_A_CURRENCY: Final = (
    e.PaymentAuthorized,
    e.AuthorizationAdjusted,
    e.PaymentCaptured,
    e.PaymentVoided,
    e.PaymentRefunded,
    e.PaymentChargedBack,
    e.ChargebackReversed,
    e.FeeRecorded,
)
REPORTS_OF: Final[dict[type[e.Event], Judge]] = {
    **dict.fromkeys(_IN_A_CURRENCY, _other_currency),
    e.RefundFailed: _names_no_payout,
    **GOODS_REPORTS,
}


def reports(event: e.Event, before: Books, after: Books) -> Odd:
    judge = REPORTS_OF.get(type(event))
    return judge(event, before, after) if judge else iter(())
