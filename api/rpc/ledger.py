"""daybook.v1.LedgerService: every command, the queries, the live stream."""

from functools import partial
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from api.commands.validation_messages import rejected_query
from api.http.problems import Rejected, malformed
from api.proto.daybook.v1 import ledger_pb2 as pb
from api.queries.log import order_in_log
from api.queries.parameters import Place
from api.queries.read_models import ReadModels
from api.queries.reports import LISTS, SUMMARIES
from api.rpc.call import Call, Method
from api.rpc.commands import Commands
from api.rpc.content import content, word_of
from api.rpc.documents import struct_of, totals_of
from api.rpc.orders import known_id
from api.rpc.reads import Reads
from api.services import Services
from projections.query.filters import Moment, Whole
from projections.query.periods import Asked, BadPeriod, asked
from projections.read_models.order.queries import OrderFilters

SERVICE = "daybook.v1.LedgerService"
_ORDERS: Final = LISTS["orders"]
_FILTERS: Final[TypeAdapter[Any]] = TypeAdapter(OrderFilters)
_SORT: Final[TypeAdapter[Any]] = TypeAdapter(_ORDERS.sort)
_PLACE: Final[TypeAdapter[Place]] = TypeAdapter(Place)
_REVISION: Final[TypeAdapter[int]] = TypeAdapter(Whole)
_TIME: Final[TypeAdapter[Any]] = TypeAdapter(Moment)
_NAMES: Final = {"from": "begin", "to": "end"}
"""What the parameters of HTTP are called here."""


class LedgerCalls:
    def __init__(self, services: Services, commands: Commands, reads: Reads) -> None:
        self._ledger = services.ledger
        self._commands = commands
        self._reads = reads
        self._models = ReadModels(services)

    def methods(self) -> list[Method]:
        commands = self._commands
        return [
            _method("Execute", pb.ExecuteRequest, pb.ExecuteResponse, unary=commands.execute),
            _method(
                "ExecuteStream",
                pb.ExecuteStreamRequest,
                pb.ExecuteStreamResponse,
                both=commands.execute_stream,
            ),
            _method(
                "GetOrder",
                pb.GetOrderRequest,
                pb.GetOrderResponse,
                unary=self.get_order,
                reads=True,
            ),
            _method(
                "ListOrders",
                pb.ListOrdersRequest,
                pb.ListOrdersResponse,
                unary=self.list_orders,
                reads=True,
            ),
            _method(
                "GetTotals",
                pb.GetTotalsRequest,
                pb.GetTotalsResponse,
                unary=self.get_totals,
                reads=True,
            ),
        ]

    async def get_order(self, request: pb.GetOrderRequest, call: Call) -> pb.GetOrderResponse:
        """Raises OrderRefused (unknown-order), Rejected."""
        del call
        order_id = known_id(request.order_id, "order_id")
        revision = request.revision if request.HasField("revision") else None
        if revision is not None:
            _valid(_REVISION, "revision", revision)
        as_of = _time("as_of", request.as_of)
        occurred_as_of = _time("occurred_as_of", request.occurred_as_of)
        document = await self._reads.within(
            lambda: order_in_log(
                self._ledger,
                order_id,
                revision=revision,
                as_of=as_of,
                occurred_as_of=occurred_as_of,
            )
        )
        return pb.GetOrderResponse(
            order_id=order_id,
            revision=document["revision"],
            position=document["position"],
            order=struct_of(document),
        )

    async def list_orders(self, request: pb.ListOrdersRequest, call: Call) -> pb.ListOrdersResponse:
        """Raises Rejected, BadCursor, ReadModelError."""
        del call
        given = content(request)
        sort = given.pop("sort", None) or _ORDERS.by_default
        place = {name: given.pop(name) for name in ("limit", "cursor") if name in given}
        filters = _valid(_FILTERS, None, given)
        found = await self._reads.within(
            lambda: self._models.page(
                _ORDERS.model,
                _ORDERS.listing,
                filters,
                _valid(_SORT, "sort", sort),
                _valid(_PLACE, None, place),
            )
        )
        return pb.ListOrdersResponse(
            orders=[pb.ListedOrder(**item) for item in found["items"]], next=found["next"] or ""
        )

    async def get_totals(self, request: pb.GetTotalsRequest, call: Call) -> pb.GetTotalsResponse:
        """Raises Rejected, ReadModelError."""
        del call
        of = _word(request, "of")
        if of is None:
            raise malformed("of", "is required: orders, shipments or payments")
        model, summary = SUMMARIES[of]
        try:
            period = _period(request)
            found = await self._reads.within(
                lambda: self._models.totals(model, partial(summary, asked=period))
            )
        except BadPeriod as error:
            raise malformed(_NAMES.get(error.field, error.field), str(error)) from None
        return totals_of(found)


def _method(name: str, request: Any, response: Any, **about: Any) -> Method:
    return Method(SERVICE, name, request, response, **about)


def _period(request: pb.GetTotalsRequest) -> Asked:
    """Raises BadPeriod, Rejected."""
    by: Any = _word(request, "by") or "occurred"
    group_by: Any = _word(request, "group_by")
    return asked(
        begin=request.begin or None,
        end=request.end or None,
        by=by,
        group_by=group_by,
        tz=request.tz or None,
    )


def _word(request: pb.GetTotalsRequest, field: str) -> str | None:
    enum = request.DESCRIPTOR.fields_by_name[field].enum_type
    return word_of(enum, getattr(request, field), field)


def _time(field: str, text: str) -> Any:
    return _valid(_TIME, field, text) if text else None


def _valid(adapter: TypeAdapter[Any], field: str | None, value: Any) -> Any:
    """The value as a query of HTTP would take it. Raises Rejected."""
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        raise _rejected(error, field) from None


def _rejected(error: ValidationError, field: str | None) -> Rejected:
    place = ("query",) if field is None else ("query", field)
    details = [
        {**detail, "loc": (*place, *detail["loc"])}
        for detail in error.errors(include_url=False, include_input=False)
    ]
    return rejected_query(details)
