"""The bounds of money, and which of them an event touches."""

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any, Final

from domain import events as e
from domain.bounds import Books, Bound, Touch
from domain.fold_payments import AUTHORIZATION, CAPTURE, CHARGEBACK, FEE, PAYOUT, VOID
from domain.movements import Movement, chargebacks_in_force, in_force
from domain.references import Ids, reference, reference_of_two


def key_of(thing: str, ids: Ids) -> str:
    return reference_of_two(thing, *ids) if len(ids) == 2 else reference(thing, ids)


# Of a payment -------------------------------------------------------------------------------------


def _captured_above_authorized(books: Books, ids: Ids) -> int:
    """Without any authorization told, a capture has no upper bound."""
    payment = books.money.payment(ids[0])
    return payment.captured_cents - payment.authorized_cents if payment.told else 0


def _captured_after_expiry(books: Books, ids: Ids) -> int:
    payment = books.money.payment(ids[0])
    return payment.late_captured_cents if payment.expired else 0


def _voided_above_authorized(books: Books, ids: Ids) -> int:
    payment = books.money.payment(ids[0])
    if not payment.voided_cents:
        return 0
    return payment.captured_cents + payment.voided_cents - payment.authorized_cents


def _refunded_above_captured(books: Books, ids: Ids) -> int:
    payment = books.money.payment(ids[0])
    return 0 if payment.charged_back_cents else payment.over_returned_cents


def _charged_back_above_captured(books: Books, ids: Ids) -> int:
    payment = books.money.payment(ids[0])
    return payment.over_returned_cents if payment.charged_back_cents else 0


def _payment_figures(books: Books, ids: Ids) -> str:
    payment = books.money.payment(ids[0])
    return (
        f"authorized {payment.authorized_cents}, captured {payment.captured_cents}, "
        f"voided {payment.voided_cents}, refunded {payment.refunded_cents}, "
        f"charged back {payment.charged_back_cents}"
    )


def _is_ordinary(books: Books, ids: Ids) -> bool:
    """No more captured than is authorized and in force, nothing voided, nothing given back."""
    payment = books.money.payment(ids[0])
    if payment.captured_cents > payment.in_force_cents or payment.voided_cents:
        return False
    return not payment.refunded_cents and not payment.charged_back_cents


PAYMENT: Final = "payment"
_OF_AUTHORIZATION: Final = tuple(
    Bound(kind, PAYMENT, excess, _payment_figures)
    for kind, excess in (
        ("captured-above-authorized", _captured_above_authorized),
        ("captured-after-expiry", _captured_after_expiry),
        ("voided-above-authorized", _voided_above_authorized),
    )
)
_OF_RETURNS: Final = tuple(
    Bound(kind, PAYMENT, excess, _payment_figures)
    for kind, excess in (
        ("refunded-above-captured", _refunded_above_captured),
        ("charged-back-above-captured", _charged_back_above_captured),
    )
)


# Of a refund, a chargeback, a movement ------------------------------------------------------------


def _refund_without_grant(books: Books, ids: Ids) -> int:
    return books.money.refund(ids[0]).uncovered_cents


def _refund_figures(books: Books, ids: Ids) -> str:
    refund = books.money.refund(ids[0])
    return (
        f"granted {refund.granted_cents}, revoked {refund.revoked_cents}, "
        f"paid out {refund.paid_out_cents}"
    )


def _unknown_chargeback(books: Books, ids: Ids) -> int:
    """Reversals while no report of the chargeback is told."""
    chargeback = books.money.movement(key_of(CHARGEBACK, ids))
    return 0 if chargeback.reports else len(chargeback.ends)


def _chargeback_figures(books: Books, ids: Ids) -> str:
    chargeback = books.money.movement(key_of(CHARGEBACK, ids))
    return f"reported {len(chargeback.reports)} times, reversed {len(chargeback.ends)} times"


def _told_again(thing: str, count: Callable[[Movement], int]) -> Bound:
    def excess(books: Books, ids: Ids) -> int:
        return count(books.money.movement(key_of(thing, ids))) - 1

    def detail(books: Books, ids: Ids) -> str:
        return f"reported {excess(books, ids) + 1} times"

    return Bound("told-again", thing, excess, detail)


def _in_force(movement: Movement) -> int:
    return len(in_force(movement))


# Of the order -------------------------------------------------------------------------------------


def _captured_after_cancel(books: Books, _ids: Ids) -> int:
    money = books.money
    return money.net_cents - money.due_cents if money.captured_after_cancel_cents > 0 else 0


def _authorized_after_cancel(books: Books, _ids: Ids) -> int:
    money = books.money
    left = money.authorized_after_cancel_cents
    return left - max(0, money.due_cents - money.net_cents) if left else 0


def _granted_above_captured(books: Books, _ids: Ids) -> int:
    """What grants and payouts claim is above what is captured and not charged back; without what
    the bound of a payment says already.
    """
    money = books.money
    if not money.charged_back_cents:
        return 0
    return -money.refundable_cents - money.over_returned_cents


def _order_figures(books: Books, _ids: Ids) -> str:
    money = books.money
    return (
        f"due {money.due_cents}, net {money.net_cents}, captured {money.captured_cents}, "
        f"charged back {money.charged_back_cents}, "
        f"claimed by refunds {money.claimed_refunds_cents}"
    )


ORDER: Final = "order"
_ORDER: Final = (
    Bound("captured-after-cancel", ORDER, _captured_after_cancel, _order_figures),
    Bound("authorized-after-cancel", ORDER, _authorized_after_cancel, _order_figures),
    Bound("charged-back-above-captured", ORDER, _granted_above_captured, _order_figures),
)


# What an event touches ----------------------------------------------------------------------------


def _ids(*names: str) -> Callable[[Any, Books], Iterable[Ids]]:
    """The thing that these fields of the event name; none if one of them is left out."""
    get = attrgetter(*names)

    def one(event: Any, _books: Books) -> Iterable[Ids]:
        id_: Any = get(event)
        return () if id_ is None else ((id_,),)

    def several(event: Any, _books: Books) -> Iterable[Ids]:
        found: tuple[Any, ...] = get(event)
        return () if None in found else (found,)

    return one if len(names) == 1 else several


def _order(_event: Any, books: Books) -> Iterable[Ids]:
    """The bounds of the order hold while it is neither cancelled nor charged back."""
    return ((),) if books.money.cancelled or books.money.charged_back_cents else ()


def _refunds_of(event: Any, books: Books) -> Iterable[Ids]:
    """The refunds of all reports of a payout: a new report, or a failure, may change which of them
    count.
    """
    if event.payment_id is None or event.payout_id is None:
        return ()
    payout = books.money.movement(key_of(PAYOUT, (event.payment_id, event.payout_id)))
    refund_ids = {each.refund_id for each in payout.reports} | {event.refund_id}
    return [(refund_id,) for refund_id in sorted(refund_ids - {None})]


def _always(_event: Any, _books: Books) -> Iterable[Ids]:
    return ((),)


_ANY_ORDER: Final = Touch(_order, _ORDER)
_CHARGED_BACK_ORDER: Final = Touch(_always, _ORDER)
_GRANTED: Final = (Bound("refund-without-grant", "refund", _refund_without_grant, _refund_figures),)
_REFUND: Final = Touch(_ids("refund_id"), _GRANTED)
_REFUNDS: Final = Touch(_refunds_of, _GRANTED)
_CHARGEBACK: Final = Touch(
    _ids("payment_id", "chargeback_id"),
    (
        Bound("unknown-chargeback", CHARGEBACK, _unknown_chargeback, _chargeback_figures),
        _told_again(CHARGEBACK, chargebacks_in_force),
    ),
)
_AUTHORIZED: Final = Touch(_ids("payment_id"), _OF_AUTHORIZATION, _is_ordinary)
_CAPTURED: Final = Touch(_ids("payment_id"), (*_OF_AUTHORIZATION, *_OF_RETURNS), _is_ordinary)
_GIVEN_BACK: Final = Touch(_ids("payment_id"), _OF_RETURNS)


def _told(thing: str, *names: str) -> Touch:
    def is_told_once(books: Books, ids: Ids) -> bool:
        return len(books.money.movement(key_of(thing, ids)).reports) <= 1

    return Touch(_ids(*names), (_told_again(thing, _in_force),), is_told_once)


_AUTHORIZATION: Final = _told(AUTHORIZATION, "payment_id", "authorization_id")
_PAYOUT: Final = _told(PAYOUT, "payment_id", "payout_id")

MONEY_TOUCHES: Final[dict[type[e.Event], tuple[Touch, ...]]] = {
    e.PaymentAuthorized: (_AUTHORIZED, _AUTHORIZATION, _ANY_ORDER),
    e.AuthorizationAdjusted: (_AUTHORIZED, _ANY_ORDER),
    e.AuthorizationExpired: (_AUTHORIZED, _AUTHORIZATION, _ANY_ORDER),
    e.PaymentCaptured: (_CAPTURED, _told(CAPTURE, "payment_id", "capture_id"), _ANY_ORDER),
    e.PaymentVoided: (_AUTHORIZED, _told(VOID, "payment_id", "void_id"), _ANY_ORDER),
    e.PaymentRefunded: (_GIVEN_BACK, _REFUNDS, _PAYOUT, _ANY_ORDER),
    e.RefundFailed: (_GIVEN_BACK, _REFUNDS, _PAYOUT, _ANY_ORDER),
    e.PaymentChargedBack: (_GIVEN_BACK, _CHARGEBACK, _CHARGED_BACK_ORDER),
    e.ChargebackReversed: (_GIVEN_BACK, _CHARGEBACK, _CHARGED_BACK_ORDER),
    e.FeeRecorded: (_told(FEE, "fee_id"),),
    e.RefundGranted: (_REFUND, _ANY_ORDER),
    e.RefundRevoked: (_REFUND, _ANY_ORDER),
    e.RefundAccepted: (_REFUND, _ANY_ORDER),
    **dict.fromkeys(
        (
            e.ItemsCancelled,
            e.ItemsAdded,
            e.OrderAdjusted,
            e.AdjustmentRevoked,
            e.WrittenOff,
            e.WriteOffRevoked,
            e.OrderCancelled,
        ),
        (_ANY_ORDER,),
    ),
}
"""By event. What is about the same thing is in one Touch, so that the thing is looked up once."""
