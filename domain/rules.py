"""Every rule that refuses a command and every kind of anomaly, by name: docs, API, tests use it."""

from dataclasses import dataclass

NOT_FOUND = 404
CONFLICT = 409


@dataclass(frozen=True, slots=True)
class Rule:
    """sentence: what the rule says, and what the caller can do next."""

    name: str
    status: int
    sentence: str


_UNKNOWN_ORDER = "No order has this id; place it first, or check the id."
_CONFLICTS = {
    "id-reused": "This id already names something else in this order; choose a new id.",
    "id-ended": (
        "What this id names was released, cancelled, revoked, declined or closed, and does not "
        "come back; choose a new id."
    ),
    "order-cancelled": (
        "The order is cancelled; only notes, released holds, adjustments, write-offs, refunds, "
        "returns, corrections and reports of what happened are still recorded."
    ),
    "amount-out-of-range": "A total of the order would be more than 10^15 - 1 cents.",
    # Order
    "on-hold": "The order is on hold; release every hold first.",
    "not-confirmed": "Shipments are planned for confirmed orders only; confirm the order first.",
    "goods-out": (
        "Goods of the order are on their way or delivered; cancel the open items instead, or wait "
        "until every parcel is lost or back."
    ),
    "unknown-line": "The order has no such line; lines are numbered from 1 as they were ordered.",
    "quantity-not-open": (
        "More than is open on a line: ordered and neither cancelled, planned nor shipped; name a "
        "smaller quantity."
    ),
    "unknown-hold": "No hold of the order has this id.",
    "too-many-items": "An order has at most 3,000 lines; place another order.",
    "too-many-attributes": "An order has at most 50 attributes; remove some first.",
    # Billing
    "shipping-not-billed": "More than is billed of shipping; name a smaller amount.",
    "credit-above-billed": (
        "More than is billed and neither credited nor written off; name a smaller credit."
    ),
    "credit-above-refund": "The credit is more than what is accepted; name a smaller credit.",
    "write-off-above-balance": "More than the customer still has to pay; name a smaller amount.",
    "unknown-adjustment": "The order was not adjusted under this id.",
    "unknown-write-off": "Nothing was written off under this id.",
    "already-revoked": "It is revoked already; nothing is left to do.",
    # Refunds
    "unknown-refund": "No refund was granted under this id.",
    "refund-above-captured": (
        "Refunds granted and paid out would be more than was captured and not charged back; grant "
        "less, or revoke another grant first."
    ),
    "paid-out": "Nothing of this refund is left to revoke; all of it is paid out.",
    "unknown-payout": "No payout was reported under these ids.",
    "nothing-to-accept": "The payout failed, or grants cover it; there is nothing to accept.",
    # Shipments
    "unknown-shipment": "No shipment was planned under this id.",
    "line-not-shipped": "The line needs no shipping; leave it out of the shipment.",
    "shipment-dispatched": "The shipment has left; it can no longer be cancelled.",
    "shipment-cancelled": "The shipment is cancelled; plan another one.",
    "shipment-not-dispatched": "The shipment has not left; dispatch it with its tracking.",
    "overshipped": (
        "A line of the shipment has more planned, out or cancelled than was ordered; cancel this "
        "shipment."
    ),
    "replacement-above-dispatched": (
        "More than is out of the line and not replaced yet; name a smaller quantity."
    ),
    "not-replaceable": (
        "Nothing of a line is out in the shipment that is named; name another one, or true for the "
        "first one that is out."
    ),
    # Returns
    "unknown-return": "No return was requested under this id.",
    "quantity-not-returnable": (
        "More than was delivered and is not yet in a return; name a smaller quantity."
    ),
    "return-ended": "The return is declined or closed; request another one.",
    "return-received": "Something of the return has arrived; close it instead of declining it.",
    # Corrections
    "unknown-fact": "No fact that counts was reported under these ids.",
    "unknown-anomaly": "The order has no anomaly of this id.",
    "anomaly-not-open": "The anomaly is explained or resolved; there is nothing to resolve.",
}

RULES: dict[str, Rule] = {
    "unknown-order": Rule("unknown-order", NOT_FOUND, _UNKNOWN_ORDER),
    **{name: Rule(name, CONFLICT, sentence) for name, sentence in _CONFLICTS.items()},
}

BOUNDS: dict[str, str] = {
    "captured-above-authorized": "More captured than was authorized in all.",
    "captured-after-cancel": "Captured since the order was cancelled, and more than is due.",
    "captured-after-expiry": "Captured since the authorization expired, and none is in force.",
    "authorized-after-cancel": (
        "Authorized since the order was cancelled, and more is left than is due."
    ),
    "voided-above-authorized": "Voided and captured together are more than authorized.",
    "refunded-above-captured": "More refunded than captured.",
    "refund-without-grant": "Paid out more than was granted and not revoked under the refund's id.",
    "charged-back-above-captured": (
        "Charged back and refunded, or granted as refunds, are together more than captured."
    ),
    "unknown-chargeback": "A chargeback was reversed that was never reported.",
    "told-again": "One thing was reported under several report ids; each counts.",
    "delivered-before-dispatch": (
        "An outcome was reported before the shipment was dispatched; dispatching it explains it."
    ),
    "overshipped": "More planned, out or cancelled on a line than was ordered.",
    "unannounced-return": "Goods came back that nobody announced.",
    "received-above-requested": "More came back than the return announced.",
    "received-above-delivered": "More came back of a line than was delivered.",
}
"""Anomalies that are explained while their bound holds (domain.bounds). In the order in which
those of one event are recorded.
"""
REPORTS: dict[str, str] = {
    "currency-mismatch": "An amount in another currency than the order's; it is in no total.",
    "contradicting-fact": (
        "The same fact was reported again with another content; the first report counts."
    ),
    "repeated-after-end": (
        "A fact was reported again after what it did was undone, or after it was retracted; it "
        "does not count again."
    ),
    "failure-without-payout": "A failed refund that names no payout; it fails none.",
    "dispatched-after-cancel": "A cancelled shipment is on its way all the same.",
    "unknown-shipment": "A carrier reported on a shipment that was never planned.",
    "outcome-contradicted": "A shipment's outcome is another one than was reported before.",
}
"""Anomalies of one fact, which end when it is retracted, or by hand."""
JUDGED_AS: dict[str, str] = {
    "captured-after-void": "voided-above-authorized",
    "unknown-refund": "refund-without-grant",
}
"""Kinds that version 1 recorded, by the bound that judges them now."""
EXPLAINED_KINDS = frozenset({"captured-after-failure"})
"""Kinds that version 1 recorded and that are none any more."""

ANOMALIES: dict[str, str] = {
    **BOUNDS,
    **REPORTS,
    "captured-after-void": "Of old logs: voided-above-authorized.",
    "unknown-refund": "Of old logs: refund-without-grant.",
    "captured-after-failure": "Of old logs: captured although the payment had failed; explained.",
}


class OrderRefused(Exception):
    """A command broke a rule; nothing happened.

    rule: one of RULES, given by name; LookupError for any other. detail: the figures of this case,
    never the command's texts.
    """

    def __init__(self, rule: str, detail: str = "") -> None:
        super().__init__(f"{rule}: {detail}" if detail else rule)
        if rule not in RULES:
            raise LookupError(f"{rule}: no sentence in domain/rules.py; add one to _CONFLICTS")
        self.rule = RULES[rule]
        self.detail = detail
