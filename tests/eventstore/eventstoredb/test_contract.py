"""The port's contract on EventStoreDB: on the protocol stub, or on DAYBOOK_TEST_ESDB_URL."""

from collections.abc import AsyncIterator

import pytest

from tests.given import given

pytest.importorskip("esdbclient")

from eventstore.eventstoredb import EventStoreDb
from tests.contracts.event_store import EventStoreContract
from tests.esdb_stub.server import stub


class TestEventStoreDb(EventStoreContract):
    @pytest.fixture
    async def store(self) -> AsyncIterator[EventStoreDb]:
        url = given("ESDB_URL")
        if url:
            store = EventStoreDb(url)
            yield store
            await store.aclose()
            return
        async with stub() as server:
            store = EventStoreDb(server.uri)
            yield store
            await store.aclose()
