"""The SQLite log in one process: the contract, group commit, following, stopping."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from eventstore.sqlite import SqliteStore
from tests.contracts.event_store import EventStoreContract


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    store = SqliteStore.open(tmp_path / "log.db")
    yield store
    await store.aclose()


class TestSqliteStore(EventStoreContract):
    @pytest.fixture
    async def store(self, tmp_path: Path) -> AsyncIterator[SqliteStore]:
        store = SqliteStore.open(tmp_path / "log.db")
        yield store
        await store.aclose()
