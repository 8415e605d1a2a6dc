"""The examples of the documentation: the body that each command declares, and an answer per query.

Tests check that the bodies are valid, and that the answers are what is answered (`make reference`
writes them).
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from domain.commands import COMMANDS, Command, Example


def body_of(name: str, command: type[Command]) -> Example:
    """The example that the command declares. Raises LookupError if it declares none."""
    example: Example | None = getattr(command, "example", None)
    if example is None:
        raise LookupError(f"{name}: no example in domain/commands.py; {command.__name__} needs one")
    return example


BODIES: Final[Mapping[str, Example]] = {
    name: body_of(name, command) for name, command in COMMANDS.items()
}
"""By the command's name."""


def answers() -> Mapping[str, Any]:
    """The example answers of the queries, by path."""
    found: Mapping[str, Any] = json.loads(
        (Path(__file__).parent / "answers.json").read_text(encoding="utf-8")
    )
    return found
