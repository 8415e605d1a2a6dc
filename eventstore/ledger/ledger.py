"""Commands into the log: the transact loop.

Load the order, decide, append at the revision decided on; on a conflict again, a bounded number
of times. The checks are in the order of design section 5: the command_id in the stream, the
precondition, then decide.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from types import TracebackType
from typing import Final, TypeAlias, TypeVar

from domain.commands import PlaceOrder
from domain.events import Event, OrderPlaced
from domain.order import decide
from domain.rules import OrderRefused
from domain.values import Malformed
from eventstore.ledger.appender import append_or_resend
from eventstore.ledger.dry_run import DryRun, foresee
from eventstore.ledger.history import (
    THE_END,
    CommandRecord,
    FoldedOrder,
    OrderCache,
    OrderHistory,
    Unfolded,
    Until,
    credit_of,
    events_after,
    fold_until,
    read_rest,
)
from eventstore.ledger.submission import (
    Answer,
    Contended,
    Precondition,
    StaleRevision,
    Submission,
    answer,
    draft_events,
    replay,
    request_hash,
    unchanged,
)
from eventstore.port import (
    PAGE_MAX,
    EventsLost,
    EventStore,
    Revision,
    WrongExpectedRevision,
)
from eventstore.record.codec import OrderEvent, stream_name
from eventstore.record.moments import utc_text

_log = logging.getLogger("daybook.log")

T = TypeVar("T")
Append: TypeAlias = Callable[[Submission, str, OrderHistory, Sequence[Event]], Awaitable[T]]
"""Appends a submission's events to a history, given its request_hash.

Raises WrongExpectedRevision if the history is not the whole stream any more.
"""

CACHE_MAX: Final = 50_000
ATTEMPTS_MAX: Final = 8


class Ledger:
    """The orders of a log: performs commands on them, and reads them.

    clock: now, with a time zone. cache_max: how many events' worth of folded orders is kept in
    memory (see OrderCache.size). attempts_max: how often at most a command is decided again;
    resends_max: how often an append of unknown outcome is sent again (None: as often; 0 for a
    store that does so itself). on_conflict: called when somebody else appended first. check_log:
    awaited before each command until it returns; raises if nothing may be written.
    """

    def __init__(
        self,
        store: EventStore,
        *,
        clock: Callable[[], datetime],
        cache_max: int = CACHE_MAX,
        attempts_max: int = ATTEMPTS_MAX,
        resends_max: int | None = None,
        on_conflict: Callable[[], object] = lambda: None,
        check_log: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._store = store
        self._on_conflict = on_conflict
        self._check_log = check_log
        self._clock = clock
        self._lost: EventsLost | None = None
        self._attempts_max = attempts_max
        self._resends_max = attempts_max if resends_max is None else resends_max
        self.cache = OrderCache(cache_max)
        self.locks = OrderLocks()

    async def _transact(self, submission: Submission, append: Append[T]) -> Answer | T:
        """With the order locked. A history from the cache may lack what another writer appended.

        Only a successful append proves that it does not. Before a refusal, or the answer "nothing
        to do", the rest of the stream is read and the command decided again.
        """
        request, if_match = request_hash(submission), submission.precondition
        history, is_current = await self._load(submission)
        for _ in range(1 + self._attempts_max):
            record = history.commands.get(submission.command_id)
            if record is not None:
                return replay(submission, record, request)
            try:
                if if_match is not None and not if_match.holds_at(history.revision):
                    raise await self._stale(submission, if_match, history, is_current=is_current)
                events = decide(submission.command, history.order)
                if events:
                    return await append(submission, request, history, events)
                if is_current:
                    return unchanged(submission.order_id, history)
            except (StaleRevision, OrderRefused, Malformed):
                if is_current:
                    raise
            except WrongExpectedRevision:
                self._on_conflict()
            history, is_current = await self._read_rest(submission.order_id, history), True
        raise Contended(submission.order_id, 1 + self._attempts_max)

    async def submit(self, submission: Submission) -> Answer:
        """Write the command's events, durably, or answer what it wrote before.

        Raises Malformed, CommandIdReused, StaleRevision, OrderRefused, Contended, StoreError;
        ChainBroken, Undecodable or UpgradeNeeded if the order's events cannot be continued;
        EventsLost from then on if the log has lost events that were in it.
        A cancelled call may still write: send the command again to learn the result.
        """
        return await self._in_turn(submission, self._append)

    async def dry_run(self, submission: Submission) -> DryRun:
        """What submit() would do now, and the order after it; nothing is written. Raises as it."""
        done = await self._in_turn(submission, self._foresee)
        if isinstance(done, DryRun):
            return done
        return DryRun(done, (), await self.order(submission.order_id))

    async def _in_turn(self, submission: Submission, append: Append[T]) -> Answer | T:
        """The command performed with its order locked, on a log that has lost nothing."""
        if isinstance(submission.command, PlaceOrder) and (
            submission.command.order_id != submission.order_id
        ):
            raise Malformed("order_id", "the command places another order")
        try:
            if self._check_log is not None and self._lost is None:
                await self._check_log()
                self._check_log = None
            async with self.locks.of(submission.order_id):
                if self._lost is not None:
                    raise self._lost
                await self._store.check()
                return await self._transact(submission, append)
        except EventsLost as error:
            self._lose(error)
            raise

    @property
    def lost(self) -> EventsLost | None:
        """Why no command is taken any more; None while commands are taken."""
        return self._lost

    async def order(
        self,
        order_id: str,
        *,
        revision: int | None = None,
        as_of: datetime | None = None,
        occurred_as_of: datetime | None = None,
    ) -> FoldedOrder:
        """The order now, at a revision, or as of a time: before the first event recorded later, or
        the first that happened later.

        Raises OrderRefused (unknown-order), also if it has no such revision or did not exist then.
        """
        until = Until(revision=revision, as_of=_text(as_of), occurred_as_of=_text(occurred_as_of))
        if until == THE_END:
            try:
                folded = await self._current(order_id)
            except EventsLost as error:
                self._lose(error)
                raise
        else:
            folded = await fold_until(self._store, order_id, until=until)
        if folded is None:
            raise OrderRefused("unknown-order", "no such order, or none yet at that time")
        if (
            until == Until(revision=revision)
            and revision is not None
            and (folded.revision < revision)
        ):
            raise OrderRefused("unknown-order", f"the order is at revision {folded.revision} yet")
        return folded

    def just_placed(self, answered: Answer) -> tuple[OrderPlaced, str] | None:
        """The event that placed the order of an answer, and when it was recorded; None if more has
        happened to the order, or it is not in memory. Nothing is folded for it.
        """
        appended = self.cache.unfolded(answered.order_id)
        if appended is None or appended.record.position != answered.position:
            return None
        placed = appended.events[0]
        return (placed, appended.recorded_at) if isinstance(placed, OrderPlaced) else None

    async def order_after(self, answered: Answer) -> FoldedOrder:
        """The order as of the revision of an answer; from memory, if nothing came after it.

        Raises as order().
        """
        history = self.cache.get(answered.order_id)
        if history is not None and history.revision == answered.revision and history.folded:
            return history.folded
        return await self.order(answered.order_id, revision=answered.revision)

    async def events(
        self, order_id: str, *, after: int | None = None, limit: int | None = None
    ) -> Sequence[OrderEvent]:
        """The order's events after a revision, at most limit.

        Raises OrderRefused (unknown-order).
        """
        found = await events_after(self._store, order_id, after=after, limit=limit)
        if found is None:
            raise OrderRefused("unknown-order", "no such order")
        return found

    async def _load(self, submission: Submission) -> tuple[OrderHistory, bool]:
        """The order's history, and whether it is the whole stream for certain."""
        order_id = submission.order_id
        cached = self.cache.get(order_id)
        if cached is not None:
            return cached, False
        # A place-order is for a new order most times, and the append finds out if it is not.
        if isinstance(submission.command, PlaceOrder):
            return OrderHistory.empty(), False
        return await self._read_rest(order_id, OrderHistory.empty()), True

    async def _read_rest(self, order_id: str, history: OrderHistory) -> OrderHistory:
        """The whole history. With the order locked."""
        try:
            history = await read_rest(self._store, order_id, history)
        except BaseException:
            # It was extended in part, and shares its commands with the cached one.
            self.cache.forget(order_id)
            raise
        if history.folded is not None:
            self.cache.put(order_id, history)
        return history

    async def _stale(
        self,
        submission: Submission,
        if_match: Precondition,
        history: OrderHistory,
        *,
        is_current: bool,
    ) -> StaleRevision:
        """With the events since the revision that was asked for, if the history is current."""
        current = history.revision
        since: Sequence[OrderEvent] = ()
        if is_current and current is not None and if_match.revisions:
            seen = max(if_match.revisions)
            since = await self.events(submission.order_id, after=seen, limit=PAGE_MAX)
            current = max([current, *(event.revision for event in since)])
        return StaleRevision(submission.order_id, current, since)

    async def _append(
        self, submission: Submission, request: str, history: OrderHistory, events: Sequence[Event]
    ) -> Answer:
        order_id = submission.order_id
        now = utc_text(self._clock())
        drafts, hash_, recorded_at = draft_events(
            submission, events, history, request=request, now=now
        )
        stream = stream_name(order_id)
        try:
            position = await append_or_resend(
                self._store, stream, drafts, history.expected, resends_max=self._resends_max
            )
        except BaseException:
            self.cache.forget(order_id)
            raise
        record = CommandRecord(
            request,
            history.next_revision,
            position,
            tuple([draft.type for draft in drafts]),
            tuple([draft.event_id for draft in drafts]),
            credit_of(events),
        )
        last = Revision(history.next_revision + len(drafts) - 1)
        appended = Unfolded(history, submission.command_id, record, events, hash_, recorded_at)
        if history.folded is None:
            self.cache.put_unfolded(order_id, last, appended)
        else:  # decide has folded the events already, and the order before them can be dropped
            self.cache.put(order_id, appended())
        return answer(order_id, record)

    async def _foresee(
        self, submission: Submission, request: str, history: OrderHistory, events: Sequence[Event]
    ) -> DryRun:
        """As _append, but nothing is written. Raises WrongExpectedRevision as an append would."""
        order_id = submission.order_id
        newer = await events_after(self._store, order_id, after=history.revision, limit=1)
        if newer:
            stream = stream_name(order_id)
            raise WrongExpectedRevision(stream, history.expected, newer[0].revision)
        now = utc_text(self._clock())
        return foresee(submission, request, history, events, now=now)

    async def _current(self, order_id: str) -> FoldedOrder | None:
        history = self.cache.get(order_id)
        if history is not None:
            return await fold_until(self._store, order_id, start=history.folded)
        async with self.locks.of(order_id):
            history = self.cache.get(order_id) or OrderHistory.empty()
            return (await self._read_rest(order_id, history)).folded

    def _lose(self, error: EventsLost) -> None:
        """Any order in memory may have events that the log lost."""
        if self._lost is None:
            _log.critical("no command is taken any more: %s", error)
        self._lost = self._lost or error
        self.cache.clear()


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else utc_text(moment)


class OrderLocks:
    """A fair lock for each order: `async with locks.of(order_id):`.

    An order takes memory only while somebody holds its lock or waits for it.
    """

    def __init__(self) -> None:
        self._locks: dict[str, OrderLock] = {}

    def __len__(self) -> int:
        """How many orders are locked."""
        return len(self._locks)

    def of(self, order_id: str) -> "OrderLock":
        """The order's lock, to be entered at once."""
        lock = self._locks.get(order_id)
        if lock is None:
            lock = self._locks[order_id] = OrderLock(self._locks, order_id)
        return lock


class OrderLock:
    """The lock of one order."""

    __slots__ = ("_all", "_lock", "_order_id", "_users")

    def __init__(self, all_: dict[str, "OrderLock"], order_id: str) -> None:
        self._all = all_
        self._order_id = order_id
        self._lock = asyncio.Lock()
        self._users = 0
        """How many hold it or wait for it."""

    async def __aenter__(self) -> None:
        self._users += 1
        try:
            await self._lock.acquire()
        except BaseException:
            self._leave()
            raise

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._lock.release()
        self._leave()

    def _leave(self) -> None:
        self._users -= 1
        if not self._users:
            del self._all[self._order_id]
