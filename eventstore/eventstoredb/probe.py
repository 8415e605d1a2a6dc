"""Checks that a server can do what Daybook needs, without storing anything."""

import re
from contextlib import suppress
from typing import Final

from esdbclient import exceptions as esdb

from eventstore.eventstoredb.appender import StreamAppender
from eventstore.eventstoredb.connection import Connection, Timing
from eventstore.eventstoredb.faults import ERRORS
from eventstore.eventstoredb.pages import PageReader
from eventstore.port import (
    NO_STREAM,
    OutcomeUnknown,
    StoreUnavailable,
    StreamDeleted,
    StreamName,
    WrongExpectedRevision,
)
from eventstore.record.chain import ChainBroken

STREAM: Final = StreamName("order-daybook-check")
OLDEST: Final = (22, 10)
"""In a stream, older servers do not give the position of an event."""
QUICK: Final = Timing(append_s=3.0, settle_s=3.0, patience_s=1.0, read_s=5.0)


async def probe(url: str, *, timing: Timing = QUICK) -> str:
    """The server's version; empty if it does not report it.

    Raises StoreUnavailable, with what to do, if events could not be read or appended.
    """
    connection = Connection(url, "check", timing)
    reading, appender = PageReader(connection), StreamAppender(connection)
    try:
        last = await reading.last()
        if last is not None:
            with suppress(StreamDeleted, ChainBroken):
                async for _page in reading.read_stream(last.stream):
                    break
        version = await _version(connection)
        await _check_writable(appender)
    finally:
        await appender.aclose()
        await connection.aclose()
    return version


async def _version(connection: Connection) -> str:
    try:
        async with connection.call() as client:
            version = await client.server_version(within_s=connection.timing.read_s)
    except (esdb.AccessDeniedError, esdb.GrpcError):
        # Reading works, and the version is only for people.
        return ""
    except ERRORS as error:
        raise connection.unavailable(error) from error
    if _is_too_old(version):
        oldest, shown = ".".join(map(str, OLDEST)), connection.address.shown
        raise StoreUnavailable(
            f"{shown} is EventStoreDB {version}, which is too old: it needs to be {oldest} or newer"
        )
    return version


async def _check_writable(appender: StreamAppender) -> None:
    """An append of no events is accepted or refused as any other, and stores nothing."""
    try:
        with suppress(WrongExpectedRevision, StreamDeleted):
            await appender.append(STREAM, (), NO_STREAM)
    except OutcomeUnknown as error:
        raise StoreUnavailable(
            f"the server can be read but takes no appends: {error}; is it a read-only node, or are "
            "most nodes of its cluster down?"
        ) from None


def _is_too_old(version: str) -> bool:
    """False also for a version that is not understood."""
    found = re.match(r"(\d+)\.(\d+)", version)
    return found is not None and (int(found[1]), int(found[2])) < OLDEST
