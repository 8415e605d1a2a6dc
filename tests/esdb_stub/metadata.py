"""What a stream's metadata cuts off of it."""

import json
from dataclasses import dataclass

DELETED = 2**63 - 1
"""As $tb: the stream is soft-deleted."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a stream's metadata leaves visible."""

    truncate_before: int = 0
    count_max: int | None = None
    age_s_max: int | None = None


def meta_stream(stream: str) -> str:
    return f"$${stream}"


def bounds_of(metadata: bytes) -> Bounds:
    """Of metadata as written; what is no number does not bound."""
    words = _words(metadata)

    def number(key: str) -> int | None:
        value = words.get(key)
        return value if isinstance(value, int) else None

    return Bounds(number("$tb") or 0, number("$maxCount"), number("$maxAge"))


def truncated(metadata: bytes, number: int) -> bytes:
    """The same metadata, with everything before a number cut off."""
    return json.dumps({**_words(metadata), "$tb": number}).encode()


def _words(metadata: bytes) -> dict[str, object]:
    try:
        found = json.loads(metadata)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
