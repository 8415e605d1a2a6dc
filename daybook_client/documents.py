"""The JSON documents that the server answers, as types. A test holds them to its answers.

Amounts are whole minor units of the order's currency. Times are RFC 3339 texts. A newer server may
answer members, and words such as states, that are not here.
"""

from typing import Any, Literal, NotRequired, TypeAlias, TypedDict


class AnsweredEvent(TypedDict):
    event_id: str
    type: str
    revision: int


class Answer(TypedDict):
    """What a command was answered. replayed: it was done before, by the same idempotency key.

    No events: the goal was reached already. credit_cents: how much of a refund that was granted or
    accepted also lowers the amount due.
    """

    order_id: str
    revision: int
    position: int
    events: list[AnsweredEvent]
    replayed: bool
    credit_cents: NotRequired[int]


class DryEvent(AnsweredEvent):
    """data: the fields that would be stored."""

    data: NotRequired[dict[str, Any]]


class Event(TypedDict):
    """An event of the log: who, what, when and why. data: its own fields."""

    order_id: str
    revision: int
    position: int
    event_id: str
    type: str
    schema: int
    occurred_at: str
    recorded_at: str
    actor: str
    reason: str | None
    channel: str
    command_id: str
    correlation_id: str
    causation_id: str | None
    traceparent: str | None
    prev_hash: str
    hash: str
    data: dict[str, Any]


# An order, folded from the log --------------------------------------------------------------------


class Hold(TypedDict):
    hold_id: str
    kind: str


class OrderAnomaly(TypedDict):
    anomaly_id: str
    kind: str
    state: str
    refers_to: str
    detail: str


class TaxCents(TypedDict):
    tax_code: str
    cents: int


class Parts(TypedDict):
    goods_cents: int
    shipping_cents: int
    other_cents: int
    taxes: list[TaxCents]


class OrderLine(TypedDict):
    """price_cents: None for a line that is priced as a whole."""

    line: int
    product_id: str
    name: str
    unit: str
    price_cents: int | None
    ordered: int
    requires_shipping: bool
    cancelled: int
    planned: int
    dispatched: int
    delivered: int
    lost: int
    returned_to_sender: int
    requested: int
    received: int
    extra: int
    delivered_extra: int
    amount_cents: int
    discount_cents: int
    tax_cents: int
    tax_code: str
    open: int
    returnable: int
    overshipped: int


class OrderShipping(TypedDict):
    amount_cents: int
    tax_cents: int
    tax_code: str
    cancelled_cents: int


class OrderAdjustment(TypedDict):
    adjustment_id: str
    amount_cents: int
    parts: Parts
    label: str
    reason: str
    after_cancel: bool
    revoked: bool


class OrderWriteOff(TypedDict):
    write_off_id: str
    amount_cents: int
    reason: str
    forgiven_cents: int
    after_cancel: bool
    revoked: bool


class OrderShippedLine(TypedDict):
    line: int
    quantity: int
    delivered: int
    lost: int
    returned_to_sender: int
    replaces: str | None
    sent_again: int
    out_again: int
    delivered_again: int
    settled: int


class OrderShipment(TypedDict):
    shipment_id: str
    state: str
    lines: list[OrderShippedLine]
    location: str | None
    carrier: str | None
    tracking: str | None
    outcome: str | None
    before_dispatch: bool


class OrderReturnLine(TypedDict):
    line: int
    requested: int
    received: int
    settled: int


class OrderReceipt(TypedDict):
    receipt_id: str
    reports: int


class OrderReturn(TypedDict):
    return_id: str
    state: str
    lines: list[OrderReturnLine]
    receipts: list[OrderReceipt]


class OrderMethod(TypedDict):
    method: str
    captures: int
    authorizations: int


class OrderPayment(TypedDict):
    payment_id: str
    methods: list[OrderMethod]
    told: int
    in_force: int
    authorized_cents: int
    in_force_cents: int
    late_authorized_cents: int
    captured_cents: int
    late_captured_cents: int
    voided_cents: int
    refunded_cents: int
    charged_back_cents: int
    own_cents: int
    own_store_cents: int
    expiries: int
    failures: int
    method: str
    expired: bool
    failed: bool


class OrderReport(TypedDict):
    amount_cents: int
    report_id: str | None
    currency: str | None
    method: str | None
    refund_id: str | None
    late: bool
    after_cancel: bool


class OrderEnd(TypedDict):
    amount_cents: int | None
    report_id: str | None
    currency: str | None


class OrderChange(TypedDict):
    change_id: str
    amount_cents: int
    report_id: str | None
    currency: str | None
    after_cancel: bool


class OrderMovement(TypedDict):
    movement: str
    reports: list[OrderReport]
    ends: list[OrderEnd]
    changes: list[OrderChange]
    accepted_cents: int


class OrderRefund(TypedDict):
    refund_id: str
    granted: bool
    granted_cents: int
    credit_cents: int
    revoked_cents: int
    paid_out_cents: int
    kept: Parts
    kept_after_cancel: bool
    accepted: list[str]
    open_cents: int


class OrderFigures(TypedDict):
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


class _OrderContent(OrderFigures):
    order_id: str
    revision: int
    customer_id: str
    channel: str
    currency: str
    exponent: int
    prices_include_tax: bool
    attributes: dict[str, str]
    holds: list[Hold]
    accounts: dict[str, int]
    anomalies: list[OrderAnomaly]
    billed: Parts
    credited: Parts
    lines: list[OrderLine]
    shippings: list[OrderShipping]
    adjustments: list[OrderAdjustment]
    write_offs: list[OrderWriteOff]
    shipments: list[OrderShipment]
    returns: list[OrderReturn]
    payments: list[OrderPayment]
    movements: list[OrderMovement]
    refunds: list[OrderRefund]


class Order(_OrderContent):
    """An order as the fold of its events."""

    position: int
    hash: str
    recorded_at: str


class OrderAfter(_OrderContent):
    """An order as it would be; what only a stored event has is None."""

    position: int | None
    hash: str | None
    recorded_at: str | None


class DryRun(TypedDict):
    """What a command would do. Nothing was stored. order: as it would be."""

    dry_run: Literal[True]
    order_id: str
    revision: int
    position: int | None
    events: list[DryEvent]
    replayed: bool
    order: OrderAfter
    credit_cents: NotRequired[int]


# Rows of the read models --------------------------------------------------------------------------


class OrderRow(OrderFigures):
    order_id: str
    customer_id: str
    currency: str
    channel: str
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


class ShipmentRow(TypedDict):
    order_id: str
    shipment_id: str
    state: str
    was_planned: bool
    location: str | None
    carrier: str | None
    tracking: str | None
    units: int
    units_delivered: int
    units_lost: int
    units_returned_to_sender: int
    is_replacement: bool
    reported_at: str
    planned_at: str | None
    dispatched_at: str | None
    outcome_at: str | None
    cancelled_at: str | None


class ShippedLine(TypedDict):
    line: int
    quantity: int
    delivered: int
    lost: int
    returned_to_sender: int
    replaces: str | None
    sent_again: int


class ShipmentWithLines(ShipmentRow):
    lines: list[ShippedLine]


class ShipmentStep(TypedDict):
    order_id: str
    revision: int
    kind: str
    shipment_id: str | None
    return_id: str | None
    receipt_id: str | None
    report_id: str | None
    carrier: str | None
    tracking: str | None
    reason: str | None
    occurred_at: str
    recorded_at: str


class Shipment(ShipmentWithLines):
    """One shipment. next: the cursor of the next page of its lists."""

    steps: list[ShipmentStep]
    next: str | None


class FulfilmentLine(TypedDict):
    order_id: str
    line: int
    product_id: str
    requires_shipping: bool
    ordered: int
    cancelled: int
    planned: int
    dispatched: int
    delivered: int
    lost: int
    returned_to_sender: int
    requested: int
    received: int
    replacements: int
    open: int
    overshipped: int


class ReturnLine(TypedDict):
    line: int
    quantity: int
    received: int


class Receipt(TypedDict):
    receipt_id: str
    line: int
    condition: str
    quantity: int
    report_id: str | None
    occurred_at: str
    counted: bool


class Return(TypedDict):
    order_id: str
    return_id: str
    state: str
    units_requested: int
    units_received: int
    lines: list[ReturnLine]
    receipts: list[Receipt]


class OrderShipments(TypedDict):
    """An order's goods. next: the cursor of the next page of its lists."""

    order_id: str
    revision: int
    currency: str
    cancelled: bool
    fulfilment: str
    units_ordered: int
    units_cancelled: int
    units_dispatched: int
    units_delivered: int
    units_received: int
    units_open: int
    shipments_planned: int
    shipments_dispatched: int
    shipments_delivered: int
    lines: list[FulfilmentLine]
    shipments: list[ShipmentWithLines]
    returns: list[Return]
    steps: list[ShipmentStep]
    next: str | None


class PaymentRow(TypedDict):
    order_id: str
    payment_id: str
    currency: str
    method: str
    state: str
    authorized_cents: int
    left_cents: int
    captured_cents: int
    voided_cents: int
    refunded_cents: int
    charged_back_cents: int
    net_cents: int
    expired: bool
    failed: bool
    reported_at: str


class Movement(TypedDict):
    order_id: str
    payment_id: str | None
    kind: str
    id: str
    reports: int
    ends: int
    reported_cents: int
    counted_cents: int
    accepted_cents: int


class PaymentStep(TypedDict):
    order_id: str
    payment_id: str | None
    kind: str
    id: str | None
    revision: int
    authorization_id: str | None
    refund_id: str | None
    report_id: str | None
    amount_cents: int | None
    counted_cents: int | None
    currency: str | None
    method: str | None
    label: str | None
    reason: str | None
    goods_cents: int | None
    shipping_cents: int | None
    tax_cents: int | None
    other_cents: int | None
    credit_cents: int | None
    occurred_at: str
    recorded_at: str
    counted: bool


class Payment(PaymentRow):
    """One payment. next: the cursor of the next page of its lists."""

    movements: list[Movement]
    steps: list[PaymentStep]
    next: str | None


class Refund(TypedDict):
    order_id: str
    refund_id: str
    state: str
    granted_cents: int
    credit_cents: int
    kept_cents: int
    revoked_cents: int
    paid_out_cents: int
    open_cents: int
    uncovered_cents: int


class Adjustment(TypedDict):
    order_id: str
    adjustment_id: str
    amount_cents: int
    goods_cents: int
    shipping_cents: int
    tax_cents: int
    other_cents: int
    label: str
    reason: str
    state: str


class WriteOff(TypedDict):
    order_id: str
    write_off_id: str
    amount_cents: int
    forgiven_cents: int
    reason: str
    state: str


class AnomalyRow(TypedDict):
    order_id: str
    anomaly_id: str
    revision: int
    kind: str
    state: str
    refers_to: str
    detail: str
    occurred_at: str
    recorded_at: str
    currency: str


class OrderPayments(TypedDict):
    """An order's money. next: the cursor of the next page of its lists."""

    order_id: str
    revision: int
    currency: str
    cancelled: bool
    payment: str
    total_cents: int
    billed_cents: int
    credited_cents: int
    written_off_cents: int
    forgiven_cents: int
    due_cents: int
    authorized_cents: int
    captured_cents: int
    voided_cents: int
    refunded_cents: int
    charged_back_cents: int
    store_credit_cents: int
    fees_cents: int
    net_cents: int
    balance_cents: int
    open_refunds_cents: int
    payment_count: int
    capture_count: int
    anomaly_count: int
    open_anomaly_count: int
    payments: list[PaymentRow]
    movements: list[Movement]
    refunds: list[Refund]
    adjustments: list[Adjustment]
    write_offs: list[WriteOff]
    steps: list[PaymentStep]
    anomalies: list[AnomalyRow]
    next: str | None


class Posting(TypedDict):
    """amount_cents: above 0 in the debit of the account, below 0 in its credit."""

    order_id: str
    revision: int
    n: int
    account: str
    tax_code: str
    amount_cents: int
    currency: str


class OrderPostings(TypedDict):
    """An order's journal. next: the cursor of the next page."""

    order_id: str
    revision: int
    items: list[Posting]
    next: str | None


class Undecodable(TypedDict):
    data_base64: str
    metadata_base64: str


class AuditEntry(TypedDict):
    """An event. Of one that cannot be decoded, data is None and undecodable has its bytes."""

    order_id: str
    revision: int
    position: int
    event_id: str
    type: str
    schema: int | None
    actor: str | None
    reason: str | None
    channel: str | None
    command_id: str | None
    correlation_id: str | None
    causation_id: str | None
    traceparent: str | None
    occurred_at: str | None
    recorded_at: str | None
    request_hash: str | None
    prev_hash: str | None
    hash: str | None
    data: dict[str, Any] | None
    undecodable: Undecodable | None


class ExportedMetadata(TypedDict):
    command_id: str
    request_hash: str
    actor: str
    reason: str | None
    channel: str
    correlation_id: str
    causation_id: str | None
    traceparent: str | None
    occurred_at: str
    recorded_at: str
    schema: int
    prev_hash: str
    hash: str


class ExportedEvent(TypedDict):
    """An event as the log has it. Of one that is no JSON, data and metadata are left out, and its
    bytes are there.
    """

    record: Literal["event"]
    position: int
    order_id: str
    revision: int
    event_id: str
    type: str
    data: NotRequired[dict[str, Any]]
    metadata: NotRequired[ExportedMetadata]
    data_base64: NotRequired[str]
    metadata_base64: NotRequired[str]


# Totals, by currency ------------------------------------------------------------------------------


class OrderTotals(TypedDict):
    orders: int
    orders_cancelled: int
    orders_confirmed_and_not_cancelled: int
    orders_completed: int
    goods_cents: int
    shipping_cents: int
    total_cents: int
    units_ordered: int


class ShipmentTotals(TypedDict):
    shipments_planned: int
    shipments_dispatched: int
    shipments_delivered: int
    units_dispatched: int
    units_delivered: int


class PaymentTotals(TypedDict):
    authorized_cents: int
    captured_cents: int
    refunded_cents: int
    charged_back_cents: int
    captured_cents_of_cancelled_orders: int
    overpaid_cents: int
    underpaid_cents_of_captured_orders: int
    payments: int
    anomalies: int
    orders_paid_in_full: int
    orders_overpaid: int
    captured_cents_by_method: dict[str, int]


OrdersSummary: TypeAlias = dict[str, OrderTotals]
ShipmentsSummary: TypeAlias = dict[str, ShipmentTotals]
PaymentsSummary: TypeAlias = dict[str, PaymentTotals]


class Movements(TypedDict):
    """Of an account in a period."""

    opening: int
    movements: int
    closing: int


TrialBalance: TypeAlias = dict[str, dict[str, int]] | dict[str, dict[str, Movements]]
"""By currency and account, and `sum` of all accounts: the balance; of a period its Movements."""

_Span = TypedDict("_Span", {"period": str, "from": str | None, "to": str | None})


class OrdersPeriod(_Span):
    totals: OrdersSummary


class ShipmentsPeriod(_Span):
    totals: ShipmentsSummary


class PaymentsPeriod(_Span):
    totals: PaymentsSummary


class BalancesPeriod(_Span):
    totals: dict[str, dict[str, Movements]]


class OrdersPeriods(TypedDict):
    periods: list[OrdersPeriod]


class ShipmentsPeriods(TypedDict):
    periods: list[ShipmentsPeriod]


class PaymentsPeriods(TypedDict):
    periods: list[PaymentsPeriod]


class BalancesPeriods(TypedDict):
    periods: list[BalancesPeriod]


# The server ---------------------------------------------------------------------------------------


class Projection(TypedDict):
    """A read model. None: not known. lag: events that it has not applied."""

    name: str
    state: str
    reason: str
    generation: int | None
    position: int | None
    head: int | None
    behind: bool | None
    lag: int | None
    parked: int | None
    parked_orders: list[dict[str, Any]]
    repaired: int | None
    pid: int | None
    heartbeat_age_s: float | None
    healthy: bool


class Projections(TypedDict):
    items: list[Projection]


class Health(TypedDict):
    """troubles: what is not well; none where status is ok."""

    status: Literal["ok", "unwell"]
    troubles: list[str]
