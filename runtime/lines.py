"""A text as part of one line, of a log or on a terminal."""

import re
from typing import Final

_BREAKS: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]")
"""Control characters, which end a line or command a terminal, and what else ends a line."""


def in_a_line(text: str) -> str:
    r"""The text with what would end the line as \u000a and so on, which is JSON too.

    No id has such characters, but a stream that another program has written may.
    """
    return _BREAKS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
