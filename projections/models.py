"""The read models, by name."""

from typing import Any

from projections.audit.projection import PROJECTION as AUDIT
from projections.order.projection import PROJECTION as ORDER
from projections.payment.projection import PROJECTION as PAYMENT
from projections.projection import Projection
from projections.shipment.projection import PROJECTION as SHIPMENT

MODELS: dict[str, Projection[Any]] = {
    model.name: model for model in (ORDER, SHIPMENT, PAYMENT, AUDIT)
}
