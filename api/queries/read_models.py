"""Reads read models for queries, and waits for a revision where a query asks for one."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Final, NamedTuple, TypeAlias

from sqlalchemy import Connection

from api.http.limits import ConcurrencyLimit
from api.http.periods import bad_periods_refused
from api.http.problems import Rejected
from api.queries.parameters import Place
from api.services import Services
from eventstore.record.chain import ChainBroken
from eventstore.record.codec import Undecodable, UpgradeNeeded
from projections.query.listing import Listed, Listing, page
from projections.query.part_lists import Owner, PartList, pages_of_parts
from projections.storage.errors import NotBuilt
from projections.storage.reader import Query, T
from projections.storage.tables import Progress, applied, is_parked, progress_of
from runtime.look import answered_within

POLL_S: Final = 0.005
POLL_TIMEOUT_S: Final = 2.0
"""A poll that takes longer is given up: the database does not answer."""

_Ask: TypeAlias = Callable[[Query[Progress]], Awaitable[Progress]]


class Parked(Exception):
    """The read model has parked the order: it applies none of its further events."""


class _Waiter(NamedTuple):
    """A query that waits. ends_s: by the loop's clock; it is polled for once in any case."""

    order_id: str
    revision: int
    ends_s: float
    reached: asyncio.Future[None]

    def settle(self, progress: Progress, now_s: float) -> None:
        """End the waiting, where this progress decides it."""
        if progress.applied.get(self.order_id, -1) >= self.revision:
            self.reached.set_result(None)
        elif self.order_id in progress.parked:
            self.reached.set_exception(Parked())
        elif now_s >= self.ends_s:
            self.reached.set_exception(TimeoutError())


class RevisionWaiter:
    """Waits for revisions of one read model."""

    def __init__(self, ask: _Ask) -> None:
        self._ask = ask
        self._waiters: list[_Waiter] = []
        self._polling: asyncio.Task[None] | None = None

    async def until(self, order_id: str, revision: int, *, within_s: float) -> None:
        """Return once the model has applied that revision of the order; with within_s 0, poll once.

        Raises TimeoutError, Parked, and the error where the model cannot be read.
        """
        loop = asyncio.get_running_loop()
        waiter = _Waiter(order_id, revision, loop.time() + within_s, loop.create_future())
        self._waiters.append(waiter)
        if self._polling is None or self._polling.done():
            self._polling = asyncio.create_task(self._poll())
        try:
            async with asyncio.timeout(within_s + POLL_TIMEOUT_S):
                await waiter.reached
        finally:
            if waiter in self._waiters:
                self._waiters.remove(waiter)

    async def _poll(self) -> None:
        """Read the progress again and again, as long as a query waits."""
        now_s = asyncio.get_running_loop().time
        while self._waiters:
            waiting = [waiter for waiter in self._waiters if not waiter.reached.done()]
            orders = {waiter.order_id for waiter in waiting}
            try:
                progress = await self._ask(partial(progress_of, order_ids=orders))
            except NotBuilt as error:
                # Its worker has just started: the query waits for its tables as well.
                _end([waiter for waiter in waiting if now_s() >= waiter.ends_s], error)
            except Exception as error:  # noqa: BLE001 (raised in the queries that wait)
                _end(waiting, error)
            else:
                for waiter in waiting:
                    if not waiter.reached.done():
                        waiter.settle(progress, now_s())
            self._waiters = [waiter for waiter in self._waiters if not waiter.reached.done()]
            if self._waiters:
                await asyncio.sleep(POLL_S)


def _end(waiters: list[_Waiter], error: Exception) -> None:
    for waiter in waiters:
        if not waiter.reached.done():
            waiter.reached.set_exception(error)


class ReadModels:
    """The read models of one server, for its queries."""

    def __init__(self, services: Services) -> None:
        self._databases = services.databases
        self._waiting = {
            name: RevisionWaiter(database.ask) for name, database in services.databases.items()
        }
        self._ledger = services.ledger
        self._query_s = services.limits.query_s
        self._wait_s = services.limits.wait_s
        self._waits = ConcurrencyLimit(services.limits.waits_max, "queries that wait")

    async def ask(self, model: str, question: Query[T], *, long: bool = False) -> T:
        """long: it may read many rows.

        Raises Rejected (read-model-unavailable) where its database does not answer in time, and
        ReadModelError.
        """
        asking = self._databases[model].ask(question, long=long)
        try:
            return await answered_within(self._query_s, asking)
        except TimeoutError as error:
            raise Rejected("read-model-unavailable", f"the {model} read model: {error}") from None

    async def page(
        self,
        model: str,
        listing: Listing,
        filters: object,
        sort: str,
        place: Place,
        *,
        min_revision: int | None = None,
    ) -> dict[str, Any]:
        """A page of a list, as `items` and `next`; min_revision: of the order that it is filtered
        by.

        Raises BadCursor; Rejected (order-parked, read-model-behind) for a list of one order.
        """
        order_id = getattr(filters, "order_id", None)
        if order_id is not None:
            await self._wait(model, order_id, min_revision)

        def question(conn: Connection) -> Listed:
            if min_revision is None:
                _refuse_parked(conn, model, order_id)
            return page(
                conn,
                listing,
                filters=filters,
                sort=sort,
                limit=place.limit,
                cursor=place.cursor,
            )

        listed = await self.ask(model, question, long=order_id is None)
        return {"items": listed.items, "next": listed.next}

    async def of_order(
        self,
        model: str,
        order_id: str,
        min_revision: int | None,
        question: Callable[[Connection, str], Mapping[str, Any] | None],
    ) -> dict[str, Any]:
        """The model's answer about one order, once it has applied min_revision.

        Raises Rejected: read-model-behind where it has not applied it in time, or does not have an
        order that the log has; order-parked where the order is parked before min_revision, or
        parked at all without min_revision. OrderRefused (unknown-order).
        """
        await self._wait(model, order_id, min_revision)
        return await self._of_order(model, order_id, question, even_parked=min_revision is not None)

    async def _of_order(
        self,
        model: str,
        order_id: str,
        question: Callable[[Connection, str], Mapping[str, Any] | None],
        *,
        even_parked: bool,
    ) -> dict[str, Any]:
        def asked(conn: Connection) -> tuple[Mapping[str, Any] | None, int | None]:
            if not even_parked:
                _refuse_parked(conn, model, order_id)
            return question(conn, order_id), applied(conn, order_id)

        document, revision = await self.ask(model, asked)
        if document is None or revision is None:
            await self._refuse_unknown_order(order_id)
            raise _behind(model)
        return {"order_id": order_id, "revision": revision, **document}

    async def pages_of_parts(
        self,
        model: str,
        wanted: PartList,
        owners: Sequence[Owner],
        *,
        limit: int,
        cursor: str | None = None,
    ) -> list[Listed | Rejected]:
        """A page of the list of each of these orders, or of their parts, read at once.

        In place of a page there is Rejected (read-model-behind, order-parked) for an order that
        the model has not applied, or has parked. Raises BadCursor.
        """

        def question(conn: Connection) -> tuple[Progress, list[Listed]]:
            pages = pages_of_parts(conn, wanted, owners, limit=limit, cursor=cursor)
            return progress_of(conn, {owner[0] for owner in owners}), pages

        def answered(order_id: str, listed: Listed) -> Listed | Rejected:
            if order_id in progress.parked:
                return _parked(model)
            return listed if order_id in progress.applied else _behind(model)

        progress, pages = await self.ask(model, question, long=len(owners) > 1)
        return [answered(owner[0], listed) for owner, listed in zip(owners, pages, strict=True)]

    async def changed(
        self,
        model: str,
        order_id: str,
        revision: int,
        question: Callable[[Connection, str], Mapping[str, Any] | None],
    ) -> dict[str, Any]:
        """The model's answer about an order that the log has at that revision, once the model has
        applied it: for streams, whose waits are not limited in number, as one poll serves all.

        Raises Rejected (read-model-behind, order-parked, read-model-unavailable), ReadModelError.
        """
        try:
            await self._waiting[model].until(order_id, revision, within_s=self._wait_s)
        except (TimeoutError, NotBuilt):
            raise _behind(model) from None
        except Parked:
            raise _parked(model) from None
        return await self._of_order(model, order_id, question, even_parked=True)

    async def of_one(
        self, model: str, order_id: str | None, question: Query[T], *, long: bool = False
    ) -> T:
        """The model's answer, within that order if one is named. long: as for ask.

        Raises Rejected (order-parked).
        """

        def asked(conn: Connection) -> T:
            _refuse_parked(conn, model, order_id)
            return question(conn)

        return await self.ask(model, asked, long=long)

    async def totals(self, model: str, question: Query[T], *, order_id: str | None = None) -> T:
        """The model's answer about a period. Raises Rejected (malformed, order-parked)."""
        with bad_periods_refused():
            return await self.of_one(model, order_id, question, long=order_id is None)

    async def _wait(self, model: str, order_id: str, min_revision: int | None) -> None:
        """Wait until the model has applied that revision; not for one that the log does not have.

        Raises Rejected, OrderRefused (unknown-order).
        """
        if min_revision is None:
            return
        waiting = self._waiting[model]
        try:
            with suppress(TimeoutError, NotBuilt):
                await waiting.until(order_id, min_revision, within_s=0)
                return
            await self._refuse_unknown_revision(order_id, min_revision)
            with self._waits:
                await waiting.until(order_id, min_revision, within_s=self._wait_s)
        except TimeoutError:
            raise _behind(model) from None
        except Parked:
            raise _parked(model) from None

    async def _refuse_unknown_revision(self, order_id: str, revision: int) -> None:
        """Raises Rejected (no-such-revision), OrderRefused: waiting would not help."""
        with suppress(Undecodable, ChainBroken, UpgradeNeeded):
            before = revision - 1 if revision else None
            if not await self._ledger.events(order_id, after=before, limit=1):
                now = await self._ledger.order(order_id)
                raise Rejected("no-such-revision", f"the order is at revision {now.revision}")

    async def _refuse_unknown_order(self, order_id: str) -> None:
        """Raises OrderRefused (unknown-order) where the log does not have the order either."""
        with suppress(Undecodable, ChainBroken, UpgradeNeeded):
            # The log has it, damaged. Its worker will park it; this query does not report that.
            await self._ledger.order(order_id)


def _behind(model: str) -> Rejected:
    return Rejected("read-model-behind", f"the {model} read model has not applied it yet")


def _parked(model: str) -> Rejected:
    return Rejected("order-parked", f"the {model} read model cannot apply an event of this order")


def _refuse_parked(conn: Connection, model: str, order_id: str | None) -> None:
    if order_id is not None and is_parked(conn, order_id):
        raise _parked(model)
