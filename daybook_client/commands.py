"""The commands of the ledger, printed from its registry by `make reference`."""

from collections.abc import Mapping, Sequence
from typing import Any, Generic, Literal, NotRequired, TypeAlias, TypedDict, TypeVar, Unpack

from daybook_client.sending import Moment, Sending

A_co = TypeVar("A_co", covariant=True)

EventType: TypeAlias = Literal[
    "OrderPlaced",
    "OrderConfirmed",
    "OrderCancelled",
    "ItemsCancelled",
    "ItemsAdded",
    "OrderAdjusted",
    "AdjustmentRevoked",
    "WrittenOff",
    "WriteOffRevoked",
    "CustomerChanged",
    "AttributesSet",
    "HoldPlaced",
    "HoldReleased",
    "NoteAdded",
    "PaymentAuthorized",
    "AuthorizationAdjusted",
    "PaymentCaptured",
    "PaymentVoided",
    "AuthorizationExpired",
    "PaymentFailed",
    "RefundGranted",
    "RefundRevoked",
    "RefundAccepted",
    "PaymentRefunded",
    "RefundFailed",
    "PaymentChargedBack",
    "ChargebackReversed",
    "FeeRecorded",
    "ShipmentPlanned",
    "ShipmentCancelled",
    "ShipmentDispatched",
    "TrackingCorrected",
    "ShipmentDelivered",
    "ShipmentLost",
    "ShipmentReturnedToSender",
    "ReturnRequested",
    "ReturnReceived",
    "ReturnDeclined",
    "ReturnClosed",
    "FactRetracted",
    "AnomalyRecorded",
    "AnomalyResolved",
]
"""What commands and facts append to the log."""


class OrderedItem(TypedDict):
    """price_cents: list price of one unit; or amount_cents: of the whole line. discount_cents
    and tax_cents are of the whole line.
    """

    product_id: str
    quantity: int
    price_cents: NotRequired[int]
    amount_cents: NotRequired[int]
    discount_cents: NotRequired[int]
    tax_cents: NotRequired[int]
    tax_code: NotRequired[str]
    name: NotRequired[str]
    unit: NotRequired[str]
    requires_shipping: NotRequired[bool]


class LineQuantity(TypedDict):
    line: int
    quantity: int


class PartsCents(TypedDict):
    """An amount by what it is of; all its parts have the amount's sign."""

    goods_cents: NotRequired[int]
    shipping_cents: NotRequired[int]
    tax_cents: NotRequired[int]
    other_cents: NotRequired[int]


class ReceivedLine(TypedDict):
    line: int
    quantity: int
    condition: str


class Commands(Generic[A_co]):
    """A method for each command and fact. A_co is what it comes to: the answer, an awaitable
    of it, or a line.

    What is left out is not sent; the server has the defaults. `sending`: see Sending.
    """

    def _command(
        self, name: str, order_id: str | None, fields: Mapping[str, Any], sending: Sending
    ) -> A_co:
        raise NotImplementedError

    def place_order(
        self,
        *,
        customer_id: str,
        currency: str,
        items: Sequence[OrderedItem],
        order_id: str | None = None,
        shipping_cents: int | None = None,
        shipping_tax_cents: int | None = None,
        shipping_tax_code: str | None = None,
        discount_cents: int | None = None,
        tax_cents: int | None = None,
        prices_include_tax: bool | None = None,
        attributes: Mapping[str, str] | None = None,
        reason: str | None = None,
        occurred_at: Moment | None = None,
        **sending: Unpack[Sending],
    ) -> A_co:
        """Place order: a command.

        discount_cents and tax_cents: of the whole order, on top of the items' own.
        """
        return self._command(
            "place-order",
            order_id,
            {
                "customer_id": customer_id,
                "currency": currency,
                "items": items,
                "shipping_cents": shipping_cents,
                "shipping_tax_cents": shipping_tax_cents,
                "shipping_tax_code": shipping_tax_code,
                "discount_cents": discount_cents,
                "tax_cents": tax_cents,
                "prices_include_tax": prices_include_tax,
                "attributes": attributes,
                "reason": reason,
                "occurred_at": occurred_at,
            },
            sending,
        )

    def confirm_order(
        self,
        order_id: str,
        *,
        reason: str | None = None,
        occurred_at: Moment | None = None,
        **sending: Unpack[Sending],
    ) -> A_co:
        """Confirm order: a command."""
        return self._command(
            "confirm-order",
            order_id,
            {
                "reason": reason,
                "occurred_at": occurred_at,
            },
            sending,
        )

    def cancel_order(
        self,
        order_id: str,
        *,
        reason: str,
        occurred_at: Moment | None = None,
        **sending: Unpack[Sending],
    ) -> A_co:
        """Cancel order: a command."""
        return self._command(
            "cancel-order",
            order_id,
            {
                "reason": reason,
                "occurred_at": occurred_at,
            },
            sending,
        )

    def cancel_items(
        self,
        order_id: str,
        *,
        cancellation_id: str,
        reason: str,
        lines: Sequence[LineQuantity] | None = None,
        shipping_cents: int | None = None,
        refund_id: str | None = None,
        occurred_at: Moment | None = None,
        **sending: Unpack[Sending],
    ) -> A_co:
        """Cancel items: a command.

        shipping_cents: that much of shipping is cancelled too; then lines may be empty.
        refund_id: the refund that was for these goods, whose credit ends.
        """
        return self._command(
            "cancel-items",
            order_id,
            {
                "cancellation_id": cancellation_id,
                "lines": lines,
                "shipping_cents": shipping_cents,
                "refund_id": refund_id,
                "reason": reason,
                "occurred_at": occurred_at,
            },
            sending,
        )

    def add_items(
        self,
        order_id: str,
        *,
        addition_id: str,
        items: Sequence[OrderedItem],
        shipping_cents: int | None = None,
        shipping_tax_cents: int | None = None,
        shipping_tax_code: str | None = None,
        discount_cents: int | None = None,
        tax_cents: int | None = None,
        reason: str | None = None,
        occurred_at: Moment | None = None,
        **sending: Unpack[Sending],
    ) -> A_co:
        """Add items: a command.

        discount_cents and tax_cents: of the whole addition, on top of the items' own.
        """
        return self._command(
            "add-items",
            order_id,
            {
                "addition_id": addition_id,
                "items": items,
                "shipping_cents": shipping_cents,
                "shipping_tax_cents": shipping_tax_cents,
                "shipping_tax_code": shipping_tax_code,
                "discount_cents": discount_cents,
                "tax_cents": tax_cents,
                "reason": reason,
                "occurred_at": occurred_at,
            },
            sending,
        )

    def adjust_order(
        self,
        order_id: str,
        *,
        adjustment_id: str,
        amount_cents: int,
        label: str,
        reason: str,
        parts: PartsCents | None = None,
        occurred_at: Moment | None = None,
        **sending: Unpack[Sending],
    ) -> A_co:
        """Adjust order: a command.

        amount_cents: above 0 a charge, below 0 a credit. parts: of its sign, and sum to it.
        label: price, fee, tip, goodwill, correction or another word.
        """
        return self._command(
            "adjust-order",
            order_id,
            {
                "adjustment_id": adjustment_id,
                "amount_cents": amount_cents,
                "parts": parts,
                "label": label,
                "reason": reason,
                "occurred_at": occurred_at,
            },
            sending,
        )

    def revoke_adjustment(
        self,
        order_id: str,
        *,
        adjustment_id: str,
        reason: str,
        occurred_at: Moment | None = None,
        **sending: Unpack[Sending],
    ) -> A_co:
        """Revoke adjustment: a command."""
        return self._command(
            "revoke-adjustment",
            order_id,
            {
                "adjustment_id": adjustment_id,
                "reason": reason,
                "occurred_at": occurred_at,
            },
            sending,
        )

    def write_off(
        self,
        order_id: str,
        *,
        write_off_id: str,
        amount_cents: int,
        reason: str,
        occurred_at: Moment | None = None,
        **sending: Unpack[Sending],
    ) -> A_co:
        """Write off: a command."""
        return self._command(
            "write-off",
            order_id,
            {
                "write_off_id": write_off_id,
                "amount_cents": amount_cents,
                "reason": reason,
                "occurred_at": occurred_at,
            },
            sending,
        )

    def revoke_write_off(
        self,
        order_id: str,
        *,
        write_off_id: str,
        reason: str,
        occurred_at: Moment | None = None,
        **sending: Unpack[Sending],
    ) -> A_co:
        """Revoke write off: a command."""
        return self._command(
            "revoke-write-off",
            order_id,
            {
                "write_off_id": write_off_id,
                "reason": reason,
                "occurred_at": occurred_at,
            },
            sending,
        )

    def change_customer(
        self,
        order_id: str,
        *,
        customer_id: str,
        reason: str,
        occurred_at: Moment | None = None,
        **sending: Unpack[Sending],
    ) -> A_co:
        """Change customer: a command."""
        return self._command(
            "change-customer",
            order_id,
            {
                "customer_id": customer_id,
                "reason": reason,
                "occurred_at": occurred_at,
            },
            sending,
        )

    def set_attributes(
        self,
        order_id: str,
        *,
        attributes: Mapping[str, str | None],
        reason: str | None = None,
        occurred_at: Moment | None = None,
        **sending: Unpack[Sending],
    ) -> A_co:
        """Set attributes: a command.

        Merged with what the order has; null removes.
        """
        return self._command(
            "set-attributes",
            order_id,
            {
                "attributes": attributes,
                "reason": reason,
                "occurred_at": occurred_at,
            },
            sending,
        )

    def place_hold(
        self,
        order_id: str,
        *,
        hold_id: str,
        kind: str,
        reason: str,
        occurred_at: Moment | None = None,
        **sending: Unpack[Sending],
    ) -> A_co:
        """Place hold: a command."""
        return self._command(
            "place-hold",
            order_id,
            {
                "hold_id": hold_id,
                "kind": kind,
                "reason": reason,
                "occurred_at": occurred_at,
            },
            sending,
        )

    def release_hold(
        self,
        order_id: str,
        *,
        hold_id: str,
        reason: str,
        occurred_at: Moment | None = None,
        **sending: Unpack[Sending],
    ) -> A_co:
        """Release hold: a command."""
        return self._command(
            "release-hold",
            order_id,
            {
                "hold_id": hold_id,
                "reason": reason,
                "occurred_at": occurred_at,
            },
            sending,
        )

    def add_note(
        self,
        order_id: str,
        *,
        note_id: str,
        text: str,
        reason: str | None = None,
        occurred_at: Moment | None = None,
        **sending: Unpack[Sending],
    ) -> A_co:
        """Add note: a command."""
        return self._command(
            "add-note",
            order_id,
            {
                "note_id": note_id,
                "text": text,
                "reason": reason,
                "occurred_at": occurred_at,
            },
            sending,
        )

    def authorize_payment(
        self,
        order_id: str,
        *,
        payment_id: str,
        amount_cents: int,
        method: str,
        authorization_id: str | None = None,
        currency: str | None = None,
        counted_cents: int | None = None,
        report_id: str | None = None,
        reason: str | None = None,
        occurred_at: Moment | None = None,
        **sending: Unpack[Sending],
    ) -> A_co:
        """Authorize payment: a fact.

        authorization_id: the payment's id if left out.
        """
        return self._command(
            "authorize-payment",
            order_id,
            {
                "payment_id": payment_id,
                "amount_cents": amount_cents,
                "method": method,
                "authorization_id": authorization_id,
                "currency": currency,
                "counted_cents": counted_cents,
                "report_id": report_id,
                "reason": reason,
                "occurred_at": occurred_at,
            },
            sending,
        )

    def adjust_authorization(
        self,
        order_id: str,
        *,
        payment_id: str,
        adjustment_id: str,
        amount_cents: int,
        authorization_id: str | None = None,
        currency: str | None = None,
        counted_cents: int | None = None,
        report_id: str | None = None,
        reason: str | None = None,
        occurred_at: Moment | None = None,
        **sending: Unpack[Sending],
    ) -> A_co:
        """Adjust authorization: a fact.

        amount_cents: what is authorized from now on.
        """
        return self._command(
            "adjust-authorization",
            order_id,
            {
                "payment_id": payment_id,
                "adjustment_id": adjustment_id,
                "amount_cents": amount_cents,
                "authorization_id": authorization_id,
                "currency": currency,
                "counted_cents": counted_cents,
                "report_id": report_id,
                "reason": reason,
                "occurred_at": occurred_at,
            },
            sending,
        )

    def capture_payment(
        self,
        order_id: str,
        *,
        payment_id: str,
        capture_id: str,
        amount_cents: int,
        method: str | None = None,
        currency: str | None = None,
        counted_cents: int | None = None,
        report_id: str | None = None,
        reason: str | None = None,
        occurred_at: Moment | None = None,
        **sending: Unpack[Sending],
    ) -> A_co:
        """Capture payment: a fact.

        method: that of the payment's other captures or authorizations if left out.
        """
        return self._command(
            "capture-payment",
            order_id,
            {
                "payment_id": payment_id,
                "capture_id": capture_id,
                "amount_cents": amount_cents,
                "method": method,
                "currency": currency,
                "counted_cents": counted_cents,
                "report_id": report_id,
                "reason": reason,
                "occurred_at": occurred_at,
            },
            sending,
        )

    def void_payment(
        self,
        order_id: str,
        *,
        payment_id: str,
        void_id: str,
        amount_cents: int,
        currency: str | None = None,
        counted_cents: int | None = None,
        report_id: str | None = None,
        reason: str | None = None,
        occurred_at: Moment | None = None,
        **sending: Unpack[Sending],
    ) -> A_co:
        """Void payment: a fact."""
        return self._command(
            "void-payment",
            order_id,
            {
                "payment_id": payment_id,
                "void_id": void_id,
                "amount_cents": amount_cents,
                "currency": currency,
                "counted_cents": counted_cents,
                "report_id": report_id,
                "reason": reason,
                "occurred_at": occurred_at,
            },
            sending,
        )

    def expire_authorization(
        self,
        order_id: str,
        *,
        payment_id: str,
        authorization_id: str | None = None,
        report_id: str | None = None,
        reason: str | None = None,
        occurred_at: Moment | None = None,
        **sending: Unpack[Sending],
    ) -> A_co:
        """Expire authorization: a fact.

        authorization_id: the payment's id if left out.
        """
        return self._command(
            "expire-authorization",
            order_id,
            {
                "payment_id": payment_id,
                "authorization_id": authorization_id,
                "report_id": report_id,
                "reason": reason,
                "occurred_at": occurred_at,
            },
            sending,
        )

    def fail_payment(
        self,
        order_id: str,
        *,
        payment_id: str,
        reason: str,
        report_id: str | None = None,
        occurred_at: Moment | None = None,
        **sending: Unpack[Sending],
    ) -> A_co:
        """Fail payment: a fact.

        An attempt to pay failed; the payment may be tried again under the same id.
        """
        return self._command(
            "fail-payment",
            order_id,
            {
                "payment_id": payment_id,
                "reason": reason,
                "report_id": report_id,
                "occurred_at": occurred_at,
            },
            sending,
        )

    def grant_refund(
        self,
        order_id: str,
        *,
        refund_id: str,
        amount_cents: int,
        reason: str,
        credit_cents: int | None = None,
        allowance_cents: int | None = None,
        parts: PartsCents | None = None,
        lines: Sequence[LineQuantity] | None = None,
        occurred_at: Moment | None = None,
        **sending: Unpack[Sending],
    ) -> A_co:
        """Grant refund: a command.

        credit_cents: how much of the refund also lowers the amount due; allowance_cents is its
        old name. parts: of the credit. lines: what the refund is for, which splits the credit
        by parts.
        """
        return self._command(
            "grant-refund",
            order_id,
            {
                "refund_id": refund_id,
                "amount_cents": amount_cents,
                "reason": reason,
                "credit_cents": credit_cents,
                "allowance_cents": allowance_cents,
                "parts": parts,
                "lines": lines,
                "occurred_at": occurred_at,
            },
            sending,
        )

    def revoke_refund(
        self,
        order_id: str,
        *,
        refund_id: str,
        reason: str,
        occurred_at: Moment | None = None,
        **sending: Unpack[Sending],
    ) -> A_co:
        """Revoke refund: a command."""
        return self._command(
            "revoke-refund",
            order_id,
            {
                "refund_id": refund_id,
                "reason": reason,
                "occurred_at": occurred_at,
            },
            sending,
        )

    def accept_refund(
        self,
        order_id: str,
        *,
        payment_id: str,
        payout_id: str,
        reason: str,
        credit_cents: int | None = None,
        occurred_at: Moment | None = None,
        **sending: Unpack[Sending],
    ) -> A_co:
        """Accept refund: a command.

        A payout that no grant covers is granted afterwards.
        """
        return self._command(
            "accept-refund",
            order_id,
            {
                "payment_id": payment_id,
                "payout_id": payout_id,
                "reason": reason,
                "credit_cents": credit_cents,
                "occurred_at": occurred_at,
            },
            sending,
        )

    def refund_payment(
        self,
        order_id: str,
        *,
        payment_id: str,
        payout_id: str,
        amount_cents: int,
        refund_id: str | None = None,
        method: str | None = None,
        currency: str | None = None,
        counted_cents: int | None = None,
        report_id: str | None = None,
        reason: str | None = None,
        occurred_at: Moment | None = None,
        **sending: Unpack[Sending],
    ) -> A_co:
        """Refund payment: a fact.

        payment_id: what is given back. method: what it went through; the payment's if left out.
        """
        return self._command(
            "refund-payment",
            order_id,
            {
                "payment_id": payment_id,
                "payout_id": payout_id,
                "amount_cents": amount_cents,
                "refund_id": refund_id,
                "method": method,
                "currency": currency,
                "counted_cents": counted_cents,
                "report_id": report_id,
                "reason": reason,
                "occurred_at": occurred_at,
            },
            sending,
        )

    def fail_refund(
        self,
        order_id: str,
        *,
        reason: str,
        refund_id: str | None = None,
        payment_id: str | None = None,
        payout_id: str | None = None,
        report_id: str | None = None,
        occurred_at: Moment | None = None,
        **sending: Unpack[Sending],
    ) -> A_co:
        """Fail refund: a fact.

        The payout named by payment_id and payout_id failed. Without them it fails none and is
        an anomaly.
        """
        return self._command(
            "fail-refund",
            order_id,
            {
                "refund_id": refund_id,
                "reason": reason,
                "payment_id": payment_id,
                "payout_id": payout_id,
                "report_id": report_id,
                "occurred_at": occurred_at,
            },
            sending,
        )

    def charge_back_payment(
        self,
        order_id: str,
        *,
        payment_id: str,
        chargeback_id: str,
        amount_cents: int,
        currency: str | None = None,
        counted_cents: int | None = None,
        report_id: str | None = None,
        reason: str | None = None,
        occurred_at: Moment | None = None,
        **sending: Unpack[Sending],
    ) -> A_co:
        """Charge back payment: a fact."""
        return self._command(
            "charge-back-payment",
            order_id,
            {
                "payment_id": payment_id,
                "chargeback_id": chargeback_id,
                "amount_cents": amount_cents,
                "currency": currency,
                "counted_cents": counted_cents,
                "report_id": report_id,
                "reason": reason,
                "occurred_at": occurred_at,
            },
            sending,
        )

    def reverse_chargeback(
        self,
        order_id: str,
        *,
        payment_id: str,
        chargeback_id: str,
        amount_cents: int | None = None,
        currency: str | None = None,
        counted_cents: int | None = None,
        report_id: str | None = None,
        reason: str | None = None,
        occurred_at: Moment | None = None,
        **sending: Unpack[Sending],
    ) -> A_co:
        """Reverse chargeback: a fact.

        amount_cents: the whole of one report if left out.
        """
        return self._command(
            "reverse-chargeback",
            order_id,
            {
                "payment_id": payment_id,
                "chargeback_id": chargeback_id,
                "amount_cents": amount_cents,
                "currency": currency,
                "counted_cents": counted_cents,
                "report_id": report_id,
                "reason": reason,
                "occurred_at": occurred_at,
            },
            sending,
        )

    def record_fee(
        self,
        order_id: str,
        *,
        fee_id: str,
        amount_cents: int,
        kind: str,
        payment_id: str | None = None,
        currency: str | None = None,
        counted_cents: int | None = None,
        report_id: str | None = None,
        reason: str | None = None,
        occurred_at: Moment | None = None,
        **sending: Unpack[Sending],
    ) -> A_co:
        """Record fee: a fact.

        What the provider keeps (above 0) or gives back (below 0) of what it passes on.
        """
        return self._command(
            "record-fee",
            order_id,
            {
                "fee_id": fee_id,
                "amount_cents": amount_cents,
                "kind": kind,
                "payment_id": payment_id,
                "currency": currency,
                "counted_cents": counted_cents,
                "report_id": report_id,
                "reason": reason,
                "occurred_at": occurred_at,
            },
            sending,
        )

    def plan_shipment(
        self,
        order_id: str,
        *,
        shipment_id: str,
        lines: Sequence[LineQuantity],
        location: str,
        replaces: str | Literal[True] | None = None,
        reason: str | None = None,
        occurred_at: Moment | None = None,
        **sending: Unpack[Sending],
    ) -> A_co:
        """Plan shipment: a command.

        replaces: goods that were sent go again; the id of the shipment first sent, or true for
        the first one of each line that is out. reason: why they go again.
        """
        return self._command(
            "plan-shipment",
            order_id,
            {
                "shipment_id": shipment_id,
                "lines": lines,
                "location": location,
                "replaces": replaces,
                "reason": reason,
                "occurred_at": occurred_at,
            },
            sending,
        )

    def cancel_shipment(
        self,
        order_id: str,
        *,
        shipment_id: str,
        reason: str,
        occurred_at: Moment | None = None,
        **sending: Unpack[Sending],
    ) -> A_co:
        """Cancel shipment: a command."""
        return self._command(
            "cancel-shipment",
            order_id,
            {
                "shipment_id": shipment_id,
                "reason": reason,
                "occurred_at": occurred_at,
            },
            sending,
        )

    def dispatch_shipment(
        self,
        order_id: str,
        *,
        shipment_id: str,
        carrier: str,
        tracking: str | None = None,
        reason: str | None = None,
        occurred_at: Moment | None = None,
        **sending: Unpack[Sending],
    ) -> A_co:
        """Dispatch shipment: a command."""
        return self._command(
            "dispatch-shipment",
            order_id,
            {
                "shipment_id": shipment_id,
                "carrier": carrier,
                "tracking": tracking,
                "reason": reason,
                "occurred_at": occurred_at,
            },
            sending,
        )

    def correct_tracking(
        self,
        order_id: str,
        *,
        shipment_id: str,
        carrier: str,
        reason: str,
        tracking: str | None = None,
        occurred_at: Moment | None = None,
        **sending: Unpack[Sending],
    ) -> A_co:
        """Correct tracking: a command."""
        return self._command(
            "correct-tracking",
            order_id,
            {
                "shipment_id": shipment_id,
                "carrier": carrier,
                "tracking": tracking,
                "reason": reason,
                "occurred_at": occurred_at,
            },
            sending,
        )

    def deliver_shipment(
        self,
        order_id: str,
        *,
        shipment_id: str,
        lines: Sequence[LineQuantity] | None = None,
        report_id: str | None = None,
        reason: str | None = None,
        occurred_at: Moment | None = None,
        **sending: Unpack[Sending],
    ) -> A_co:
        """Deliver shipment: a fact.

        lines: what of the parcel; all that has no outcome yet if left out.
        """
        return self._command(
            "deliver-shipment",
            order_id,
            {
                "shipment_id": shipment_id,
                "lines": lines,
                "report_id": report_id,
                "reason": reason,
                "occurred_at": occurred_at,
            },
            sending,
        )

    def lose_shipment(
        self,
        order_id: str,
        *,
        shipment_id: str,
        lines: Sequence[LineQuantity] | None = None,
        report_id: str | None = None,
        reason: str | None = None,
        occurred_at: Moment | None = None,
        **sending: Unpack[Sending],
    ) -> A_co:
        """Lose shipment: a fact.

        lines: what of the parcel; all that has no outcome yet if left out.
        """
        return self._command(
            "lose-shipment",
            order_id,
            {
                "shipment_id": shipment_id,
                "lines": lines,
                "report_id": report_id,
                "reason": reason,
                "occurred_at": occurred_at,
            },
            sending,
        )

    def return_shipment_to_sender(
        self,
        order_id: str,
        *,
        shipment_id: str,
        lines: Sequence[LineQuantity] | None = None,
        report_id: str | None = None,
        reason: str | None = None,
        occurred_at: Moment | None = None,
        **sending: Unpack[Sending],
    ) -> A_co:
        """Return shipment to sender: a fact.

        lines: what of the parcel; all that has no outcome yet if left out.
        """
        return self._command(
            "return-shipment-to-sender",
            order_id,
            {
                "shipment_id": shipment_id,
                "lines": lines,
                "report_id": report_id,
                "reason": reason,
                "occurred_at": occurred_at,
            },
            sending,
        )

    def request_return(
        self,
        order_id: str,
        *,
        return_id: str,
        lines: Sequence[LineQuantity],
        reason: str,
        occurred_at: Moment | None = None,
        **sending: Unpack[Sending],
    ) -> A_co:
        """Request return: a command."""
        return self._command(
            "request-return",
            order_id,
            {
                "return_id": return_id,
                "lines": lines,
                "reason": reason,
                "occurred_at": occurred_at,
            },
            sending,
        )

    def receive_return(
        self,
        order_id: str,
        *,
        return_id: str,
        receipt_id: str,
        lines: Sequence[ReceivedLine],
        report_id: str | None = None,
        reason: str | None = None,
        occurred_at: Moment | None = None,
        **sending: Unpack[Sending],
    ) -> A_co:
        """Receive return: a fact."""
        return self._command(
            "receive-return",
            order_id,
            {
                "return_id": return_id,
                "receipt_id": receipt_id,
                "lines": lines,
                "report_id": report_id,
                "reason": reason,
                "occurred_at": occurred_at,
            },
            sending,
        )

    def decline_return(
        self,
        order_id: str,
        *,
        return_id: str,
        reason: str,
        occurred_at: Moment | None = None,
        **sending: Unpack[Sending],
    ) -> A_co:
        """Decline return: a command."""
        return self._command(
            "decline-return",
            order_id,
            {
                "return_id": return_id,
                "reason": reason,
                "occurred_at": occurred_at,
            },
            sending,
        )

    def close_return(
        self,
        order_id: str,
        *,
        return_id: str,
        reason: str | None = None,
        occurred_at: Moment | None = None,
        **sending: Unpack[Sending],
    ) -> A_co:
        """Close return: a command."""
        return self._command(
            "close-return",
            order_id,
            {
                "return_id": return_id,
                "reason": reason,
                "occurred_at": occurred_at,
            },
            sending,
        )

    def retract_fact(
        self,
        order_id: str,
        *,
        fact: Literal[
            "authorize-payment",
            "adjust-authorization",
            "capture-payment",
            "void-payment",
            "expire-authorization",
            "fail-payment",
            "refund-payment",
            "fail-refund",
            "charge-back-payment",
            "reverse-chargeback",
            "record-fee",
            "receive-return",
        ],
        reason: str,
        payment_id: str | None = None,
        authorization_id: str | None = None,
        adjustment_id: str | None = None,
        capture_id: str | None = None,
        void_id: str | None = None,
        payout_id: str | None = None,
        refund_id: str | None = None,
        chargeback_id: str | None = None,
        fee_id: str | None = None,
        return_id: str | None = None,
        receipt_id: str | None = None,
        report_id: str | None = None,
        currency: str | None = None,
        occurred_at: Moment | None = None,
        **sending: Unpack[Sending],
    ) -> A_co:
        """Retract fact: a command. An actor is demanded.

        A money fact or a receipt of goods that was told wrongly no longer counts.

        fact: the command that told it; with it the ids, report_id and currency that name the
        fact. An actor is demanded: the edge refuses a retraction without one.
        """
        return self._command(
            "retract-fact",
            order_id,
            {
                "fact": fact,
                "payment_id": payment_id,
                "authorization_id": authorization_id,
                "adjustment_id": adjustment_id,
                "capture_id": capture_id,
                "void_id": void_id,
                "payout_id": payout_id,
                "refund_id": refund_id,
                "chargeback_id": chargeback_id,
                "fee_id": fee_id,
                "return_id": return_id,
                "receipt_id": receipt_id,
                "report_id": report_id,
                "currency": currency,
                "reason": reason,
                "occurred_at": occurred_at,
            },
            sending,
        )

    def resolve_anomaly(
        self,
        order_id: str,
        *,
        anomaly_id: str,
        reason: str,
        occurred_at: Moment | None = None,
        **sending: Unpack[Sending],
    ) -> A_co:
        """Resolve anomaly: a command."""
        return self._command(
            "resolve-anomaly",
            order_id,
            {
                "anomaly_id": anomaly_id,
                "reason": reason,
                "occurred_at": occurred_at,
            },
            sending,
        )
