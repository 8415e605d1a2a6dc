"""What a server would answer to Daybook's calls, asked without storing anything."""

from contextlib import suppress
from typing import Final

from eventstore.eventstoredb.appending import Appending
from eventstore.eventstoredb.connection import Connection, Timing
from eventstore.eventstoredb.reading import Reading
from eventstore.port import (
    NO_STREAM,
    OutcomeUnknown,
    StoreUnavailable,
    StreamDeleted,
    StreamName,
    WrongExpectedRevision,
)

STREAM: Final = StreamName("order-daybook-check")
QUICK: Final = Timing(append_s=3.0, settle_s=3.0, patience_s=1.0, read_s=5.0)


async def probe(url: str, *, timing: Timing = QUICK) -> None:
    """Raises StoreUnavailable where commands could not be read or stored; it says what to do."""
    connection = Connection(url, "check", timing)
    reading = Reading(connection)
    try:
        last = await reading.last()
        if last is not None:
            with suppress(StreamDeleted):
                async for _page in reading.read_stream(last.stream):
                    break
        await _check_writable(Appending(connection))
    finally:
        await connection.aclose()


async def _check_writable(appending: Appending) -> None:
    """An append of no events is let in or refused as any other, and stores nothing."""
    try:
        with suppress(WrongExpectedRevision, StreamDeleted):
            await appending.append(STREAM, (), NO_STREAM)
    except OutcomeUnknown as error:
        raise StoreUnavailable(
            f"the server is read, but takes no appends: {error}; is it a read-only node, or are "
            "most nodes of its cluster down?"
        ) from None
