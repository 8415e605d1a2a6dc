"""The examples of the pages about money: commands as lines of JSON, and the figures after them."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
PAGES = ("domain.md", "accounting.md", "what-to-send.md")
Document = dict[str, Any]


@dataclass(frozen=True)
class Step:
    """Commands, each as a bulk line without its order_id; then a part of the order's document."""

    commands: tuple[Document, ...]
    figures: Document


@dataclass(frozen=True)
class Example:
    """One order, from its placing on."""

    title: str
    steps: tuple[Step, ...]

    @property
    def commands(self) -> tuple[Document, ...]:
        return tuple(command for step in self.steps for command in step.commands)


def examples() -> Iterator[Example]:
    for page in PAGES:
        for section in re.split(r"^##+ ", text_of(f"docs/{page}"), flags=re.MULTILINE):
            steps = tuple(_steps(section))
            if steps:
                yield Example(f"{page}: {section.splitlines()[0]}", steps)


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def tables(page: str, heading: str) -> Iterator[list[list[str]]]:
    """The rows of each table of the page whose heading is this line, as cells."""
    pattern = rf"^{re.escape(heading)}\n\|[-|]+\n((?:\|.*\n)+)"
    for rows in re.findall(pattern, text_of(page), re.MULTILINE):
        yield [[cell.strip() for cell in row.strip("|").split("|")] for row in rows.splitlines()]


def _steps(section: str) -> Iterator[Step]:
    commands: list[Document] = []
    for block in re.findall(r"^```json\n(.*?)^```", section, re.MULTILINE | re.DOTALL):
        documents = [json.loads(line) for line in block.splitlines()]
        if "command" in documents[0]:
            commands += documents
        else:
            [figures] = documents
            yield Step(tuple(commands), figures)
            commands = []
    assert not commands, "the figures after the last commands are missing"
