"""The command side, composed from the settings: the log, verified, and the ledger on it."""

import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from eventstore.ledger.ledger import Ledger
from eventstore.port import EventsLost, EventStore, Recorded, StoreUnavailable
from eventstore.record.codec import Undecodable, UpgradeNeeded, decode
from eventstore.stores import Failed, is_shared, open_store
from eventstore.verified import ALTERED_MAX, LogAltered, faults_of
from projections.evidence import StartCheck
from runtime.clock import utc_now
from runtime.settings import Settings

log = logging.getLogger(__name__)

OpenLog = Callable[[str, Failed], EventStore]


@dataclass(frozen=True, slots=True)
class CommandSide:
    store: EventStore
    ledger: Ledger


def open_log(url: str, failed: Failed) -> EventStore:
    """The log to append to, its last events verified and decoded."""
    return open_store(url, verify=verify_last, failed=failed)


def verify_last(events: Sequence[Recorded]) -> None:
    """Log a warning for each order with events that are damaged or of a newer version: only these
    orders take no commands.

    Raises LogAltered where they are more than ALTERED_MAX.
    """
    faults = faults_of(events, {}, from_start=False)
    found: dict[str, Exception] = {fault.stream: fault for fault in faults.values()}
    for recorded in events:
        try:
            decode(recorded)
        except (Undecodable, UpgradeNeeded) as error:
            found[recorded.stream] = error
    if len(found) > ALTERED_MAX:
        first = next(iter(found.values()))
        raise LogAltered(
            f"more than {ALTERED_MAX} orders of the last {len(events):,} events cannot be read: run"
            f" `daybook check`; the first: {first}"
        )
    for fault in found.values():
        log.warning("an order takes no commands: %s", fault)


@asynccontextmanager
async def command_side(
    settings: Settings,
    *,
    failed: Failed,
    opened_by: OpenLog = open_log,
    on_conflict: Callable[[], object] = lambda: None,
) -> AsyncIterator[CommandSide]:
    """The log and the ledger until the block ends; appends in progress are then finished.

    failed: called when the log has stopped for good. on_conflict: as of Ledger. Raises EventsLost
    where the log has lost events that others know; StoreError.
    """
    check_log = StartCheck(settings)
    await _check_if_reached(check_log)
    store = opened_by(settings.store_url, failed)
    try:
        shared = is_shared(settings.store_url)
        ledger = Ledger(
            store,
            clock=utc_now,
            cache_max=settings.cache_events,
            resends_max=0 if shared else None,
            on_conflict=on_conflict,
            check_log=check_log if shared else None,
        )
        yield CommandSide(store, ledger)
    finally:
        await store.aclose()


async def _check_if_reached(check_log: StartCheck) -> None:
    """Compare the log with the events that others know. Where it cannot be reached, the ledger does
    so before the first command.
    """
    try:
        await check_log()
    except EventsLost:
        raise
    except StoreUnavailable as error:
        log.warning("the log is not yet compared with the events that others know: %s", error)
