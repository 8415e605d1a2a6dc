"""Counters, postings and the recording of facts broken."""

from tests.domain.mutants_mutant import broken

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
            "changed(line, cancelled=line.ordered, planned=0)",
            "changed(line, planned=0)",
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
            "return min(self.due0_cents, self.allowed_refunds_cents)",
            "return self.allowed_refunds_cents",
        ),
        (
            "a failed payout counts no longer",
            "_refunded(money, payout, -payout.amount_cents)",
            "_refunded(money, payout, 0)",
        ),
    ),
    *broken(
        "refunds",
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
        "payments",
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
        "words",
        (
            "paid means exactly what is due",
            'return "paid" if net == due else "overpaid"',
            'return "paid"',
        ),
        (
            "delivered means every wanted piece",
            "all(line.delivered >= line.wanted for line in lines)",
            "any(line.delivered >= line.wanted for line in lines)",
        ),
    ),
    *broken(
        "standing",
        (
            "a hold stands until it is released",
            "without_entry(standing.holds, event.hold_id)",
            "standing.holds",
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
        ("a fact told again is no event", "if known == event:", "if False:"),
        (
            "a contradiction leaves the counters alone",
            "if known is not None:",
            "if False:",
        ),
        (
            "a contradiction is recorded once",
            "return () if order.known(anomaly) else (anomaly,)",
            "return (anomaly,)",
        ),
        (
            "a contradiction is recorded with both contents",
            "if name not in IDENTITIES[type(event)]",
            "if name in IDENTITIES[type(event)]",
        ),
        (
            "a payout without a refund_id is its own refund",
            'content["refund_id"] = fact.payout_id',
            'content["refund_id"] = fact.payment_id',
        ),
    ),
    *broken(
        "state",
        (
            "another currency is another fact",
            'PaymentCaptured: ("payment_id", "capture_id", "currency")',
            'PaymentCaptured: ("payment_id", "capture_id")',
        ),
        (
            "captures are told apart within their payment",
            'PaymentCaptured: ("payment_id", "capture_id", "currency")',
            'PaymentCaptured: ("capture_id", "currency")',
        ),
        (
            "another report_id is another report",
            'ShipmentDelivered: ("shipment_id", "report_id")',
            'ShipmentDelivered: ("shipment_id",)',
        ),
        (
            "receipts are told apart within their return",
            'ReturnReceived: ("return_id", "receipt_id")',
            'ReturnReceived: ("receipt_id",)',
        ),
    ),
    *broken(
        "bounds",
        (
            "another currency is flagged alone",
            "        return\n    bounds, figures",
            "    bounds, figures",
        ),
        (
            "above is above, not equal",
            "look.payment.captured_cents > look.payment.authorized_cents",
            "look.payment.captured_cents >= look.payment.authorized_cents",
        ),
        (
            "chargebacks take of what may be refunded",
            "payment.refunded_cents + payment.charged_back_cents > payment.captured_cents",
            "payment.refunded_cents > payment.captured_cents",
        ),
        (
            "a chargeback that breaks the bound on grants is flagged",
            "_refunded_above_captured(look) or look.money.refundable_cents < 0",
            "_refunded_above_captured(look)",
        ),
        (
            "another outcome than before is flagged",
            '"outcome-contradicted": _outcome_contradicted,',
            "",
        ),
    ),
)
