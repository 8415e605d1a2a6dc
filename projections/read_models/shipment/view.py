"""What the shipment model knows about one order between batches."""

from dataclasses import dataclass, field

from domain.goods import Goods


@dataclass(frozen=True)
class Times:
    """When a shipment's steps happened, by the reporter's word; None: not told."""

    reported_at: str
    planned_at: str | None = None
    dispatched_at: str | None = None
    outcome_at: str | None = None
    cancelled_at: str | None = None


@dataclass(frozen=True)
class ShipmentView:
    """times: by shipment_id."""

    order_id: str
    currency: str = ""
    cancelled: bool = False
    goods: Goods | None = None
    times: dict[str, Times] = field(default_factory=dict)
