"""Appends that share a transaction: first trusted, then checked one by one if the table refuses
one.
"""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from eventstore.port import NO_STREAM, Revision, StreamName, WrongExpectedRevision
from eventstore.sqlite import SqliteStore, sql
from eventstore.sqlite.database import connect_writer
from eventstore.sqlite.writer import Append, BatchWriter
from tests.contracts.event_store import drafts, fresh_stream, ids


@pytest.fixture
def path(tmp_path: Path) -> Path:
    log = tmp_path / "log.db"
    log.touch()
    return log


def test_a_wrong_append_among_right_ones_is_refused_alone_and_leaves_no_gap(
    path: Path,
) -> None:
    writer = BatchWriter(connect_writer(path))
    first, second = fresh_stream(), fresh_stream()
    right = drafts(1)

    answers = writer.append_all(
        [
            Append(first, right, NO_STREAM),
            Append(second, drafts(1), Revision(4)),
            Append(first, drafts(2), Revision(0)),
            Append(first, drafts(1), Revision(0)),
        ]
    )

    assert answers[0] == 1
    assert isinstance(answers[1], WrongExpectedRevision)
    assert answers[2] == 3
    assert isinstance(answers[3], WrongExpectedRevision)
    assert writer.append_all(
        [Append(first, right, NO_STREAM), Append(second, right, NO_STREAM)]
    ) == [
        1,
        4,
    ]
    writer.close()


def test_the_table_itself_refuses_a_revision_with_none_before_it(path: Path) -> None:
    connection = connect_writer(path)
    row = (1, "order-1", 1, b"", "NoteAdded", b"{}", b"{}")

    with pytest.raises(sqlite3.IntegrityError, match="no event stands at the expected revision"):
        connection.execute(sql.insert(1), row)
    connection.execute("DROP TRIGGER events_follow_on")
    # The control: it is the trigger that refused it.
    connection.execute(sql.insert(1), row)
    connection.close()


def test_a_log_created_without_that_guard_gets_it_when_it_is_opened(path: Path) -> None:
    connection = connect_writer(path)
    connection.execute("DROP TRIGGER events_follow_on")
    connection.close()

    connection = connect_writer(path)

    [guards] = connection.execute(
        "SELECT count(*) FROM sqlite_schema WHERE name = 'events_follow_on'"
    ).fetchone()
    assert guards == 1
    connection.close()


async def test_more_events_than_one_statement_takes_are_one_transaction(path: Path) -> None:
    store = SqliteStore.open(path)
    many, stream = drafts(3 * sql.INSERT_MAX + 1), StreamName("order-long")

    position, other = await asyncio.gather(
        store.append(stream, many, expected=NO_STREAM),
        store.append(fresh_stream(), drafts(1), expected=NO_STREAM),
    )

    assert max(position, other) == len(many) + 1
    assert await ids(store, stream) == [draft.event_id for draft in many]
    await store.aclose()
