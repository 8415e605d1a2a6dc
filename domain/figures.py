"""The figures and words of an order, as every door shows them."""

from typing import Any

from domain.money import Money
from domain.postings import account_totals
from domain.state import Order
from domain.words import state_word


def order_figures(order: Order) -> dict[str, Any]:
    """state, on_hold, fulfilment, payment; all amounts; accounts and anomalies.

    accounts: those that are not 0. anomalies: anomaly_id, kind, state, refers_to, detail of each.
    """
    return {
        "state": state_word(order.status, order.money, order.goods),
        "on_hold": order.status.on_hold,
        "fulfilment": order.goods.fulfilment,
        "payment": order.money.payment_status,
        **money_figures(order.money),
        "accounts": account_totals(order.money),
        "anomalies": [
            {
                "anomaly_id": anomaly_id,
                "kind": anomaly.kind,
                "state": anomaly.state,
                "refers_to": anomaly.refers_to,
                "detail": anomaly.detail,
            }
            for anomaly_id, anomaly in order.anomalies.recorded.items()
        ],
    }


def money_figures(money: Money) -> dict[str, int]:
    """goods_cents to total_cents are as placed; the others are what they are by now."""
    due, net = money.due_cents, money.net_cents
    return {
        "goods_cents": money.goods_cents,
        "shipping_cents": money.shipping_cents,
        "tax_cents": money.tax_cents,
        "discount_cents": money.discount_cents,
        "total_cents": money.total_cents,
        "billed_cents": money.billed_cents,
        "credited_cents": money.credited_cents,
        "written_off_cents": money.written_off_cents,
        "due_cents": due,
        "captured_cents": money.captured_cents,
        "refunded_cents": money.refunded_cents,
        "charged_back_cents": money.charged_back_cents,
        "fees_cents": money.fees_cents,
        "net_cents": net,
        "open_refunds_cents": money.open_refunds_cents,
        "balance_cents": due - net,
    }
