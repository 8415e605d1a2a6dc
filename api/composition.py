"""The command side, put together from the settings: the log, checked, and the ledger on it."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from eventstore.chain import verify_chain
from eventstore.codec import decode
from eventstore.opening import Failed, is_shared, open_store
from eventstore.port import EventStore, Recorded
from eventstore.transact import Ledger
from runtime.clock import utc_now
from runtime.settings import Settings

OpenLog = Callable[[str, Failed], EventStore]


@dataclass(frozen=True, slots=True)
class CommandSide:
    store: EventStore
    ledger: Ledger


def open_log(url: str, failed: Failed) -> EventStore:
    """The log to append to, its last events verified and decoded."""
    return open_store(url, verify=verify_last, failed=failed)


def verify_last(events: Sequence[Recorded]) -> None:
    """Raises ChainBroken, Undecodable, UpgradeNeeded."""
    verify_chain(events, {}, from_start=False)
    for recorded in events:
        decode(recorded)


@asynccontextmanager
async def command_side(
    settings: Settings,
    *,
    failed: Failed,
    opened_by: OpenLog = open_log,
    on_conflict: Callable[[], object] = lambda: None,
) -> AsyncIterator[CommandSide]:
    """Until the block ends; what was being appended then is done to its end. Raises StoreError.

    failed: told when the log has stopped for good. on_conflict: as the Ledger's.
    """
    store = opened_by(settings.store_url, failed)
    try:
        shared = is_shared(settings.store_url)
        ledger = Ledger(
            store,
            clock=utc_now,
            cache_max=settings.cache_events,
            resends_max=0 if shared else None,
            sole_writer=not shared,
            on_conflict=on_conflict,
        )
        yield CommandSide(store, ledger)
    finally:
        await store.aclose()
