"""What the payment model stores of one order between batches."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.money import Money


@dataclass(frozen=True)
class PaymentView:
    """reported: by payment_id, when its first fact happened. captures: how many count.

    payments: how many have a fact that counts.
    """

    order_id: str
    money: Money | None = None
    reported: Mapping[str, str] = field(default_factory=dict)
    payments: int = 0
    authorized_cents: int = 0
    captures: int = 0
    anomalies: int = 0
