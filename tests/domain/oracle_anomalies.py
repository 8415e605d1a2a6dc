"""Anomalies: bounds, each about one thing, and reports; recorded, explained, resolved.

An anomaly's entry: {"kind", "about"}; about: the thing, as text. A resolution's: {"number"} of the
anomaly within the order (from 1), and by how much its bound was broken then.
"""

from collections.abc import Iterator
from functools import lru_cache

from tests.domain.oracle import Books, books
from tests.domain.oracle_history import (
    THINGS,
    Entry,
    History,
    all_of,
    counts,
    facts,
    identity,
    since_cancelled,
    standing_at,
    thing,
    things,
    told_of,
)
from tests.domain.oracle_money import (
    authorization_of,
    counted,
    payment_of,
    payout_left,
    reports_left,
    reversed_reports,
)

# In the order in which those of one append are recorded.
BOUNDS = (
    "captured-above-authorized",
    "captured-after-cancel",
    "captured-after-expiry",
    "authorized-after-cancel",
    "voided-above-authorized",
    "refunded-above-captured",
    "refund-without-grant",
    "charged-back-above-captured",
    "unknown-chargeback",
    "told-again",
    "overshipped",
    "unannounced-return",
    "received-above-requested",
    "received-above-delivered",
)
REPORTS = (
    "currency-mismatch",
    "failure-without-payout",
    "delivered-before-dispatch",
    "dispatched-after-cancel",
    "unknown-shipment",
    "outcome-contradicted",
    "contradicting-fact",
    "repeated-after-end",
)
AGAIN = (
    "authorize-payment",
    "capture-payment",
    "void-payment",
    "refund-payment",
    "charge-back-payment",
    "record-fee",
    "receive-return",
)


@lru_cache(maxsize=512)
def broken(history: History) -> dict[tuple[str, str], int]:
    """By kind and thing: by how much each bound is broken now."""
    now = books(history)
    found = {
        (kind, about): many
        for kind, about, many in (
            *_of_payments(history, now),
            *_of_cancelled(history, now),
            *_of_refunds(history, now),
            *_told_again(history),
            *_of_goods(now),
        )
        if many > 0
    }
    return {key: found[key] for key in sorted(found, key=lambda key: BOUNDS.index(key[0]))}


Found = Iterator[tuple[str, str, int]]


def _of_payments(history: History, now: Books) -> Found:
    for key, payment in now.payments.items():
        if payment.authorization_told:
            yield "captured-above-authorized", key, payment.captured - payment.authorized
        if not payment.in_force:
            yield "captured-after-expiry", key, _captured_while_expired(history, key)
        if payment.voided:
            above = payment.captured + payment.voided - payment.authorized
            yield "voided-above-authorized", key, above
        kind = "charged-back" if payment.charged_back else "refunded"
        above = payment.refunded + payment.charged_back - payment.captured
        yield f"{kind}-above-captured", key, above


def _captured_while_expired(history: History, payment_id: str) -> int:
    """What was captured when an authorization had expired and none was in force."""
    captured = 0
    for place in standing_at(history):
        one = payment_of(history[:place], payment_id)
        mine = history[place].get("payment_id") == payment_id
        if mine and history[place].name == "capture-payment" and one.expired and not one.in_force:
            captured += counted(history, history[place])
    still = any(a[0] == payment_id for a in things(history, "expire-authorization"))
    return captured if still else 0


def _of_cancelled(history: History, now: Books) -> Found:
    first = len(history) - len(since_cancelled(history))
    told = [history[place] for place in standing_at(history) if place >= first]
    later = [fact for fact in told if now.cancelled and counts(history, fact)]
    captured = sum(counted(history, fact) for fact in later if fact.name == "capture-payment")
    if captured:
        yield "captured-after-cancel", "", now.net - now.due
    left = sum(
        min(payment.left, _authorized_since(history, key, later))
        for key, payment in now.payments.items()
    )
    if left:
        yield "authorized-after-cancel", "", left - max(0, now.due - now.net)


def _authorized_since(history: History, payment_id: str, later: list[Entry]) -> int:
    """What is in force of the payment's authorizations that were told, or adjusted, since."""
    amount = 0
    told_of_any = things(history, "authorize-payment", "adjust-authorization")
    for about in dict.fromkeys(about[:2] for about in told_of_any if about[0] == payment_id):
        told = reports_left(history, "authorize-payment", "expire-authorization", about)
        since = [report for report in told if report in later]
        raises = [f for f in facts(history, "adjust-authorization") if thing(f)[:2] == about]
        raises = [fact for fact in raises if counts(history, fact)]
        if raises:
            whole = authorization_of(history, about).left
            amount += whole if since or raises[-1] in later else 0
        else:
            amount += sum(counted(history, report) for report in since)
    return amount


def _of_refunds(history: History, now: Books) -> Found:
    if now.charged_back:  # the bound on grants
        returned = (p.refunded + p.charged_back - p.captured for p in now.payments.values())
        above = now.claimed + now.charged_back - now.captured - sum(max(0, a) for a in returned)
        yield "charged-back-above-captured", "", above
    for key, refund in now.refunds.items():
        yield "refund-without-grant", key, refund.uncovered
    for about in things(history, "reverse-chargeback"):
        if not told_of(history, "charge-back-payment", about):
            reversals = told_of(history, "reverse-chargeback", about)
            yield "unknown-chargeback", "/".join(about), len(reversals)


def _told_again(history: History) -> Found:
    for name in AGAIN:
        for about in things(history, name):
            in_force = len(_in_force(history, name, about))
            yield "told-again", f"{name}:{'/'.join(about)}", in_force - 1


def _in_force(history: History, name: str, about: tuple[str, ...]) -> list[Entry]:
    if name == "authorize-payment":
        return reports_left(history, name, "expire-authorization", about)
    if name == "refund-payment":
        return payout_left(history, about)
    told = told_of(history, name, about)
    gone = reversed_reports(history, about) if name == "charge-back-payment" else []
    return [report for report in told if report not in gone]


def _of_goods(now: Books) -> Found:
    for number, line in now.lines.items():
        yield "overshipped", str(number), line.overshipped
        yield "received-above-delivered", str(number), line.received - line.delivered
    for key, one in now.returns.items():
        if one.requested is None:
            yield "unannounced-return", key, sum(one.received.values())
        else:
            yield "received-above-requested", key, one.above_requested


# State --------------------------------------------------------------------------------------------


def anomalies(history: History) -> list[Entry]:
    return all_of(history, "anomaly")


def resolution_of(history: History, number: int) -> Entry | None:
    return next((e for e in all_of(history, "resolve-anomaly") if e["number"] == number), None)


def state_of(history: History, number: int) -> str:
    """open, explained or resolved."""
    if resolution_of(history, number) is not None:
        return "resolved"
    one = anomalies(history)[number - 1]
    if one["kind"] in BOUNDS:
        return "open" if (one["kind"], one["about"]) in broken(history) else "explained"
    return "explained" if _ended(history, number) else "open"


def _ended(history: History, number: int) -> bool:
    """A report ends when its fact is retracted; one kind by the dispatch that was missing."""
    positions = [index for index, entry in enumerate(history) if entry.name == "anomaly"]
    one, since = history[positions[number - 1]], history[positions[number - 1] :]
    if one["kind"] == "delivered-before-dispatch":
        return any(
            e.name == "dispatch-shipment" and e["shipment_id"] == one["about"] for e in since
        )
    return any(e.name == "retract-fact" and "/".join(e["identity"]) == one["about"] for e in since)


def states(history: History) -> list[tuple[str, str, str]]:
    """kind, thing and state of every anomaly of the order, in order."""
    return [
        (one["kind"], one["about"], state_of(history, number))
        for number, one in enumerate(anomalies(history), start=1)
    ]


def to_record(before: History, after: History) -> list[Entry]:
    """The bounds to record after what was appended to `before`."""
    return [
        Entry("anomaly", {"kind": kind, "about": about})
        for (kind, about), many in broken(after).items()
        if _is_new(before, kind, about, many)
    ]


def _is_new(before: History, kind: str, about: str, many: int) -> bool:
    """Never recorded for this thing; or resolved, and since then held once or is broken by more."""
    last = [
        number
        for number, one in enumerate(anomalies(before), start=1)
        if (one["kind"], one["about"]) == (kind, about)
    ]
    if not last:
        return True
    resolved = resolution_of(before, last[-1])
    if resolved is None:
        return False
    start = before.index(resolved) + 1
    held = any((kind, about) not in broken(before[:end]) for end in range(start, len(before) + 1))
    return held or many > resolved["many"]


def undone(history: History, fact: Entry) -> bool:
    """Whether what the fact did was undone: reversed, failed or expired."""
    about = thing(fact)
    if not counts(history, fact):
        return False
    if fact.name == "charge-back-payment":
        return fact in reversed_reports(history, about)
    if fact.name == "refund-payment":
        return fact not in payout_left(history, about)
    if fact.name == "authorize-payment":
        return fact not in reports_left(history, "authorize-payment", "expire-authorization", about)
    return False


def was_retracted(history: History, fact: Entry) -> bool:
    return any(tuple(e["identity"]) == identity(fact) for e in all_of(history, "retract-fact"))


assert set(AGAIN) <= set(THINGS)
