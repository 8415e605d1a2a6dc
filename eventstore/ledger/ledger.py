"""Commands into the log: read the stream, fold, decide, append; on a conflict, again, bounded.

The order of checks is design section 5's: the command_id in the stream, the precondition, then
decide.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Final

from domain.commands import PlaceOrder
from domain.events import Event
from domain.order import decide
from domain.rules import OrderRefused
from domain.values import Malformed
from eventstore.ledger.appender import Appending
from eventstore.ledger.history import FoldedOrder, Histories, History, Written, appended, read_on
from eventstore.ledger.reading import events_after, folded_until, pages_after
from eventstore.ledger.results import (
    Answer,
    AnsweredEvent,
    CommandIdReused,
    Contended,
    StaleRevision,
    answer,
    replay,
    unchanged,
)
from eventstore.ledger.submission import Precondition, Submission, drafted, request_hash, utc_text
from eventstore.ledger.turns import Turns
from eventstore.port import (
    NO_STREAM,
    PAGE_MAX,
    EventsLost,
    EventStore,
    Expected,
    Recorded,
    Revision,
    WrongExpectedRevision,
)
from eventstore.record.chain import verify_content
from eventstore.record.codec import OrderEvent, decode, stream_name

__all__ = [
    "Answer",
    "AnsweredEvent",
    "CommandIdReused",
    "Contended",
    "FoldedOrder",
    "Ledger",
    "Precondition",
    "StaleRevision",
    "Submission",
]

_log = logging.getLogger("daybook.log")

CACHE_MAX: Final = 25_000
ATTEMPTS_MAX: Final = 8


class Ledger:
    """Orders by their log.

    clock: now, with a time zone. cache_max: size of the folded orders kept in memory, in events
    (each about 1 kB, an order two on top). attempts_max: how often at most a command is decided
    again, and resends_max: how often an append of unknown outcome is sent again (None: as often;
    0 for a store that does so itself).
    sole_writer: nobody else appends to the store. Otherwise each append is read back, for a store
    answers success to ids that already stand there, whatever their content.
    on_conflict: called when somebody else appended first. check_log: awaited before each command
    until it returns; raises where nothing may be written.
    """

    def __init__(
        self,
        store: EventStore,
        *,
        clock: Callable[[], datetime],
        cache_max: int = CACHE_MAX,
        attempts_max: int = ATTEMPTS_MAX,
        resends_max: int | None = None,
        sole_writer: bool = True,
        on_conflict: Callable[[], object] = lambda: None,
        check_log: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._store = store
        self._on_conflict = on_conflict
        self._check_log = check_log
        self._clock = clock
        self._histories = Histories(cache_max)
        self._lost: EventsLost | None = None
        self._attempts_max = attempts_max
        self._appending = Appending(
            store,
            sole_writer=sole_writer,
            resends_max=attempts_max if resends_max is None else resends_max,
        )
        self._turns = Turns()

    async def submit(self, submission: Submission) -> Answer:
        """Write the command's events, durably, or answer what it wrote before.

        Raises Malformed, CommandIdReused, StaleRevision, OrderRefused, Contended, StoreError;
        ChainBroken, Undecodable or UpgradeNeeded where the order's log cannot be continued;
        EventsLost from then on where the log has lost what was in it.
        What became of a cancelled call is found out by sending it again: an append that was under
        way cannot be called back.
        """
        if isinstance(submission.command, PlaceOrder) and (
            submission.command.order_id != submission.order_id
        ):
            raise Malformed("order_id", "the command places another order")
        try:
            if self._check_log is not None and self._lost is None:
                await self._check_log()
                self._check_log = None
            async with self._turns.of(submission.order_id):
                if self._lost is not None:
                    raise self._lost
                await self._store.check()
                return await self._transact(submission, request_hash(submission))
        except EventsLost as error:
            self._lose(error)
            raise

    @property
    def lost(self) -> EventsLost | None:
        """Why no command is taken any more; None while they are."""
        return self._lost

    async def order(
        self, order_id: str, *, revision: int | None = None, as_of: datetime | None = None
    ) -> FoldedOrder:
        """The order now, at a revision, or as of a moment: before the first event recorded later.

        Raises OrderRefused (unknown-order), also where it has no such revision or not yet then.
        """
        if revision is None and as_of is None:
            try:
                folded = await self._current(order_id)
            except EventsLost as error:
                self._lose(error)
                raise
        else:
            until = None if as_of is None else utc_text(as_of)
            folded = await folded_until(self._store, order_id, revision=revision, as_of=until)
        if folded is None:
            raise OrderRefused("unknown-order", "no such order, or none yet at that time")
        if as_of is None and revision is not None and folded.revision < revision:
            raise OrderRefused("unknown-order", f"the order is at revision {folded.revision} yet")
        return folded

    async def events(
        self, order_id: str, *, after: int | None = None, limit: int | None = None
    ) -> Sequence[OrderEvent]:
        """The order's events behind a revision, at most limit.

        Raises OrderRefused (unknown-order).
        """
        found = await events_after(self._store, order_id, after=after, limit=limit)
        if found is None:
            raise OrderRefused("unknown-order", "no such order")
        return found

    def _lose(self, error: EventsLost) -> None:
        """The orders in memory may be of events that are gone, all of them."""
        if self._lost is None:
            _log.critical("no command is taken any more: %s", error)
        self._lost = self._lost or error
        self._histories.clear()

    async def _transact(self, submission: Submission, request: str) -> Answer:
        order_id = submission.order_id
        # A cached history may lag behind another writer's log. Only an append proves that it does
        # not; whatever else it leads to (a refusal, nothing to do) is said after reading on.
        history, read = self._histories.get(order_id), False
        if history is None and isinstance(submission.command, PlaceOrder):
            # It is new, most times, and the append tells where it is not.
            told = await self._appending.tells_repeats(stream_name(order_id))
            history = History(None, {}) if told else None
        for _ in range(1 + self._attempts_max):
            if history is None or read:
                history, read = await self._read_on(order_id, history), True
            answered = await self._attempt(submission, request, history, read=read)
            if answered is not None:
                return answered
            read = True
        raise Contended(order_id, 1 + self._attempts_max)

    async def _attempt(
        self, submission: Submission, request: str, history: History, *, read: bool
    ) -> Answer | None:
        """None: not on this history; read on and try again."""
        written = history.commands.get(submission.command_id)
        if written is not None:
            if written.request_hash != request:
                raise CommandIdReused(submission.order_id)
            return replay(submission, written)
        try:
            asked = submission.precondition
            if asked is not None and not asked.holds_at(history.revision):
                raise await self._stale(submission.order_id, asked, history, read=read)
            events = decide(submission.command, history.order)
        except (StaleRevision, OrderRefused):
            if read:
                raise
            return None
        if not events:
            return unchanged(submission.order_id, history) if read else None
        try:
            return await self._record(submission, request, history, events)
        except WrongExpectedRevision:
            self._on_conflict()
            return None

    async def _stale(
        self, order_id: str, asked: Precondition, history: History, *, read: bool
    ) -> StaleRevision:
        current = history.revision
        since: Sequence[OrderEvent] = ()
        if read and current is not None and asked.revisions:
            seen = max(asked.revisions)
            since = await self.events(order_id, after=seen, limit=PAGE_MAX)
            current = max([current, *(event.revision for event in since)])
        return StaleRevision(order_id, current, since)

    async def _record(
        self, submission: Submission, request: str, history: History, events: Sequence[Event]
    ) -> Answer:
        order_id = submission.order_id
        now = utc_text(self._clock())
        drafts, hash_, recorded_at = drafted(submission, events, history, request=request, now=now)
        expected: Expected = NO_STREAM if history.revision is None else history.revision
        try:
            position = await self._appending.append(stream_name(order_id), drafts, expected)
        except BaseException:
            self._histories.forget(order_id)
            raise
        types = tuple([draft.type for draft in drafts])
        written = Written(request, history.next_revision, position, types)
        last = Revision(history.next_revision + len(drafts) - 1)
        fold = partial(
            appended,
            history,
            submission.command_id,
            written,
            events,
            hash_=hash_,
            recorded_at=recorded_at,
        )
        self._histories.keep_appended(order_id, last, fold)
        return answer(order_id, written, [draft.event_id for draft in drafts])

    async def _current(self, order_id: str) -> FoldedOrder | None:
        history = self._histories.get(order_id)
        if history is not None:
            return await folded_until(self._store, order_id, start=history.folded)
        async with self._turns.of(order_id):
            return (await self._read_on(order_id, self._histories.get(order_id))).folded

    async def _read_on(self, order_id: str, history: History | None) -> History:
        """The whole history: what is known of it, continued from the log. In the order's turn."""
        if history is None:
            history = History(None, {})
        try:
            async for page in pages_after(self._store, order_id, history.folded):
                history = read_on(history, map(_verified, page))
        except BaseException:
            # Half read, its commands are no longer those of the cached one.
            self._histories.forget(order_id)
            raise
        if history.folded is not None:
            self._histories.keep(order_id, history)
        return history


def _verified(recorded: Recorded) -> OrderEvent:
    """Nothing is decided on an event that was altered. Raises as decode(), ChainBroken."""
    event = decode(recorded)
    verify_content(recorded)
    return event
