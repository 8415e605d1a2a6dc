"""Guards broken: what may be refused by no rule, or by another."""

from tests.domain.mutants_mutant import broken

GUARDS = (
    *broken(
        "order",
        (
            "only an order that was placed is commanded",
            'raise OrderRefused("unknown-order")',
            "return ()",
        ),
    ),
    *broken(
        "guards",
        ("an id names one thing for ever", "if same != event:", "if False:"),
        ("what has ended does not come back", "if ended:", "if False:"),
        ("nothing new on a cancelled order", "if order.status.cancelled:", "if False:"),
        ("nothing leaves while on hold", "if holds:", "if False:"),
        (
            "only lines that were ordered",
            "if part.line > count:",
            "if part.line > count + 1:",
        ),
        (
            "only open quantity",
            "if part.quantity > is_open:",
            "if part.quantity > is_open + 1:",
        ),
    ),
    *broken(
        "decide_order",
        ("no cancelling while goods are out", "if line.out:", "if line.out > 1:"),
        (
            "cancelling takes the planned shipments with it",
            "if shipment.state == PLANNED",
            "if shipment.state == PLANNED and not shipment.lines",
        ),
        ("confirmed once", "if order.status.confirmed:", "if False:"),
        (
            "a hold that was never placed is not released",
            'raise OrderRefused("unknown-hold")',
            "pass",
        ),
    ),
    *broken(
        "decide_shipments",
        ("planned for confirmed orders only", "if not order.status.confirmed:", "if False:"),
        (
            "no plan under an id that a carrier named",
            "if command.shipment_id in order.goods.shipments:",
            "if False:",
        ),
        (
            "an implied dispatch is not guarded",
            "if shipment.state != DISPATCHED:",
            "if True:",
        ),
        ("no dispatch of an overshipped line", "    if overshipped:", "    if False:"),
        (
            "no dispatch of a cancelled shipment",
            'raise OrderRefused("shipment-cancelled")',
            "return",
        ),
        (
            "a dispatched shipment is not cancelled",
            'raise OrderRefused("shipment-dispatched")',
            "return ()",
        ),
        (
            "dispatched again with other tracking is another thing",
            "if (shipment.carrier, shipment.tracking) != (command.carrier, command.tracking):",
            "if shipment.carrier != command.carrier:",
        ),
    ),
    *broken(
        "decide_returns",
        (
            "only what was delivered is returned",
            "if part.quantity > returnable:",
            "if part.quantity > returnable + 1:",
        ),
        (
            "not more received than requested",
            "if quantity > missing.get(line, 0):",
            "if quantity > missing.get(line, 0) + 1:",
        ),
        (
            "all conditions of a line count together",
            "arrived[part.line] += part.quantity",
            "arrived[part.line] = part.quantity",
        ),
        (
            "one line that arrived is enough",
            "if any(line.received for line in return_.lines):",
            "if all(line.received for line in return_.lines):",
        ),
        (
            "nothing is declined once it arrived",
            'raise OrderRefused("return-received")',
            "pass",
        ),
        (
            "a refusal names the rule that stands against the command",
            'raise OrderRefused("unknown-return")',
            'raise OrderRefused("unknown-shipment")',
        ),
        ("an ended return stays ended", "if return_.state != OPEN:", "if False:"),
    ),
    *broken(
        "decide_refunds",
        (
            "grants within captured - charged back",
            "if claims > order.money.refundable_cents:",
            "if claims > order.money.refundable_cents + 1:",
        ),
        (
            "a grant takes only what its payouts do not take already",
            "max(command.amount_cents, refund.paid_out_cents) - refund.claimed_cents",
            "command.amount_cents",
        ),
        (
            "a refund is for lines that were ordered",
            "    require_known_lines(order, command.lines)\n",
            "",
        ),
        (
            "nothing left, nothing to revoke",
            "if not refund.open_cents:",
            "if False:",
        ),
        (
            "open grants are kept out of what was overpaid",
            "money.net_cents - money.due_cents - money.open_refunds_cents",
            "money.net_cents - money.due_cents",
        ),
        (
            "the default allowance is fixed when it is granted",
            "if command.allowance_cents is None and isinstance(same, e.RefundGranted):",
            "if False:",
        ),
        (
            "a revoked grant yields what is open",
            "revoked_cents=refund.open_cents",
            "revoked_cents=refund.granted_cents",
        ),
    ),
)
