"""One refund: its grant and its payouts belong together by refund_id, whichever came first."""

from dataclasses import dataclass

from domain.folding import changed


@dataclass(frozen=True)
class Payout:
    payment_id: str
    payout_id: str
    amount_cents: int


@dataclass(frozen=True)
class Failure:
    """A report that payouts of a refund failed; None names all of them."""

    payment_id: str | None
    payout_id: str | None

    def names(self, payout: Payout) -> bool:
        if self.payment_id is not None and self.payment_id != payout.payment_id:
            return False
        return self.payout_id is None or self.payout_id == payout.payout_id


@dataclass(frozen=True)
class Refund:
    """payouts: those that count; a failed one does not, and is not kept."""

    granted: bool = False
    granted_cents: int = 0
    allowance_cents: int = 0
    revoked_cents: int = 0
    paid_out_cents: int = 0
    payouts: tuple[Payout, ...] = ()
    failures: tuple[Failure, ...] = ()

    @property
    def revoked(self) -> bool:
        return self.revoked_cents > 0

    @property
    def open_cents(self) -> int:
        """Granted and still to be paid out (u in the postings)."""
        return 0 if self.revoked else max(0, self.granted_cents - self.paid_out_cents)

    @property
    def claimed_cents(self) -> int:
        """What it takes of captured - charged back: granted or paid out, the larger."""
        return max(0 if self.revoked else self.granted_cents, self.paid_out_cents)

    @property
    def allowed_cents(self) -> int:
        """The part of what was due that it settles."""
        return min(self.allowance_cents, self.granted_cents - self.revoked_cents)


NO_REFUND = Refund()


def with_payout(refund: Refund, payout: Payout) -> Refund:
    """The same object if the payout's failure is already known: it does not count."""
    if any(failure.names(payout) for failure in refund.failures):
        return refund
    return changed(
        refund,
        payouts=(*refund.payouts, payout),
        paid_out_cents=refund.paid_out_cents + payout.amount_cents,
    )


def with_failure(refund: Refund, failure: Failure) -> Refund:
    payouts = tuple(payout for payout in refund.payouts if not failure.names(payout))
    return changed(
        refund,
        payouts=payouts,
        paid_out_cents=sum(payout.amount_cents for payout in payouts),
        failures=(*refund.failures, failure),
    )
