"""Times as text, RFC 3339: one parser for bodies, lines, filters and paths, and one format."""

import re
from datetime import UTC, datetime
from typing import Final

from pydantic import JsonValue
from pydantic_core import PydanticCustomError

_PATTERN: Final = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?"
    r"(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
)
_RFC_3339: Final = re.compile(_PATTERN + r"\Z")
MOMENT_SCHEMA: Final[dict[str, JsonValue]] = {
    "type": "string",
    "format": "date-time",
    "pattern": f"^{_PATTERN}$",
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
    return time.isoformat(timespec="microseconds")[:-6] + "Z"
