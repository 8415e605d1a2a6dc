"""Reads read models for queries, and waits for a revision where a query asks for one."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from fastapi import Response
from sqlalchemy import Connection

from api.http.asgi import answer
from api.http.concurrency import ConcurrencyLimit
from api.http.problems import Rejected
from api.queries.parameters import Place
from api.queries.waiting import Parked, RevisionWaiter
from api.services import Services
from eventstore.record.chain import ChainBroken
from eventstore.record.codec import Undecodable, UpgradeNeeded
from projections.query.listing import Listed, Listing, page
from projections.storage.errors import NotBuilt
from projections.storage.reader import Query, T
from projections.storage.tables import applied, is_parked
from runtime.look import answered_within


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
    ) -> Response:
        """A page of a list; min_revision: of the order that it is filtered by.

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
        return answer({"items": listed.items, "next": listed.next})

    async def of_order(
        self,
        model: str,
        order_id: str,
        min_revision: int | None,
        question: Callable[[Connection, str], Mapping[str, Any] | None],
    ) -> Response:
        """The model's answer about one order, once it has applied min_revision.

        Raises Rejected: read-model-behind where it has not applied it in time, or does not have an
        order that the log has; order-parked where the order is parked before min_revision, or
        parked at all without min_revision. OrderRefused (unknown-order).
        """
        await self._wait(model, order_id, min_revision)

        def asked(conn: Connection) -> tuple[Mapping[str, Any] | None, int | None]:
            if min_revision is None:
                _refuse_parked(conn, model, order_id)
            return question(conn, order_id), applied(conn, order_id)

        document, revision = await self.ask(model, asked)
        if document is None or revision is None:
            await self._refuse_unknown_order(order_id)
            raise _behind(model)
        return answer({"order_id": order_id, "revision": revision, **document})

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
