"""What version 2 makes of the log that version 1 wrote, where that is not the same; and by which
rule of the domain.

By order and rule the columns that differ, as table.column; of postings the accounts. A column that
has another name is compared all the same (RENAMED), and so is what was said in another word
(WORDS), so that no figure can differ without being stated.
"""

from collections.abc import Mapping
from typing import Final

SHARES = "A cancelled line takes its share of the order's discount and tax with it."
FAILS_NOTHING = "A failed refund that does not name its payout fails none: it was paid out."
CREDIT_FIRST = "Revoking a refund takes its credit first."
CREDITS = (
    "A credit is posted by its parts to returns and allowances, shipping and tax, instead of being"
    " taken off sales."
)
OPEN = "An order's anomalies are those that are open: here their bounds hold by now."
ATTEMPT = (
    "A failure ends an attempt: it changes nothing where an authorization or a capture stands."
)
COMPLETED = "A confirmed order is completed once its goods and its money are settled."
CAME_BACK = "Goods that came back are a word of fulfilment: returned, partly_returned."
UNPAID = "All was paid back and something is still due: unpaid."
DISPUTED = "What is charged back is charged_back, and not refunded."
FAILED = "An attempt failed and nothing stands: failed."
REFUNDING = "Open grants cover what is owed back: refunding."
NOTHING_DUE = "Nothing is due: paid."

RENAMED: Final[Mapping[str, str]] = {
    "balances.due0_cents": "billed_cents",
    "refunds.allowance_cents": "credit_cents",
}
DROPPED: Final[Mapping[str, str]] = {
    "return_lines.revision": "a line of a return is a row, which changes, and no entry",
    "shipment_lines.revision": "a line of a shipment is a row, which changes, and no entry",
}
WORDS: Final[Mapping[str, str]] = {"partly_captured": "partly_paid"}
"""Of columns called payment."""
NEW_STEPS: Final = frozenset({"cancellation", "order-cancellation"})
"""Kinds of steps of payments that version 1 did not keep."""

STATED: Final[Mapping[str, Mapping[str, set[str]]]] = {
    "discount-cancel": {
        SHARES: {
            "balances.balance_cents",
            "balances.billed_cents",
            "balances.due_cents",
            "orders.balance_cents",
            "orders.due_cents",
            "postings.discount",
            "postings.receivable",
            "postings.tax",
        },
    },
    "half-price-cancel": {
        SHARES: {
            "balances.balance_cents",
            "balances.billed_cents",
            "balances.due_cents",
            "balances.payment",
            "orders.balance_cents",
            "orders.due_cents",
            "orders.payment",
            "postings.discount",
            "postings.receivable",
        },
    },
    "failure-without-payout": {
        FAILS_NOTHING: {
            "balances.balance_cents",
            "balances.net_cents",
            "balances.open_refunds_cents",
            "balances.payment",
            "balances.refunded_cents",
            "orders.balance_cents",
            "orders.net_cents",
            "orders.payment",
            "payments.net_cents",
            "payments.refunded_cents",
            "payments.state",
            "postings.cash",
            "postings.refunds_payable",
            "refunds.open_cents",
            "refunds.paid_out_cents",
            "refunds.state",
        },
        CREDITS: {
            "postings.returns_and_allowances",
            "postings.sales",
        },
    },
    "payout-before-grant": {
        OPEN: {
            "orders.anomalies",
        },
        CREDITS: {
            "postings.returns_and_allowances",
            "postings.sales",
        },
    },
    "revoke-takes-credit-first": {
        CREDIT_FIRST: {
            "balances.balance_cents",
            "balances.due_cents",
            "balances.payment",
            "orders.balance_cents",
            "orders.due_cents",
            "orders.payment",
            "postings.receivable",
        },
        CREDITS: {
            "postings.returns_and_allowances",
            "postings.sales",
        },
    },
    "accept-refund": {
        UNPAID: {
            "balances.payment",
            "orders.payment",
        },
        CREDITS: {
            "postings.returns_and_allowances",
            "postings.sales",
        },
    },
    "bill-after-cancel": {
        OPEN: {
            "orders.anomalies",
        },
    },
    "replacement": {
        COMPLETED: {
            "orders.state",
        },
        CAME_BACK: {
            "fulfilments.fulfilment",
            "orders.fulfilment",
        },
    },
    "all-back": {
        COMPLETED: {
            "orders.state",
        },
        CAME_BACK: {
            "fulfilments.fulfilment",
            "orders.fulfilment",
        },
        CREDITS: {
            "postings.returns_and_allowances",
            "postings.sales",
            "postings.shipping",
        },
    },
    "charged-back": {
        DISPUTED: {
            "balances.payment",
            "orders.payment",
        },
    },
    "declined-then-paid": {
        OPEN: {
            "orders.anomalies",
        },
        ATTEMPT: {
            "payments.failed",
        },
    },
    "declined": {
        FAILED: {
            "balances.payment",
            "orders.payment",
        },
    },
    "capture-first": {
        OPEN: {
            "orders.anomalies",
        },
    },
    "store-credit": {
        REFUNDING: {
            "balances.payment",
            "orders.payment",
        },
    },
    "unannounced-return": {
        COMPLETED: {
            "orders.state",
        },
    },
    "nothing-due": {
        NOTHING_DUE: {
            "balances.payment",
            "orders.payment",
        },
    },
    "granted-not-paid": {
        REFUNDING: {
            "balances.payment",
            "orders.payment",
        },
        CREDITS: {
            "postings.returns_and_allowances",
            "postings.sales",
        },
    },
    "double-payout": {
        UNPAID: {
            "balances.payment",
            "orders.payment",
        },
        CREDITS: {
            "postings.returns_and_allowances",
            "postings.sales",
        },
    },
    "announced-late": {
        COMPLETED: {
            "orders.state",
        },
    },
    "late-capture-refunded": {
        OPEN: {
            "orders.anomalies",
        },
    },
    "billed-again": {
        COMPLETED: {
            "orders.state",
        },
        CREDITS: {
            "postings.returns_and_allowances",
            "postings.sales",
        },
    },
    "v1-failed": {
        OPEN: {
            "orders.anomalies",
        },
        ATTEMPT: {
            "payments.failed",
            "payments.state",
        },
    },
    "v1-payout": {
        UNPAID: {
            "balances.payment",
            "orders.payment",
        },
    },
    "v1-refund": {
        FAILS_NOTHING: {
            "balances.balance_cents",
            "balances.net_cents",
            "balances.open_refunds_cents",
            "balances.payment",
            "balances.refunded_cents",
            "orders.balance_cents",
            "orders.net_cents",
            "orders.payment",
            "payments.net_cents",
            "payments.refunded_cents",
            "payments.state",
            "postings.cash",
            "postings.refunds_payable",
            "refunds.open_cents",
            "refunds.paid_out_cents",
            "refunds.state",
        },
        CREDITS: {
            "postings.returns_and_allowances",
            "postings.sales",
            "postings.shipping",
            "postings.tax",
        },
    },
    "v1-dispute": {
        DISPUTED: {
            "balances.payment",
            "orders.payment",
        },
    },
    "v1-returns": {
        CAME_BACK: {
            "fulfilments.fulfilment",
            "orders.fulfilment",
        },
    },
    "v1-cancel-items": {
        SHARES: {
            "balances.balance_cents",
            "balances.billed_cents",
            "balances.due_cents",
            "orders.balance_cents",
            "orders.due_cents",
            "postings.discount",
            "postings.receivable",
            "postings.tax",
        },
    },
    "v1-failed-payouts": {
        FAILS_NOTHING: {
            "balances.balance_cents",
            "balances.net_cents",
            "balances.open_refunds_cents",
            "balances.payment",
            "balances.refunded_cents",
            "orders.balance_cents",
            "orders.net_cents",
            "orders.payment",
            "payments.net_cents",
            "payments.refunded_cents",
            "payments.state",
            "postings.cash",
            "postings.refunds_payable",
            "refunds.open_cents",
            "refunds.paid_out_cents",
            "refunds.state",
        },
        CREDITS: {
            "postings.returns_and_allowances",
            "postings.sales",
            "postings.shipping",
            "postings.tax",
        },
    },
    "cancel-what-was-refunded": {
        CREDITS: {
            "postings.returns_and_allowances",
            "postings.sales",
            "postings.shipping",
        },
    },
    "declined-refund-paid-again": {
        CREDITS: {
            "postings.returns_and_allowances",
            "postings.sales",
        },
    },
    "one-of-two-accepted": {
        CREDITS: {
            "postings.returns_and_allowances",
            "postings.sales",
        },
    },
    "refund-then-cancel": {
        CREDITS: {
            "postings.returns_and_allowances",
            "postings.sales",
        },
    },
}
