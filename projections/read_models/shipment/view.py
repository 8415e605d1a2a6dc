"""What the shipment model knows of one order."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.goods import Goods


@dataclass(frozen=True)
class Times:
    """When a shipment's steps happened, as reported; None: not reported."""

    reported_at: str
    planned_at: str | None = None
    dispatched_at: str | None = None
    outcome_at: str | None = None
    cancelled_at: str | None = None


@dataclass(frozen=True)
class ShipmentView:
    """product_ids: of the lines, line 1 at index 0. times: by shipment_id. planned, dispatched,
    delivered: how many shipments; one that was cancelled or dispatched counts as planned as well,
    where it was planned.
    """

    order_id: str
    currency: str = ""
    cancelled: bool = False
    goods: Goods | None = None
    product_ids: tuple[str, ...] = ()
    times: Mapping[str, Times] = field(default_factory=dict)
    planned: int = 0
    dispatched: int = 0
    delivered: int = 0
