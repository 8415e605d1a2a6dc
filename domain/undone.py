"""Whether what a fact did is undone: then a report of it that comes again is no mere repeat."""

from domain import events as e
from domain.state import Order


def is_undone(event: e.FactEvent, order: Order) -> bool:
    """The fact is recorded; True if its payout failed, its chargeback was reversed, its
    authorization expired.
    """
    money = order.money
    match event:
        case e.PaymentRefunded():
            return money.is_payout_ended(event)
        case e.PaymentChargedBack():
            return money.is_chargeback_ended(event)
        case e.PaymentAuthorized():
            return money.is_authorization_ended(event)
        case _:
            return False
