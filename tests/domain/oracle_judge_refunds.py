"""What an order must answer to commands about refunds."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from tests.domain.oracle import Books
from tests.domain.oracle_billing import Malformed, contains_tax, kept_credits, lines_of, share
from tests.domain.oracle_codes import added, kept_codes, over_codes, uncredited_codes
from tests.domain.oracle_history import Entry, History, find, told_of
from tests.domain.oracle_money import NO_REFUND, accepted_of, counted, payout_left
from tests.domain.oracle_parts import Parts, over, parts_of
from tests.domain.oracle_verdict import (
    ABOVE_BILLED,
    ENDED,
    NOTHING,
    PAID_OUT,
    REUSED,
    Verdict,
    either,
    entry,
    guarded,
    happens,
    known_verdict,
    lines_told,
    refused,
)

Given: TypeAlias = Mapping[str, Any]
Judge: TypeAlias = Callable[[History, Books, Given], Verdict]


def parts_told(command: Given, amount: int | None) -> Parts | None:
    """The parts that were given; Malformed unless they sum to the amount, all of its sign."""
    if not command.get("parts"):
        return None
    told = command["parts"]
    parts = parts_of(
        told.get(f"{part}_cents") or 0 for part in ("goods", "shipping", "other", "tax")
    )
    sign = 1 if amount is None or amount > 0 else -1
    if any(part * sign < 0 for part in parts) or amount not in (None, sum(parts)):
        raise Malformed("parts that do not sum to the amount")
    return parts


def default_credit(now: Books, amount: int, uncovered: int) -> int:
    """What of a refund also lowers the amount due, where nothing is said."""
    spare = now.net + uncovered - now.due - now.open_grants
    return min(max(0, amount - max(0, spare)), now.owed.creditable)


def _grant(history: History, now: Books, command: Given) -> Verdict:
    refund_id, amount = command["refund_id"], command["amount_cents"]
    credit = command.get("credit_cents", command.get("allowance_cents"))
    given = parts_told(command, credit)
    if (sum(given) if given else credit or 0) > amount or amount < 1:
        raise Malformed("a credit above the amount")
    told = {
        "refund_id": refund_id,
        "amount_cents": amount,
        "lines": lines_told(command),
        "reason": command["reason"],
        "told": [credit, given],
    }
    known = find(history, "grant-refund", refund_id=refund_id)
    if known is not None:
        return _granted_again(history, known, told)
    refund = now.refunds.get(refund_id, NO_REFUND)
    claimed = now.claimed - refund.claimed + max(refund.kept + amount, refund.paid_out)
    explicit = sum(given) if given else credit
    final = default_credit(now, amount, refund.uncovered) if explicit is None else explicit
    guards = {
        "refund-above-captured": claimed > now.captured - now.charged_back,
        "unknown-line": any(part["line"] not in now.lines for part in told["lines"]),
        ABOVE_BILLED: final > now.owed.creditable,
    }
    if any(guards.values()):
        return guarded(guards)
    split = _split(history, now, final, given, told["lines"])
    wished = happens(Entry("grant-refund", told | split))
    return either(wished, REUSED) if refund.granted else wished


def _granted_again(history: History, known: Entry, told: Given) -> Verdict:
    plain = {key: value for key, value in told.items() if key != "told"}
    if (verdict_on_plain := known_verdict(known, plain)) != NOTHING:
        return verdict_on_plain or NOTHING
    revoked = find(history, "revoke-refund", refund_id=told["refund_id"])
    on_same = NOTHING if revoked is None else refused(ENDED)
    credit, given = told["told"]
    if told["told"] == known["told"]:
        return on_same
    # Whether the credit was given or filled in need not be in the event: both are content.
    fixed = [sum(known["parts"]) in (credit, None), given in (None, known["parts"])]
    if credit is None and given is None:
        return either(on_same, REUSED)
    if credit is None:
        fixed[0] = True
    return either(on_same, REUSED) if all(fixed) else refused(REUSED)


def _split(
    history: History, now: Books, credit: int, given: Parts | None, lines: list[dict[str, int]]
) -> dict[str, Any]:
    """The credit by parts, its tax by code: as given, by the lines, over what is not credited."""
    if given or not lines:
        parts = given or over(credit, now.owed.uncredited)
        return {"parts": parts, "codes": over_codes(parts[3], uncredited_codes(history))}
    billed = {line["line"]: line for line in lines_of(history)}
    goods, codes = 0, dict[str, int]()
    for part in lines:
        line = billed[part["line"]]
        count = min(part["quantity"], line["quantity"])
        taxed = share(line["tax"], count, line["quantity"])
        net = share(line["net"], count, line["quantity"])
        goods += net - (taxed if contains_tax(history) else 0)
        codes = added(codes, {line["code"]: taxed})
    parts = over(credit, (goods, 0, 0, sum(codes.values())))
    return {"parts": parts, "codes": over_codes(parts[3], codes)}


def _revoke(history: History, now: Books, command: Given) -> Verdict:
    refund_id = command["refund_id"]
    if refund_id not in kept_credits(history):
        return refused("unknown-refund")
    left = now.refunds[refund_id].open
    if left == 0:
        revoked = find(history, "revoke-refund", refund_id=refund_id) is not None
        return refused("already-revoked" if revoked else PAID_OUT)
    kept = kept_credits(history)[refund_id]
    less = over(min(sum(kept), left), kept)
    codes = over_codes(less[3], kept_codes(history).get(refund_id, {}))
    return happens(
        entry(
            "revoke-refund",
            refund_id=refund_id,
            revoked_cents=left,
            taken=less,
            taken_codes=codes,
        )
    )


def _accept(history: History, now: Books, command: Given) -> Verdict:
    about = (command["payment_id"], command["payout_id"])
    reports = told_of(history, "refund-payment", about)
    if not reports:
        return refused("unknown-payout")
    in_force = payout_left(history, about)
    named = [report["refund_id"] for report in in_force or reports]
    refund_id = next((r for r in named if now.refunds[r].uncovered), named[0])
    counts = sum(counted(history, report) for report in in_force)
    accepted = accepted_of(history, *about)
    refund = now.refunds[refund_id]
    amount = min(refund.uncovered, max(0, counts - accepted))
    if amount == 0:
        return NOTHING if counts and accepted else refused("nothing-to-accept")
    credit = command.get("credit_cents")
    final = default_credit(now, amount, refund.uncovered) if credit is None else credit
    if final > min(amount, now.owed.creditable):
        return refused(ABOVE_BILLED, "credit-above-refund")
    return happens(
        entry(
            "accept-refund",
            payment_id=about[0],
            payout_id=about[1],
            refund_id=refund_id,
            amount_cents=amount,
            **_split(history, now, final, None, []),
        )
    )


JUDGES: dict[str, Judge] = {
    "grant-refund": _grant,
    "revoke-refund": _revoke,
    "accept-refund": _accept,
}
