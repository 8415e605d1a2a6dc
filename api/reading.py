"""Reading a read model for a query: a question, an answer, and the wait for one's own writes."""

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import Response
from pydantic_core import to_json
from sqlalchemy import Connection

from api.problems import Rejected
from api.queries import Place
from api.services import Services
from api.waiting import Waiting
from projections.asking import Question, T
from projections.database import applied
from projections.paging import Listing, page


def answer(document: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    """JSON straight to bytes: what a read model answers is plain and ready."""
    return Response(to_json(document), media_type="application/json", headers=_fresh(headers))


class Reading:
    """The read models of one server, as its queries use them."""

    def __init__(self, services: Services) -> None:
        self._databases = services.databases
        self._waiting = {
            name: Waiting(database.ask) for name, database in services.databases.items()
        }
        self._ledger = services.ledger
        self._wait_s = services.limits.wait_s

    async def ask(self, model: str, question: Question[T]) -> T:
        return await self._databases[model].ask(question)

    async def page(
        self, model: str, listing: Listing, filters: object, sort: str, place: Place
    ) -> Response:
        """A page of a list. Raises BadCursor."""
        listed = await self.ask(
            model,
            lambda conn: page(
                conn,
                listing,
                filters=filters,
                sort=sort,
                limit=place.limit,
                cursor=place.cursor,
            ),
        )
        return answer({"items": listed.items, "next": listed.next})

    async def of_order(
        self,
        model: str,
        order_id: str,
        min_revision: int | None,
        question: Callable[[Connection, str], Mapping[str, Any] | None],
    ) -> Response:
        """What the model says of one order, once it has applied min_revision.

        Raises Rejected (read-model-behind) where it has not in time, or does not know the order
        although the log does; OrderRefused (unknown-order).
        """
        await self.wait(model, order_id, min_revision)
        document, revision = await self.ask(
            model, lambda conn: (question(conn, order_id), applied(conn, order_id))
        )
        if document is None or revision is None:
            await self._ledger.order(order_id)
            raise _behind(model)
        return answer({"order_id": order_id, "revision": revision, **document})

    async def wait(self, model: str, order_id: str, min_revision: int | None) -> None:
        """Until the model has applied that revision of the order. Raises Rejected."""
        if min_revision is None:
            return
        try:
            await self._waiting[model].until(order_id, min_revision, within_s=self._wait_s)
        except TimeoutError:
            raise _behind(model) from None


def _behind(model: str) -> Rejected:
    return Rejected("read-model-behind", f"the {model} read model has not applied it yet")


def _fresh(headers: Mapping[str, str] | None) -> dict[str, str]:
    return {"cache-control": "no-store", "x-content-type-options": "nosniff", **(headers or {})}
