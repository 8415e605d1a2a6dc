"""Times as text, RFC 3339: one parser for bodies, lines, filters and paths, and one format."""

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from pydantic import JsonValue
from pydantic_core import PydanticCustomError

MOMENT_PATTERN: Final = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?"
    r"(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
)
_RFC_3339: Final = re.compile(MOMENT_PATTERN + r"\Z")
MOMENT_SCHEMA: Final[dict[str, JsonValue]] = {
    "type": "string",
    "format": "date-time",
    "pattern": f"^{MOMENT_PATTERN}$",
}
"""As JSON Schema; dates that do not exist are ruled out by the format."""
_LIKE: Final = {"like": "2026-11-23T09:30:00Z"}


def moment(text: str) -> datetime:
    """An RFC 3339 time with its zone, in UTC; digits after microseconds are cut off.

    Raises PydanticCustomError, a ValueError.
    """
    if not _RFC_3339.match(text):
        raise PydanticCustomError(
            "time", "must be an RFC 3339 time with a zone, like {like}", _LIKE
        )
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise PydanticCustomError("time", "is no date and time of the calendar") from None


def utc_text(time: datetime) -> str:
    """RFC 3339 in UTC with microseconds, ending in Z. As text they sort as the times do.

    Raises ValueError for a time without a zone, OverflowError if it is outside of UTC's years.
    """
    if time.tzinfo is None:
        raise ValueError("a time needs a zone")
    if time.tzinfo is not UTC:
        time = time.astimezone(UTC)
    # isoformat() takes twice as long, so does an f-string; and every command needs this.
    return "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ" % (  # noqa: UP031
        time.year,
        time.month,
        time.day,
        time.hour,
        time.minute,
        time.second,
        time.microsecond,
    )


QUARTERS_OF_A_DAY: Final = 96
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def quarter_of(text: str) -> int:
    """The quarter of an hour that a time of the log is in, counted from 1970-01-01T00:00Z.

    Raises ValueError for a text that is not in the log's format.
    """
    return _quarter(text[:16])


@lru_cache(maxsize=20_000)
def _quarter(minute: str) -> int:
    return quarter_at(datetime.fromisoformat(minute + "+00:00"))


def quarter_at(time: datetime) -> int:
    """The quarter of an hour that a time with a zone is in, counted as by quarter_of()."""
    return int((time - _EPOCH).total_seconds() // 900)
