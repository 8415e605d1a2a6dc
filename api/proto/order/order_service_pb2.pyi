from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetOrderRequest(_message.Message):
    __slots__ = ("order_id", "after_position")
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    AFTER_POSITION_FIELD_NUMBER: _ClassVar[int]
    order_id: str
    after_position: int
    def __init__(self, order_id: _Optional[str] = ..., after_position: _Optional[int] = ...) -> None: ...

class CreateOrderRequest(_message.Message):
    __slots__ = ("customer_id", "items", "currency", "idempotency_key", "order_id")
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    customer_id: str
    items: _containers.RepeatedCompositeFieldContainer[OrderItem]
    currency: str
    idempotency_key: str
    order_id: str
    def __init__(self, customer_id: _Optional[str] = ..., items: _Optional[_Iterable[_Union[OrderItem, _Mapping]]] = ..., currency: _Optional[str] = ..., idempotency_key: _Optional[str] = ..., order_id: _Optional[str] = ...) -> None: ...

class OrderItem(_message.Message):
    __slots__ = ("product_id", "quantity", "price_cents")
    PRODUCT_ID_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    PRICE_CENTS_FIELD_NUMBER: _ClassVar[int]
    product_id: str
    quantity: int
    price_cents: int
    def __init__(self, product_id: _Optional[str] = ..., quantity: _Optional[int] = ..., price_cents: _Optional[int] = ...) -> None: ...

class OrderResponse(_message.Message):
    __slots__ = ("order_id", "status", "total_cents", "created_at", "currency", "revision", "position")
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    TOTAL_CENTS_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    order_id: str
    status: str
    total_cents: int
    created_at: str
    currency: str
    revision: int
    position: int
    def __init__(self, order_id: _Optional[str] = ..., status: _Optional[str] = ..., total_cents: _Optional[int] = ..., created_at: _Optional[str] = ..., currency: _Optional[str] = ..., revision: _Optional[int] = ..., position: _Optional[int] = ...) -> None: ...

class OrderEvent(_message.Message):
    __slots__ = ("order_id", "event_type", "timestamp", "revision", "position")
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    EVENT_TYPE_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    order_id: str
    event_type: str
    timestamp: str
    revision: int
    position: int
    def __init__(self, order_id: _Optional[str] = ..., event_type: _Optional[str] = ..., timestamp: _Optional[str] = ..., revision: _Optional[int] = ..., position: _Optional[int] = ...) -> None: ...
