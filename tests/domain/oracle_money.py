"""What was paid, by brute force: functions of the set of facts that are told and not retracted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from tests.domain.oracle_history import (
    Entry,
    History,
    counts,
    facts,
    foreign,
    standing,
    thing,
    things,
    told_of,
)

STORE_CREDIT = ("store-credit", "gift-card")


def counted(history: History, fact: Entry) -> int:
    """What the fact counts for, in the order's currency: 0 in another one where it is not said."""
    amount = fact.get("counted_cents", 0) if foreign(history, fact) else fact["amount_cents"]
    return int(amount)


def reports_left(history: History, name: str, ending: str, about: tuple[str, ...]) -> list[Entry]:
    """The reports of one thing of which none was undone: the i-th ending takes the i-th report."""
    reports = told_of(history, name, about)
    return reports[len(told_of(history, ending, about)) :]


def chargeback_of(history: History, about: tuple[str, ...]) -> tuple[int, int]:
    """What was reported of a chargeback, and what was reversed."""
    reports = told_of(history, "charge-back-payment", about)
    reversals = told_of(history, "reverse-chargeback", about)
    whole = [counted(history, report) for report in reports]
    back = 0
    for index, reversal in enumerate(reversals):
        if reversal.get("amount_cents") is None:
            back += whole[index] if index < len(whole) else 0
        else:
            back += counted(history, reversal)
    return sum(whole), back


def charged_back(history: History, about: tuple[str, ...]) -> int:
    reported, reversed_ = chargeback_of(history, about)
    return max(0, reported - reversed_)


def reversed_reports(history: History, about: tuple[str, ...]) -> list[Entry]:
    """The reports of a chargeback of which nothing is left."""
    reports = told_of(history, "charge-back-payment", about)
    reversals = told_of(history, "reverse-chargeback", about)
    left = [counted(history, report) for report in reports]
    spare = 0
    for index, reversal in enumerate(reversals):
        whole = left[index] if index < len(left) else 0
        amount = whole if reversal.get("amount_cents") is None else counted(history, reversal)
        if index < len(left):
            left[index] -= min(left[index], amount)
        spare += amount - min(whole, amount)
    for index, rest in enumerate(left):
        left[index] -= min(rest, spare)
        spare -= min(rest, spare)
    return [
        report
        for index, (report, rest) in enumerate(zip(reports, left, strict=True))
        if rest == 0 and (index < len(reversals) or counted(history, report) > 0)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorization:
    """told: whether anybody told of it. in_force: told and not expired."""

    told: bool
    amount: int
    in_force: bool
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    authorization_told: bool
    authorized: int
    in_force: bool
    authorized_in_force: int
    expired: bool
    captured: int
    voided: int
    refunded: int
    charged_back: int
    failed: bool
    method: str | None

    @property
    def left(self) -> int:
        return max(0, self.authorized_in_force - self.captured - self.voided)


def authorization_of(history: History, about: tuple[str, ...]) -> Authorization:
    reports = told_of(history, "authorize-payment", about)
    left = reports_left(history, "authorize-payment", "expire-authorization", about)
    amount = sum(counted(history, report) for report in reports)
    amount_left = sum(counted(history, report) for report in left)
    raises = [f for f in facts(history, "adjust-authorization") if thing(f)[:2] == about]
    raises = [fact for fact in raises if counts(history, fact)]
    in_force = bool(left)
    if raises:  # it tells of an authorization, also where nobody told of it before
        amount = counted(history, raises[-1])
        if not reports:
            in_force = not told_of(history, "expire-authorization", about)
        amount_left = amount if in_force else 0
    return Authorization(
        told=bool(reports or raises), amount=amount, in_force=in_force, left=amount_left
    )


def payment_ids(history: History) -> list[str]:
    return list(dict.fromkeys(str(fact["payment_id"]) for fact in _of_payments(history)))


def _of_payments(history: History) -> Iterable[Entry]:
    return (fact for fact in standing(history) if fact.get("payment_id") and counts(history, fact))


def payout_left(history: History, about: tuple[str, ...]) -> list[Entry]:
    return reports_left(history, "refund-payment", "fail-refund", about)


def payouts(history: History) -> list[Entry]:
    """The reports of payouts that did not fail."""
    return [
        report
        for about in things(history, "refund-payment")
        for report in payout_left(history, about)
    ]


@lru_cache(maxsize=1024)
def payment_of(history: History, payment_id: str) -> Payment:
    def about_it(*names: str) -> list[tuple[str, ...]]:
        return [about for about in things(history, *names) if about[0] == payment_id]

    def total(several: Iterable[Entry]) -> int:
        return sum(counted(history, f) for f in several if f["payment_id"] == payment_id)

    told = [about[:2] for about in about_it("authorize-payment", "adjust-authorization")]
    granted = [authorization_of(history, about) for about in dict.fromkeys(told)]
    return Payment(
        authorization_told=any(one.told for one in granted),
        authorized=sum(one.amount for one in granted),
        in_force=any(one.in_force for one in granted),
        authorized_in_force=sum(one.left for one in granted),
        expired=any(about_it("expire-authorization")),
        captured=total(facts(history, "capture-payment")),
        voided=total(facts(history, "void-payment")),
        refunded=total(payouts(history)),
        charged_back=sum(charged_back(history, a) for a in about_it("charge-back-payment")),
        failed=any(about_it("fail-payment")),
        method=_method(history, payment_id),
    )


def _method(history: History, payment_id: str) -> str | None:
    for name in ("capture-payment", "authorize-payment"):
        told = [f for f in facts(history, name) if f["payment_id"] == payment_id]
        told = [fact for fact in told if counts(history, fact)]
        methods = sorted({str(f["method"]) for f in told if f.get("method")})
        if methods:
            return methods[0]
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """One refund_id: granted and accepted, revoked, paid out."""

    granted: int
    revoked: int
    paid_out: int

    @property
    def kept(self) -> int:
        return self.granted - self.revoked

    @property
    def open(self) -> int:
        return max(0, self.kept - self.paid_out)

    @property
    def uncovered(self) -> int:
        """U: what was paid out and no grant covers."""
        return max(0, self.paid_out - self.kept)

    @property
    def claimed(self) -> int:
        return max(self.kept, self.paid_out)


NO_REFUND = Refund(granted=0, revoked=0, paid_out=0)


@lru_cache(maxsize=256)
def refunds_of(history: History) -> Mapping[str, Refund]:
    paid: dict[str, int] = {}
    for payout in payouts(history):
        amount = counted(history, payout)
        paid[payout["refund_id"]] = paid.get(payout["refund_id"], 0) + amount
    told = {str(e["refund_id"]) for e in facts(history, "refund-payment")}
    named = {str(e["refund_id"]) for e in history if e.name in {"grant-refund", "accept-refund"}}

    def total(name: str, field: str, refund: str) -> int:
        mine = (e for e in history if e.name == name and e["refund_id"] == refund)
        return sum(int(e[field]) for e in mine)

    return {
        refund: Refund(
            granted=total("grant-refund", "amount_cents", refund)
            + total("accept-refund", "amount_cents", refund),
            revoked=total("revoke-refund", "revoked_cents", refund),
            paid_out=paid.get(refund, 0),
        )
        for refund in sorted(told | named)
    }


def accepted_of(history: History, payment_id: str, payout_id: str) -> int:
    """How much of a payout is accepted: the revoke of its refund ends what then had failed."""
    about = (payment_id, payout_id)
    accepted = 0
    refunds: set[str] = set()
    for index, entry in enumerate(history):
        mine = entry.name == "accept-refund"
        if mine and (entry["payment_id"], entry["payout_id"]) == about:
            accepted += entry["amount_cents"]
            refunds.add(entry["refund_id"])
        if entry.name == "revoke-refund" and entry["refund_id"] in refunds:
            so_far = history[: index + 1]
            left = sum(counted(so_far, r) for r in payout_left(so_far, about))
            accepted = min(accepted, left)
    return accepted


def cash_of(history: History) -> tuple[int, int, int]:
    """cash, store credit and provider's fees: net by the kind of the method, cash less fees."""
    sums = {True: 0, False: 0}

    def move(payment_id: str, method: str | None, amount: int) -> None:
        by = method or payment_of(history, payment_id).method
        sums[by in STORE_CREDIT] += amount

    for fact in facts(history, "capture-payment"):
        move(fact["payment_id"], fact.get("method"), counted(history, fact))
    for fact in payouts(history):
        move(fact["payment_id"], fact.get("method"), -counted(history, fact))
    for about in things(history, "charge-back-payment"):
        move(about[0], None, -charged_back(history, about))
    fees = sum(counted(history, fact) for fact in facts(history, "record-fee"))
    return sums[False] - fees, sums[True], fees
