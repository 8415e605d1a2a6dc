"""Fixtures that most tests of this folder use; a file that needs others has its own."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest

from eventstore.ledger.ledger import Ledger
from eventstore.memory import MemoryStore
from tests.eventstore.ledgers import Clock

if TYPE_CHECKING:
    from tests.esdb_stub.asked import Client
    from tests.esdb_stub.server import Stub


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def ledger(store: MemoryStore) -> Ledger:
    return Ledger(store, clock=Clock())


@pytest.fixture
async def server() -> AsyncIterator["Stub"]:
    """The protocol stub of EventStoreDB."""
    from tests.esdb_stub.server import stub

    async with stub() as server:
        yield server


@pytest.fixture
async def client(server: "Stub") -> AsyncIterator["Client"]:
    """A plain client of the stub, for changes by hand."""
    from tests.esdb_stub.asked import connected

    async with connected(server.uri) as client:
        yield client
