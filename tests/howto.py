"""Doing what a page of docs/howto says, in a copy of the repository.

A page edits a file by blocks like these: the path in a line of its own, then one or more diffs.
The lines of a diff that are kept or removed must be in the file exactly once.

    `domain/rules.py`:
    ```diff
     "a line that is there",
    +"a line that is added",
    ```
"""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess, run

ROOT = Path(__file__).parents[1]
_PATH_OR_DIFF = re.compile(
    r"^`(?P<path>[^`\n]+)`:$|^```diff\n(?P<diff>.*?)^```$", re.MULTILINE | re.DOTALL
)
_LEFT_OUT = (".git", ".venv*", ".*_cache", ".hypothesis", "__pycache__")


@dataclass(frozen=True, slots=True)
class Edit:
    """old: lines that are in the file once. new: what they become."""

    path: str
    old: str
    new: str


def edits_of(page: Path) -> Iterator[Edit]:
    path = ""
    for found in _PATH_OR_DIFF.finditer(page.read_text(encoding="utf-8")):
        if found["path"]:
            path = found["path"]
            continue
        lines = [line or " " for line in found["diff"].splitlines()]
        old = "".join(f"{line[1:]}\n" for line in lines if line[0] in " -")
        new = "".join(f"{line[1:]}\n" for line in lines if line[0] in " +")
        yield Edit(path, old, new)


def copy_of_the_repository(place: Path) -> Path:
    """All of the working tree; .venv is shared."""
    copy = place / "copy"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*_LEFT_OUT), symlinks=True)
    (copy / ".venv").symlink_to(ROOT / ".venv")
    return copy


def follow(page: Path, copy: Path) -> None:
    """Make every edit of the page; AssertionError for one that does not fit."""
    edits = list(edits_of(page))
    assert edits, f"{page} edits nothing"
    for edit in edits:
        file = copy / edit.path
        text = file.read_text(encoding="utf-8")
        assert text.count(edit.old) == 1, f"{page.name}: not once in {edit.path}:\n{edit.old}"
        file.write_text(text.replace(edit.old, edit.new), encoding="utf-8")


@contextmanager
def left_out(edit: Edit, copy: Path) -> Iterator[None]:
    """Inside, the edit is not made."""
    file = copy / edit.path
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(edit.new, edit.old), encoding="utf-8")
    try:
        yield
    finally:
        file.write_text(text, encoding="utf-8")


def do(copy: Path, command: str) -> CompletedProcess[str]:
    """A command line of the page, or a narrower one, run in the copy on the copy's code."""
    environment = {
        "PATH": "/usr/bin:/bin:/usr/local/bin",
        "PYTHONPATH": str(copy),
        "HOME": str(copy),
    }
    return run(
        command, shell=True, cwd=copy, env=environment, capture_output=True, text=True, check=False
    )
