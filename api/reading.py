"""Reading a read model for a query: a connection, an answer, and the wait for one's own writes."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from fastapi import Response
from pydantic_core import to_json
from sqlalchemy.ext.asyncio import AsyncConnection

from api.problems import Rejected
from api.services import Services
from api.waiting import Waiting
from projections.database import applied
from projections.paging import Listed


def answer(document: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    """JSON straight to bytes: what a read model answers is plain and ready."""
    return Response(to_json(document), media_type="application/json", headers=_fresh(headers))


def listed(page: Listed) -> Response:
    return answer({"items": page.items, "next": page.next})


class Reading:
    """The read models of one server, as its queries use them."""

    def __init__(self, services: Services) -> None:
        self._databases = services.databases
        self._waiting = {
            name: Waiting(database.connect) for name, database in services.databases.items()
        }
        self._ledger = services.ledger
        self._wait_s = services.limits.wait_s

    @asynccontextmanager
    async def connect(self, model: str) -> AsyncIterator[AsyncConnection]:
        async with self._databases[model].connect() as conn:
            yield conn

    async def of_order(
        self,
        model: str,
        order_id: str,
        min_revision: int | None,
        ask: Callable[[AsyncConnection], Awaitable[Mapping[str, Any] | None]],
    ) -> Response:
        """What the model says of one order, once it has applied min_revision.

        Raises Rejected (read-model-behind) where it has not in time, or does not know the order
        although the log does; OrderRefused (unknown-order).
        """
        await self.wait(model, order_id, min_revision)
        async with self.connect(model) as conn:
            document = await ask(conn)
            revision = await applied(conn, order_id)
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
