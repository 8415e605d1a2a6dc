"""Whether the log has lost events: what its head file, the read models and the topic know of it is
compared with the log.

They are read before the log, so that events that come meanwhile are no loss.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from eventstore.decisions import LOSSES, AcceptedLoss, not_accepted
from eventstore.known import KnownEvent, events_lost
from eventstore.lookup import missing
from eventstore.port import StoreUnavailable
from eventstore.relay.bus import BusError
from eventstore.relay.process import events_known_by_topic
from eventstore.stores import head_file_event, log_exists, open_decisions, open_reader
from projections.models import MODELS
from projections.storage.database import ReadDatabase
from projections.storage.errors import NotBuilt, ReadModelError
from projections.storage.reader import plain_rows
from projections.storage.tables import LAST_READ
from runtime.clock import utc_now
from runtime.settings import Settings
from runtime.terminal import ExitError

ASK_S: Final = 5.0
"""For each read model and the topic: one that does not answer by then does not delay the start."""

AGAIN_S: Final = 1.0
"""A failed comparison is not repeated within it."""

MODEL: Final = "the read model "
TOPIC: Final = "the topic "
"""How KnownEvent.by begins."""

_log = logging.getLogger("daybook.log")


@dataclass(frozen=True, slots=True)
class Compared:
    """lost: known events that the log does not have. open: those of them that nobody has accepted.

    unasked: what could not be asked, and why, in sentences. head: the log's last position; None if
    it is empty.
    """

    lost: Sequence[KnownEvent]
    open: Sequence[KnownEvent]
    unasked: Sequence[str]
    head: int | None


async def compare(settings: Settings, *, alone: bool = False) -> Compared:
    """Compare the log with everything that knows it. Raises StoreError if it cannot be read.

    alone: with its head file only, as a backup may be older than the read models and the topic.
    """
    known, unasked = await _known(settings, alone=alone)
    if not log_exists(settings.store_url):
        lost, head = known, None
    else:
        store = open_reader(settings.store_url)
        try:
            lost, head = await missing(store, known), await store.head()
        finally:
            await store.aclose()
    return Compared(lost, await _not_accepted(settings, lost), unasked, head)


async def refuse_loss(settings: Settings) -> None:
    """Raises EventsLost if the log has lost events and nobody has accepted that; StoreError.

    What cannot be asked is logged.
    """
    if settings.in_memory:
        return
    compared = await compare(settings)
    for sentence in compared.unasked:
        _log.warning("not compared with the log: %s", sentence)
    if compared.open:
        raise events_lost(compared.open)


class StartCheck:
    """Refuses to let anything be written before the log was found to have all that is known of it.

    One comparison serves all callers. If the log cannot be read, or has lost events, the next call
    compares again, so that work continues once the log is restored or the loss accepted.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._passed = settings.in_memory
        self._asking = asyncio.Lock()
        self._failure: StoreUnavailable | None = None
        self._again_s = -inf

    async def __call__(self) -> None:
        """Raises EventsLost, StoreError."""
        if self._passed:
            return
        async with self._asking:
            if not self._passed:
                await self._ask()

    async def _ask(self) -> None:
        """Waiting callers get a recent failure again: asking a log that is away takes time."""
        loop = asyncio.get_running_loop()
        if self._failure is not None and loop.time() < self._again_s:
            raise type(self._failure)(str(self._failure)) from self._failure
        try:
            await refuse_loss(self._settings)
        except StoreUnavailable as error:
            self._failure, self._again_s = error, loop.time() + AGAIN_S
            raise
        self._passed = True


async def accept_loss(settings: Settings, *, who: str, why: str) -> AcceptedLoss | None:
    """Record durably that the loss is accepted; None if nothing is lost. Raises StoreError."""
    compared = await compare(settings)
    if not compared.open:
        return None
    loss = AcceptedLoss(who, utc_now().isoformat(), why, compared.head, tuple(compared.open))
    losses = open_decisions(settings.store_url, LOSSES)
    try:
        await losses.add(loss)
    finally:
        await losses.aclose()
    return loss


async def _not_accepted(settings: Settings, lost: Sequence[KnownEvent]) -> Sequence[KnownEvent]:
    if not lost:
        return ()
    losses = open_decisions(settings.store_url, LOSSES)
    try:
        return not_accepted(lost, await losses.all())
    finally:
        await losses.aclose()


async def _known(settings: Settings, *, alone: bool) -> tuple[Sequence[KnownEvent], Sequence[str]]:
    """What is known of the log, and what could not be asked."""
    asked = [] if alone else [_by_model(name, url) for name, url in settings.read_urls.items()]
    if settings.bus and not alone:
        asked.append(_by_topic(settings))
    answers = await asyncio.gather(*asked)
    head = head_file_event(settings.store_url)
    known = [event for answer in answers if not isinstance(answer, str) for event in answer]
    unasked = [answer for answer in answers if isinstance(answer, str)]
    return ([head] if head else []) + known, unasked


async def _by_model(name: str, url: str) -> Sequence[KnownEvent] | str:
    """The events that the live generation read last; a sentence if it cannot be asked."""
    database = ReadDatabase(MODELS[name], url)
    try:
        async with asyncio.timeout(ASK_S):
            rows = await database.ask(lambda conn: plain_rows(conn.execute(select(LAST_READ))))
    except NotBuilt:
        return ()
    except TimeoutError:
        return f"the read model {name} did not answer in {ASK_S:g} s"
    except (ReadModelError, SQLAlchemyError, OSError) as error:
        return f"the read model {name} cannot be read ({error})"
    finally:
        await database.aclose()
    return [
        KnownEvent(
            f"{MODEL}{name}",
            row["stream"],
            row["revision"],
            row["position"],
            row["digest"],
        )
        for row in rows
    ]


async def _by_topic(settings: Settings) -> Sequence[KnownEvent] | str:
    try:
        async with asyncio.timeout(ASK_S):
            return await events_known_by_topic(settings, by=f"{TOPIC}{settings.topic}")
    except TimeoutError:
        return f"the topic {settings.topic} did not answer in {ASK_S:g} s"
    except (BusError, ExitError) as error:
        return f"the topic {settings.topic} cannot be read ({error})"
