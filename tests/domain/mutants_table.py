"""Single rules of the domain, each broken: where, the text of the rule, what it is changed to.

The text must be in its module exactly once. When the domain is reworded, reword it here.
"""

from tests.domain.mutants_money import MONEY
from tests.domain.mutants_shape import Mutant, broken

__all__ = ["MUTANTS", "Mutant"]

# Guards: what may be refused by no rule, or by another one ----------------------------------------

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
            "an order that was cancelled is not confirmed, also where it was before",
            "    require_not_cancelled(order)\n    if order.status.confirmed:\n        return ()\n",
            "    if order.status.confirmed:\n        return ()\n    require_not_cancelled(order)\n",
        ),
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
            "only lines that require shipping are planned",
            "    _require_shipping(order, command.lines)\n",
            "",
        ),
        (
            "no more is replaced than is out and not replaced yet",
            "if part.quantity > replaceable:",
            "if part.quantity > replaceable + 1:",
        ),
        (
            "a replacement is the same when another shipment is the first one out",
            "event = replace(event, replaced=planned.replaced)",
            "pass",
        ),
        (
            "a shipment of which nothing is out is not replaced",
            "if part.held or part.out_again",
            "if True",
        ),
        (
            "a replacement of a replacement is for the shipment first sent",
            "return part.replaces or shipment_id",
            "return shipment_id",
        ),
        (
            "the first shipment that is out is replaced",
            "if part.line in missing and part.held:",
            "if part.line in missing:",
        ),
        (
            "tracking is corrected once the parcel has left",
            'raise OrderRefused("shipment-not-dispatched")',
            "pass",
        ),
        (
            "tracking that is right already is no event",
            "if (shipment.carrier, shipment.tracking) == (command.carrier, command.tracking):",
            "if False:",
        ),
    ),
    *broken(
        "decide_returns",
        (
            "only what was delivered is returned",
            "if new > max(0, returnable):",
            "if new > max(0, returnable) + 1:",
        ),
        (
            "what was received under the id of a return belongs to it",
            "new = part.quantity - received.get(part.line, 0)",
            "new = part.quantity",
        ),
        (
            "a return that nobody announced is unknown",
            "if return_.state == UNANNOUNCED:",
            "if False:",
        ),
        (
            "nothing is declined once it arrived",
            'raise OrderRefused("return-received")',
            "pass",
        ),
        (
            "a refusal names the rule that the command breaks",
            'raise OrderRefused("unknown-return")',
            'raise OrderRefused("unknown-shipment")',
        ),
        ("an ended return stays ended", "if return_.state != OPEN:", "if False:"),
    ),
)


# Counters, postings and the recording of facts ---------------------------------------------------

REPORT = (
    'empty for all that has no outcome yet."""\n\n    shipment_id: str\n'
    "    lines: tuple[LineQuantity, ...]\n    report_id: str | None\n"
    "    identity: ClassVar[Identity] = "
)
COUNTERS = (
    *broken(
        "goods",
        (
            "a lost parcel can be sent again",
            "return self.dispatched - self.lost - self.returned_to_sender",
            "return self.dispatched - self.returned_to_sender",
        ),
        (
            "a replacement comes on top of what is wanted",
            "self.wanted - self.planned - self.out + self.extra",
            "self.wanted - self.planned - self.out",
        ),
        (
            "items are cancelled as if replacements were sent first",
            "return max(0, self.spare - self.extra)",
            "return max(0, self.spare)",
        ),
        (
            "what was lost and sent by another shipment needs no replacement",
            "goods = _with_settled(goods, event)",
            "pass",
        ),
        (
            "what a replacement loses is not held by it",
            "for replaced_id, of_lines in replaced.items():",
            "for replaced_id, of_lines in ():",
        ),
        (
            "a cancelled order has no open quantity",
            "with_fields(line, cancelled=line.ordered)",
            "line",
        ),
        (
            "a receipt that is retracted does not count",
            "new = returns.retract(old, event.receipt_id, event.lines, empty)",
            "new = old",
        ),
        (
            "only wanted goods need delivery",
            "return self.ordered - self.cancelled",
            "return self.ordered",
        ),
        (
            "delivered means kept",
            "min(self.kept, self.delivered - self.delivered_extra)",
            "(self.delivered - self.delivered_extra)",
        ),
        (
            "a replacement that arrived is no other piece",
            "min(self.kept, self.delivered - self.delivered_extra)",
            "self.kept",
        ),
        (
            "returned means that nothing is still to be sent",
            "if self.kept or self.planned or self.open:",
            "if self.kept or self.planned:",
        ),
        (
            "returned means that nothing is on its way",
            "return self.out <= self.received",
            "return True",
        ),
        (
            "what came back is completed, if it was out",
            "arrived = max(self.delivered, min(self.received, self.out))",
            "arrived = max(self.delivered, self.received)",
        ),
        (
            "no order is completed with an open return",
            "if self.open_returns or not any(line.wanted for line in self.lines):",
            "if not any(line.wanted for line in self.lines):",
        ),
        (
            "only lines that require shipping count",
            "lines = [line for line in self.lines if line.requires_shipping]",
            "lines = list(self.lines)",
        ),
    ),
    *broken(
        "shipments",
        (
            "a report implies the dispatch",
            "state = UNKNOWN if old.state == UNKNOWN else DISPATCHED",
            "state = old.state",
        ),
        (
            "a unit has one outcome",
            "counts[other] -= moved",
            "pass",
        ),
        (
            "a report is about what has no outcome yet",
            "    if shipment.has_part_without_outcome:\n",
            "    if False:\n",
        ),
        (
            "a replacement takes the place of what is lost",
            "return max(0, self.sent_again - self._to_replace)",
            "return self.sent_again",
        ),
        (
            "another outcome than before is flagged",
            "return any(_loses_an_outcome(*pair)",
            "return False and any(_loses_an_outcome(*pair)",
        ),
        (
            "more than a parcel has is flagged",
            "return any(part.quantity > known.get(part.line, 0) for part in parts)",
            "return False",
        ),
        (
            "what is reported before its dispatch is flagged",
            "before_dispatch=old.before_dispatch or old.state == PLANNED",
            "before_dispatch=False",
        ),
        (
            "the dispatch explains what was reported before it",
            "        before_dispatch=False,\n",
            "",
        ),
    ),
    *broken(
        "returns",
        (
            "what ended returns did not bring is free again",
            "max(0, line.requested - line.received) if is_open else 0",
            "max(0, line.requested - line.received)",
        ),
        (
            "what came back is no longer expected",
            "max(0, line.requested - line.received) if is_open else 0",
            "line.requested if is_open else 0",
        ),
        (
            "all conditions of a line count together",
            "arrived[part.line] += sign * part.quantity",
            "arrived[part.line] = sign * part.quantity",
        ),
        (
            "one line that arrived is enough",
            "return any(line.received for line in self.lines)",
            "return all(line.received for line in self.lines)",
        ),
        (
            "what was received by the time of close counts as requested",
            "settled=line.received",
            "settled=0",
        ),
        (
            "after the end nothing more is requested",
            "line.requested if self.state == OPEN else line.settled",
            "line.requested",
        ),
    ),
    *broken(
        "bounds_goods",
        (
            "what a carrier reports may overship a line",
            "(OVERSHIPPED, ABOVE_DELIVERED)",
            "(ABOVE_DELIVERED,)",
        ),
        (
            "what is lost after it came back was never delivered",
            "(OVERSHIPPED, ABOVE_DELIVERED)",
            "(OVERSHIPPED,)",
        ),
        (
            "a request explains what came unannounced",
            "    e.ReturnRequested: _RETURN,\n",
            "",
        ),
        (
            "closing explains what came above the request",
            "    e.ReturnClosed: _RETURN,\n",
            "",
        ),
        (
            "one receipt under two reports is flagged",
            "        Touch(_receipt, (TOLD_AGAIN,)),\n",
            "",
        ),
    ),
    *broken(
        "reports_goods",
        (
            "a cancelled shipment on its way is flagged",
            "if shipment.state == CANCELLED:",
            "if False:",
        ),
        (
            "a shipment that nobody planned is flagged",
            "if shipment.state == UNKNOWN:",
            "if False:",
        ),
    ),
    *broken(
        "status",
        (
            "a hold is in force until it is released",
            "without_entry(status.holds, event.hold_id)",
            "status.holds",
        ),
        (
            "an order with no hold in force is not on hold",
            "status.hold_count - (event.hold_id in status.holds)",
            "status.hold_count",
        ),
    ),
)
FACTS = (
    *broken(
        "decide_facts",
        (
            "a fact reported again is no event",
            "return _repeated(event, order) if is_undone(event, order) else ()",
            "return (event,)",
        ),
        (
            "a contradiction leaves the counters alone",
            "return _contradiction(recorded, event, order)",
            "return (event,)",
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
            '("payment_id", "capture_id", "report_id", "currency")',
            '("payment_id", "capture_id", "report_id")',
        ),
        (
            "captures are recognised within their payment",
            '("payment_id", "capture_id", "report_id", "currency")',
            '("capture_id", "report_id", "currency")',
        ),
        (
            "another report_id is another report",
            f'{REPORT}("shipment_id", "lines", "report_id")',
            f'{REPORT}("shipment_id", "lines")',
        ),
        (
            "receipts are recognised within their return",
            '("return_id", "receipt_id", "report_id")',
            '("receipt_id", "report_id")',
        ),
    ),
)

MUTANTS = (*GUARDS, *COUNTERS, *FACTS, *MONEY)
"""Every mutant that the checkers must catch."""
