"""Which version a server is: it tells, but esdbclient does not ask."""

import re
from typing import Final

ASKED: Final = "/event_store.client.server_features.ServerFeatures/GetSupportedMethods"
OLDEST: Final = (22, 10)
"""Older servers do not tell the position of an event where a stream is read."""

_VERSION_FIELD: Final = 2 << 3 | 2


def version_in(answer: bytes) -> str:
    """The version in a SupportedMethods: methods is its field 1, event_store_server_version 2.

    Both are lengths with so many bytes behind them. Empty where there is none.
    """
    at = 0
    while at < len(answer):
        key, at = _varint(answer, at)
        size, at = _varint(answer, at)
        if key == _VERSION_FIELD:
            return answer[at : at + size].decode(errors="replace")
        at += size
    return ""


def is_too_old(version: str) -> bool:
    """False also for a version that is not understood."""
    found = re.match(r"(\d+)\.(\d+)", version)
    return found is not None and (int(found[1]), int(found[2])) < OLDEST


def _varint(text: bytes, at: int) -> tuple[int, int]:
    """A number, and where the next thing begins; seven bits a byte, the lowest first."""
    value = shift = 0
    while at < len(text):
        byte, at = text[at], at + 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            break
        shift += 7
    return value, at
