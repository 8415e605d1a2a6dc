"""What the commands share: exit codes, where output goes, progress bars.

Standard output has the result and nothing else; every message to a person goes to standard error.
So `daybook ... --json | jq` always works.
"""

import errno
import json
import sys
from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import Any, TypeAlias

from tqdm import tqdm

from runtime.lines import in_a_line

Bar: TypeAlias = "tqdm[Any]"


class Exit(IntEnum):
    """DONE; FOUND: a check found something; USAGE: wrong input; UNAVAILABLE: a dependency is."""

    DONE = 0
    FOUND = 1
    USAGE = 2
    UNAVAILABLE = 3


NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""The disk is full, or the quota of a user or the largest size of a file is reached."""
NOT_OURS = NO_ROOM | {errno.EACCES, errno.EPERM, errno.EROFS}
"""The same, and a file or folder that this process may not write: the user can change it."""


class ExitError(Exception):
    """Ends the command with this message on standard error and this exit code."""

    def __init__(self, message: str, code: Exit) -> None:
        super().__init__(message)
        self.code = code


def say(message: str) -> None:
    """One line to the person at the terminal."""
    sys.stderr.write(message + "\n")
    sys.stderr.flush()


def put(line: str) -> None:
    """One line of the result."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def put_above_bars(line: str) -> None:
    """One line of the result, while a progress bar may be shown."""
    tqdm.write(line, file=sys.stdout)
    sys.stdout.flush()


def put_json(document: object) -> None:
    """One JSON document, or one line of NDJSON, of the result."""
    takes_all = (sys.stdout.encoding or "").lower().startswith("utf")
    put(json.dumps(document, default=str, ensure_ascii=not takes_all))


def put_table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Columns as wide as their widest cell; numbers to the right."""
    cells = [[_cell(value) for value in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(head, *cells, strict=True)]
    right = [bool(cells) and all(_is_number(row[n]) for row in cells) for n in range(len(head))]
    for row in (list(head), *cells):
        shown = (
            text.rjust(width) if to_right else text.ljust(width)
            for text, width, to_right in zip(row, widths, right, strict=True)
        )
        put("  ".join(shown).rstrip())


def progress(what: str, *, total: int | None, unit: str, wanted: bool | None = None) -> Bar:
    """A progress bar with rate and ETA on standard error; a context manager with update(n).

    wanted None: only on a terminal. total None: unknown, so a count and a rate without an ETA.
    """
    shown = sys.stderr.isatty() if wanted is None else wanted
    return tqdm(
        desc=what,
        total=total,
        unit=f" {unit}",
        disable=not shown,
        file=sys.stderr,
        dynamic_ncols=True,
        mininterval=0.2,
        leave=True,
    )


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return in_a_line(str(value))


def _is_number(text: str) -> bool:
    return text == "-" or text.replace(",", "").replace(".", "").lstrip("-").isdigit()
