"""Periods of time that totals are asked for: from a moment to another one, whole or in groups.

Totals are kept by quarters of an hour. In all zones of today days begin at such a quarter; where a
day of the past does not (a local mean time), the period is refused: a figure is exact or there is
none.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, Final, Literal, TypeAlias
from zoneinfo import ZoneInfo, available_timezones

from sqlalchemy import Connection

from eventstore.record.moments import moment, quarter_at
from projections.projection import Projection
from projections.query.totals import ALWAYS, Figures, Span, kept, known_span

By: TypeAlias = Literal["occurred", "recorded"]
GroupBy: TypeAlias = Literal["day", "month", "year"]
PERIODS_MAX: Final = 1_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LABEL: Final = {"day": 10, "month": 7, "year": 4}
"""How much of a date names a group."""


class BadPeriod(Exception):
    """field: the parameter that is wrong; the message says how."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Period:
    """A half-open span of time. begin, end: in the zone; None where it is open. label: of a
    group.
    """

    span: Span
    begin: datetime | None = None
    end: datetime | None = None
    label: str | None = None

    def document(self) -> dict[str, Any]:
        return {
            "period": self.label,
            "from": self.begin and self.begin.isoformat(),
            "to": self.end and self.end.isoformat(),
        }


UTC_ZONE: Final = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked for. whole: all of it. group_by: how it is to be divided, if at all."""

    by: By = "occurred"
    whole: Period = Period(ALWAYS)
    group_by: GroupBy | None = None
    zone: ZoneInfo = UTC_ZONE

    @property
    def is_limited(self) -> bool:
        """Whether it is less than all there is, as one."""
        return self.whole.span != ALWAYS or self.group_by is not None


EVERYTHING: Final = Asked()


def zone_of(name: str) -> ZoneInfo:
    """Raises BadPeriod."""
    if name not in _zones():
        raise BadPeriod("tz", "must be the name of a time zone, like Europe/Berlin")
    return ZoneInfo(name)


@cache
def _zones() -> frozenset[str]:
    """Without the names that stand for no zone, or for another one on each machine."""
    return frozenset(available_timezones()) - {"Factory", "localtime"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Half-open: from begin on, and before end; None where it is open."""

    by: By = "occurred"
    begin: datetime | None = None
    end: datetime | None = None


def by_of(text: str) -> By:
    """Raises BadPeriod."""
    match text:
        case "occurred":
            return "occurred"
        case "recorded":
            return "recorded"
        case _:
            raise BadPeriod("by", "must be occurred or recorded")


def limits(
    *, begin: str | None = None, end: str | None = None, by: By = "occurred", tz: str | None = None
) -> Limits:
    """begin, end: a date, at whose begin in the zone, or an RFC 3339 time. Raises BadPeriod."""
    zone = zone_of("UTC" if tz is None else tz)
    first, last = time_of("from", begin, zone), time_of("to", end, zone)
    if first is not None and last is not None and first > last:
        raise BadPeriod("from", "must not be after to")
    return Limits(by=by, begin=first, end=last)


def asked(
    *,
    begin: str | None = None,
    end: str | None = None,
    by: By = "occurred",
    group_by: GroupBy | None = None,
    tz: str | None = None,
) -> Asked:
    """As limits(), for totals: of whole quarters of an hour. Raises BadPeriod."""
    found = limits(begin=begin, end=end, by=by, tz=tz)
    span = Span(_quarter("from", found.begin), _quarter("to", found.end))
    whole = Period(span, found.begin, found.end)
    return Asked(by=by, whole=whole, group_by=group_by, zone=zone_of("UTC" if tz is None else tz))


def time_of(field: str, text: str | None, zone: ZoneInfo) -> datetime | None:
    """The moment that a date begins at, or that a time names, in the zone. Raises BadPeriod."""
    if text is None:
        return None
    try:
        if len(text) == _LABEL["day"]:
            return _begin(date.fromisoformat(text), zone)
        return moment(text).astimezone(zone)
    except (ValueError, OverflowError):
        raise BadPeriod(
            field, "must be a date, like 2026-11-01, or an RFC 3339 time with its zone"
        ) from None


def totals_of(
    conn: Connection,
    projection: Projection[Any],
    names: Sequence[str],
    asked: Asked,
    shape: Callable[[Figures], Any],
) -> Any:
    """The shape of the totals of the period; or {periods: [{period, from, to, totals}]} where it is
    divided. Raises BadPeriod.
    """
    if asked.group_by is None:
        [figures] = _kept(conn, projection, names, asked, [asked.whole.span])
        return shape(figures)
    groups = periods(conn, asked)
    found = _kept(conn, projection, names, asked, [group.span for group in groups])
    return {
        "periods": [
            {**group.document(), "totals": shape(figures)}
            for group, figures in zip(groups, found, strict=True)
        ]
    }


def balances_of(
    conn: Connection,
    projection: Projection[Any],
    names: Sequence[str],
    asked: Asked,
    shape: Callable[[Figures, Figures], Any],
) -> Any:
    """As totals_of, of what there was before a period, and what it adds."""
    groups = [asked.whole] if asked.group_by is None else periods(conn, asked)
    spans = [group.span for group in groups]
    if not groups or groups[0].span.first is None:
        opening: Figures = {}
    else:
        [opening] = _kept(conn, projection, names, asked, [Span(None, groups[0].span.first)])
    documents = []
    for group, figures in zip(groups, _kept(conn, projection, names, asked, spans), strict=True):
        documents.append({**group.document(), "totals": shape(opening, figures)})
        opening = {at: opening.get(at, 0) + figures.get(at, 0) for at in {**opening, **figures}}
    return documents[0]["totals"] if asked.group_by is None else {"periods": documents}


def _kept(
    conn: Connection,
    projection: Projection[Any],
    names: Sequence[str],
    asked: Asked,
    spans: Sequence[Span],
) -> list[Figures]:
    return kept(conn, projection.contributions, names, dated=asked.by, spans=spans)


def periods(conn: Connection, asked: Asked) -> list[Period]:
    """The groups that the period is divided into. Where it is open, it begins and ends with what
    there is. Raises BadPeriod for more than PERIODS_MAX.
    """
    if asked.group_by is None:
        return [asked.whole]
    begin, end = asked.whole.begin, asked.whole.end
    if begin is None or end is None:
        known = known_span(conn, asked.by)
        if known is None:
            return []
        begin = begin or _time_at(known.first or 0, asked.zone)
        end = end or _time_at(known.last or 0, asked.zone)
    found: list[Period] = []
    for period in _groups(begin, end, asked.group_by, asked.zone):
        if len(found) == PERIODS_MAX:
            raise BadPeriod(
                "group_by", f"gives more than {PERIODS_MAX:,} periods: name a shorter time"
            )
        found.append(period)
    return found


def _groups(begin: datetime, end: datetime, group_by: GroupBy, zone: ZoneInfo) -> Iterator[Period]:
    day = begin.date()
    while begin < end:
        label = day.isoformat()[: _LABEL[group_by]]
        day = _next(day, group_by)
        # A day that a zone left out is no period: its end is its begin.
        until = min(_begin(day, zone), end, key=_instant)
        if until > begin:
            span = Span(_quarter("tz", begin), _quarter("tz", until))
            yield Period(span, begin, until, label)
            begin = until


def _next(day: date, group_by: GroupBy) -> date:
    """The first day of the next group."""
    match group_by:
        case "day":
            return day + timedelta(days=1)
        case "month":
            return (day.replace(day=1) + timedelta(days=31)).replace(day=1)
        case "year":
            return date(day.year + 1, 1, 1)


def _begin(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins, in a zone that may leave its first hour out or have it twice."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC).astimezone(zone)


def _instant(time: datetime) -> datetime:
    return time.astimezone(UTC)


def _time_at(quarter: int, zone: ZoneInfo) -> datetime:
    return (_EPOCH + timedelta(minutes=15 * quarter)).astimezone(zone)


def _quarter(field: str, time: datetime | None) -> int | None:
    """Raises BadPeriod for a time within a quarter of an hour."""
    if time is None:
        return None
    at = time.astimezone(UTC)
    if at.minute % 15 or at.second or at.microsecond:
        raise BadPeriod(
            field,
            "must begin a quarter of an hour: totals are kept by quarters (that day does not in"
            " that zone, if it is a date)",
        )
    return quarter_at(at)
