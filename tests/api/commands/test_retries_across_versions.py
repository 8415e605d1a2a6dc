"""A command that version 1 stored is the same command when it is sent again to this version."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from api.commands.headers import Sender
from api.commands.parse import from_line
from eventstore.ledger import submission
from eventstore.ledger.submission import request_hash

NOW = datetime(2026, 12, 1, tzinfo=UTC)
GOLDEN = Path(__file__).parents[2] / "golden" / "version_1"


def stored_hashes() -> dict[tuple[str, str], str]:
    """By order id and command id, as version 1 wrote them."""
    with closing(sqlite3.connect(":memory:")) as conn:
        conn.executescript((GOLDEN / "ledger.sql").read_text(encoding="utf-8"))
        rows = [
            json.loads(row[0]) | {"stream": row[1]}
            for row in conn.execute("SELECT metadata, stream FROM events")
        ]
    return {
        (row["stream"].removeprefix("order-"), row["command_id"]): row["request_hash"]
        for row in rows
    }


def sent_again() -> Iterator[tuple[dict[str, Any], str]]:
    """Each command of then, with its hash of today."""
    for line in (GOLDEN / "commands.ndjson").read_text(encoding="utf-8").splitlines():
        parsed = from_line(line.encode(), sender=Sender(channel="cli"), now=NOW)
        yield json.loads(line), request_hash(parsed)


def test_its_hash_is_the_one_that_was_stored() -> None:
    stored = stored_hashes()
    compared = 0

    for command, hashed in sent_again():
        key = command["order_id"], command["command_id"]
        if key in stored:  # others wrote nothing
            assert hashed == stored[key], command
            compared += 1

    assert compared == len(stored)


def test_without_the_defaults_of_version_1_it_would_be_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(submission, "HASHED_DEFAULTS", {})
    stored = stored_hashes()

    differing = {
        command["command"]
        for command, hashed in sent_again()
        if stored.get((command["order_id"], command["command_id"]), hashed) != hashed
    }

    assert {"place-order", "capture-payment", "grant-refund"} <= differing
