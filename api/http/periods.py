"""The parameters of a period of time, for queries and exports."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Final, TypeAlias

from fastapi import Depends, Query

from api.http.problems import malformed
from eventstore.record.moments import MOMENT_PATTERN
from projections.query.periods import (
    Asked,
    BadPeriod,
    By,
    GroupBy,
    Limits,
    asked,
    by_of,
    limits,
)

_DATE: Final = r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_Time: TypeAlias = Annotated[
    str | None,
    Query(
        max_length=40,
        json_schema_extra={"pattern": f"^({_DATE}|{MOMENT_PATTERN})$"},
    ),
]


@contextmanager
def bad_periods_refused() -> Iterator[None]:
    """Raises Rejected (malformed) for a BadPeriod."""
    try:
        yield
    except BadPeriod as error:
        raise malformed(error.field, str(error)) from None


@dataclass(frozen=True, slots=True)
class Times:
    """From which moment on, and up to which other one, that not included."""

    from_: Annotated[
        _Time,
        Query(
            alias="from",
            description="From here on: a date (its begin in `tz`) or a time with its zone.",
        ),
    ] = None
    to: Annotated[_Time, Query(description="Up to here, not included; as `from`.")] = None
    by: Annotated[By, Query(description="By which time of an event it counts.")] = "occurred"
    tz: Annotated[
        str | None, Query(max_length=64, description="A time zone by its IANA name; UTC if none.")
    ] = None


@dataclass(frozen=True, slots=True)
class _Period(Times):
    group_by: Annotated[
        GroupBy | None, Query(description="Divide it: an answer with `periods`, in `tz`.")
    ] = None


def _asked(period: Annotated[_Period, Depends()]) -> Asked:
    """Raises Rejected (malformed)."""
    with bad_periods_refused():
        return asked(
            begin=period.from_,
            end=period.to,
            by=period.by,
            group_by=period.group_by,
            tz=period.tz,
        )


def _limits(times: Annotated[Times, Depends()]) -> Limits:
    """Raises Rejected (malformed)."""
    with bad_periods_refused():
        return limits(begin=times.from_, end=times.to, by=times.by, tz=times.tz)


AskedTimes: TypeAlias = Annotated[Limits, Depends(_limits)]
AskedPeriod: TypeAlias = Annotated[Asked, Depends(_asked)]


NAMES: Final = frozenset({"from", "to", "by", "tz"})
"""Of the parameters of Limits."""


def limits_of(given: Mapping[str, str]) -> Limits:
    """Of the parameters of a query string. Raises Rejected (malformed)."""
    with bad_periods_refused():
        return limits(
            begin=given.get("from"),
            end=given.get("to"),
            by=by_of(given.get("by", "occurred")),
            tz=given.get("tz"),
        )
