from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class TotalsOf(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TOTALS_OF_UNSPECIFIED: _ClassVar[TotalsOf]
    TOTALS_OF_ORDERS: _ClassVar[TotalsOf]
    TOTALS_OF_SHIPMENTS: _ClassVar[TotalsOf]
    TOTALS_OF_PAYMENTS: _ClassVar[TotalsOf]

class Retractable(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RETRACTABLE_UNSPECIFIED: _ClassVar[Retractable]
    RETRACTABLE_AUTHORIZE_PAYMENT: _ClassVar[Retractable]
    RETRACTABLE_ADJUST_AUTHORIZATION: _ClassVar[Retractable]
    RETRACTABLE_CAPTURE_PAYMENT: _ClassVar[Retractable]
    RETRACTABLE_VOID_PAYMENT: _ClassVar[Retractable]
    RETRACTABLE_EXPIRE_AUTHORIZATION: _ClassVar[Retractable]
    RETRACTABLE_FAIL_PAYMENT: _ClassVar[Retractable]
    RETRACTABLE_REFUND_PAYMENT: _ClassVar[Retractable]
    RETRACTABLE_FAIL_REFUND: _ClassVar[Retractable]
    RETRACTABLE_CHARGE_BACK_PAYMENT: _ClassVar[Retractable]
    RETRACTABLE_REVERSE_CHARGEBACK: _ClassVar[Retractable]
    RETRACTABLE_RECORD_FEE: _ClassVar[Retractable]
    RETRACTABLE_RECEIVE_RETURN: _ClassVar[Retractable]

class OrderState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ORDER_STATE_UNSPECIFIED: _ClassVar[OrderState]
    ORDER_STATE_PLACED: _ClassVar[OrderState]
    ORDER_STATE_CONFIRMED: _ClassVar[OrderState]
    ORDER_STATE_COMPLETED: _ClassVar[OrderState]
    ORDER_STATE_CANCELLED: _ClassVar[OrderState]

class OrderFulfilment(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ORDER_FULFILMENT_UNSPECIFIED: _ClassVar[OrderFulfilment]
    ORDER_FULFILMENT_UNNEEDED: _ClassVar[OrderFulfilment]
    ORDER_FULFILMENT_NONE: _ClassVar[OrderFulfilment]
    ORDER_FULFILMENT_PLANNED: _ClassVar[OrderFulfilment]
    ORDER_FULFILMENT_PARTLY_DISPATCHED: _ClassVar[OrderFulfilment]
    ORDER_FULFILMENT_DISPATCHED: _ClassVar[OrderFulfilment]
    ORDER_FULFILMENT_PARTLY_DELIVERED: _ClassVar[OrderFulfilment]
    ORDER_FULFILMENT_DELIVERED: _ClassVar[OrderFulfilment]
    ORDER_FULFILMENT_PARTLY_RETURNED: _ClassVar[OrderFulfilment]
    ORDER_FULFILMENT_RETURNED: _ClassVar[OrderFulfilment]

class OrderPayment(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ORDER_PAYMENT_UNSPECIFIED: _ClassVar[OrderPayment]
    ORDER_PAYMENT_NONE: _ClassVar[OrderPayment]
    ORDER_PAYMENT_AUTHORIZED: _ClassVar[OrderPayment]
    ORDER_PAYMENT_FAILED: _ClassVar[OrderPayment]
    ORDER_PAYMENT_UNPAID: _ClassVar[OrderPayment]
    ORDER_PAYMENT_PARTLY_PAID: _ClassVar[OrderPayment]
    ORDER_PAYMENT_PAID: _ClassVar[OrderPayment]
    ORDER_PAYMENT_OVERPAID: _ClassVar[OrderPayment]
    ORDER_PAYMENT_REFUNDING: _ClassVar[OrderPayment]
    ORDER_PAYMENT_REFUNDED: _ClassVar[OrderPayment]
    ORDER_PAYMENT_CHARGED_BACK: _ClassVar[OrderPayment]

class OrderSort(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ORDER_SORT_UNSPECIFIED: _ClassVar[OrderSort]
    ORDER_SORT_PLACED_AT: _ClassVar[OrderSort]
    ORDER_SORT_PLACED_AT_DESC: _ClassVar[OrderSort]
    ORDER_SORT_TOTAL_CENTS: _ClassVar[OrderSort]
    ORDER_SORT_TOTAL_CENTS_DESC: _ClassVar[OrderSort]
    ORDER_SORT_ORDER_ID: _ClassVar[OrderSort]
    ORDER_SORT_ORDER_ID_DESC: _ClassVar[OrderSort]

class TotalsBy(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TOTALS_BY_UNSPECIFIED: _ClassVar[TotalsBy]
    TOTALS_BY_OCCURRED: _ClassVar[TotalsBy]
    TOTALS_BY_RECORDED: _ClassVar[TotalsBy]

class TotalsGroupBy(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TOTALS_GROUP_BY_UNSPECIFIED: _ClassVar[TotalsGroupBy]
    TOTALS_GROUP_BY_DAY: _ClassVar[TotalsGroupBy]
    TOTALS_GROUP_BY_MONTH: _ClassVar[TotalsGroupBy]
    TOTALS_GROUP_BY_YEAR: _ClassVar[TotalsGroupBy]
TOTALS_OF_UNSPECIFIED: TotalsOf
TOTALS_OF_ORDERS: TotalsOf
TOTALS_OF_SHIPMENTS: TotalsOf
TOTALS_OF_PAYMENTS: TotalsOf
RETRACTABLE_UNSPECIFIED: Retractable
RETRACTABLE_AUTHORIZE_PAYMENT: Retractable
RETRACTABLE_ADJUST_AUTHORIZATION: Retractable
RETRACTABLE_CAPTURE_PAYMENT: Retractable
RETRACTABLE_VOID_PAYMENT: Retractable
RETRACTABLE_EXPIRE_AUTHORIZATION: Retractable
RETRACTABLE_FAIL_PAYMENT: Retractable
RETRACTABLE_REFUND_PAYMENT: Retractable
RETRACTABLE_FAIL_REFUND: Retractable
RETRACTABLE_CHARGE_BACK_PAYMENT: Retractable
RETRACTABLE_REVERSE_CHARGEBACK: Retractable
RETRACTABLE_RECORD_FEE: Retractable
RETRACTABLE_RECEIVE_RETURN: Retractable
ORDER_STATE_UNSPECIFIED: OrderState
ORDER_STATE_PLACED: OrderState
ORDER_STATE_CONFIRMED: OrderState
ORDER_STATE_COMPLETED: OrderState
ORDER_STATE_CANCELLED: OrderState
ORDER_FULFILMENT_UNSPECIFIED: OrderFulfilment
ORDER_FULFILMENT_UNNEEDED: OrderFulfilment
ORDER_FULFILMENT_NONE: OrderFulfilment
ORDER_FULFILMENT_PLANNED: OrderFulfilment
ORDER_FULFILMENT_PARTLY_DISPATCHED: OrderFulfilment
ORDER_FULFILMENT_DISPATCHED: OrderFulfilment
ORDER_FULFILMENT_PARTLY_DELIVERED: OrderFulfilment
ORDER_FULFILMENT_DELIVERED: OrderFulfilment
ORDER_FULFILMENT_PARTLY_RETURNED: OrderFulfilment
ORDER_FULFILMENT_RETURNED: OrderFulfilment
ORDER_PAYMENT_UNSPECIFIED: OrderPayment
ORDER_PAYMENT_NONE: OrderPayment
ORDER_PAYMENT_AUTHORIZED: OrderPayment
ORDER_PAYMENT_FAILED: OrderPayment
ORDER_PAYMENT_UNPAID: OrderPayment
ORDER_PAYMENT_PARTLY_PAID: OrderPayment
ORDER_PAYMENT_PAID: OrderPayment
ORDER_PAYMENT_OVERPAID: OrderPayment
ORDER_PAYMENT_REFUNDING: OrderPayment
ORDER_PAYMENT_REFUNDED: OrderPayment
ORDER_PAYMENT_CHARGED_BACK: OrderPayment
ORDER_SORT_UNSPECIFIED: OrderSort
ORDER_SORT_PLACED_AT: OrderSort
ORDER_SORT_PLACED_AT_DESC: OrderSort
ORDER_SORT_TOTAL_CENTS: OrderSort
ORDER_SORT_TOTAL_CENTS_DESC: OrderSort
ORDER_SORT_ORDER_ID: OrderSort
ORDER_SORT_ORDER_ID_DESC: OrderSort
TOTALS_BY_UNSPECIFIED: TotalsBy
TOTALS_BY_OCCURRED: TotalsBy
TOTALS_BY_RECORDED: TotalsBy
TOTALS_GROUP_BY_UNSPECIFIED: TotalsGroupBy
TOTALS_GROUP_BY_DAY: TotalsGroupBy
TOTALS_GROUP_BY_MONTH: TotalsGroupBy
TOTALS_GROUP_BY_YEAR: TotalsGroupBy

class ExecuteRequest(_message.Message):
    __slots__ = ("command", "expected_revision", "dry_run")
    COMMAND_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_REVISION_FIELD_NUMBER: _ClassVar[int]
    DRY_RUN_FIELD_NUMBER: _ClassVar[int]
    command: Command
    expected_revision: int
    dry_run: bool
    def __init__(self, command: _Optional[_Union[Command, _Mapping]] = ..., expected_revision: _Optional[int] = ..., dry_run: bool = ...) -> None: ...

class ExecuteResponse(_message.Message):
    __slots__ = ("order_id", "revision", "position", "events", "replayed", "credit_cents", "dry_run", "order")
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    CREDIT_CENTS_FIELD_NUMBER: _ClassVar[int]
    DRY_RUN_FIELD_NUMBER: _ClassVar[int]
    ORDER_FIELD_NUMBER: _ClassVar[int]
    order_id: str
    revision: int
    position: int
    events: _containers.RepeatedCompositeFieldContainer[EventReference]
    replayed: bool
    credit_cents: int
    dry_run: bool
    order: _struct_pb2.Struct
    def __init__(self, order_id: _Optional[str] = ..., revision: _Optional[int] = ..., position: _Optional[int] = ..., events: _Optional[_Iterable[_Union[EventReference, _Mapping]]] = ..., replayed: bool = ..., credit_cents: _Optional[int] = ..., dry_run: bool = ..., order: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ...) -> None: ...

class EventReference(_message.Message):
    __slots__ = ("event_id", "type", "revision", "data")
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    event_id: str
    type: str
    revision: int
    data: str
    def __init__(self, event_id: _Optional[str] = ..., type: _Optional[str] = ..., revision: _Optional[int] = ..., data: _Optional[str] = ...) -> None: ...

class ExecuteStreamRequest(_message.Message):
    __slots__ = ("commands",)
    COMMANDS_FIELD_NUMBER: _ClassVar[int]
    commands: _containers.RepeatedCompositeFieldContainer[Command]
    def __init__(self, commands: _Optional[_Iterable[_Union[Command, _Mapping]]] = ...) -> None: ...

class ExecuteStreamResponse(_message.Message):
    __slots__ = ("results",)
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[CommandResult]
    def __init__(self, results: _Optional[_Iterable[_Union[CommandResult, _Mapping]]] = ...) -> None: ...

class CommandResult(_message.Message):
    __slots__ = ("number", "done", "problem")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    number: int
    done: ExecuteResponse
    problem: Problem
    def __init__(self, number: _Optional[int] = ..., done: _Optional[_Union[ExecuteResponse, _Mapping]] = ..., problem: _Optional[_Union[Problem, _Mapping]] = ...) -> None: ...

class Problem(_message.Message):
    __slots__ = ("code", "reason", "message", "violations", "retry_after_s", "order_id", "command_id")
    CODE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    VIOLATIONS_FIELD_NUMBER: _ClassVar[int]
    RETRY_AFTER_S_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    code: int
    reason: str
    message: str
    violations: _containers.RepeatedCompositeFieldContainer[FieldViolation]
    retry_after_s: int
    order_id: str
    command_id: str
    def __init__(self, code: _Optional[int] = ..., reason: _Optional[str] = ..., message: _Optional[str] = ..., violations: _Optional[_Iterable[_Union[FieldViolation, _Mapping]]] = ..., retry_after_s: _Optional[int] = ..., order_id: _Optional[str] = ..., command_id: _Optional[str] = ...) -> None: ...

class FieldViolation(_message.Message):
    __slots__ = ("field", "description")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    field: str
    description: str
    def __init__(self, field: _Optional[str] = ..., description: _Optional[str] = ...) -> None: ...

class GetOrderRequest(_message.Message):
    __slots__ = ("order_id", "revision", "as_of", "occurred_as_of")
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    AS_OF_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AS_OF_FIELD_NUMBER: _ClassVar[int]
    order_id: str
    revision: int
    as_of: str
    occurred_as_of: str
    def __init__(self, order_id: _Optional[str] = ..., revision: _Optional[int] = ..., as_of: _Optional[str] = ..., occurred_as_of: _Optional[str] = ...) -> None: ...

class GetOrderResponse(_message.Message):
    __slots__ = ("order_id", "revision", "position", "order")
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    ORDER_FIELD_NUMBER: _ClassVar[int]
    order_id: str
    revision: int
    position: int
    order: _struct_pb2.Struct
    def __init__(self, order_id: _Optional[str] = ..., revision: _Optional[int] = ..., position: _Optional[int] = ..., order: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ...) -> None: ...

class ListOrdersRequest(_message.Message):
    __slots__ = ("state", "fulfilment", "payment", "on_hold", "customer_id", "currency", "placed_after", "placed_before", "sort", "limit", "cursor")
    STATE_FIELD_NUMBER: _ClassVar[int]
    FULFILMENT_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_FIELD_NUMBER: _ClassVar[int]
    ON_HOLD_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    PLACED_AFTER_FIELD_NUMBER: _ClassVar[int]
    PLACED_BEFORE_FIELD_NUMBER: _ClassVar[int]
    SORT_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    state: OrderState
    fulfilment: OrderFulfilment
    payment: OrderPayment
    on_hold: bool
    customer_id: str
    currency: str
    placed_after: str
    placed_before: str
    sort: OrderSort
    limit: int
    cursor: str
    def __init__(self, state: _Optional[_Union[OrderState, str]] = ..., fulfilment: _Optional[_Union[OrderFulfilment, str]] = ..., payment: _Optional[_Union[OrderPayment, str]] = ..., on_hold: bool = ..., customer_id: _Optional[str] = ..., currency: _Optional[str] = ..., placed_after: _Optional[str] = ..., placed_before: _Optional[str] = ..., sort: _Optional[_Union[OrderSort, str]] = ..., limit: _Optional[int] = ..., cursor: _Optional[str] = ...) -> None: ...

class ListOrdersResponse(_message.Message):
    __slots__ = ("orders", "next")
    ORDERS_FIELD_NUMBER: _ClassVar[int]
    NEXT_FIELD_NUMBER: _ClassVar[int]
    orders: _containers.RepeatedCompositeFieldContainer[ListedOrder]
    next: str
    def __init__(self, orders: _Optional[_Iterable[_Union[ListedOrder, _Mapping]]] = ..., next: _Optional[str] = ...) -> None: ...

class SubscribeRequest(_message.Message):
    __slots__ = ("after_position", "types", "order_id", "customer_id")
    AFTER_POSITION_FIELD_NUMBER: _ClassVar[int]
    TYPES_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    after_position: int
    types: _containers.RepeatedScalarFieldContainer[str]
    order_id: str
    customer_id: str
    def __init__(self, after_position: _Optional[int] = ..., types: _Optional[_Iterable[str]] = ..., order_id: _Optional[str] = ..., customer_id: _Optional[str] = ...) -> None: ...

class SubscribeResponse(_message.Message):
    __slots__ = ("event", "progress")
    EVENT_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    event: Event
    progress: Progress
    def __init__(self, event: _Optional[_Union[Event, _Mapping]] = ..., progress: _Optional[_Union[Progress, _Mapping]] = ...) -> None: ...

class Progress(_message.Message):
    __slots__ = ("position", "caught_up")
    POSITION_FIELD_NUMBER: _ClassVar[int]
    CAUGHT_UP_FIELD_NUMBER: _ClassVar[int]
    position: int
    caught_up: bool
    def __init__(self, position: _Optional[int] = ..., caught_up: bool = ...) -> None: ...

class Event(_message.Message):
    __slots__ = ("position", "order_id", "revision", "type", "json")
    POSITION_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    JSON_FIELD_NUMBER: _ClassVar[int]
    position: int
    order_id: str
    revision: int
    type: str
    json: str
    def __init__(self, position: _Optional[int] = ..., order_id: _Optional[str] = ..., revision: _Optional[int] = ..., type: _Optional[str] = ..., json: _Optional[str] = ...) -> None: ...

class GetTotalsRequest(_message.Message):
    __slots__ = ("of", "begin", "end", "by", "tz", "group_by")
    OF_FIELD_NUMBER: _ClassVar[int]
    BEGIN_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    BY_FIELD_NUMBER: _ClassVar[int]
    TZ_FIELD_NUMBER: _ClassVar[int]
    GROUP_BY_FIELD_NUMBER: _ClassVar[int]
    of: TotalsOf
    begin: str
    end: str
    by: TotalsBy
    tz: str
    group_by: TotalsGroupBy
    def __init__(self, of: _Optional[_Union[TotalsOf, str]] = ..., begin: _Optional[str] = ..., end: _Optional[str] = ..., by: _Optional[_Union[TotalsBy, str]] = ..., tz: _Optional[str] = ..., group_by: _Optional[_Union[TotalsGroupBy, str]] = ...) -> None: ...

class GetTotalsResponse(_message.Message):
    __slots__ = ("periods",)
    PERIODS_FIELD_NUMBER: _ClassVar[int]
    periods: _containers.RepeatedCompositeFieldContainer[PeriodTotals]
    def __init__(self, periods: _Optional[_Iterable[_Union[PeriodTotals, _Mapping]]] = ...) -> None: ...

class PeriodTotals(_message.Message):
    __slots__ = ("period", "begin", "end", "totals")
    class TotalsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: Totals
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[Totals, _Mapping]] = ...) -> None: ...
    PERIOD_FIELD_NUMBER: _ClassVar[int]
    BEGIN_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    TOTALS_FIELD_NUMBER: _ClassVar[int]
    period: str
    begin: str
    end: str
    totals: _containers.MessageMap[str, Totals]
    def __init__(self, period: _Optional[str] = ..., begin: _Optional[str] = ..., end: _Optional[str] = ..., totals: _Optional[_Mapping[str, Totals]] = ...) -> None: ...

class Totals(_message.Message):
    __slots__ = ("figures", "divided")
    class FiguresEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    class DividedEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: Figures
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[Figures, _Mapping]] = ...) -> None: ...
    FIGURES_FIELD_NUMBER: _ClassVar[int]
    DIVIDED_FIELD_NUMBER: _ClassVar[int]
    figures: _containers.ScalarMap[str, int]
    divided: _containers.MessageMap[str, Figures]
    def __init__(self, figures: _Optional[_Mapping[str, int]] = ..., divided: _Optional[_Mapping[str, Figures]] = ...) -> None: ...

class Figures(_message.Message):
    __slots__ = ("figures",)
    class FiguresEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    FIGURES_FIELD_NUMBER: _ClassVar[int]
    figures: _containers.ScalarMap[str, int]
    def __init__(self, figures: _Optional[_Mapping[str, int]] = ...) -> None: ...

class Command(_message.Message):
    __slots__ = ("order_id", "command_id", "actor", "channel", "correlation_id", "causation_id", "traceparent", "place_order", "confirm_order", "cancel_order", "cancel_items", "add_items", "adjust_order", "revoke_adjustment", "write_off", "revoke_write_off", "change_customer", "set_attributes", "place_hold", "release_hold", "add_note", "authorize_payment", "adjust_authorization", "capture_payment", "void_payment", "expire_authorization", "fail_payment", "grant_refund", "revoke_refund", "accept_refund", "refund_payment", "fail_refund", "charge_back_payment", "reverse_chargeback", "record_fee", "plan_shipment", "cancel_shipment", "dispatch_shipment", "correct_tracking", "deliver_shipment", "lose_shipment", "return_shipment_to_sender", "request_return", "receive_return", "decline_return", "close_return", "retract_fact", "resolve_anomaly")
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    CORRELATION_ID_FIELD_NUMBER: _ClassVar[int]
    CAUSATION_ID_FIELD_NUMBER: _ClassVar[int]
    TRACEPARENT_FIELD_NUMBER: _ClassVar[int]
    PLACE_ORDER_FIELD_NUMBER: _ClassVar[int]
    CONFIRM_ORDER_FIELD_NUMBER: _ClassVar[int]
    CANCEL_ORDER_FIELD_NUMBER: _ClassVar[int]
    CANCEL_ITEMS_FIELD_NUMBER: _ClassVar[int]
    ADD_ITEMS_FIELD_NUMBER: _ClassVar[int]
    ADJUST_ORDER_FIELD_NUMBER: _ClassVar[int]
    REVOKE_ADJUSTMENT_FIELD_NUMBER: _ClassVar[int]
    WRITE_OFF_FIELD_NUMBER: _ClassVar[int]
    REVOKE_WRITE_OFF_FIELD_NUMBER: _ClassVar[int]
    CHANGE_CUSTOMER_FIELD_NUMBER: _ClassVar[int]
    SET_ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    PLACE_HOLD_FIELD_NUMBER: _ClassVar[int]
    RELEASE_HOLD_FIELD_NUMBER: _ClassVar[int]
    ADD_NOTE_FIELD_NUMBER: _ClassVar[int]
    AUTHORIZE_PAYMENT_FIELD_NUMBER: _ClassVar[int]
    ADJUST_AUTHORIZATION_FIELD_NUMBER: _ClassVar[int]
    CAPTURE_PAYMENT_FIELD_NUMBER: _ClassVar[int]
    VOID_PAYMENT_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_AUTHORIZATION_FIELD_NUMBER: _ClassVar[int]
    FAIL_PAYMENT_FIELD_NUMBER: _ClassVar[int]
    GRANT_REFUND_FIELD_NUMBER: _ClassVar[int]
    REVOKE_REFUND_FIELD_NUMBER: _ClassVar[int]
    ACCEPT_REFUND_FIELD_NUMBER: _ClassVar[int]
    REFUND_PAYMENT_FIELD_NUMBER: _ClassVar[int]
    FAIL_REFUND_FIELD_NUMBER: _ClassVar[int]
    CHARGE_BACK_PAYMENT_FIELD_NUMBER: _ClassVar[int]
    REVERSE_CHARGEBACK_FIELD_NUMBER: _ClassVar[int]
    RECORD_FEE_FIELD_NUMBER: _ClassVar[int]
    PLAN_SHIPMENT_FIELD_NUMBER: _ClassVar[int]
    CANCEL_SHIPMENT_FIELD_NUMBER: _ClassVar[int]
    DISPATCH_SHIPMENT_FIELD_NUMBER: _ClassVar[int]
    CORRECT_TRACKING_FIELD_NUMBER: _ClassVar[int]
    DELIVER_SHIPMENT_FIELD_NUMBER: _ClassVar[int]
    LOSE_SHIPMENT_FIELD_NUMBER: _ClassVar[int]
    RETURN_SHIPMENT_TO_SENDER_FIELD_NUMBER: _ClassVar[int]
    REQUEST_RETURN_FIELD_NUMBER: _ClassVar[int]
    RECEIVE_RETURN_FIELD_NUMBER: _ClassVar[int]
    DECLINE_RETURN_FIELD_NUMBER: _ClassVar[int]
    CLOSE_RETURN_FIELD_NUMBER: _ClassVar[int]
    RETRACT_FACT_FIELD_NUMBER: _ClassVar[int]
    RESOLVE_ANOMALY_FIELD_NUMBER: _ClassVar[int]
    order_id: str
    command_id: str
    actor: str
    channel: str
    correlation_id: str
    causation_id: str
    traceparent: str
    place_order: PlaceOrder
    confirm_order: ConfirmOrder
    cancel_order: CancelOrder
    cancel_items: CancelItems
    add_items: AddItems
    adjust_order: AdjustOrder
    revoke_adjustment: RevokeAdjustment
    write_off: WriteOff
    revoke_write_off: RevokeWriteOff
    change_customer: ChangeCustomer
    set_attributes: SetAttributes
    place_hold: PlaceHold
    release_hold: ReleaseHold
    add_note: AddNote
    authorize_payment: AuthorizePayment
    adjust_authorization: AdjustAuthorization
    capture_payment: CapturePayment
    void_payment: VoidPayment
    expire_authorization: ExpireAuthorization
    fail_payment: FailPayment
    grant_refund: GrantRefund
    revoke_refund: RevokeRefund
    accept_refund: AcceptRefund
    refund_payment: RefundPayment
    fail_refund: FailRefund
    charge_back_payment: ChargeBackPayment
    reverse_chargeback: ReverseChargeback
    record_fee: RecordFee
    plan_shipment: PlanShipment
    cancel_shipment: CancelShipment
    dispatch_shipment: DispatchShipment
    correct_tracking: CorrectTracking
    deliver_shipment: DeliverShipment
    lose_shipment: LoseShipment
    return_shipment_to_sender: ReturnShipmentToSender
    request_return: RequestReturn
    receive_return: ReceiveReturn
    decline_return: DeclineReturn
    close_return: CloseReturn
    retract_fact: RetractFact
    resolve_anomaly: ResolveAnomaly
    def __init__(self, order_id: _Optional[str] = ..., command_id: _Optional[str] = ..., actor: _Optional[str] = ..., channel: _Optional[str] = ..., correlation_id: _Optional[str] = ..., causation_id: _Optional[str] = ..., traceparent: _Optional[str] = ..., place_order: _Optional[_Union[PlaceOrder, _Mapping]] = ..., confirm_order: _Optional[_Union[ConfirmOrder, _Mapping]] = ..., cancel_order: _Optional[_Union[CancelOrder, _Mapping]] = ..., cancel_items: _Optional[_Union[CancelItems, _Mapping]] = ..., add_items: _Optional[_Union[AddItems, _Mapping]] = ..., adjust_order: _Optional[_Union[AdjustOrder, _Mapping]] = ..., revoke_adjustment: _Optional[_Union[RevokeAdjustment, _Mapping]] = ..., write_off: _Optional[_Union[WriteOff, _Mapping]] = ..., revoke_write_off: _Optional[_Union[RevokeWriteOff, _Mapping]] = ..., change_customer: _Optional[_Union[ChangeCustomer, _Mapping]] = ..., set_attributes: _Optional[_Union[SetAttributes, _Mapping]] = ..., place_hold: _Optional[_Union[PlaceHold, _Mapping]] = ..., release_hold: _Optional[_Union[ReleaseHold, _Mapping]] = ..., add_note: _Optional[_Union[AddNote, _Mapping]] = ..., authorize_payment: _Optional[_Union[AuthorizePayment, _Mapping]] = ..., adjust_authorization: _Optional[_Union[AdjustAuthorization, _Mapping]] = ..., capture_payment: _Optional[_Union[CapturePayment, _Mapping]] = ..., void_payment: _Optional[_Union[VoidPayment, _Mapping]] = ..., expire_authorization: _Optional[_Union[ExpireAuthorization, _Mapping]] = ..., fail_payment: _Optional[_Union[FailPayment, _Mapping]] = ..., grant_refund: _Optional[_Union[GrantRefund, _Mapping]] = ..., revoke_refund: _Optional[_Union[RevokeRefund, _Mapping]] = ..., accept_refund: _Optional[_Union[AcceptRefund, _Mapping]] = ..., refund_payment: _Optional[_Union[RefundPayment, _Mapping]] = ..., fail_refund: _Optional[_Union[FailRefund, _Mapping]] = ..., charge_back_payment: _Optional[_Union[ChargeBackPayment, _Mapping]] = ..., reverse_chargeback: _Optional[_Union[ReverseChargeback, _Mapping]] = ..., record_fee: _Optional[_Union[RecordFee, _Mapping]] = ..., plan_shipment: _Optional[_Union[PlanShipment, _Mapping]] = ..., cancel_shipment: _Optional[_Union[CancelShipment, _Mapping]] = ..., dispatch_shipment: _Optional[_Union[DispatchShipment, _Mapping]] = ..., correct_tracking: _Optional[_Union[CorrectTracking, _Mapping]] = ..., deliver_shipment: _Optional[_Union[DeliverShipment, _Mapping]] = ..., lose_shipment: _Optional[_Union[LoseShipment, _Mapping]] = ..., return_shipment_to_sender: _Optional[_Union[ReturnShipmentToSender, _Mapping]] = ..., request_return: _Optional[_Union[RequestReturn, _Mapping]] = ..., receive_return: _Optional[_Union[ReceiveReturn, _Mapping]] = ..., decline_return: _Optional[_Union[DeclineReturn, _Mapping]] = ..., close_return: _Optional[_Union[CloseReturn, _Mapping]] = ..., retract_fact: _Optional[_Union[RetractFact, _Mapping]] = ..., resolve_anomaly: _Optional[_Union[ResolveAnomaly, _Mapping]] = ...) -> None: ...

class PlaceOrder(_message.Message):
    __slots__ = ("reason", "occurred_at", "customer_id", "currency", "items", "shipping_cents", "shipping_tax_cents", "shipping_tax_code", "discount_cents", "tax_cents", "prices_include_tax", "attributes")
    class AttributesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    REASON_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    SHIPPING_CENTS_FIELD_NUMBER: _ClassVar[int]
    SHIPPING_TAX_CENTS_FIELD_NUMBER: _ClassVar[int]
    SHIPPING_TAX_CODE_FIELD_NUMBER: _ClassVar[int]
    DISCOUNT_CENTS_FIELD_NUMBER: _ClassVar[int]
    TAX_CENTS_FIELD_NUMBER: _ClassVar[int]
    PRICES_INCLUDE_TAX_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    reason: str
    occurred_at: str
    customer_id: str
    currency: str
    items: _containers.RepeatedCompositeFieldContainer[OrderedItem]
    shipping_cents: int
    shipping_tax_cents: int
    shipping_tax_code: str
    discount_cents: int
    tax_cents: int
    prices_include_tax: bool
    attributes: _containers.ScalarMap[str, str]
    def __init__(self, reason: _Optional[str] = ..., occurred_at: _Optional[str] = ..., customer_id: _Optional[str] = ..., currency: _Optional[str] = ..., items: _Optional[_Iterable[_Union[OrderedItem, _Mapping]]] = ..., shipping_cents: _Optional[int] = ..., shipping_tax_cents: _Optional[int] = ..., shipping_tax_code: _Optional[str] = ..., discount_cents: _Optional[int] = ..., tax_cents: _Optional[int] = ..., prices_include_tax: bool = ..., attributes: _Optional[_Mapping[str, str]] = ...) -> None: ...

class ConfirmOrder(_message.Message):
    __slots__ = ("reason", "occurred_at")
    REASON_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    reason: str
    occurred_at: str
    def __init__(self, reason: _Optional[str] = ..., occurred_at: _Optional[str] = ...) -> None: ...

class CancelOrder(_message.Message):
    __slots__ = ("reason", "occurred_at")
    REASON_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    reason: str
    occurred_at: str
    def __init__(self, reason: _Optional[str] = ..., occurred_at: _Optional[str] = ...) -> None: ...

class CancelItems(_message.Message):
    __slots__ = ("reason", "occurred_at", "cancellation_id", "lines", "shipping_cents", "refund_id")
    REASON_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    CANCELLATION_ID_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    SHIPPING_CENTS_FIELD_NUMBER: _ClassVar[int]
    REFUND_ID_FIELD_NUMBER: _ClassVar[int]
    reason: str
    occurred_at: str
    cancellation_id: str
    lines: _containers.RepeatedCompositeFieldContainer[LineQuantity]
    shipping_cents: int
    refund_id: str
    def __init__(self, reason: _Optional[str] = ..., occurred_at: _Optional[str] = ..., cancellation_id: _Optional[str] = ..., lines: _Optional[_Iterable[_Union[LineQuantity, _Mapping]]] = ..., shipping_cents: _Optional[int] = ..., refund_id: _Optional[str] = ...) -> None: ...

class AddItems(_message.Message):
    __slots__ = ("reason", "occurred_at", "addition_id", "items", "shipping_cents", "shipping_tax_cents", "shipping_tax_code", "discount_cents", "tax_cents")
    REASON_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    ADDITION_ID_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    SHIPPING_CENTS_FIELD_NUMBER: _ClassVar[int]
    SHIPPING_TAX_CENTS_FIELD_NUMBER: _ClassVar[int]
    SHIPPING_TAX_CODE_FIELD_NUMBER: _ClassVar[int]
    DISCOUNT_CENTS_FIELD_NUMBER: _ClassVar[int]
    TAX_CENTS_FIELD_NUMBER: _ClassVar[int]
    reason: str
    occurred_at: str
    addition_id: str
    items: _containers.RepeatedCompositeFieldContainer[OrderedItem]
    shipping_cents: int
    shipping_tax_cents: int
    shipping_tax_code: str
    discount_cents: int
    tax_cents: int
    def __init__(self, reason: _Optional[str] = ..., occurred_at: _Optional[str] = ..., addition_id: _Optional[str] = ..., items: _Optional[_Iterable[_Union[OrderedItem, _Mapping]]] = ..., shipping_cents: _Optional[int] = ..., shipping_tax_cents: _Optional[int] = ..., shipping_tax_code: _Optional[str] = ..., discount_cents: _Optional[int] = ..., tax_cents: _Optional[int] = ...) -> None: ...

class AdjustOrder(_message.Message):
    __slots__ = ("reason", "occurred_at", "adjustment_id", "amount_cents", "parts", "label")
    REASON_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    ADJUSTMENT_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_CENTS_FIELD_NUMBER: _ClassVar[int]
    PARTS_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    reason: str
    occurred_at: str
    adjustment_id: str
    amount_cents: int
    parts: PartsCents
    label: str
    def __init__(self, reason: _Optional[str] = ..., occurred_at: _Optional[str] = ..., adjustment_id: _Optional[str] = ..., amount_cents: _Optional[int] = ..., parts: _Optional[_Union[PartsCents, _Mapping]] = ..., label: _Optional[str] = ...) -> None: ...

class RevokeAdjustment(_message.Message):
    __slots__ = ("reason", "occurred_at", "adjustment_id")
    REASON_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    ADJUSTMENT_ID_FIELD_NUMBER: _ClassVar[int]
    reason: str
    occurred_at: str
    adjustment_id: str
    def __init__(self, reason: _Optional[str] = ..., occurred_at: _Optional[str] = ..., adjustment_id: _Optional[str] = ...) -> None: ...

class WriteOff(_message.Message):
    __slots__ = ("reason", "occurred_at", "write_off_id", "amount_cents")
    REASON_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    WRITE_OFF_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_CENTS_FIELD_NUMBER: _ClassVar[int]
    reason: str
    occurred_at: str
    write_off_id: str
    amount_cents: int
    def __init__(self, reason: _Optional[str] = ..., occurred_at: _Optional[str] = ..., write_off_id: _Optional[str] = ..., amount_cents: _Optional[int] = ...) -> None: ...

class RevokeWriteOff(_message.Message):
    __slots__ = ("reason", "occurred_at", "write_off_id")
    REASON_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    WRITE_OFF_ID_FIELD_NUMBER: _ClassVar[int]
    reason: str
    occurred_at: str
    write_off_id: str
    def __init__(self, reason: _Optional[str] = ..., occurred_at: _Optional[str] = ..., write_off_id: _Optional[str] = ...) -> None: ...

class ChangeCustomer(_message.Message):
    __slots__ = ("reason", "occurred_at", "customer_id")
    REASON_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    reason: str
    occurred_at: str
    customer_id: str
    def __init__(self, reason: _Optional[str] = ..., occurred_at: _Optional[str] = ..., customer_id: _Optional[str] = ...) -> None: ...

class SetAttributes(_message.Message):
    __slots__ = ("reason", "occurred_at", "attributes")
    class AttributesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: AttributeChange
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[AttributeChange, _Mapping]] = ...) -> None: ...
    REASON_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    reason: str
    occurred_at: str
    attributes: _containers.MessageMap[str, AttributeChange]
    def __init__(self, reason: _Optional[str] = ..., occurred_at: _Optional[str] = ..., attributes: _Optional[_Mapping[str, AttributeChange]] = ...) -> None: ...

class PlaceHold(_message.Message):
    __slots__ = ("reason", "occurred_at", "hold_id", "kind")
    REASON_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    HOLD_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    reason: str
    occurred_at: str
    hold_id: str
    kind: str
    def __init__(self, reason: _Optional[str] = ..., occurred_at: _Optional[str] = ..., hold_id: _Optional[str] = ..., kind: _Optional[str] = ...) -> None: ...

class ReleaseHold(_message.Message):
    __slots__ = ("reason", "occurred_at", "hold_id")
    REASON_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    HOLD_ID_FIELD_NUMBER: _ClassVar[int]
    reason: str
    occurred_at: str
    hold_id: str
    def __init__(self, reason: _Optional[str] = ..., occurred_at: _Optional[str] = ..., hold_id: _Optional[str] = ...) -> None: ...

class AddNote(_message.Message):
    __slots__ = ("reason", "occurred_at", "note_id", "text")
    REASON_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    NOTE_ID_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    reason: str
    occurred_at: str
    note_id: str
    text: str
    def __init__(self, reason: _Optional[str] = ..., occurred_at: _Optional[str] = ..., note_id: _Optional[str] = ..., text: _Optional[str] = ...) -> None: ...

class AuthorizePayment(_message.Message):
    __slots__ = ("reason", "occurred_at", "payment_id", "amount_cents", "method", "authorization_id", "currency", "counted_cents", "report_id")
    REASON_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_CENTS_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    AUTHORIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    COUNTED_CENTS_FIELD_NUMBER: _ClassVar[int]
    REPORT_ID_FIELD_NUMBER: _ClassVar[int]
    reason: str
    occurred_at: str
    payment_id: str
    amount_cents: int
    method: str
    authorization_id: str
    currency: str
    counted_cents: int
    report_id: str
    def __init__(self, reason: _Optional[str] = ..., occurred_at: _Optional[str] = ..., payment_id: _Optional[str] = ..., amount_cents: _Optional[int] = ..., method: _Optional[str] = ..., authorization_id: _Optional[str] = ..., currency: _Optional[str] = ..., counted_cents: _Optional[int] = ..., report_id: _Optional[str] = ...) -> None: ...

class AdjustAuthorization(_message.Message):
    __slots__ = ("reason", "occurred_at", "payment_id", "adjustment_id", "amount_cents", "authorization_id", "currency", "counted_cents", "report_id")
    REASON_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    ADJUSTMENT_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_CENTS_FIELD_NUMBER: _ClassVar[int]
    AUTHORIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    COUNTED_CENTS_FIELD_NUMBER: _ClassVar[int]
    REPORT_ID_FIELD_NUMBER: _ClassVar[int]
    reason: str
    occurred_at: str
    payment_id: str
    adjustment_id: str
    amount_cents: int
    authorization_id: str
    currency: str
    counted_cents: int
    report_id: str
    def __init__(self, reason: _Optional[str] = ..., occurred_at: _Optional[str] = ..., payment_id: _Optional[str] = ..., adjustment_id: _Optional[str] = ..., amount_cents: _Optional[int] = ..., authorization_id: _Optional[str] = ..., currency: _Optional[str] = ..., counted_cents: _Optional[int] = ..., report_id: _Optional[str] = ...) -> None: ...

class CapturePayment(_message.Message):
    __slots__ = ("reason", "occurred_at", "payment_id", "capture_id", "amount_cents", "method", "currency", "counted_cents", "report_id")
    REASON_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    CAPTURE_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_CENTS_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    COUNTED_CENTS_FIELD_NUMBER: _ClassVar[int]
    REPORT_ID_FIELD_NUMBER: _ClassVar[int]
    reason: str
    occurred_at: str
    payment_id: str
    capture_id: str
    amount_cents: int
    method: str
    currency: str
    counted_cents: int
    report_id: str
    def __init__(self, reason: _Optional[str] = ..., occurred_at: _Optional[str] = ..., payment_id: _Optional[str] = ..., capture_id: _Optional[str] = ..., amount_cents: _Optional[int] = ..., method: _Optional[str] = ..., currency: _Optional[str] = ..., counted_cents: _Optional[int] = ..., report_id: _Optional[str] = ...) -> None: ...

class VoidPayment(_message.Message):
    __slots__ = ("reason", "occurred_at", "payment_id", "void_id", "amount_cents", "currency", "counted_cents", "report_id")
    REASON_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    VOID_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_CENTS_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    COUNTED_CENTS_FIELD_NUMBER: _ClassVar[int]
    REPORT_ID_FIELD_NUMBER: _ClassVar[int]
    reason: str
    occurred_at: str
    payment_id: str
    void_id: str
    amount_cents: int
    currency: str
    counted_cents: int
    report_id: str
    def __init__(self, reason: _Optional[str] = ..., occurred_at: _Optional[str] = ..., payment_id: _Optional[str] = ..., void_id: _Optional[str] = ..., amount_cents: _Optional[int] = ..., currency: _Optional[str] = ..., counted_cents: _Optional[int] = ..., report_id: _Optional[str] = ...) -> None: ...

class ExpireAuthorization(_message.Message):
    __slots__ = ("reason", "occurred_at", "payment_id", "authorization_id", "report_id")
    REASON_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    AUTHORIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    REPORT_ID_FIELD_NUMBER: _ClassVar[int]
    reason: str
    occurred_at: str
    payment_id: str
    authorization_id: str
    report_id: str
    def __init__(self, reason: _Optional[str] = ..., occurred_at: _Optional[str] = ..., payment_id: _Optional[str] = ..., authorization_id: _Optional[str] = ..., report_id: _Optional[str] = ...) -> None: ...

class FailPayment(_message.Message):
    __slots__ = ("reason", "occurred_at", "payment_id", "report_id")
    REASON_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    REPORT_ID_FIELD_NUMBER: _ClassVar[int]
    reason: str
    occurred_at: str
    payment_id: str
    report_id: str
    def __init__(self, reason: _Optional[str] = ..., occurred_at: _Optional[str] = ..., payment_id: _Optional[str] = ..., report_id: _Optional[str] = ...) -> None: ...

class GrantRefund(_message.Message):
    __slots__ = ("reason", "occurred_at", "refund_id", "amount_cents", "credit_cents", "allowance_cents", "parts", "lines")
    REASON_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    REFUND_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_CENTS_FIELD_NUMBER: _ClassVar[int]
    CREDIT_CENTS_FIELD_NUMBER: _ClassVar[int]
    ALLOWANCE_CENTS_FIELD_NUMBER: _ClassVar[int]
    PARTS_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    reason: str
    occurred_at: str
    refund_id: str
    amount_cents: int
    credit_cents: int
    allowance_cents: int
    parts: PartsCents
    lines: _containers.RepeatedCompositeFieldContainer[LineQuantity]
    def __init__(self, reason: _Optional[str] = ..., occurred_at: _Optional[str] = ..., refund_id: _Optional[str] = ..., amount_cents: _Optional[int] = ..., credit_cents: _Optional[int] = ..., allowance_cents: _Optional[int] = ..., parts: _Optional[_Union[PartsCents, _Mapping]] = ..., lines: _Optional[_Iterable[_Union[LineQuantity, _Mapping]]] = ...) -> None: ...

class RevokeRefund(_message.Message):
    __slots__ = ("reason", "occurred_at", "refund_id")
    REASON_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    REFUND_ID_FIELD_NUMBER: _ClassVar[int]
    reason: str
    occurred_at: str
    refund_id: str
    def __init__(self, reason: _Optional[str] = ..., occurred_at: _Optional[str] = ..., refund_id: _Optional[str] = ...) -> None: ...

class AcceptRefund(_message.Message):
    __slots__ = ("reason", "occurred_at", "payment_id", "payout_id", "credit_cents")
    REASON_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    PAYOUT_ID_FIELD_NUMBER: _ClassVar[int]
    CREDIT_CENTS_FIELD_NUMBER: _ClassVar[int]
    reason: str
    occurred_at: str
    payment_id: str
    payout_id: str
    credit_cents: int
    def __init__(self, reason: _Optional[str] = ..., occurred_at: _Optional[str] = ..., payment_id: _Optional[str] = ..., payout_id: _Optional[str] = ..., credit_cents: _Optional[int] = ...) -> None: ...

class RefundPayment(_message.Message):
    __slots__ = ("reason", "occurred_at", "payment_id", "payout_id", "amount_cents", "refund_id", "method", "currency", "counted_cents", "report_id")
    REASON_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    PAYOUT_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_CENTS_FIELD_NUMBER: _ClassVar[int]
    REFUND_ID_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    COUNTED_CENTS_FIELD_NUMBER: _ClassVar[int]
    REPORT_ID_FIELD_NUMBER: _ClassVar[int]
    reason: str
    occurred_at: str
    payment_id: str
    payout_id: str
    amount_cents: int
    refund_id: str
    method: str
    currency: str
    counted_cents: int
    report_id: str
    def __init__(self, reason: _Optional[str] = ..., occurred_at: _Optional[str] = ..., payment_id: _Optional[str] = ..., payout_id: _Optional[str] = ..., amount_cents: _Optional[int] = ..., refund_id: _Optional[str] = ..., method: _Optional[str] = ..., currency: _Optional[str] = ..., counted_cents: _Optional[int] = ..., report_id: _Optional[str] = ...) -> None: ...

class FailRefund(_message.Message):
    __slots__ = ("reason", "occurred_at", "refund_id", "payment_id", "payout_id", "report_id")
    REASON_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    REFUND_ID_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    PAYOUT_ID_FIELD_NUMBER: _ClassVar[int]
    REPORT_ID_FIELD_NUMBER: _ClassVar[int]
    reason: str
    occurred_at: str
    refund_id: str
    payment_id: str
    payout_id: str
    report_id: str
    def __init__(self, reason: _Optional[str] = ..., occurred_at: _Optional[str] = ..., refund_id: _Optional[str] = ..., payment_id: _Optional[str] = ..., payout_id: _Optional[str] = ..., report_id: _Optional[str] = ...) -> None: ...

class ChargeBackPayment(_message.Message):
    __slots__ = ("reason", "occurred_at", "payment_id", "chargeback_id", "amount_cents", "currency", "counted_cents", "report_id")
    REASON_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    CHARGEBACK_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_CENTS_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    COUNTED_CENTS_FIELD_NUMBER: _ClassVar[int]
    REPORT_ID_FIELD_NUMBER: _ClassVar[int]
    reason: str
    occurred_at: str
    payment_id: str
    chargeback_id: str
    amount_cents: int
    currency: str
    counted_cents: int
    report_id: str
    def __init__(self, reason: _Optional[str] = ..., occurred_at: _Optional[str] = ..., payment_id: _Optional[str] = ..., chargeback_id: _Optional[str] = ..., amount_cents: _Optional[int] = ..., currency: _Optional[str] = ..., counted_cents: _Optional[int] = ..., report_id: _Optional[str] = ...) -> None: ...

class ReverseChargeback(_message.Message):
    __slots__ = ("reason", "occurred_at", "payment_id", "chargeback_id", "amount_cents", "currency", "counted_cents", "report_id")
    REASON_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    CHARGEBACK_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_CENTS_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    COUNTED_CENTS_FIELD_NUMBER: _ClassVar[int]
    REPORT_ID_FIELD_NUMBER: _ClassVar[int]
    reason: str
    occurred_at: str
    payment_id: str
    chargeback_id: str
    amount_cents: int
    currency: str
    counted_cents: int
    report_id: str
    def __init__(self, reason: _Optional[str] = ..., occurred_at: _Optional[str] = ..., payment_id: _Optional[str] = ..., chargeback_id: _Optional[str] = ..., amount_cents: _Optional[int] = ..., currency: _Optional[str] = ..., counted_cents: _Optional[int] = ..., report_id: _Optional[str] = ...) -> None: ...

class RecordFee(_message.Message):
    __slots__ = ("reason", "occurred_at", "fee_id", "amount_cents", "kind", "payment_id", "currency", "counted_cents", "report_id")
    REASON_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    FEE_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_CENTS_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    COUNTED_CENTS_FIELD_NUMBER: _ClassVar[int]
    REPORT_ID_FIELD_NUMBER: _ClassVar[int]
    reason: str
    occurred_at: str
    fee_id: str
    amount_cents: int
    kind: str
    payment_id: str
    currency: str
    counted_cents: int
    report_id: str
    def __init__(self, reason: _Optional[str] = ..., occurred_at: _Optional[str] = ..., fee_id: _Optional[str] = ..., amount_cents: _Optional[int] = ..., kind: _Optional[str] = ..., payment_id: _Optional[str] = ..., currency: _Optional[str] = ..., counted_cents: _Optional[int] = ..., report_id: _Optional[str] = ...) -> None: ...

class PlanShipment(_message.Message):
    __slots__ = ("reason", "occurred_at", "shipment_id", "lines", "location", "replaces")
    REASON_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    SHIPMENT_ID_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    LOCATION_FIELD_NUMBER: _ClassVar[int]
    REPLACES_FIELD_NUMBER: _ClassVar[int]
    reason: str
    occurred_at: str
    shipment_id: str
    lines: _containers.RepeatedCompositeFieldContainer[LineQuantity]
    location: str
    replaces: IdOrTrue
    def __init__(self, reason: _Optional[str] = ..., occurred_at: _Optional[str] = ..., shipment_id: _Optional[str] = ..., lines: _Optional[_Iterable[_Union[LineQuantity, _Mapping]]] = ..., location: _Optional[str] = ..., replaces: _Optional[_Union[IdOrTrue, _Mapping]] = ...) -> None: ...

class CancelShipment(_message.Message):
    __slots__ = ("reason", "occurred_at", "shipment_id")
    REASON_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    SHIPMENT_ID_FIELD_NUMBER: _ClassVar[int]
    reason: str
    occurred_at: str
    shipment_id: str
    def __init__(self, reason: _Optional[str] = ..., occurred_at: _Optional[str] = ..., shipment_id: _Optional[str] = ...) -> None: ...

class DispatchShipment(_message.Message):
    __slots__ = ("reason", "occurred_at", "shipment_id", "carrier", "tracking")
    REASON_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    SHIPMENT_ID_FIELD_NUMBER: _ClassVar[int]
    CARRIER_FIELD_NUMBER: _ClassVar[int]
    TRACKING_FIELD_NUMBER: _ClassVar[int]
    reason: str
    occurred_at: str
    shipment_id: str
    carrier: str
    tracking: str
    def __init__(self, reason: _Optional[str] = ..., occurred_at: _Optional[str] = ..., shipment_id: _Optional[str] = ..., carrier: _Optional[str] = ..., tracking: _Optional[str] = ...) -> None: ...

class CorrectTracking(_message.Message):
    __slots__ = ("reason", "occurred_at", "shipment_id", "carrier", "tracking")
    REASON_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    SHIPMENT_ID_FIELD_NUMBER: _ClassVar[int]
    CARRIER_FIELD_NUMBER: _ClassVar[int]
    TRACKING_FIELD_NUMBER: _ClassVar[int]
    reason: str
    occurred_at: str
    shipment_id: str
    carrier: str
    tracking: str
    def __init__(self, reason: _Optional[str] = ..., occurred_at: _Optional[str] = ..., shipment_id: _Optional[str] = ..., carrier: _Optional[str] = ..., tracking: _Optional[str] = ...) -> None: ...

class DeliverShipment(_message.Message):
    __slots__ = ("reason", "occurred_at", "shipment_id", "lines", "report_id")
    REASON_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    SHIPMENT_ID_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    REPORT_ID_FIELD_NUMBER: _ClassVar[int]
    reason: str
    occurred_at: str
    shipment_id: str
    lines: _containers.RepeatedCompositeFieldContainer[LineQuantity]
    report_id: str
    def __init__(self, reason: _Optional[str] = ..., occurred_at: _Optional[str] = ..., shipment_id: _Optional[str] = ..., lines: _Optional[_Iterable[_Union[LineQuantity, _Mapping]]] = ..., report_id: _Optional[str] = ...) -> None: ...

class LoseShipment(_message.Message):
    __slots__ = ("reason", "occurred_at", "shipment_id", "lines", "report_id")
    REASON_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    SHIPMENT_ID_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    REPORT_ID_FIELD_NUMBER: _ClassVar[int]
    reason: str
    occurred_at: str
    shipment_id: str
    lines: _containers.RepeatedCompositeFieldContainer[LineQuantity]
    report_id: str
    def __init__(self, reason: _Optional[str] = ..., occurred_at: _Optional[str] = ..., shipment_id: _Optional[str] = ..., lines: _Optional[_Iterable[_Union[LineQuantity, _Mapping]]] = ..., report_id: _Optional[str] = ...) -> None: ...

class ReturnShipmentToSender(_message.Message):
    __slots__ = ("reason", "occurred_at", "shipment_id", "lines", "report_id")
    REASON_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    SHIPMENT_ID_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    REPORT_ID_FIELD_NUMBER: _ClassVar[int]
    reason: str
    occurred_at: str
    shipment_id: str
    lines: _containers.RepeatedCompositeFieldContainer[LineQuantity]
    report_id: str
    def __init__(self, reason: _Optional[str] = ..., occurred_at: _Optional[str] = ..., shipment_id: _Optional[str] = ..., lines: _Optional[_Iterable[_Union[LineQuantity, _Mapping]]] = ..., report_id: _Optional[str] = ...) -> None: ...

class RequestReturn(_message.Message):
    __slots__ = ("reason", "occurred_at", "return_id", "lines")
    REASON_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    RETURN_ID_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    reason: str
    occurred_at: str
    return_id: str
    lines: _containers.RepeatedCompositeFieldContainer[LineQuantity]
    def __init__(self, reason: _Optional[str] = ..., occurred_at: _Optional[str] = ..., return_id: _Optional[str] = ..., lines: _Optional[_Iterable[_Union[LineQuantity, _Mapping]]] = ...) -> None: ...

class ReceiveReturn(_message.Message):
    __slots__ = ("reason", "occurred_at", "return_id", "receipt_id", "lines", "report_id")
    REASON_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    RETURN_ID_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_ID_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    REPORT_ID_FIELD_NUMBER: _ClassVar[int]
    reason: str
    occurred_at: str
    return_id: str
    receipt_id: str
    lines: _containers.RepeatedCompositeFieldContainer[ReceivedLine]
    report_id: str
    def __init__(self, reason: _Optional[str] = ..., occurred_at: _Optional[str] = ..., return_id: _Optional[str] = ..., receipt_id: _Optional[str] = ..., lines: _Optional[_Iterable[_Union[ReceivedLine, _Mapping]]] = ..., report_id: _Optional[str] = ...) -> None: ...

class DeclineReturn(_message.Message):
    __slots__ = ("reason", "occurred_at", "return_id")
    REASON_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    RETURN_ID_FIELD_NUMBER: _ClassVar[int]
    reason: str
    occurred_at: str
    return_id: str
    def __init__(self, reason: _Optional[str] = ..., occurred_at: _Optional[str] = ..., return_id: _Optional[str] = ...) -> None: ...

class CloseReturn(_message.Message):
    __slots__ = ("reason", "occurred_at", "return_id")
    REASON_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    RETURN_ID_FIELD_NUMBER: _ClassVar[int]
    reason: str
    occurred_at: str
    return_id: str
    def __init__(self, reason: _Optional[str] = ..., occurred_at: _Optional[str] = ..., return_id: _Optional[str] = ...) -> None: ...

class RetractFact(_message.Message):
    __slots__ = ("reason", "occurred_at", "fact", "payment_id", "authorization_id", "adjustment_id", "capture_id", "void_id", "payout_id", "refund_id", "chargeback_id", "fee_id", "return_id", "receipt_id", "report_id", "currency")
    REASON_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    FACT_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    AUTHORIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    ADJUSTMENT_ID_FIELD_NUMBER: _ClassVar[int]
    CAPTURE_ID_FIELD_NUMBER: _ClassVar[int]
    VOID_ID_FIELD_NUMBER: _ClassVar[int]
    PAYOUT_ID_FIELD_NUMBER: _ClassVar[int]
    REFUND_ID_FIELD_NUMBER: _ClassVar[int]
    CHARGEBACK_ID_FIELD_NUMBER: _ClassVar[int]
    FEE_ID_FIELD_NUMBER: _ClassVar[int]
    RETURN_ID_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_ID_FIELD_NUMBER: _ClassVar[int]
    REPORT_ID_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    reason: str
    occurred_at: str
    fact: Retractable
    payment_id: str
    authorization_id: str
    adjustment_id: str
    capture_id: str
    void_id: str
    payout_id: str
    refund_id: str
    chargeback_id: str
    fee_id: str
    return_id: str
    receipt_id: str
    report_id: str
    currency: str
    def __init__(self, reason: _Optional[str] = ..., occurred_at: _Optional[str] = ..., fact: _Optional[_Union[Retractable, str]] = ..., payment_id: _Optional[str] = ..., authorization_id: _Optional[str] = ..., adjustment_id: _Optional[str] = ..., capture_id: _Optional[str] = ..., void_id: _Optional[str] = ..., payout_id: _Optional[str] = ..., refund_id: _Optional[str] = ..., chargeback_id: _Optional[str] = ..., fee_id: _Optional[str] = ..., return_id: _Optional[str] = ..., receipt_id: _Optional[str] = ..., report_id: _Optional[str] = ..., currency: _Optional[str] = ...) -> None: ...

class ResolveAnomaly(_message.Message):
    __slots__ = ("reason", "occurred_at", "anomaly_id")
    REASON_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    ANOMALY_ID_FIELD_NUMBER: _ClassVar[int]
    reason: str
    occurred_at: str
    anomaly_id: str
    def __init__(self, reason: _Optional[str] = ..., occurred_at: _Optional[str] = ..., anomaly_id: _Optional[str] = ...) -> None: ...

class OrderedItem(_message.Message):
    __slots__ = ("product_id", "quantity", "price_cents", "amount_cents", "discount_cents", "tax_cents", "tax_code", "name", "unit", "requires_shipping")
    PRODUCT_ID_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    PRICE_CENTS_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_CENTS_FIELD_NUMBER: _ClassVar[int]
    DISCOUNT_CENTS_FIELD_NUMBER: _ClassVar[int]
    TAX_CENTS_FIELD_NUMBER: _ClassVar[int]
    TAX_CODE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    REQUIRES_SHIPPING_FIELD_NUMBER: _ClassVar[int]
    product_id: str
    quantity: int
    price_cents: int
    amount_cents: int
    discount_cents: int
    tax_cents: int
    tax_code: str
    name: str
    unit: str
    requires_shipping: bool
    def __init__(self, product_id: _Optional[str] = ..., quantity: _Optional[int] = ..., price_cents: _Optional[int] = ..., amount_cents: _Optional[int] = ..., discount_cents: _Optional[int] = ..., tax_cents: _Optional[int] = ..., tax_code: _Optional[str] = ..., name: _Optional[str] = ..., unit: _Optional[str] = ..., requires_shipping: bool = ...) -> None: ...

class LineQuantity(_message.Message):
    __slots__ = ("line", "quantity")
    LINE_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    line: int
    quantity: int
    def __init__(self, line: _Optional[int] = ..., quantity: _Optional[int] = ...) -> None: ...

class PartsCents(_message.Message):
    __slots__ = ("goods_cents", "shipping_cents", "tax_cents", "other_cents")
    GOODS_CENTS_FIELD_NUMBER: _ClassVar[int]
    SHIPPING_CENTS_FIELD_NUMBER: _ClassVar[int]
    TAX_CENTS_FIELD_NUMBER: _ClassVar[int]
    OTHER_CENTS_FIELD_NUMBER: _ClassVar[int]
    goods_cents: int
    shipping_cents: int
    tax_cents: int
    other_cents: int
    def __init__(self, goods_cents: _Optional[int] = ..., shipping_cents: _Optional[int] = ..., tax_cents: _Optional[int] = ..., other_cents: _Optional[int] = ...) -> None: ...

class ReceivedLine(_message.Message):
    __slots__ = ("line", "quantity", "condition")
    LINE_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    CONDITION_FIELD_NUMBER: _ClassVar[int]
    line: int
    quantity: int
    condition: str
    def __init__(self, line: _Optional[int] = ..., quantity: _Optional[int] = ..., condition: _Optional[str] = ...) -> None: ...

class AttributeChange(_message.Message):
    __slots__ = ("value",)
    VALUE_FIELD_NUMBER: _ClassVar[int]
    value: str
    def __init__(self, value: _Optional[str] = ...) -> None: ...

class IdOrTrue(_message.Message):
    __slots__ = ("id", "always")
    ID_FIELD_NUMBER: _ClassVar[int]
    ALWAYS_FIELD_NUMBER: _ClassVar[int]
    id: str
    always: bool
    def __init__(self, id: _Optional[str] = ..., always: bool = ...) -> None: ...

class ListedOrder(_message.Message):
    __slots__ = ("order_id", "customer_id", "currency", "channel", "state", "on_hold", "fulfilment", "payment", "goods_cents", "shipping_cents", "tax_cents", "discount_cents", "total_cents", "billed_cents", "credited_cents", "written_off_cents", "due_cents", "captured_cents", "refunded_cents", "charged_back_cents", "fees_cents", "net_cents", "open_refunds_cents", "balance_cents", "lines", "units_ordered", "units_cancelled", "anomalies", "revision", "placed_at", "placed_recorded_at", "updated_at", "updated_recorded_at", "events")
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ON_HOLD_FIELD_NUMBER: _ClassVar[int]
    FULFILMENT_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_FIELD_NUMBER: _ClassVar[int]
    GOODS_CENTS_FIELD_NUMBER: _ClassVar[int]
    SHIPPING_CENTS_FIELD_NUMBER: _ClassVar[int]
    TAX_CENTS_FIELD_NUMBER: _ClassVar[int]
    DISCOUNT_CENTS_FIELD_NUMBER: _ClassVar[int]
    TOTAL_CENTS_FIELD_NUMBER: _ClassVar[int]
    BILLED_CENTS_FIELD_NUMBER: _ClassVar[int]
    CREDITED_CENTS_FIELD_NUMBER: _ClassVar[int]
    WRITTEN_OFF_CENTS_FIELD_NUMBER: _ClassVar[int]
    DUE_CENTS_FIELD_NUMBER: _ClassVar[int]
    CAPTURED_CENTS_FIELD_NUMBER: _ClassVar[int]
    REFUNDED_CENTS_FIELD_NUMBER: _ClassVar[int]
    CHARGED_BACK_CENTS_FIELD_NUMBER: _ClassVar[int]
    FEES_CENTS_FIELD_NUMBER: _ClassVar[int]
    NET_CENTS_FIELD_NUMBER: _ClassVar[int]
    OPEN_REFUNDS_CENTS_FIELD_NUMBER: _ClassVar[int]
    BALANCE_CENTS_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    UNITS_ORDERED_FIELD_NUMBER: _ClassVar[int]
    UNITS_CANCELLED_FIELD_NUMBER: _ClassVar[int]
    ANOMALIES_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    PLACED_AT_FIELD_NUMBER: _ClassVar[int]
    PLACED_RECORDED_AT_FIELD_NUMBER: _ClassVar[int]
    UPDATED_AT_FIELD_NUMBER: _ClassVar[int]
    UPDATED_RECORDED_AT_FIELD_NUMBER: _ClassVar[int]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    order_id: str
    customer_id: str
    currency: str
    channel: str
    state: str
    on_hold: bool
    fulfilment: str
    payment: str
    goods_cents: int
    shipping_cents: int
    tax_cents: int
    discount_cents: int
    total_cents: int
    billed_cents: int
    credited_cents: int
    written_off_cents: int
    due_cents: int
    captured_cents: int
    refunded_cents: int
    charged_back_cents: int
    fees_cents: int
    net_cents: int
    open_refunds_cents: int
    balance_cents: int
    lines: int
    units_ordered: int
    units_cancelled: int
    anomalies: int
    revision: int
    placed_at: str
    placed_recorded_at: str
    updated_at: str
    updated_recorded_at: str
    events: int
    def __init__(self, order_id: _Optional[str] = ..., customer_id: _Optional[str] = ..., currency: _Optional[str] = ..., channel: _Optional[str] = ..., state: _Optional[str] = ..., on_hold: bool = ..., fulfilment: _Optional[str] = ..., payment: _Optional[str] = ..., goods_cents: _Optional[int] = ..., shipping_cents: _Optional[int] = ..., tax_cents: _Optional[int] = ..., discount_cents: _Optional[int] = ..., total_cents: _Optional[int] = ..., billed_cents: _Optional[int] = ..., credited_cents: _Optional[int] = ..., written_off_cents: _Optional[int] = ..., due_cents: _Optional[int] = ..., captured_cents: _Optional[int] = ..., refunded_cents: _Optional[int] = ..., charged_back_cents: _Optional[int] = ..., fees_cents: _Optional[int] = ..., net_cents: _Optional[int] = ..., open_refunds_cents: _Optional[int] = ..., balance_cents: _Optional[int] = ..., lines: _Optional[int] = ..., units_ordered: _Optional[int] = ..., units_cancelled: _Optional[int] = ..., anomalies: _Optional[int] = ..., revision: _Optional[int] = ..., placed_at: _Optional[str] = ..., placed_recorded_at: _Optional[str] = ..., updated_at: _Optional[str] = ..., updated_recorded_at: _Optional[str] = ..., events: _Optional[int] = ...) -> None: ...
