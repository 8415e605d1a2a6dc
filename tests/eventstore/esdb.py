"""Stores on the protocol stub, for the tests of the adapter."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from uuid import UUID

from eventstore.eventstoredb import EventStoreDb, Timing
from eventstore.port import Draft, StreamName
from tests.contracts.event_store import ids
from tests.esdb_stub.server import FOLLOWER, LEADER, Stub
from tests.esdb_stub.services import Member

FAST = Timing(
    append_s=0.2,
    settle_s=60.0,
    patience_s=60.0,
    read_s=1.0,
    silent_s=0.5,
    idle_s=0.3,
    pause_s=0.02,
    pause_max_s=0.1,
)
"""On the loopback interface a server answers in a millisecond: whatever takes longer is a fault
of the test, and the store recovers from it in time also on a busy machine.
"""
GIVES_UP = replace(FAST, settle_s=2.0, patience_s=0.5)
"""For the error of a store that cannot recover."""


@asynccontextmanager
async def store_on(server: Stub, *, timing: Timing = FAST) -> AsyncIterator[EventStoreDb]:
    store = EventStoreDb(server.uri, timing=timing)
    try:
        yield store
    finally:
        await store.aclose()


def stored(server: Stub, stream: StreamName) -> list[UUID]:
    """The events that the server stores of a stream, whether or not they can be read."""
    return [event.event_id for event in server.log.every(stream)]


async def is_stored_once(
    store: EventStoreDb, server: Stub, drafts: list[Draft], stream: StreamName
) -> bool:
    """Stored, stored once, and read back."""
    wanted = [draft.event_id for draft in drafts]
    return stored(server, stream) == wanted == await ids(store, stream)


def lead(leader: Stub, follower: Stub) -> None:
    """Two nodes, of which the first is the leader."""
    members = [
        Member(FOLLOWER, "127.0.0.1", follower.port),
        Member(LEADER, "127.0.0.1", leader.port),
    ]
    leader.cluster = follower.cluster = members
    leader.door.leader = None
    follower.door.leader = ("127.0.0.1", leader.port)
