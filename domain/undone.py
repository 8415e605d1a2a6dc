"""Whether what a fact did is undone: then a report of it that comes again is no mere repeat."""

from domain import events as e
from domain.fold_payments import authorization_key, chargeback_key, payout_key
from domain.movements import left_by_report
from domain.state import Order


def is_undone(event: e.FactEvent, order: Order) -> bool:
    """The fact is recorded; True if its payout failed, its chargeback was reversed, its
    authorization expired.
    """
    match event:
        case e.PaymentRefunded():
            key = payout_key(event.payment_id, event.payout_id)
        case e.PaymentAuthorized():
            key = authorization_key(event.payment_id, event.authorization_id)
        case e.PaymentChargedBack():
            key = chargeback_key(event.payment_id, event.chargeback_id)
            movement = order.money.movement(key)
            index = movement.index_of(event.report_id, event.currency)
            return index is not None and left_by_report(movement)[index] is None
        case _:
            return False
    movement = order.money.movement(key)
    index = movement.index_of(event.report_id, event.currency)
    return index is not None and index < len(movement.ends)
