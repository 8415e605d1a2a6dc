"""One payment, one shipment, an order's money and goods: with all that belongs to them."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from graphql import GraphQLBoolean, GraphQLField, GraphQLObjectType, GraphQLString

from api.graphql.arguments import arguments_of, validated
from api.graphql.operation import Info
from api.graphql.output import Fields, list_of, member, members, not_null, object_type, of_table
from api.graphql.parameters import InOrder
from api.graphql.rows import (
    ANOMALY,
    MOVEMENT,
    PAYMENT,
    PAYMENT_COLUMNS,
    SHIPMENT_COLUMNS,
    SHIPMENT_LINE,
)
from api.graphql.scalars import LONG
from projections.read_models.payment import tables as money
from projections.read_models.payment.queries import order_payments
from projections.read_models.shipment import tables as fulfilment
from projections.read_models.shipment.queries import order_shipments

PAYMENT_STEP: Final = object_type(
    "PaymentStep",
    {
        **of_table(money.STEPS, nullable=("payment_id", "id")),
        **members(counted=not_null(GraphQLBoolean)),
    },
    "A fact as it was reported, or a command that changed money.",
)
SHIPMENT_STEP: Final = object_type("ShipmentStep", of_table(fulfilment.STEPS))
_NEXT: Final[Fields] = {
    "next": member("next", GraphQLString, "The cursor of the next page; null on the last.")
}
_IN_FORCE: Final = ("revoked", "after_cancel")

PAYMENT_DETAILS: Final = object_type(
    "PaymentDetails",
    {
        **PAYMENT_COLUMNS,
        **members(movements=list_of(MOVEMENT), steps=list_of(PAYMENT_STEP)),
        **_NEXT,
    },
    "One payment with its movements and steps. A page has `limit` of them, one list after the "
    "other.",
)
SHIPMENT_DETAILS: Final = object_type(
    "ShipmentDetails",
    {
        **SHIPMENT_COLUMNS,
        **members(lines=list_of(SHIPMENT_LINE), steps=list_of(SHIPMENT_STEP)),
        **_NEXT,
    },
    "One shipment with its lines and steps. A page has `limit` of them, one list after the other.",
)
_REFUND: Final = object_type("Refund", of_table(money.REFUNDS, without=("kept_after_cancel",)))
_ADJUSTMENT: Final = object_type(
    "Adjustment",
    {**of_table(money.ADJUSTMENTS, without=_IN_FORCE), **members(state=not_null(GraphQLString))},
)
_WRITE_OFF: Final = object_type(
    "WriteOff",
    {**of_table(money.WRITE_OFFS, without=_IN_FORCE), **members(state=not_null(GraphQLString))},
)
ORDER_MONEY: Final = object_type(
    "OrderMoney",
    {
        **members(revision=not_null(LONG)),
        **of_table(money.BALANCES, without=("placed_quarter", "placed_recorded_quarter")),
        **members(
            payments=list_of(PAYMENT),
            movements=list_of(MOVEMENT),
            refunds=list_of(_REFUND),
            adjustments=list_of(_ADJUSTMENT),
            write_offs=list_of(_WRITE_OFF),
            steps=list_of(PAYMENT_STEP),
            anomalies=list_of(ANOMALY),
        ),
        **_NEXT,
    },
    "An order's money. A page has `limit` entries of its lists, one list after the other.",
)
_SHIPMENT_WITH_LINES: Final = object_type(
    "ShipmentWithLines", {**SHIPMENT_COLUMNS, **members(lines=list_of(SHIPMENT_LINE))}
)
_RETURN: Final = object_type(
    "Return",
    {
        **of_table(fulfilment.RETURNS),
        **members(
            lines=list_of(
                object_type(
                    "ReturnLine",
                    of_table(fulfilment.RETURN_LINES, without=("order_id", "return_id")),
                )
            ),
            receipts=list_of(
                object_type(
                    "Receipt",
                    {
                        **of_table(
                            fulfilment.RECEIPTS, without=("order_id", "return_id", "revision", "n")
                        ),
                        **members(counted=not_null(GraphQLBoolean)),
                    },
                )
            ),
        ),
    },
)
ORDER_GOODS: Final = object_type(
    "OrderGoods",
    {
        **members(revision=not_null(LONG)),
        **of_table(fulfilment.FULFILMENTS),
        **members(
            lines=list_of(object_type("FulfilmentLine", of_table(fulfilment.LINES))),
            shipments=list_of(_SHIPMENT_WITH_LINES),
            returns=list_of(_RETURN),
            steps=list_of(SHIPMENT_STEP),
        ),
        **_NEXT,
    },
    "An order's goods. A page has `limit` entries of its lists, one list after the other.",
)


def _of_read_model(
    type_: GraphQLObjectType, model: str, question: Callable[..., Any]
) -> GraphQLField:
    """What a read model has of one order, as REST answers it."""

    async def resolve(order: Any, info: Info, **given: Any) -> Any:
        asked = validated(InOrder, given)
        return await info.context.door.models.of_order(
            model,
            order["order_id"],
            asked.min_revision,
            partial(question, limit=asked.limit, cursor=asked.cursor),
        )

    return GraphQLField(type_, args=arguments_of(InOrder), resolve=resolve)


MONEY_OF_ORDER: Final = _of_read_model(ORDER_MONEY, "payment", order_payments)
GOODS_OF_ORDER: Final = _of_read_model(ORDER_GOODS, "shipment", order_shipments)
