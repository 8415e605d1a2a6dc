"""The root fields of queries: the same lists, totals and documents that the REST API answers."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from functools import partial
from typing import Any, Final, TypeVar, get_args

from graphql import (
    GraphQLBoolean,
    GraphQLField,
    GraphQLFloat,
    GraphQLList,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLString,
)

from api.graphql.arguments import arguments_of, validated
from api.graphql.details import PAYMENT_DETAILS, SHIPMENT_DETAILS
from api.graphql.input import argument, enum_type, filter_type
from api.graphql.names import camel
from api.graphql.operation import Info, Operation
from api.graphql.order import ORDER
from api.graphql.output import members, not_null, object_type
from api.graphql.parameters import OrderAsked, PaymentAsked, ShipmentAsked
from api.graphql.rows import (
    ANOMALY_PAGE,
    AUDIT_PAGE,
    LISTED_ORDER_PAGE,
    PAYMENT_PAGE,
    SHIPMENT_PAGE,
)
from api.graphql.scalars import JSON, LONG
from api.graphql.totals import summaries, trial_balance
from api.http.problems import Rejected
from api.queries.log import order_in_log
from api.queries.parameters import Place
from api.queries.reports import LISTS
from projections.query.listing import Listing
from projections.read_models.audit import queries as audit_queries
from projections.read_models.payment import queries as payment_queries
from projections.read_models.shipment import queries as shipment_queries

T = TypeVar("T")

_PAGES: Final = {
    "orders": LISTED_ORDER_PAGE,
    "shipments": SHIPMENT_PAGE,
    "payments": PAYMENT_PAGE,
    "anomalies": ANOMALY_PAGE,
}
_FILTERS: Final = {"anomalies": payment_queries.AnomalyFilters}
"""Where the REST API makes the filters of other parameters."""


def query_fields() -> dict[str, GraphQLField]:
    return {
        "order": _query(
            ORDER,
            OrderAsked,
            _order,
            "An order from the log: now, at a revision or as of a moment.",
        ),
        **{
            name: _list(
                name,
                _PAGES[name],
                model=known.model,
                listing=known.listing,
                filters=_FILTERS.get(name, known.filters),
                sort=known.sort,
                by_default=known.by_default,
                description=known.description,
            )
            for name, known in LISTS.items()
        },
        "shipment": _query(SHIPMENT_DETAILS, ShipmentAsked, _shipment, "One shipment by its id."),
        "payment": _query(PAYMENT_DETAILS, PaymentAsked, _payment, "One payment by its id."),
        "audit": _list(
            "audit",
            AUDIT_PAGE,
            model="audit",
            listing=audit_queries.ENTRY_LIST,
            filters=audit_queries.EntryFilters,
            sort=audit_queries.Sort,
            by_default="position",
            description="Who did what, when and why: an entry per event.",
        ),
        **summaries(),
        "trialBalance": trial_balance(),
        "projections": GraphQLField(
            GraphQLList(not_null(_PROJECTION)),
            resolve=_projections,
            description="How far each read model is, and the state of its worker.",
        ),
    }


def _query(
    type_: GraphQLOutputType,
    asked: type[T],
    answer: Callable[[Operation, T], Awaitable[Any]],
    description: str,
) -> GraphQLField:
    async def resolve(_root: Any, info: Info, **given: Any) -> Any:
        return await answer(info.context, validated(asked, given))

    return GraphQLField(type_, args=arguments_of(asked), resolve=resolve, description=description)


def _list(
    name: str,
    page: GraphQLObjectType,
    *,
    model: str,
    listing: Listing,
    filters: Any,
    sort: Any,
    by_default: str,
    description: str,
) -> GraphQLField:
    async def resolve(_root: Any, info: Info, **given: Any) -> Any:
        wanted = validated(filters, given.get("filter") or {})
        place = validated(
            Place, {name: given[name] for name in ("limit", "cursor") if name in given}
        )
        return await info.context.door.models.page(model, listing, wanted, given["sort"], place)

    title = camel(f"_{name}")
    return GraphQLField(
        page,
        args={
            **argument("filter", filter_type(filters, title)),
            **argument("sort", not_null(enum_type(sort, f"{title}Sort")), None, by_default),
            **arguments_of(get_args(Place)[0]),
        },
        resolve=resolve,
        description=description,
    )


async def _order(operation: Operation, asked: OrderAsked) -> Any:
    ledger = operation.door.services.ledger
    return await operation.from_the_log(
        lambda: order_in_log(
            ledger,
            asked.order_id,
            revision=asked.revision,
            as_of=asked.as_of,
            occurred_as_of=asked.occurred_as_of,
        )
    )


async def _shipment(operation: Operation, asked: ShipmentAsked) -> Any:
    question = partial(shipment_queries.shipment, **asdict(asked))
    found = await operation.door.models.of_one("shipment", asked.order_id, question)
    return _found("shipment", found)


async def _payment(operation: Operation, asked: PaymentAsked) -> Any:
    question = partial(payment_queries.payment, **asdict(asked))
    found = await operation.door.models.of_one("payment", asked.order_id, question)
    return _found("payment", found)


def _found(what: str, item: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Raises Rejected (no-such-shipment, no-such-payment)."""
    if item is None:
        raise Rejected(f"no-such-{what}", f"the read model has no such {what}")
    return item


_PROJECTION: Final = object_type(
    "Projection",
    members(
        name=not_null(GraphQLString),
        state=not_null(GraphQLString),
        reason=not_null(GraphQLString),
        generation=LONG,
        position=LONG,
        head=LONG,
        behind=GraphQLBoolean,
        lag=LONG,
        parked=LONG,
        parked_orders=not_null(JSON),
        repaired=LONG,
        pid=LONG,
        heartbeat_age_s=GraphQLFloat,
        healthy=not_null(GraphQLBoolean),
    ),
)


async def _projections(_root: Any, info: Info) -> Any:
    models = await info.context.door.services.status()
    return [{**asdict(model), "healthy": model.healthy} for model in models]
