"""Ids in paths, both ways, and the words that cannot be one there.

An id may have any printable character, also `/`, `%` and `?`. So a path is split before it is
decoded: each segment is percent-encoded UTF-8 and is decoded once.
"""

import re
from typing import Final
from urllib.parse import quote, unquote, unquote_to_bytes

from starlette.types import Scope

from api.http.problems import malformed

ENCODED_WORDS: Final = "must be percent-encoded UTF-8; the character % itself is %25"
_NO_ESCAPE: Final = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_UNRESERVED: Final = re.compile(r"[A-Za-z0-9._~-]*\Z")
"""RFC 3986: characters that are never encoded. Most ids have no others, and quote() takes long."""
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def segment(text: str) -> str:
    """The id as a segment of a path."""
    return text if _UNRESERVED.match(text) else quote(text, safe="")


def routed(scope: Scope) -> str:
    """The path that routes match: each segment decoded once, a `/` or `%` in one marked as such.

    Raises Rejected where a segment is not percent-encoded UTF-8, or has control characters.
    """
    raw: bytes | None = scope.get("raw_path")
    if raw is None or b"%" not in raw:
        path: str = scope["path"]
        return path
    if not raw.isascii():
        raise malformed("path", ENCODED_WORDS)
    return "/".join([_marked(part) if b"%" in part else part.decode() for part in raw.split(b"/")])


def _marked(part: bytes) -> str:
    text = percent_decoded(part, "path")
    if _CONTROL.search(text):
        raise malformed("path", "must not contain control characters")
    return text.replace("%", "%25").replace("/", "%2F")


def percent_decoded(encoded: bytes, field: str) -> str:
    """Raises Rejected, naming the field, for what is not percent-encoded UTF-8."""
    try:
        if encoded.isascii() and not _NO_ESCAPE.search(encoded):
            return unquote_to_bytes(encoded).decode()
    except UnicodeDecodeError:
        pass
    raise malformed(field, ENCODED_WORDS)


def unmarked(text: str) -> str:
    """A segment of a path that `routed` has returned, as it was sent."""
    return unquote(text) if "%" in text else text
