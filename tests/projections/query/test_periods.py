"""Periods in time zones: where days begin, what a zone leaves out, what is refused."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

import pytest

from eventstore.record.moments import quarter_at, quarter_of
from projections.query import periods
from projections.query.periods import BadPeriod, asked, limits
from projections.query.totals import ALWAYS, Span, ranges_of
from projections.storage.totals import SIZES


def begins(begin: str, end: str, tz: str, group_by: periods.GroupBy = "day") -> list[str]:
    """The groups' begins, in the zone, and the end of the last."""
    found = periods.periods(None, asked(begin=begin, end=end, tz=tz, group_by=group_by))  # type: ignore[arg-type]
    for one, other in pairwise(found):
        assert one.span.last == other.span.first
    times = [period.begin for period in found] + [found[-1].end]
    return [time.isoformat() for time in times if time]


def hours(begin: str, end: str, tz: str) -> list[float]:
    found = periods.periods(None, asked(begin=begin, end=end, tz=tz, group_by="day"))  # type: ignore[arg-type]
    return [(each.span.last - each.span.first) / 4 for each in found]  # type: ignore[operator]


def test_a_day_begins_at_midnight_of_its_zone() -> None:
    assert begins("2026-01-01", "2026-01-03", "Asia/Kolkata") == [
        "2026-01-01T00:00:00+05:30",
        "2026-01-02T00:00:00+05:30",
        "2026-01-03T00:00:00+05:30",
    ]
    assert begins("2026-01-31T12:00:00Z", "2026-03-02", "Asia/Kathmandu", "month") == [
        "2026-01-31T17:45:00+05:45",
        "2026-02-01T00:00:00+05:45",
        "2026-03-01T00:00:00+05:45",
        "2026-03-02T00:00:00+05:45",
    ]


@pytest.mark.parametrize(
    ("tz", "first", "last", "expected"),
    [
        ("Europe/Berlin", "2026-03-28", "2026-03-31", [24, 23, 24]),
        ("Europe/Berlin", "2026-10-24", "2026-10-27", [24, 25, 24]),
        ("Australia/Lord_Howe", "2026-04-04", "2026-04-06", [24, 24.5]),
        # The first hour of the day is left out; and there twice.
        ("America/Sao_Paulo", "2018-11-03", "2018-11-06", [24, 23, 24]),
        ("America/Havana", "2025-11-01", "2025-11-04", [24, 25, 24]),
        # A day that was left out is no period.
        ("Pacific/Apia", "2011-12-29", "2012-01-01", [24, 24]),
    ],
)
def test_days_on_which_clocks_change(tz: str, first: str, last: str, expected: list[float]) -> None:
    assert hours(first, last, tz) == expected


def test_every_day_of_every_zone_begins_with_a_quarter_of_an_hour_since_1980() -> None:
    """Kiritimati was the last whose days did not, until 1979."""
    for tz in periods._zones():
        zone = ZoneInfo(tz)
        for year in (1980, 2026):
            whole = asked(begin=f"{year}-01-01", end=f"{year + 1}-01-01", tz=tz, group_by="day")
            days = periods.periods(None, whole)  # type: ignore[arg-type]
            ends = [quarter_at(datetime(y, 1, 1, tzinfo=zone)) for y in (year, year + 1)]
            assert [days[0].span.first, days[-1].span.last] == ends
            assert len(days) in {365, 366}


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("tz", {"tz": "Mars/Olympus"}),
        ("tz", {"tz": "../../etc/passwd"}),
        ("tz", {"tz": ""}),
        ("from", {"begin": "2026-02-30"}),
        ("from", {"begin": "yesterday"}),
        ("from", {"begin": "2026-01-01T00:00:00"}),
        ("to", {"end": "2026-1-1"}),
        ("from", {"begin": "2026-01-02", "end": "2026-01-01"}),
        ("from", {"begin": "2026-01-01T00:07:00Z"}),
        ("to", {"end": "2026-01-01T00:00:00.000001Z"}),
        # A local mean time: its days begin within a quarter of an hour.
        ("from", {"begin": "1850-01-01", "tz": "Europe/Berlin"}),
        ("from", {"begin": "1960-01-01", "tz": "Africa/Monrovia"}),
    ],
)
def test_what_is_no_period_is_refused(field: str, given: dict[str, str]) -> None:
    with pytest.raises(BadPeriod) as caught:
        asked(**given)  # type: ignore[arg-type]

    assert caught.value.field == field


def test_limits_of_a_list_may_be_any_time() -> None:
    found = limits(begin="1850-01-01", end="2026-01-01T00:00:00.000001Z", tz="Europe/Berlin")

    assert found.end == datetime(2026, 1, 1, microsecond=1, tzinfo=UTC)


def test_too_many_periods_are_refused() -> None:
    assert len(hours("2020-01-01", "2022-09-27", "UTC")) == periods.PERIODS_MAX
    with pytest.raises(BadPeriod, match="more than 1,000 periods"):
        hours("2020-01-01", "2022-09-28", "UTC")


def test_the_ranges_of_a_span_are_the_span_once_and_few() -> None:
    random = Random(7)
    for _ in range(300):
        first = random.randrange(-40_000, 40_000)
        last = first + random.choice([0, 1, 7, 95, 96, 97, 3000, 3072, 35_040])
        ranges = ranges_of("occurred", Span(first, last))
        covered = sorted(
            quarter
            for _, size, begin, end in ranges
            for start in range(begin, end, size)
            for quarter in range(start, start + size)
        )
        assert covered == list(range(first, last))
        assert all(size in SIZES and begin % size == 0 for _, size, begin, _ in ranges)
        assert (
            sum((end - begin) // size for _, size, begin, end in ranges)
            <= 2 * (3 + 5 + 3 + 31) + 12
        )


def test_all_time_is_one_sum() -> None:
    assert [tuple(each) for each in ranges_of("recorded", ALWAYS)] == [("", 0, 0, 1)]


def test_quarters_count_from_1970() -> None:
    assert quarter_of("1970-01-01T00:14:59.999999Z") == 0
    assert quarter_of("1969-12-31T23:59:59.999999Z") == -1
    assert quarter_of("0001-01-01T00:00:00.000000Z") == 96 * (date(1, 1, 1) - date(1970, 1, 1)).days
    assert quarter_of("2026-11-30T17:30:00.000000Z") == quarter_at(
        datetime(2026, 11, 30, 17, 30, tzinfo=UTC)
    )
    assert quarter_at(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=1)) % 96 == 0
