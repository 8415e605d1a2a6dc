"""One payment: what was authorized, taken and given back under its payment_id."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Chargeback:
    """It counts while its amount is known and no reversal is. amount_cents None: not reported."""

    amount_cents: int | None = None
    reversed: bool = False

    @property
    def counted_cents(self) -> int:
        return 0 if self.reversed or self.amount_cents is None else self.amount_cents


@dataclass(frozen=True)
class Payment:
    """method: None until its authorization is reported."""

    method: str | None = None
    authorized_cents: int = 0
    captured_cents: int = 0
    voided_cents: int = 0
    refunded_cents: int = 0
    charged_back_cents: int = 0
    expired: bool = False
    failed: bool = False
    chargebacks: Mapping[str, Chargeback] | None = None

    @property
    def is_authorized(self) -> bool:
        """Something of the authorization is left to capture."""
        if self.expired or self.failed:
            return False
        return self.authorized_cents > self.captured_cents + self.voided_cents

    def chargeback(self, chargeback_id: str) -> Chargeback:
        return (self.chargebacks or {}).get(chargeback_id, NO_CHARGEBACK)


NO_CHARGEBACK = Chargeback()
NO_PAYMENT = Payment()
