"""Counters, postings and the recording of facts broken."""

from tests.domain.mutants_mutant import broken

REPORT = "    shipment_id: str\n    report_id: str | None\n    identity: ClassVar[Identity] = "
COUNTERS = (
    *broken(
        "goods",
        (
            "a lost parcel can be sent again",
            "return self.dispatched - self.lost - self.returned_to_sender",
            "return self.dispatched - self.returned_to_sender",
        ),
        (
            "a report on a planned shipment implies its dispatch",
            'PLANNED: {"planned": -1, "dispatched": 1},',
            'PLANNED: {"dispatched": 1},',
        ),
        (
            "a report on a cancelled shipment implies its dispatch",
            'CANCELLED: {"dispatched": 1},',
            "CANCELLED: {},",
        ),
        (
            "a shipment has one outcome",
            "signs[old.outcome] = -1",
            "pass",
        ),
        (
            "a cancelled order has no open quantity",
            "with_fields(line, cancelled=line.ordered, planned=0)",
            "with_fields(line, planned=0)",
        ),
        (
            "what ended returns did not bring is free again",
            'missing, {"requested": -1})',
            "missing, {})",
        ),
        (
            "what came back is no longer expected",
            'signs = {"requested": -1, "received": 1}',
            'signs = {"received": 1}',
        ),
        (
            "only wanted goods need delivery",
            "return self.ordered - self.cancelled",
            "return self.ordered",
        ),
    ),
    *broken(
        "money",
        (
            "a cancelled order is due nothing",
            "return 0 if self.cancelled else max(",
            "return max(",
        ),
        (
            "cancelled goods are not due",
            "self.total_cents - self.cancelled_goods_cents",
            "self.total_cents",
        ),
        (
            "chargebacks lower what we have",
            "self.captured_cents - self.refunded_cents - self.charged_back_cents",
            "self.captured_cents - self.refunded_cents",
        ),
        (
            "refunds settle no more than was due",
            "return min(self.due_before_refunds_cents, self.allowed_refunds_cents)",
            "return self.allowed_refunds_cents",
        ),
        (
            "a failed payout counts no longer",
            "_refunded(money, payout, -payout.amount_cents)",
            "_refunded(money, payout, 0)",
        ),
    ),
    *broken(
        "money",
        (
            "a payout whose failure is known does not count",
            "if any(failure.names(payout) for failure in refund.failures):",
            "if False:",
        ),
        (
            "a failure names the payouts of its payment only",
            "if self.payment_id is not None and self.payment_id != payout.payment_id:",
            "if False:",
        ),
        (
            "a revoked grant is no longer open",
            "return 0 if self.revoked else max(0, self.granted_cents - self.paid_out_cents)",
            "return max(0, self.granted_cents - self.paid_out_cents)",
        ),
        (
            "payouts above the grant take of the bound too",
            "max(0 if self.revoked else self.granted_cents, self.paid_out_cents)",
            "(0 if self.revoked else self.granted_cents)",
        ),
        (
            "a revoked grant settles only what it kept",
            "min(self.allowance_cents, self.granted_cents - self.revoked_cents)",
            "self.allowance_cents",
        ),
    ),
    *broken(
        "money",
        (
            "a reversed chargeback does not count",
            "return 0 if self.reversed or self.amount_cents is None else self.amount_cents",
            "return 0 if self.amount_cents is None else self.amount_cents",
        ),
        (
            "an expired authorization is none",
            "if self.expired or self.failed:",
            "if self.failed:",
        ),
    ),
    *broken(
        "money",
        (
            "paid means exactly what is due",
            'return "paid" if net == due else "overpaid"',
            'return "paid"',
        ),
    ),
    *broken(
        "goods",
        (
            "delivered means every wanted piece",
            "all(line.delivered >= line.wanted for line in lines)",
            "any(line.delivered >= line.wanted for line in lines)",
        ),
    ),
    *broken(
        "state",
        (
            "a hold stands until it is released",
            "without_entry(status.holds, event.hold_id)",
            "status.holds",
        ),
    ),
)
POSTINGS = broken(
    "postings",
    (
        "what we owe on grants is payable, not receivable",
        "return due - net + to_pay_out, -to_pay_out,",
        "return due - net, -to_pay_out,",
    ),
    (
        "cash is what we have",
        "-to_pay_out, net, sales",
        "-to_pay_out, money.captured_cents, sales",
    ),
    (
        "cancelled goods beyond the due eat the discount",
        "money.discount_cents - eaten",
        "money.discount_cents",
    ),
    (
        "a cancelled order keeps no shipping, tax or discount",
        "(0, 0, 0) if money.cancelled else _extras(money)",
        "_extras(money)",
    ),
)
FACTS = (
    *broken(
        "decide_facts",
        ("a fact told again is no event", "if recorded == event:", "if False:"),
        (
            "a contradiction leaves the counters alone",
            "if recorded is not None:",
            "if False:",
        ),
        (
            "a contradiction is recorded once",
            "return () if order.find_same(anomaly) else (anomaly,)",
            "return (anomaly,)",
        ),
        (
            "a contradiction is recorded with both contents",
            "if field.name not in event.identity",
            "if field.name in event.identity",
        ),
        (
            "a payout without a refund_id is its own refund",
            'content["refund_id"] = fact.payout_id',
            'content["refund_id"] = fact.payment_id',
        ),
    ),
    *broken(
        "events",
        (
            "another currency is another fact",
            'identity: ClassVar[Identity] = ("payment_id", "capture_id", "currency")',
            'identity: ClassVar[Identity] = ("payment_id", "capture_id")',
        ),
        (
            "captures are recognised within their payment",
            'identity: ClassVar[Identity] = ("payment_id", "capture_id", "currency")',
            'identity: ClassVar[Identity] = ("capture_id", "currency")',
        ),
        (
            "another report_id is another report",
            f'class ShipmentDelivered:\n{REPORT}("shipment_id", "report_id")',
            f'class ShipmentDelivered:\n{REPORT}("shipment_id",)',
        ),
        (
            "receipts are recognised within their return",
            'identity: ClassVar[Identity] = ("return_id", "receipt_id")',
            'identity: ClassVar[Identity] = ("receipt_id",)',
        ),
    ),
    *broken(
        "anomalies",
        (
            "another currency is flagged alone",
            "        return\n    checks =",
            "    checks =",
        ),
        (
            "above is above, not equal",
            "context.payment.captured_cents > context.payment.authorized_cents",
            "context.payment.captured_cents >= context.payment.authorized_cents",
        ),
        (
            "chargebacks take of what may be refunded",
            "payment.refunded_cents + payment.charged_back_cents > payment.captured_cents",
            "payment.refunded_cents > payment.captured_cents",
        ),
        (
            "a chargeback that breaks the bound on grants is flagged",
            "_refunded_above_captured(context) or context.money.refundable_cents < 0",
            "_refunded_above_captured(context)",
        ),
        (
            "another outcome than before is flagged",
            '"outcome-contradicted": _outcome_contradicted,',
            "",
        ),
    ),
)
