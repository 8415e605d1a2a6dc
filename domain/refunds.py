"""One refund: its grant and its payouts belong together by refund_id, whichever came first."""

from typing import Final

from domain.events import Parts
from domain.frozen import dataclass
from domain.parts import NOTHING


@dataclass(frozen=True)
class Refund:
    """granted_cents: with what was accepted of its payouts. credit_cents: as granted and accepted.

    kept: what of the credit is neither revoked nor ended, by part; kept_after_cancel: whether that
    was granted since the order was cancelled, which ends all credits before. accepted: the
    payouts, by key of their movement.
    """

    granted: bool = False
    granted_cents: int = 0
    credit_cents: int = 0
    revoked_cents: int = 0
    paid_out_cents: int = 0
    kept: Parts = NOTHING
    kept_after_cancel: bool = False
    accepted: tuple[str, ...] = ()

    @property
    def revoked(self) -> bool:
        return self.revoked_cents > 0

    @property
    def covered_cents(self) -> int:
        """Granted and not revoked."""
        return max(0, self.granted_cents - self.revoked_cents)

    @property
    def open_cents(self) -> int:
        """Granted, and neither paid out nor revoked."""
        return max(0, self.granted_cents - self.revoked_cents - self.paid_out_cents)

    @property
    def uncovered_cents(self) -> int:
        """Paid out and covered by no grant."""
        return max(0, self.paid_out_cents - self.covered_cents)

    @property
    def claimed_cents(self) -> int:
        """How much of captured - charged back it uses: granted or paid out, whichever is more."""
        return max(self.covered_cents, self.paid_out_cents)


NO_REFUND: Final = Refund()
