"""order.OrderService: the small interface."""

from typing import Any, Final

import orjson

from api.commands.headers import key_in_field
from api.commands.validation_messages import ID_WORDS
from api.http.problems import malformed
from api.proto.order import order_service_pb2 as pb
from api.rpc.call import Call, Method
from api.rpc.commands import Commands
from api.rpc.reads import Reads
from api.services import Services
from domain.values import ITEMS_MAX, is_id
from domain.words import state_word
from eventstore.ledger.history import FoldedOrder
from eventstore.ledger.submission import Answer
from eventstore.port import OutcomeUnknown, StoreError

SERVICE = "order.OrderService"
_KEY: Final = "idempotency_key"


class OrderCalls:
    def __init__(self, services: Services, commands: Commands, reads: Reads) -> None:
        self._ledger = services.ledger
        self._commands = commands
        self._reads = reads
        self._currency = services.currency

    def methods(self) -> list[Method]:
        return [
            Method(
                SERVICE,
                "GetOrder",
                pb.GetOrderRequest,
                pb.OrderResponse,
                unary=self.get_order,
                reads=True,
            ),
            Method(
                SERVICE,
                "CreateOrder",
                pb.CreateOrderRequest,
                pb.OrderResponse,
                unary=self.create_order,
            ),
        ]

    async def get_order(self, request: pb.GetOrderRequest, call: Call) -> pb.OrderResponse:
        """Raises Rejected, OrderRefused (unknown-order)."""
        del call
        if request.HasField("after_position"):
            raise malformed("after_position", "is for StreamOrderUpdates")
        order_id = known_id(request.order_id, "order_id")
        return _response(await self._reads.within(lambda: self._ledger.order(order_id)))

    async def create_order(self, request: pb.CreateOrderRequest, call: Call) -> pb.OrderResponse:
        """The order as it was placed, also if it was placed before by the same key.

        Raises Refused, Rejected.
        """
        given = request.idempotency_key
        key = call.key(key_in_field(given, _KEY) if given else None, _KEY)
        result = await self._commands.result(self._line(request), call, key=key)
        members = result.members
        answered = Answer(
            members["order_id"], members["revision"], members["position"], (), replayed=False
        )
        placed = self._ledger.just_placed(answered)
        if placed is None:
            try:
                return _response(await self._ledger.order_after(answered))
            except StoreError as error:
                # It was stored: a code that says it was not would have it placed a second time.
                raise OutcomeUnknown(str(error)) from error
        event, recorded_at = placed
        return pb.OrderResponse(
            order_id=event.order_id,
            status="placed",
            total_cents=event.total_cents,
            created_at=recorded_at,
            currency=event.currency,
            revision=answered.revision,
            position=answered.position,
        )

    def _line(self, request: pb.CreateOrderRequest) -> bytes:
        """As a line of bulk. What was not sent is left out; without presence, that is what is
        empty. An item may cost nothing. Raises Rejected.
        """
        if len(request.items) > ITEMS_MAX:  # before they are read: each costs time
            raise malformed("items", f"must be a list of at most {ITEMS_MAX}")
        line: dict[str, Any] = {
            "command": "place-order",
            "currency": request.currency or self._currency,
            "items": [_item(item) for item in request.items],
        }
        if request.customer_id:
            line["customer_id"] = request.customer_id
        if request.order_id:
            line["order_id"] = request.order_id
        return orjson.dumps(line)


def known_id(text: str, field: str) -> str:
    """Raises Rejected for a text that is no id."""
    if not text:
        raise malformed(field, "is required")
    if not is_id(text):
        raise malformed(field, ID_WORDS)
    return text


def _item(item: pb.OrderItem) -> dict[str, Any]:
    found: dict[str, Any] = {"quantity": item.quantity, "price_cents": item.price_cents}
    if item.product_id:
        found["product_id"] = item.product_id
    return found


def _response(folded: FoldedOrder) -> pb.OrderResponse:
    order = folded.order
    return pb.OrderResponse(
        order_id=order.placed.order_id,
        status=state_word(order.status, order.money, order.goods),
        total_cents=order.money.total_cents,
        created_at=folded.created_at,
        currency=order.placed.currency,
        revision=folded.revision,
        position=folded.position,
    )
