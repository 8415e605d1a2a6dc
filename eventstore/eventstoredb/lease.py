"""The relay's lease as a stream: whoever appends at its end leads.

The stream's name does not start with `order-`, so no reader of the log sees it. The server keeps
its last KEPT events.
"""

import asyncio
import json
import os
import socket
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

from eventstore.eventstoredb.appender import StreamAppender
from eventstore.eventstoredb.connection import Connection, Timing
from eventstore.eventstoredb.pages import PageReader
from eventstore.lease import DEAD_S, LeaseLost, LeaseState, new_secret, secret_of
from eventstore.port import (
    NO_STREAM,
    Draft,
    Recorded,
    Revision,
    StoreError,
    StreamName,
    WrongExpectedRevision,
)

STREAM: Final = StreamName("daybook-relay")
KEPT: Final = 10
LEADS: Final = "RelayLeads"
ENDED: Final = "RelayEnded"
TIMING: Final = Timing(append_s=2.0, settle_s=3.0, patience_s=1.0, read_s=3.0)
"""Short: a relay that does not know whether it leads must not publish, and tries again soon."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """The last event of the stream: who leads."""

    revision: Revision
    type: str
    epoch: int
    holder: str
    secret: bytes


class StreamLeaseReader:
    """Reads the last event of a StreamLease."""

    def __init__(self, url: str, *, timing: Timing = TIMING) -> None:
        self._connection = Connection(url, "lease-reader", timing)
        self._pages = PageReader(self._connection)

    async def read(self) -> LeaseState | None:
        """As the port's."""
        last = await self._pages.last_of(STREAM)
        entry = None if last is None else _entry(last)
        return None if entry is None or not entry.secret else LeaseState(entry.epoch, entry.secret)

    async def aclose(self) -> None:
        await self._connection.aclose()


class StreamLease:
    """A Lease. A leader that has appended nothing for dead_s is taken for dead."""

    def __init__(self, url: str, *, timing: Timing = TIMING, dead_s: float = DEAD_S) -> None:
        self._connection = Connection(url, "relay-lease", timing)
        self._appender = StreamAppender(self._connection)
        self._pages = PageReader(self._connection)
        self._dead_s = dead_s
        self._ourselves = f"{socket.gethostname()} {os.getpid()} {uuid4().hex[:8]}"
        self._entry: _Entry | None = None
        self._seen: _Entry | None = None
        self._seen_at = 0.0

    @property
    def secret(self) -> bytes:
        """As the port's."""
        return self._entry.secret if self._entry else b""

    async def acquire(self) -> int | None:
        """As the port's. Raises StoreError."""
        last = await self._last()
        if last is not None and last.type == LEADS and not self._is_dead(last):
            return None
        if last is None:
            await self._limit_length()
        with suppress(LeaseLost):
            await self._append(LEADS, last.epoch + 1 if last else 1, after=last)
        return self._entry.epoch if self._entry else None

    async def raise_epoch(self, epoch: int) -> None:
        """As the port's. Raises StoreError."""
        while self._entry is None or self._entry.epoch < epoch:
            await self._append(LEADS, epoch, after=self._entry)

    async def renew(self) -> None:
        """As the port's. Raises StoreError: whether it was renewed is then unknown."""
        if self._entry is None:
            raise LeaseLost("no lease was taken")
        await self._append(LEADS, self._entry.epoch, after=self._entry)

    async def release(self) -> None:
        """As the port's. If the server cannot be reached, the lease expires."""
        if self._entry is not None:
            with suppress(LeaseLost, StoreError):
                await self._append(ENDED, self._entry.epoch, after=self._entry)
        self._entry = None

    async def aclose(self) -> None:
        await self._appender.aclose()
        await self._connection.aclose()

    def _is_dead(self, last: _Entry) -> bool:
        now = asyncio.get_running_loop().time()
        if last != self._seen:
            self._seen, self._seen_at = last, now
        return now - self._seen_at > self._dead_s

    async def _append(self, type_: str, epoch: int, *, after: _Entry | None) -> None:
        secret = (after.secret if after else b"") or new_secret()
        content = {"epoch": epoch, "holder": self._ourselves, "secret": secret.hex()}
        data = json.dumps(content).encode()
        draft = Draft(uuid4(), type_, data, b"{}")
        try:
            appended = await self._appender.append(
                STREAM, [draft], after.revision if after else NO_STREAM
            )
        except WrongExpectedRevision:
            # Perhaps our own: an earlier append of unknown outcome.
            last = await self._last()
            if last is None or last.holder != self._ourselves or last.type == ENDED:
                self._entry = None
                raise LeaseLost(f"another relay leads: {last}") from None
            self._entry = last
            return
        self._entry = _Entry(appended.revision, type_, epoch, self._ourselves, secret)

    async def _last(self) -> _Entry | None:
        last = await self._pages.last_of(STREAM)
        return None if last is None else _entry(last)

    async def _limit_length(self) -> None:
        """Let the server drop old entries. If this user may not set that, they stay."""
        limit = Draft(uuid4(), "$metadata", json.dumps({"$maxCount": KEPT}).encode(), b"")
        with suppress(StoreError):
            await self._appender.append(StreamName(f"$${STREAM}"), [limit], NO_STREAM)


def _entry(last: Recorded) -> _Entry:
    try:
        document = json.loads(last.data)
        epoch, holder = int(document["epoch"]), str(document["holder"])
    except (ValueError, KeyError, TypeError):  # written by hand: the topic has the epoch too
        return _Entry(last.revision, ENDED, 0, "", b"")
    return _Entry(last.revision, last.type, epoch, holder, secret_of(document))
