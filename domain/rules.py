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
        "The order is cancelled; only notes, released holds, refunds, returns and reports of what "
        "happened are still recorded."
    ),
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
    "unknown-refund": "No refund was granted under this id.",
    "refund-above-captured": (
        "Refunds granted and paid out would be more than was captured and not charged back; grant "
        "less, or revoke another grant first."
    ),
    "paid-out": "Nothing of this refund is left to revoke; all of it is paid out.",
    "unknown-shipment": "No shipment was planned under this id.",
    "shipment-dispatched": "The shipment has left; it can no longer be cancelled.",
    "shipment-cancelled": "The shipment is cancelled; plan another one.",
    "overshipped": (
        "A line of the shipment has more planned, out or cancelled than was ordered; cancel this "
        "shipment."
    ),
    "unknown-return": "No return was requested under this id.",
    "quantity-not-returnable": (
        "More than was delivered and is not yet in a return; name a smaller quantity."
    ),
    "return-ended": "The return is declined or closed; request another one.",
    "return-received": "Something of the return has arrived; close it instead of declining it.",
    "received-above-requested": (
        "More than the return asked for; request another return for what came on top."
    ),
}

RULES: dict[str, Rule] = {
    "unknown-order": Rule("unknown-order", NOT_FOUND, _UNKNOWN_ORDER),
    **{name: Rule(name, CONFLICT, sentence) for name, sentence in _CONFLICTS.items()},
}

# In the order in which the anomalies of one fact are recorded.
ANOMALIES: dict[str, str] = {
    "currency-mismatch": "An amount in another currency than the order's; it is in no total.",
    "captured-above-authorized": "More captured than authorized.",
    "captured-after-cancel": "Captured although the order is cancelled.",
    "captured-after-void": "Captured and voided together are more than authorized.",
    "captured-after-expiry": "Captured although the authorization had expired.",
    "captured-after-failure": "Captured although the payment had failed.",
    "authorized-after-cancel": "Authorized although the order is cancelled.",
    "voided-above-authorized": "Voided and captured together are more than authorized.",
    "refunded-above-captured": "Refunded and charged back together are more than captured.",
    "refund-without-grant": "Paid out more than was granted and not revoked under the refund's id.",
    "unknown-refund": "A refund is named that was never granted.",
    "charged-back-above-captured": (
        "Charged back and refunded, or granted as refunds, are together more than captured."
    ),
    "unknown-chargeback": "A chargeback was reversed that was never reported.",
    "delivered-before-dispatch": "An outcome was reported before the shipment was dispatched.",
    "dispatched-after-cancel": "A cancelled shipment is on its way all the same.",
    "unknown-shipment": "A carrier reported on a shipment that was never planned.",
    "outcome-contradicted": "A shipment's outcome is another one than was reported before.",
    "overshipped": "More planned, out or cancelled on a line than was ordered.",
    "contradicting-fact": (
        "The same fact was reported again with another content; the first report counts."
    ),
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
