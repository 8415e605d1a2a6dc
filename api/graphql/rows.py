"""The rows of the read models, as lists have them, and the lists that belong to each row."""

from typing import Any, Final

from graphql import GraphQLField, GraphQLID, GraphQLObjectType, GraphQLOutputType, GraphQLString

from api.graphql.arguments import arguments_of, validated
from api.graphql.operation import Info, Nested
from api.graphql.output import Fields, members, not_null, object_type, of_table
from api.graphql.pages import nested_item, nested_list, page_type
from api.graphql.parameters import InEvents
from api.graphql.scalars import DATE_TIME, JSON, LONG
from api.queries.log import events_in_log
from projections.read_models.audit import queries as audit_queries
from projections.read_models.audit.projection import ENTRIES
from projections.read_models.order import queries as order_queries
from projections.read_models.order.projection import ORDERS
from projections.read_models.payment import queries as payment_queries
from projections.read_models.payment import tables as money
from projections.read_models.shipment import queries as shipment_queries
from projections.read_models.shipment import tables as fulfilment

EVENT_MEMBERS: Final[dict[str, GraphQLOutputType]] = {
    "order_id": not_null(GraphQLID),
    "revision": not_null(LONG),
    "position": not_null(LONG),
    "event_id": not_null(GraphQLID),
    "type": not_null(GraphQLString),
    "schema": not_null(LONG),
    "occurred_at": not_null(DATE_TIME),
    "recorded_at": not_null(DATE_TIME),
    "actor": not_null(GraphQLString),
    "reason": GraphQLString,
    "channel": not_null(GraphQLString),
    "command_id": not_null(GraphQLID),
    "correlation_id": not_null(GraphQLID),
    "causation_id": GraphQLID,
    "traceparent": GraphQLString,
    "prev_hash": not_null(GraphQLString),
    "hash": not_null(GraphQLString),
    "data": not_null(JSON),
}
EVENT: Final = object_type(
    "Event",
    members(**EVENT_MEMBERS),
    "An event as it is in the log. `data`: its fields as they are stored.",
)
EVENT_PAGE: Final[GraphQLObjectType] = page_type(EVENT)


async def _events(row: Any, info: Info, **given: Any) -> Any:
    place = validated(InEvents, given)
    ledger = info.context.door.services.ledger
    return await info.context.from_the_log(
        lambda: events_in_log(ledger, row["order_id"], after=place.cursor, limit=place.limit)
    )


EVENTS_OF_ORDER: Final = GraphQLField(
    EVENT_PAGE,
    args=arguments_of(InEvents),
    resolve=_events,
    description="From the log: each order of a list costs a read of its own.",
)


POSTING: Final = object_type(
    "Posting",
    of_table(money.POSTINGS, without=("occurred_quarter", "recorded_quarter")),
    "Double entry: debit above 0, credit below.",
)
POSTING_PAGE: Final[GraphQLObjectType] = page_type(POSTING)
PAYMENT_COLUMNS: Final = of_table(money.PAYMENTS)
SHIPMENT_COLUMNS: Final = of_table(fulfilment.SHIPMENTS)


def _the_order() -> GraphQLField:
    """The order's row in the order read model."""
    return nested_item(LISTED_ORDER, _ORDER, "The order that it belongs to.")


_ORDER: Final = Nested("order", order_queries.ORDER_OF_ID)

LISTED_ORDER: Final = GraphQLObjectType(
    "ListedOrder",
    lambda: {
        **of_table(ORDERS),
        **members(events=not_null(LONG)),
        "payments": nested_list(PAYMENT_PAGE, Nested("payment", payment_queries.PAYMENTS_OF_ORDER)),
        "shipments": nested_list(
            SHIPMENT_PAGE, Nested("shipment", shipment_queries.SHIPMENTS_OF_ORDER)
        ),
        "anomalyList": nested_list(
            ANOMALY_PAGE, Nested("payment", payment_queries.ANOMALIES_OF_ORDER)
        ),
        "eventList": EVENTS_OF_ORDER,
        **LISTS_OF_ORDER,
    },
    description="An order as the order read model has it. `events` and `anomalies` are counts: of "
    "its events, and of its open anomalies.",
)
PAYMENT: Final = GraphQLObjectType(
    "Payment",
    lambda: {
        **PAYMENT_COLUMNS,
        "movements": nested_list(MOVEMENT_PAGE, _MOVEMENTS),
        "postings": nested_list(
            POSTING_PAGE,
            Nested("payment", payment_queries.POSTINGS_OF_PAYMENT),
            "What the facts of this payment posted.",
        ),
        "order": _the_order(),
    },
)
SHIPMENT: Final = GraphQLObjectType(
    "Shipment",
    lambda: {
        **SHIPMENT_COLUMNS,
        "lines": nested_list(
            page_type(SHIPMENT_LINE), Nested("shipment", shipment_queries.LINES_OF_SHIPMENT)
        ),
        "order": _the_order(),
    },
)
ANOMALY: Final = GraphQLObjectType(
    "Anomaly", lambda: {**of_table(money.ANOMALIES), "order": _the_order()}
)
AUDIT_ENTRY: Final = GraphQLObjectType(
    "AuditEntry",
    lambda: {
        **of_table(ENTRIES, without=("data", "raw_metadata")),
        **members(data=JSON, undecodable=JSON),
        "order": _the_order(),
    },
)
MOVEMENT: Final[GraphQLObjectType] = object_type(
    "Movement", of_table(money.MOVEMENTS, without=("counted",), nullable=("payment_id", "id"))
)
SHIPMENT_LINE: Final[GraphQLObjectType] = object_type(
    "ShipmentLine", of_table(fulfilment.SHIPMENT_LINES, without=("order_id", "shipment_id"))
)
LISTED_ORDER_PAGE: Final[GraphQLObjectType] = page_type(LISTED_ORDER)
PAYMENT_PAGE: Final[GraphQLObjectType] = page_type(PAYMENT)
SHIPMENT_PAGE: Final[GraphQLObjectType] = page_type(SHIPMENT)
ANOMALY_PAGE: Final[GraphQLObjectType] = page_type(ANOMALY)
AUDIT_PAGE: Final[GraphQLObjectType] = page_type(AUDIT_ENTRY)
MOVEMENT_PAGE: Final[GraphQLObjectType] = page_type(MOVEMENT)
_MOVEMENTS: Final[Nested] = Nested("payment", payment_queries.MOVEMENTS_OF_PAYMENT)
LISTS_OF_ORDER: Final[Fields] = {
    "postings": nested_list(POSTING_PAGE, Nested("payment", payment_queries.POSTINGS_OF_ORDER)),
    "audit": nested_list(
        AUDIT_PAGE,
        Nested("audit", audit_queries.ENTRIES_OF_ORDER),
    ),
}


def row_of_the_order(description: str) -> GraphQLField:
    return nested_item(LISTED_ORDER, _ORDER, description)
