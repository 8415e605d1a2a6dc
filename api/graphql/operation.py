"""What the resolvers of one operation share: the server's queries and commands, its sender, its
place among the others, and the data loaders, so that what is asked for each item of a list is read
at once.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Final, TypeAlias

from graphql import GraphQLResolveInfo
from strawberry.dataloader import DataLoader

from api.commands.handler import CommandHandler, Result
from api.commands.headers import Sender
from api.http.problems import Rejected
from api.http.sharing import Turn
from api.queries.read_models import ReadModels
from api.services import Services
from eventstore.ledger.submission import Submission
from projections.query.listing import LIMIT_MAX
from projections.query.part_lists import Owner, PartList

LOG_READS_MAX: Final = 8
"""Streams of orders that one operation reads at the same time."""


@dataclass(frozen=True, slots=True)
class Door:
    """What GraphQL is answered from: the services that every other route is answered from."""

    services: Services
    models: ReadModels
    handler: CommandHandler
    dry_run: Callable[[Submission], Awaitable[Result]]

    @property
    def clock(self) -> Callable[[], datetime]:
        return self.services.clock


@dataclass(frozen=True, slots=True)
class Nested:
    """A list of each order, payment or shipment, and the read model that has it."""

    model: str
    list: PartList


@dataclass(slots=True)
class Operation:
    """One operation. ends_s: by the loop's clock, when it has to be answered."""

    door: Door
    sender: Sender
    turn: Turn
    ends_s: float
    _loaders: dict[Any, DataLoader[Owner, Any]] = field(default_factory=dict)
    _log: asyncio.Semaphore = field(default_factory=partial(asyncio.Semaphore, LOG_READS_MAX))

    def page_of(
        self, nested: Nested, owner: Owner, limit: int, cursor: str | None
    ) -> Awaitable[dict[str, Any]]:
        """A page of the owner's list, as `items` and `next`; read together with those of others.

        Raises Rejected (read-model-behind, order-parked), BadCursor.
        """
        loader = self._loaders.get((nested, limit, cursor))
        if loader is None:
            load = partial(self._pages, nested, limit, cursor)
            loader = DataLoader(load, max_batch_size=LIMIT_MAX)
            self._loaders[nested, limit, cursor] = loader
        return loader.load(owner)

    async def _pages(
        self, nested: Nested, limit: int, cursor: str | None, owners: Sequence[Owner]
    ) -> list[dict[str, Any] | Rejected]:
        pages = await self.door.models.pages_of_parts(
            nested.model, nested.list, owners, limit=limit, cursor=cursor
        )
        return [
            page if isinstance(page, Rejected) else {"items": page.items, "next": page.next}
            for page in pages
        ]

    async def from_the_log(self, read: Callable[[], Awaitable[Any]]) -> Any:
        """What reading one order in the log gives; an operation reads few of them at once."""
        async with self._log:
            return await read()

    async def in_turns(self, items: Sequence[Any]) -> AsyncIterator[Any]:
        """The items of a list. The executor works on an item until it asks for the next one: so a
        long list lets other requests run in between.
        """
        for item in items:
            await self.turn.go_on()
            with self.turn:
                yield item


Info: TypeAlias = GraphQLResolveInfo[Operation]
