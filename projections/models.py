"""The read models, by name."""

from typing import Any

from projections.projection import Projection
from projections.read_models.audit.projection import PROJECTION as AUDIT
from projections.read_models.order.projection import PROJECTION as ORDER
from projections.read_models.payment.projection import PROJECTION as PAYMENT
from projections.read_models.shipment.projection import PROJECTION as SHIPMENT

MODELS: dict[str, Projection[Any]] = {
    model.name: model for model in (ORDER, SHIPMENT, PAYMENT, AUDIT)
}
