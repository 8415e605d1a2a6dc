"""The one reading of times: RFC 3339 with a zone, in bodies, lines, filters and paths alike."""

import re
from datetime import UTC, datetime
from typing import Final

from pydantic_core import PydanticCustomError

_RFC_3339: Final = re.compile(
    r"\d{4}-\d\d-\d\dT([01]\d|2[0-3]):\d\d:\d\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)\Z",
    re.ASCII,
)
_LIKE: Final = {"like": "2026-11-23T09:30:00Z"}


def moment(text: str) -> datetime:
    """An RFC 3339 time with its zone, in UTC; digits behind microseconds are cut off.

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
