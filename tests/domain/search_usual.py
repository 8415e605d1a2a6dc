"""Commands and facts that usually come next: with random ones alone few orders get to a refund."""

from collections.abc import Iterator, Sequence

from tests.domain.oracle import Books, books
from tests.domain.oracle_anomalies import states
from tests.domain.oracle_goods import shipment_state
from tests.domain.oracle_history import RETRACTABLE as MAY_BE_RETRACTED
from tests.domain.oracle_history import THINGS, History, all_of, find, open_holds
from tests.domain.search_table import (
    REFUNDS,
    RETURNS,
    SHIPMENTS,
    Command,
    clean,
)

WHY = {"reason": "why"}


def usual(history: History) -> list[Command]:
    now = books(history)
    return [
        *_order(history, now),
        *_shipments(history, now),
        *_returns(history, now),
        *_payments(now),
        *_refunds(history, now),
        *_corrections(history),
    ]


def made(name: str, **fields: object) -> Command:
    return clean({"command": name, **fields})


def _free(ids: Sequence[str], used: set[str]) -> list[str]:
    return [name for name in ids if name not in used][:1]


def _order(history: History, now: Books) -> Iterator[Command]:
    if not now.confirmed:
        yield made("confirm-order")
    for hold_id in sorted(open_holds(history)):
        yield made("release-hold", hold_id=hold_id, **WHY)
    for number, line in now.lines.items():
        if line.cancellable:
            lines = [{"line": number, "quantity": 1}]
            yield made("cancel-items", cancellation_id=f"x{len(history)}", lines=lines, **WHY)


def _shipments(history: History, now: Books) -> Iterator[Command]:
    planned = [plan["shipment_id"] for plan in all_of(history, "plan-shipment")]
    for shipment_id in _free(SHIPMENTS, set(planned)):
        for number, line in now.lines.items():
            if line.open and line.ships:
                lines = [{"line": number, "quantity": line.open}]
                yield made("plan-shipment", shipment_id=shipment_id, lines=lines, location="w")
            elif line.replaceable and line.ships:
                lines = [{"line": number, "quantity": 1}]
                yield made(
                    "plan-shipment",
                    shipment_id=shipment_id,
                    lines=lines,
                    location="w",
                    replaces=True,
                )
    for shipment_id in planned:
        state = shipment_state(history, shipment_id)
        if state == "planned":
            yield made("dispatch-shipment", shipment_id=shipment_id, carrier="post")
        elif state == "dispatched":
            yield made("deliver-shipment", shipment_id=shipment_id)
            yield made("lose-shipment", shipment_id=shipment_id)


def _returns(history: History, now: Books) -> Iterator[Command]:
    for return_id in _free(RETURNS, set(now.returns)):
        for number, line in now.lines.items():
            if line.returnable:
                lines = [{"line": number, "quantity": line.returnable}]
                yield made("request-return", return_id=return_id, lines=lines, **WHY)
    for return_id, one in now.returns.items():
        if one.requested is None or one.state != "open":
            continue
        for number in one.requested:
            lines = [{"line": number, "quantity": 1, "condition": "good"}]
            receipt = f"in{len(one.received)}"
            yield made("receive-return", return_id=return_id, receipt_id=receipt, lines=lines)
        yield made("close-return", return_id=return_id)


def _payments(now: Books) -> Iterator[Command]:
    if now.balance > 0:
        money = {"payment_id": "pay-1", "amount_cents": now.balance}
        yield made("authorize-payment", **money, method="card")
        yield made("capture-payment", **money, capture_id="a")
        yield made("capture-payment", **money, capture_id="b")
        yield made("write-off", write_off_id="w1", amount_cents=min(3, now.balance), **WHY)


def _refunds(history: History, now: Books) -> Iterator[Command]:
    left = now.captured - now.charged_back - now.claimed
    for refund_id in _free(REFUNDS, {key for key, one in now.refunds.items() if one.granted}):
        for amount in {left, min(left, 7)} - {0} if left > 0 else ():
            yield made("grant-refund", refund_id=refund_id, amount_cents=amount, **WHY)
    for refund_id, refund in now.refunds.items():
        if refund.open:
            ids = {"payment_id": "pay-1", "payout_id": f"o{len(history)}", "refund_id": refund_id}
            yield made("refund-payment", **ids, amount_cents=max(1, refund.open // 2))
            yield made("revoke-refund", refund_id=refund_id, **WHY)
    for payout in all_of(history, "refund-payment"):
        ids = {key: payout[key] for key in ("payment_id", "payout_id")}
        yield made("accept-refund", **ids, **WHY)
        yield made("fail-refund", **ids, **WHY)
    for back in all_of(history, "charge-back-payment"):
        ids = {key: back[key] for key in ("payment_id", "chargeback_id")}
        yield made("reverse-chargeback", **ids)


def _corrections(history: History) -> Iterator[Command]:
    for number, (_, _, state) in enumerate(states(history), start=1):
        if state == "open":
            yield made("resolve-anomaly", anomaly_id=str(number), **WHY)
    facts = [entry for entry in history if entry.name in MAY_BE_RETRACTED]
    if facts:
        fact = facts[len(history) % len(facts)]
        yield retraction_of(fact.name, fact.fields)
    for name, back, key in (
        ("adjust-order", "revoke-adjustment", "adjustment_id"),
        ("write-off", "revoke-write-off", "write_off_id"),
    ):
        for entry in all_of(history, name)[:1]:
            if find(history, back, **{key: entry[key]}) is None:
                yield made(back, **{key: entry[key]}, **WHY)


def retraction_of(name: str, fact: dict[str, object]) -> Command:
    """The command that retracts a fact."""
    also = ("refund_id",) if name == "fail-refund" else ()
    ids = (*THINGS[name], "report_id", "currency", *also)
    told = {key: fact.get(key) for key in ids}
    return made("retract-fact", fact=name, **told, **WHY)
