"""Checks that a server does what Daybook needs, and lets the user do it. Nothing is stored."""

import re
from collections.abc import Collection
from contextlib import suppress
from typing import Final

from esdbclient import exceptions as esdb

from eventstore.eventstoredb.appender import StreamAppender
from eventstore.eventstoredb.connection import Connection, Timing
from eventstore.eventstoredb.faults import ERRORS
from eventstore.eventstoredb.pages import PageReader
from eventstore.eventstoredb.rights import Denied
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
OWN_STREAM: Final = StreamName("daybook-check")
"""Named as those of decisions and of the relay's lease."""
OLDEST: Final = (22, 10)
"""In a stream, older servers do not give the position of an event."""
QUICK: Final = Timing(append_s=3.0, settle_s=3.0, patience_s=1.0, read_s=5.0)


async def probe(url: str, *, timing: Timing = QUICK) -> str:
    """The server's version; empty if it does not report it.

    Raises StoreUnavailable, with what to do, if events could not be read or appended: of rights
    all that are missing.
    """
    connection = Connection(url, "check", timing)
    reading, appender = PageReader(connection), StreamAppender(connection)
    try:
        if missing := await missing_rights(reading, appender):
            raise Denied(connection.address.shown, missing)
        last = await reading.last()
        if last is not None:
            with suppress(StreamDeleted, ChainBroken):
                async for _page in reading.read_stream(last.stream):
                    break
        version = await _version(connection)
    finally:
        await appender.aclose()
        await connection.aclose()
    return version


async def missing_rights(reading: PageReader, appender: StreamAppender) -> Collection[str]:
    """What the user may not do of all that commands and read models need. Raises StoreError."""
    tries = (
        reading.last,
        lambda: reading.last_of(STREAM),
        # Whether a stream was deleted is asked where it has no events, as for an unknown order.
        lambda: reading.last_of(StreamName(f"$${STREAM}")),
        lambda: _append_nothing(appender, STREAM),
        lambda: reading.last_of(OWN_STREAM),
        lambda: _append_nothing(appender, OWN_STREAM),
    )
    missing: set[str] = set()
    for attempt in tries:
        try:
            with suppress(esdb.StreamIsDeleted):
                await attempt()
        except Denied as error:
            missing.update(error.rights)
    return missing


async def _version(connection: Connection) -> str:
    try:
        client = await connection.client()
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


async def _append_nothing(appender: StreamAppender, stream: StreamName) -> None:
    """An append of no events is accepted or refused as any other, and stores nothing."""
    try:
        with suppress(WrongExpectedRevision, StreamDeleted):
            await appender.append(stream, (), NO_STREAM)
    except OutcomeUnknown as error:
        raise StoreUnavailable(
            f"the server can be read but takes no appends: {error}; is it a read-only node, or are "
            "most nodes of its cluster down?"
        ) from None


def _is_too_old(version: str) -> bool:
    """False also for a version that is not understood."""
    found = re.match(r"(\d+)\.(\d+)", version)
    return found is not None and (int(found[1]), int(found[2])) < OLDEST
