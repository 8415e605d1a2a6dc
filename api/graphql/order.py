"""An order as the log has it: the fold of its events, now or at an earlier moment."""

from typing import Any, Final, get_type_hints

from graphql import GraphQLBoolean, GraphQLField, GraphQLID, GraphQLString

from api.graphql.details import GOODS_OF_ORDER, MONEY_OF_ORDER
from api.graphql.operation import Info
from api.graphql.output import (
    Fields,
    list_of,
    members,
    not_null,
    object_type,
    of_dataclass,
    part_type,
)
from api.graphql.rows import EVENTS_OF_ORDER, LISTS_OF_ORDER, row_of_the_order
from api.graphql.scalars import DATE_TIME, JSON, LONG
from domain import goods, movements, payments, refunds, returns, shipments
from domain.billing import BilledLine, BilledShipping
from domain.events import Item, Parts
from domain.money import Adjustment, WriteOff
from projections.read_models.order.projection import ORDERS

_AMOUNTS: Final = tuple(
    str(column.name) for column in ORDERS.columns if column.name.endswith("_cents")
)
_WORDS: Final = ("state", "fulfilment", "payment")


def _named(name: str, kind: Any, id_: str, more: Fields, without: tuple[str, ...] = ()) -> Any:
    """A list of things of the order: each with its id and its fields."""
    own = {**members(**{id_: not_null(GraphQLID)}), **of_dataclass(kind, without=without), **more}
    return list_of(object_type(name, own))


def _picked(kind: Any, *names: str) -> Fields:
    others = tuple(name for name in get_type_hints(kind) if name not in names)
    return of_dataclass(kind, without=others)


_ORDER_LINE: Final = object_type(
    "OrderLine",
    {
        **_picked(Item, "line", "product_id", "name", "unit", "price_cents"),
        **of_dataclass(goods.Line),
        **of_dataclass(BilledLine, without=("quantity", "cancelled")),
        **members(open=not_null(LONG), returnable=not_null(LONG), overshipped=not_null(LONG)),
    },
    "As placed and as it is by now: quantities, and amounts of the whole line.",
)


def _reported(kind: Any, name: str) -> Any:
    return list_of(object_type(name, of_dataclass(kind, empty_is_null=True)))


def _accounts(document: Any, _info: Info) -> list[dict[str, Any]]:
    return [
        {"account": account, "amount_cents": cents}
        for account, cents in document["accounts"].items()
    ]


_ORDER_DOCUMENT: Final[Fields] = {
    **members(
        order_id=not_null(GraphQLID),
        revision=not_null(LONG),
        position=LONG,
        hash=GraphQLString,
        recorded_at=DATE_TIME,
        customer_id=not_null(GraphQLID),
        channel=not_null(GraphQLString),
        currency=not_null(GraphQLString),
        exponent=not_null(LONG),
        prices_include_tax=not_null(GraphQLBoolean),
        attributes=not_null(JSON),
        holds=list_of(
            object_type("Hold", members(hold_id=not_null(GraphQLID), kind=not_null(GraphQLString)))
        ),
        on_hold=not_null(GraphQLBoolean),
        **dict.fromkeys(_WORDS, not_null(GraphQLString)),
        **dict.fromkeys(_AMOUNTS, not_null(LONG)),
    ),
    "accounts": GraphQLField(
        list_of(
            object_type(
                "AccountAmount",
                members(account=not_null(GraphQLString), amount_cents=not_null(LONG)),
            )
        ),
        resolve=_accounts,
        description="The accounts that are not 0.",
    ),
    **members(
        anomalies=list_of(
            object_type(
                "OrderAnomaly",
                members(
                    anomaly_id=not_null(GraphQLID),
                    kind=not_null(GraphQLString),
                    state=not_null(GraphQLString),
                    refers_to=not_null(GraphQLString),
                    detail=not_null(GraphQLString),
                ),
            )
        ),
        billed=not_null(part_type(Parts)),
        credited=not_null(part_type(Parts)),
        lines=list_of(_ORDER_LINE),
        shippings=list_of(part_type(BilledShipping)),
        adjustments=_named("AdjustmentInLog", Adjustment, "adjustment_id", {}),
        write_offs=_named("WriteOffInLog", WriteOff, "write_off_id", {}),
        shipments=_named("ShipmentInLog", shipments.Shipment, "shipment_id", {}),
        returns=_named(
            "ReturnInLog",
            returns.Return,
            "return_id",
            members(
                receipts=list_of(
                    object_type(
                        "ReceiptInLog",
                        members(receipt_id=not_null(GraphQLID), reports=not_null(LONG)),
                    )
                )
            ),
            without=("receipts",),
        ),
        payments=_named(
            "PaymentInLog",
            payments.Payment,
            "payment_id",
            members(
                method=not_null(GraphQLString),
                expired=not_null(GraphQLBoolean),
                failed=not_null(GraphQLBoolean),
            ),
        ),
        movements=list_of(
            object_type(
                "MovementInLog",
                members(
                    movement=not_null(GraphQLString),
                    accepted_cents=not_null(LONG),
                    reports=_reported(movements.Report, "ReportInLog"),
                    ends=_reported(movements.End, "EndInLog"),
                    changes=_reported(movements.Change, "ChangeInLog"),
                ),
            )
        ),
        refunds=_named(
            "RefundInLog", refunds.Refund, "refund_id", members(open_cents=not_null(LONG))
        ),
    ),
}

ORDER: Final = object_type(
    "Order",
    {
        **_ORDER_DOCUMENT,
        "events": EVENTS_OF_ORDER,
        **LISTS_OF_ORDER,
        "money": MONEY_OF_ORDER,
        "goods": GOODS_OF_ORDER,
        "listed": row_of_the_order(
            "The order as lists have it, from the order read model, with the lists of other ones."
        ),
    },
    "An order from the log: the fold of its events. In the answer to a dry run as it would be; "
    "`position`, `hash` and `recordedAt` are then null where nothing is stored yet.",
)
