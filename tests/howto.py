"""Doing what a page of docs/howto says, in a copy of the repository.

A page edits a file by blocks like these: the path in a line of its own, then one or more diffs.
The lines of a diff that are kept or removed must be in the file exactly once. A file that the page
adds is a block of its whole text, marked `python`.

    `domain/rules.py`:
    ```diff
     "a line that is kept",
    +"a line that is added",
    ```
"""

import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess, run

ROOT = Path(__file__).parents[1]
_BLOCK = re.compile(
    r"^`(?P<path>[^`\n]+)`:$|^```diff\n(?P<diff>.*?)^```$|^```python\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv*", ".pytest_cache", ".ruff_cache", ".import_linter_cache", ".hypothesis",
    "__pycache__", ".coverage*", ".env",
)  # fmt: skip
MYPY = f"{sys.executable} -m mypy"
"""With the types that `make lint` has found already: the copy has its cache."""
MAKE = "make -o .venv/.ready"
"""Without the setup, which would install the copy in the shared .venv."""
LINT = f"{sys.executable} -m ruff check . && {sys.executable} -m ruff format --check ."
CONTRACTS = f"{Path(sys.executable).parent}/lint-imports"
LINTED = f"{MYPY} && {LINT} && {CONTRACTS}"
PYTEST = f"{sys.executable} -m pytest -q -p no:cacheprovider"
PLACED = {
    "command": "place-order",
    "command_id": "c-1",
    "order_id": "o-1",
    "customer_id": "ada",
    "currency": "EUR",
    "items": [{"product_id": "mug", "quantity": 1, "price_cents": 990}],
}
"""A line for `daybook submit`."""


@dataclass(frozen=True, slots=True)
class Edit:
    """old: lines that are in the file once; "" for a file that is added. new: what they become."""

    path: str
    old: str
    new: str


def edits_of(page: Path) -> Iterator[Edit]:
    path = ""
    for found in _BLOCK.finditer(page.read_text(encoding="utf-8")):
        if found["path"]:
            path = found["path"]
            continue
        if found["text"] is not None:
            yield Edit(path, "", found["text"])
            continue
        lines = [line or " " for line in found["diff"].splitlines()]
        old = "".join(f"{line[1:]}\n" for line in lines if line[0] in " -")
        new = "".join(f"{line[1:]}\n" for line in lines if line[0] in " +")
        yield Edit(path, old, new)


def copy_of_the_repository(place: Path) -> Path:
    """All of the working tree, committed; .venv is shared."""
    copy = place / "copy"
    shutil.copytree(ROOT, copy, ignore=_left_out_of_the_copy, symlinks=True)
    (copy / ".venv").symlink_to(ROOT / ".venv")
    git = "git -c user.name=howto -c user.email=howto@localhost"
    done = do(copy, f"git init -q && git add --all && {git} commit -q -m copied")
    assert done.returncode == 0, done.stderr
    return copy


def _left_out_of_the_copy(folder: str, names: list[str]) -> set[str]:
    """The data folder of a ledger that was served here, and not the tests' own."""
    return _NOT_COPIED(folder, names) | ({"data"} if Path(folder) == ROOT else set())


def copy_after(page: Path, place: Path) -> Path:
    """A copy of the repository in which the page was followed."""
    copy = copy_of_the_repository(place)
    follow(page, copy)
    return copy


def touched(copy: Path) -> list[str]:
    """The files that differ from what was copied."""
    listed = do(copy, "git status --porcelain --untracked-files=all --no-renames")
    return sorted(line[3:] for line in listed.stdout.splitlines())


def follow(page: Path, copy: Path) -> None:
    """Make every edit of the page; AssertionError for one that does not fit."""
    edits = list(edits_of(page))
    assert edits, f"{page} edits nothing"
    for edit in edits:
        file = copy / edit.path
        if not edit.old:
            assert not file.exists(), f"{page.name}: {edit.path} exists"
            file.parent.mkdir(exist_ok=True)
            file.write_text(edit.new, encoding="utf-8")
            continue
        text = file.read_text(encoding="utf-8")
        assert text.count(edit.old) == 1, f"{page.name}: not once in {edit.path}:\n{edit.old}"
        file.write_text(text.replace(edit.old, edit.new), encoding="utf-8")


@contextmanager
def left_out(edit: Edit, copy: Path) -> Iterator[None]:
    """Inside, the edit is not made."""
    file = copy / edit.path
    text = file.read_text(encoding="utf-8")
    if edit.old:
        file.write_text(text.replace(edit.new, edit.old), encoding="utf-8")
    else:
        file.unlink()
    try:
        yield
    finally:
        file.write_text(text, encoding="utf-8")


def do_without(
    page: Path, copy: Path, path: str, added: str, command: str
) -> CompletedProcess[str]:
    """The command, while the page's edit of the file at path that adds this is not made."""
    [edit] = [edit for edit in edits_of(page) if edit.path == path and added in edit.new]
    with left_out(edit, copy):
        return do(copy, command)


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
