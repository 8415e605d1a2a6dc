"""Movements: the things that money facts report, each with all reports of it and of its end.

A thing is an authorization, capture, void, payout, chargeback or fee, named by its ids. It may be
reported more than once, under several report ids; each report counts. An end (expiry, failure,
reversal) takes the report of the same place, both sorted by report id, so that what counts depends
on no order of arrival.
"""

from typing import Final, NamedTuple

from domain.frozen import dataclass
from domain.persistent import with_fields


@dataclass(frozen=True)
class Report:
    """late: since the authorization expired (of a capture). after_cancel: since the order was
    cancelled. method: as it was told. refund_id: of a payout.
    """

    amount_cents: int = 0
    report_id: str | None = None
    currency: str = ""
    method: str | None = None
    refund_id: str = ""
    late: bool = False
    after_cancel: bool = False

    @property
    def place(self) -> tuple[bool, str, str]:
        return self.report_id is not None, self.report_id or "", self.currency


NO_REPORT: Final = Report()


@dataclass(frozen=True)
class End:
    """amount_cents: None for the whole of its report."""

    amount_cents: int | None = None
    report_id: str | None = None
    currency: str = ""

    @property
    def place(self) -> tuple[bool, str, str]:
        return self.report_id is not None, self.report_id or "", self.currency


@dataclass(frozen=True)
class Change:
    """A new amount of an authorization."""

    change_id: str
    amount_cents: int
    report_id: str | None = None
    currency: str = ""
    after_cancel: bool = False


@dataclass(frozen=True)
class Movement:
    """reports, ends: sorted by report id. changes: in the order they were told. accepted_cents: how
    much of a payout was accepted.
    """

    reports: tuple[Report, ...] = ()
    ends: tuple[End, ...] = ()
    changes: tuple[Change, ...] = ()
    accepted_cents: int = 0

    def index_of(self, report_id: str | None, currency: str) -> int | None:
        for index, report in enumerate(self.reports):
            if report.report_id == report_id and report.currency == currency:
                return index
        return None


NO_MOVEMENT: Final = Movement()


def with_report(movement: Movement, report: Report) -> Movement:
    if not movement.reports:  # nearly always
        return with_fields(movement, reports=(report,))
    reports = sorted((*movement.reports, report), key=lambda each: each.place)
    return with_fields(movement, reports=tuple(reports))


def without_report(movement: Movement, report_id: str | None, currency: str) -> Movement:
    rest = [
        each
        for each in movement.reports
        if (each.report_id, each.currency) != (report_id, currency)
    ]
    return with_fields(movement, reports=tuple(rest))


def with_end(movement: Movement, end: End) -> Movement:
    ends = sorted((*movement.ends, end), key=lambda each: each.place)
    return with_fields(movement, ends=tuple(ends))


def without_end(movement: Movement, report_id: str | None, currency: str) -> Movement:
    rest = [
        each for each in movement.ends if (each.report_id, each.currency) != (report_id, currency)
    ]
    return with_fields(movement, ends=tuple(rest))


def without_change(movement: Movement, change: Change) -> Movement:
    rest = [
        each
        for each in movement.changes
        if (each.change_id, each.report_id, each.currency)
        != (change.change_id, change.report_id, change.currency)
    ]
    return with_fields(movement, changes=tuple(rest))


# Whole ends: of payouts and authorizations ------------------------------------------------------


def in_force(movement: Movement) -> tuple[Report, ...]:
    """The reports that no end takes."""
    return movement.reports[len(movement.ends) :] if movement.ends else movement.reports


def counted_cents(movement: Movement) -> int:
    return sum([report.amount_cents for report in in_force(movement)])


# Authorizations -----------------------------------------------------------------------------------


def is_told(movement: Movement) -> bool:
    return bool(movement.reports or movement.changes)


def authorized_cents(movement: Movement) -> int:
    """The last amount told, in force or not."""
    if movement is NO_MOVEMENT:
        return 0
    if movement.changes:
        return movement.changes[-1].amount_cents
    return sum([report.amount_cents for report in movement.reports])


def authorizations_in_force(movement: Movement) -> int:
    """How many; an authorization of which only a change was told is one."""
    if movement is NO_MOVEMENT:
        return 0
    return max(0, max(len(movement.reports), len(movement.changes) > 0) - len(movement.ends))


def authorized_in_force_cents(movement: Movement) -> int:
    if not movement.ends:
        return authorized_cents(movement)
    if not authorizations_in_force(movement):
        return 0
    return authorized_cents(movement) if movement.changes else counted_cents(movement)


class Authorized(NamedTuple):
    """What an authorization adds to the figures of its payment."""

    told: int
    in_force: int
    authorized_cents: int
    in_force_cents: int


_NOT_AUTHORIZED: Final = Authorized(0, 0, 0, 0)


def authorized_by(movement: Movement) -> Authorized:
    if movement is NO_MOVEMENT:
        return _NOT_AUTHORIZED
    cents = authorized_cents(movement)
    if not movement.ends and not movement.changes:  # nearly always
        count = len(movement.reports)
        return Authorized(count > 0, count, cents, cents)
    return Authorized(
        is_told(movement),
        authorizations_in_force(movement),
        cents,
        authorized_in_force_cents(movement),
    )


def authorized_late_cents(movement: Movement) -> int:
    """What of the amount in force was authorized since the order was cancelled."""
    late = [report for report in in_force(movement) if report.after_cancel]
    if not movement.changes:
        return sum([report.amount_cents for report in late])
    if late or movement.changes[-1].after_cancel:
        return authorized_in_force_cents(movement)
    return 0


# Chargebacks: an end may take a part ------------------------------------------------------------


def reported_cents(movement: Movement) -> int:
    return sum([report.amount_cents for report in movement.reports])


def reversed_cents(movement: Movement) -> int:
    return sum(_taken(movement))


def charged_back_cents(movement: Movement) -> int:
    if not movement.ends:
        return reported_cents(movement)
    return max(0, reported_cents(movement) - reversed_cents(movement))


def left_by_report(movement: Movement) -> list[int | None]:
    """What is left of each report; None of one that is reversed whole.

    What a reversal takes above its own report is taken off the others in their order.
    """
    taken = _taken(movement)
    above = 0
    left: list[int] = []
    for place, report in enumerate(movement.reports):
        mine = report.amount_cents - (taken[place] if place < len(taken) else 0)
        above += max(0, -mine)
        left.append(max(0, mine))
    above += sum(taken[len(movement.reports) :])
    for place, cents in enumerate(left):
        off = min(above, cents)
        left[place] -= off
        above -= off
    return [
        None
        if not cents and (place < len(taken) or movement.reports[place].amount_cents)
        else cents
        for place, cents in enumerate(left)
    ]


def _taken(movement: Movement) -> list[int]:
    """What each end takes, in their order; a whole one nothing while its report is not told."""
    reports = movement.reports
    return [
        (reports[place].amount_cents if place < len(reports) else 0)
        if end.amount_cents is None
        else end.amount_cents
        for place, end in enumerate(movement.ends)
    ]


def chargebacks_in_force(movement: Movement) -> int:
    return sum([left is not None for left in left_by_report(movement)])
