"""What the payment model knows of one order."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.anomalies import Anomalies
from domain.goods import Goods
from domain.money import Money


@dataclass(frozen=True)
class Reported:
    """at: when the payment's first fact happened. facts: how many of its facts count."""

    at: str
    facts: int = 0


@dataclass(frozen=True)
class Noticed:
    """Of an anomaly: the event that recorded it."""

    revision: int
    occurred_at: str
    recorded_at: str


@dataclass(frozen=True)
class PaymentView:
    """reported: by payment_id. noticed: by anomaly_id. payments: how many have a fact that counts.

    goods: for the anomalies that are about goods. *_quarter: as of moments.quarter_of.
    """

    order_id: str
    money: Money | None = None
    goods: Goods | None = None
    anomalies: Anomalies | None = None
    reported: Mapping[str, Reported] = field(default_factory=dict)
    noticed: Mapping[str, Noticed] = field(default_factory=dict)
    payments: int = 0
    placed_quarter: int = 0
    placed_recorded_quarter: int = 0
