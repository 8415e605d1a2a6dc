"""One payment: what was authorized, captured and given back under its payment_id."""

from collections.abc import Mapping
from typing import Final

from domain.frozen import dataclass
from domain.persistent import with_fields

STORE_CREDIT: Final = frozenset({"store-credit", "gift-card"})
"""Methods that are posted to store_credit instead of cash."""


@dataclass(frozen=True)
class MethodCount:
    """How many captures and authorizations told this method."""

    method: str
    captures: int = 0
    authorizations: int = 0


@dataclass(frozen=True)
class Payment:
    """authorized_cents: of all authorizations told (told: how many); in_force_cents: of those that
    have not expired (in_force: how many). expiries, failures: how many were reported.

    late_authorized_cents: what of the amount in force was authorized since the order was
    cancelled. late_captured_cents: captured since an authorization expired while none was in force.
    own_cents: net of captures and payouts that told a method of their own; own_store_cents: of
    those whose method is store credit.
    """

    methods: tuple[MethodCount, ...] = ()
    told: int = 0
    in_force: int = 0
    authorized_cents: int = 0
    in_force_cents: int = 0
    late_authorized_cents: int = 0
    captured_cents: int = 0
    late_captured_cents: int = 0
    voided_cents: int = 0
    refunded_cents: int = 0
    charged_back_cents: int = 0
    own_cents: int = 0
    own_store_cents: int = 0
    expiries: int = 0
    failures: int = 0

    @property
    def method(self) -> str | None:
        """That of its captures, else of its authorizations; of several the first by alphabet."""
        if len(self.methods) == 1:  # nearly always
            return self.methods[0].method
        for each in self.methods:
            if each.captures:
                return each.method
        return self.methods[0].method if self.methods else None

    @property
    def is_authorized(self) -> bool:
        """True if some of an authorization in force is left to capture."""
        return self.in_force_cents > self.captured_cents + self.voided_cents

    @property
    def left_cents(self) -> int:
        """What is left to capture of the authorizations in force."""
        return max(0, self.in_force_cents - self.captured_cents - self.voided_cents)

    @property
    def late_left_cents(self) -> int:
        """What is left of what was authorized since the order was cancelled."""
        return min(self.late_authorized_cents, self.left_cents)

    @property
    def expired(self) -> bool:
        """True if an authorization expired and none is in force."""
        return self.expiries > 0 and self.in_force == 0

    @property
    def failed(self) -> bool:
        """True if an attempt failed, and neither an authorization nor a capture stands."""
        return self.failures > 0 and self.captured_cents == 0 and not self.is_authorized

    @property
    def is_paid(self) -> bool:
        """True if money moved, in or out."""
        return bool(self.captured_cents or self.refunded_cents or self.charged_back_cents)

    @property
    def net_cents(self) -> int:
        return self.captured_cents - self.refunded_cents - self.charged_back_cents

    @property
    def over_returned_cents(self) -> int:
        """Refunded and charged back above what was captured."""
        return max(0, -self.net_cents)

    @property
    def store_cents(self) -> int:
        """What of its net is store credit."""
        if self.methods and self.method in STORE_CREDIT:
            return self.own_store_cents + self.net_cents - self.own_cents
        return self.own_store_cents


NO_PAYMENT: Final = Payment()


def counted_methods(
    methods: tuple[MethodCount, ...], method: str, *, captures: int = 0, authorizations: int = 0
) -> tuple[MethodCount, ...]:
    """With so many captures and authorizations more of the method, sorted by method."""
    if not methods and captures + authorizations > 0:
        return (MethodCount(method, captures, authorizations),)
    by_method: Mapping[str, MethodCount] = {each.method: each for each in methods}
    old = by_method.get(method) or MethodCount(method)
    new = MethodCount(method, old.captures + captures, old.authorizations + authorizations)
    rest = [each for each in methods if each.method != method]
    if new.captures or new.authorizations:
        rest.append(new)
        rest.sort(key=lambda each: each.method)
    return tuple(rest)


def with_own(payment: Payment, method: str | None, cents: int) -> Payment:
    """With an amount that told a method of its own."""
    if method is None:
        return payment
    return with_fields(
        payment,
        own_cents=payment.own_cents + cents,
        own_store_cents=payment.own_store_cents + (cents if method in STORE_CREDIT else 0),
    )
