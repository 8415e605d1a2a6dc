"""Lines of JSON out of bytes, wherever the bytes are split."""

import json
from collections.abc import Iterator
from typing import Any


class BadLines(ValueError):
    """The bytes are no lines of JSON objects."""


class Lines:
    """The objects of one answer. bytes_max: of one line."""

    def __init__(self, bytes_max: int) -> None:
        self._bytes_max = bytes_max
        self._rest = bytearray()

    def feed(self, chunk: bytes) -> Iterator[dict[str, Any]]:
        """The objects that these bytes complete. Raises BadLines, after those before."""
        *lines, rest = chunk.split(b"\n")
        for line in lines:
            whole = bytes(self._rest + line)
            self._rest.clear()
            yield _document(whole)
        self._rest += rest
        if len(self._rest) > self._bytes_max:
            raise BadLines("a line is too large")


def _document(text: bytes) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise BadLines("a line is not JSON") from None
    if not isinstance(found, dict):
        raise BadLines("a line is no object")
    return found
