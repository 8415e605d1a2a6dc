# ruff: noqa: E501, ISC004  (texts of the domain stay as they are there)
"""Single rules of money, each broken: billed, credited, granted, paid; bounds of payments."""

from tests.domain.mutants_shape import broken

BILLING = (
    *broken(
        "apportion",
        (
            "what is left over goes to the largest remainders",
            "remainders.append((-remainder, place))",
            "remainders.append((remainder, place))",
        ),
        (
            "all weights 0: all to the first",
            "return [cents, *[0] * (len(weights) - 1)]",
            "return [*[0] * (len(weights) - 1), cents]",
        ),
        (
            "shares are rounded down",
            "return part * quantity // of",
            "return -(-part * quantity // of)",
        ),
    ),
    *broken(
        "billing",
        (
            "the order's tax is apportioned by discounted prices",
            "left = map(sub, amounts, discounts)",
            "left = amounts",
        ),
        (
            "a discount that goods cannot bear goes to shipping",
            "shipping_discount = discount_cents - borne",
            "shipping_discount = 0",
        ),
        (
            "contained tax is at most what it is contained in",
            "    if prices_include_tax:\n        _check_contained(command, result)\n",
            "",
        ),
        (
            "contained tax is no part of goods",
            "            if prices_include_tax:\n                goods -= tax\n    parts",
            "    parts",
        ),
        (
            "shares are cumulative",
            "mine = share(net, until, of) - share(net, after, of)",
            "mine = share(net, until - after, of)",
        ),
        (
            "cancelled units take their share of tax",
            "tax = share(line.tax_cents, until, of) - share(line.tax_cents, after, of)",
            "tax = 0",
        ),
        (
            "shipping takes its share of tax",
            "tax = share(shipping.tax_cents, cents, shipping.amount_cents) if cents else 0",
            "tax = 0",
        ),
        (
            "of shipping no more is taken off than is left of it",
            "min(shipping_cents, shipping.amount_cents - shipping.cancelled_cents)",
            "min(shipping_cents, shipping.amount_cents)",
        ),
    ),
    *broken(
        "parts",
        (
            "a credit counts of its own parts first",
            "    own = least(billed, credits_)\n",
            "    own = NOTHING\n",
        ),
        (
            "what of a credit is no longer billed of its part goes to the others",
            "return added(own, drawn(left, subtracted(billed, own))) if left else own",
            "return own",
        ),
        (
            "goods come first",
            "goods = min(cents, of.goods_cents)",
            "goods = 0",
        ),
        (
            "a credit that ends does so of its own parts first",
            "    own = least(kept, shares)\n",
            "    own = NOTHING\n",
        ),
        (
            "tax is apportioned over its codes",
            "shares = apportion(cents, [tax.cents for tax in over])",
            "shares = [cents, *[0] * (len(over) - 1)]",
        ),
    ),
    *broken(
        "fold_billing",
        (
            "a cancelled order is billed nothing",
            "        billed=NOTHING,\n        billed_cents=0,\n        billed_discount_cents=0,\n",
            "",
        ),
        (
            "the order's cancellation ends credits",
            "        kept=NOTHING,\n        credited_cents=0,\n",
            "",
        ),
        (
            "of write-offs only what was forgiven outlives the cancellation",
            "        written_off_cents=money.forgiven_cents,\n",
            "",
        ),
        (
            "a cancellation that names a refund ends its credit",
            "    return without_credit(money, event.refund_id, event.credit)",
            "    return money",
        ),
        (
            "an adjustment of before the cancellation is revoked without effect",
            "if old.after_cancel == money.cancelled:",
            "if True:",
        ),
        (
            "a revoked write-off of before the cancellation gives back what was forgiven only",
            "old.amount_cents if old.after_cancel == money.cancelled else old.forgiven_cents",
            "old.amount_cents",
        ),
        (
            "what was forgiven is due again when the write-off is revoked",
            "forgiven_cents=money.forgiven_cents - old.forgiven_cents",
            "forgiven_cents=money.forgiven_cents",
        ),
        (
            "a credit is no charge",
            "if adjustment.amount_cents < 0:",
            "if False:",
        ),
    ),
    *broken(
        "decide_billing",
        (
            "only billed shipping is cancelled",
            "if shipping_cents > billed:",
            "if shipping_cents > billed + 1:",
        ),
        (
            "a credit is at most what is billed and not credited",
            "    require_creditable(money, -command.amount_cents)\n",
            "",
        ),
        (
            "a charge without parts goes to other",
            "return e.Parts(other_cents=command.amount_cents)",
            "return e.Parts(goods_cents=command.amount_cents)",
        ),
        (
            "a write-off is at most the balance",
            "if command.amount_cents > money.balance_cents:",
            "if command.amount_cents > money.balance_cents + 1:",
        ),
        (
            "what of a write-off is above the due is forgiven",
            "forgiven_cents=max(0, command.amount_cents - max(0, money.due_cents)),",
            "forgiven_cents=0,",
        ),
        (
            "an adjustment is revoked once",
            "    if adjustment.revoked:\n",
            "    if False:\n",
        ),
        (
            "a write-off is revoked once",
            "    if write_off.revoked:\n",
            "    if False:\n",
        ),
        (
            "a cancellation names a refund that was granted",
            "    if not refund.granted:\n",
            "    if False:\n",
        ),
        (
            "added items are numbered on",
            "items=numbered_items(command, result, len(money.lines) + 1),",
            "items=numbered_items(command, result, len(money.lines)),",
        ),
    ),
)
REFUNDS = (
    *broken(
        "decide_refunds",
        (
            "grants within captured - charged back",
            "if claims > money.refundable_cents:",
            "if claims > money.refundable_cents + 1:",
        ),
        (
            "a grant takes only what its payouts do not take already",
            "return max(refund.covered_cents + amount_cents, refund.paid_out_cents)",
            "return refund.claimed_cents + amount_cents",
        ),
        (
            "a refund is for lines that were ordered",
            "    require_known_lines(order, command.lines)\n",
            "",
        ),
        (
            "open grants are kept out of what was overpaid",
            "net - money.due_cents - money.open_refunds_cents",
            "net - money.due_cents",
        ),
        (
            "what no grant covers was paid too much until now",
            "net = money.net_cents + refund.uncovered_cents",
            "net = money.net_cents",
        ),
        (
            "nothing left, nothing to revoke",
            "    if not refund.open_cents:\n",
            "    if False:\n",
        ),
        (
            "a refund that is revoked is not revoked again",
            'raise OrderRefused("already-revoked")',
            "return ()",
        ),
        (
            "a revoked grant yields what is open",
            "revoked_cents=refund.open_cents",
            "revoked_cents=refund.granted_cents",
        ),
        (
            "no more is accepted than no grant covers",
            "amount_cents = min(refund.uncovered_cents, not_accepted)",
            "amount_cents = not_accepted",
        ),
        (
            "a payout is accepted once",
            "not_accepted = counted - payout.accepted_cents",
            "not_accepted = counted",
        ),
        (
            "a payout that failed is not accepted",
            "    if not counted:\n",
            "    if False:\n",
        ),
        (
            "an accepted credit is at most what is accepted",
            "    if credit_cents > amount_cents:\n",
            "    if False:\n",
        ),
        (
            "a payout that nobody told is not accepted",
            'raise OrderRefused("unknown-payout")',
            "return ()",
        ),
    ),
    *broken(
        "fold_refunds",
        (
            "revoking takes the credit first",
            "cents = min(total(kept), revoked_cents)",
            "cents = 0",
        ),
        (
            "the revoke ends the acceptance of a payout that failed",
            "    return _without_failed(with_refund(money, event.refund_id, new), old)",
            "    return with_refund(money, event.refund_id, new)",
        ),
        (
            "lines give the weights of a credit",
            "    if not lines:\n",
            "    if True:\n",
        ),
        (
            "accepting raises the grant",
            "granted_cents=old.granted_cents + amount_cents,",
            "granted_cents=amount_cents,",
        ),
    ),
    *broken(
        "refunds",
        (
            "a payout that fails opens its part again",
            "return max(0, self.granted_cents - self.revoked_cents - self.paid_out_cents)",
            "return max(0, self.granted_cents - self.paid_out_cents) if not self.revoked else 0",
        ),
        (
            "payouts above the grant take of the bound too",
            "return max(self.covered_cents, self.paid_out_cents)",
            "return self.covered_cents",
        ),
    ),
)
PAYMENTS = (
    *broken(
        "money",
        (
            "chargebacks lower what we have",
            "return self.captured_cents - self.refunded_cents - self.charged_back_cents",
            "return self.captured_cents - self.refunded_cents",
        ),
        (
            "credits above what is billed wait",
            "return max(0, self.billed_cents - waived)",
            "return self.billed_cents - waived",
        ),
        (
            "what is forgiven lowers the due",
            "return self.creditable_cents - self.forgiven_cents",
            "return self.creditable_cents",
        ),
        (
            "a chargeback is no refund",
            "if self.charged_back_cents and (net < due or net <= 0):",
            "if False:",
        ),
        (
            "refunded is what is due",
            "if net <= 0 and net == due:",
            "if net <= 0:",
        ),
        (
            "granted and not paid out is no overpayment",
            'return "refunding" if self.open_refunds_cents >= net - due else "overpaid"',
            'return "overpaid"',
        ),
        (
            "an order of 0 is paid",
            "if due == 0 and not self.cancelled:",
            "if False:",
        ),
        (
            "a cancelled order of which nothing was paid is not paid",
            "if due == 0 and not self.cancelled:",
            "if due == 0:",
        ),
        (
            "a failed attempt is told",
            'return "failed" if self.failures else "none"',
            'return "none"',
        ),
        (
            "an amount in another currency counts for what is said",
            "        counted: int | None = event.counted_cents  # type: ignore[union-attr]\n",
            "        counted: int | None = event.amount_cents  # type: ignore[union-attr]\n",
        ),
        (
            "the order's cancellation ends the credit of each refund",
            "return refund.kept if refund.kept_after_cancel == self.cancelled else NOTHING",
            "return refund.kept",
        ),
    ),
    *broken(
        "movements",
        (
            "ends take the reports that come first by report id",
            "return movement.reports[len(movement.ends) :] if movement.ends else movement.reports",
            "return movement.reports[: -len(movement.ends)] if movement.ends else movement.reports",
        ),
        (
            "reports are sorted by report id",
            "reports = sorted((*movement.reports, report), key=lambda each: each.place)",
            "reports = (*movement.reports, report)",
        ),
        (
            "a reversal without an amount takes the whole of its report",
            "(reports[place].amount_cents if place < len(reports) else 0)",
            "0",
        ),
        (
            "no more is won back than was charged back",
            "return max(0, reported_cents(movement) - reversed_cents(movement))",
            "return reported_cents(movement) - reversed_cents(movement)",
        ),
        (
            "of two adjustments the last told counts",
            "return movement.changes[-1].amount_cents",
            "return movement.changes[0].amount_cents",
        ),
        (
            "an authorization that expired is not in force",
            "    if not authorizations_in_force(movement):\n        return 0\n",
            "    if not authorizations_in_force(movement):\n        return authorized_cents(movement)\n",
        ),
    ),
    *broken(
        "fold_payments",
        (
            "a failure that names no payout fails none",
            "    if event.payment_id is None or event.payout_id is None:\n        return money\n"
            "    key = payout_key(event.payment_id, event.payout_id)\n"
            "    movement = _ended",
            "    key = payout_key(event.payment_id or 'p', event.payout_id or 'o')\n"
            "    movement = _ended",
        ),
        (
            "a retracted capture no longer counts",
            "    moved = sign * cents\n",
            "    moved = cents\n",
        ),
        (
            "a fee is retracted like any fact",
            "fees_cents=money.fees_cents + sign * cents",
            "fees_cents=money.fees_cents + cents",
        ),
        (
            "a capture counts as late where its authorization had expired",
            "late=old.expired)",
            "late=False)",
        ),
    ),
    *broken(
        "payments",
        (
            "of several methods that of captures counts",
            "            if each.captures:\n                return each.method\n",
            "            return each.method\n",
        ),
        (
            "an authorization with nothing left is none",
            "return self.in_force_cents > self.captured_cents + self.voided_cents",
            "return self.in_force_cents > 0",
        ),
        (
            "a payment has expired while no authorization is in force",
            "return self.expiries > 0 and self.in_force == 0",
            "return self.expiries > 0",
        ),
        (
            "a payout counts by its own method",
            "return self.own_store_cents + self.net_cents - self.own_cents",
            "return self.net_cents",
        ),
        (
            "gift cards are store credit",
            'STORE_CREDIT: Final = frozenset({"store-credit", "gift-card"})',
            'STORE_CREDIT: Final = frozenset({"store-credit"})',
        ),
    ),
    *broken(
        "bounds_money",
        (
            "without any authorization told a capture has no upper bound",
            "return payment.captured_cents - payment.authorized_cents if payment.told else 0",
            "return payment.captured_cents - payment.authorized_cents",
        ),
        (
            "voided and captured are together at most authorized",
            "return payment.captured_cents + payment.voided_cents - payment.authorized_cents",
            "return payment.voided_cents - payment.authorized_cents",
        ),
        (
            "charged back above captured is no refund above captured",
            "return 0 if payment.charged_back_cents else payment.over_returned_cents",
            "return payment.over_returned_cents",
        ),
        (
            "captured since the cancellation is a matter of what is due",
            "return money.net_cents - money.due_cents if money.captured_after_cancel_cents > 0 else 0",
            "return money.captured_after_cancel_cents",
        ),
        (
            "authorized since the cancellation is a matter of what is due",
            "return left - max(0, money.due_cents - money.net_cents) if left else 0",
            "return left",
        ),
        (
            "a chargeback that breaks the bound on grants is flagged",
            "return -money.refundable_cents - money.over_returned_cents",
            "return 0",
        ),
        (
            "a reversal is known once its chargeback is told",
            "return 0 if chargeback.reports else len(chargeback.ends)",
            "return len(chargeback.ends)",
        ),
        (
            "one report is not told again",
            "return count(books.money.movement(key_of(thing, ids))) - 1",
            "return count(books.money.movement(key_of(thing, ids)))",
        ),
        (
            "commands are looked at too",
            "        (_ANY_ORDER,),\n",
            "        (),\n",
        ),
        (
            "a failure looks at every refund of its payout",
            "refund_ids = {each.refund_id for each in payout.reports} | {event.refund_id}",
            "refund_ids = {event.refund_id}",
        ),
    ),
    *broken(
        "undone",
        (
            "a fact told again after its end is flagged",
            "return index is not None and index < len(movement.ends)",
            "return False",
        ),
        (
            "a chargeback that was won is undone",
            "return index is not None and left_by_report(movement)[index] is None",
            "return False",
        ),
    ),
)
ANOMALIES = broken(
    "anomalies",
    (
        "recorded once while it is not resolved",
        "        if self.anomaly_ids:\n            return False\n",
        "",
    ),
    (
        "resolved and broken by no more is not recorded again",
        "return self.resolved_excess is None or excess > self.resolved_excess",
        "return True",
    ),
    (
        "broken by more than when it was resolved is recorded again",
        "return self.resolved_excess is None or excess > self.resolved_excess",
        "return self.resolved_excess is None",
    ),
    (
        "an anomaly is explained while its bound holds",
        "return _with_states(anomalies, moved, OPEN if excess else EXPLAINED)",
        "return _with_states(anomalies, moved, OPEN)",
    ),
    (
        "resolved is not open",
        "return _with_states(anomalies, (anomaly_id,), RESOLVED)",
        "return anomalies",
    ),
    (
        "a report ends when its fact is retracted",
        "        anomalies = _retracted(anomalies, event)\n",
        "        pass\n",
    ),
)
CORRECTIONS = (
    *broken(
        "decide_facts",
        (
            "repeated after its end is flagged once",
            '    if order.anomalies.is_recorded("repeated-after-end", refers_to):\n        return ()\n',
            "",
        ),
        (
            "other content can be told after a retraction",
            "return _repeated(event, order) if same else _new(event, order)",
            "return _repeated(event, order)",
        ),
        (
            "the same content after a retraction counts no longer",
            "return _repeated(event, order) if same else _new(event, order)",
            "return _new(event, order)",
        ),
        (
            "an authorization is that of the payment if it is not named",
            '    if content.get("authorization_id", "") is None:\n        content["authorization_id"] ='
            ' content["payment_id"]\n',
            '    if content.get("authorization_id", "") is None:\n        content["authorization_id"] ='
            ' "x"\n',
        ),
    ),
    *broken(
        "decide_retractions",
        (
            "only what was told is retracted",
            'raise OrderRefused("unknown-fact")',
            "return ()",
        ),
    ),
    *broken(
        "reports",
        (
            "an amount in another currency that counts for nothing is flagged",
            "if event.currency not in {None, currency} and event.counted_cents is None:",
            "if False:",
        ),
        (
            "a failure that names no payout is flagged",
            "    if event.payment_id is None or event.payout_id is None:\n",
            "    if False:\n",
        ),
    ),
    *broken(
        "words",
        (
            "completed is settled",
            "settled = money.balance_cents == 0 and money.open_refunds_cents == 0",
            "settled = True",
        ),
        (
            "completed is complete",
            'return "completed" if settled and goods.is_complete else "confirmed"',
            'return "completed" if settled else "confirmed"',
        ),
    ),
)
POSTINGS = broken(
    "postings",
    (
        "what we owe on grants is payable, not receivable",
        "to_pay_out - net,",
        "-net,",
    ),
    (
        "cash is without store credit and fees",
        "net - money.store_cents - money.fees_cents,",
        "net - money.store_cents,",
    ),
    (
        "sales are without discount",
        "-billed.goods_cents - money.billed_discount_cents,",
        "-billed.goods_cents,",
    ),
    (
        "credits of goods are returns and allowances",
        "        credited.goods_cents,\n",
        "        0,\n",
    ),
    (
        "what is forgiven is written off",
        "money.waived_cents + money.forgiven_cents,",
        "money.waived_cents,",
    ),
    (
        "credits of tax lower tax",
        "taxes[tax.tax_code] = taxes.get(tax.tax_code, 0) + tax.cents",
        "taxes[tax.tax_code] = taxes.get(tax.tax_code, 0)",
    ),
)
MONEY = (*BILLING, *REFUNDS, *PAYMENTS, *ANOMALIES, *CORRECTIONS, *POSTINGS)
