"""The clients: Client blocks, AsyncClient is for asyncio. Both have the same methods."""

from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Generator,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from types import TracebackType
from typing import Any, Generic, Literal, Self, TypeVar

import httpx

from daybook_client.bulk import Line, LineResult
from daybook_client.commands import Commands, EventType
from daybook_client.documents import Answer, DryRun, ExportedEvent
from daybook_client.driving import acall, aiterate, call, iterate, server_of
from daybook_client.exchange import LIMITS, Limits, Policy, Wanted
from daybook_client.following import LiveEvent
from daybook_client.queries import AsyncQueries, Queries
from daybook_client.requests import PLACE, Requests, View, command_fields
from daybook_client.retrying import RETRYING, Retrying
from daybook_client.sending import Moment, Sender, Sending, header_value, in_line

A = TypeVar("A")
GIVE_UP_AFTER_S = 300.0
NOBODY = Sender()


def _requests(
    retrying: Retrying,
    limits: Limits,
    sender: Sender,
    headers: Mapping[str, str],
    timeout_s: float,
) -> Requests:
    return Requests(
        policy=Policy(retrying, limits),
        sender=sender,
        headers={name: header_value(name, text) for name, text in headers.items()},
        timeout_s=timeout_s,
    )


class _Commands(Commands[A], Generic[A]):
    """Commands that are done by a function."""

    def __init__(self, do: Callable[[str, str | None, Mapping[str, Any], Sending], A]) -> None:
        self._do = do

    def _command(
        self, name: str, order_id: str | None, fields: Mapping[str, Any], sending: Sending
    ) -> A:
        return self._do(name, order_id, fields, sending)


class Client(Commands[Answer], Queries):
    """A client that blocks. It may be used by several threads; close() ends its connections.

    url: of the server, with a path where it is behind one. sender: who sends, through what.
    headers: sent with every request, such as Authorization. http: a client of your own, with its
    proxies, certificates or authentication; it is yours to close. timeout_s: for connecting and
    for each read.

    Each command may raise OrderRefused, Malformed, StaleRevision, KeyReused, Rejected,
    Unavailable, OutcomeUnknown, UnexpectedAnswer or ServerFault, all of them DaybookErrors, and
    ValueError for what cannot be sent.
    """

    def __init__(
        self,
        url: str,
        *,
        sender: Sender = NOBODY,
        headers: Mapping[str, str] | None = None,
        http: httpx.Client | None = None,
        timeout_s: float = 30.0,
        retrying: Retrying = RETRYING,
        limits: Limits = LIMITS,
    ) -> None:
        self._server = server_of(url)
        self._requests = _requests(retrying, limits, sender, headers or {}, timeout_s)
        self._is_ours = http is None
        self._http = httpx.Client() if http is None else http
        self.dry_run: Commands[DryRun] = _Commands(self._dry)
        """The same commands, of which nothing is stored: what each would do."""

    def submit(self, lines: Iterable[Line | bytes | str]) -> Generator[LineResult, None, None]:
        """Send many commands, as `line` makes them or as lines of JSON; give the result of each,
        in order, while later ones are read.

        Lines of one order are done in order, others side by side. They are sent when 1,000 have
        come or at their end. Raises DaybookError; Interrupted where lines have no answer.
        """
        return iterate(self._http, self._server, self._requests.submit(), lines)

    def follow(
        self,
        *,
        after: int | None = None,
        types: Sequence[EventType] = (),
        order_id: str | None = None,
        customer_id: str | None = None,
        view: View | None = None,
        until_caught_up: bool = False,
        give_up_after_s: float = GIVE_UP_AFTER_S,
    ) -> Generator[LiveEvent, None, None]:
        """The events as they are stored: each once, in the log's order, whatever connections do.

        after: a position; 0 is the log's begin. Without it, what is stored from the first next()
        on; of one order, all of its events. types, order_id, customer_id: only such events. view:
        instead of events, the view of each order that changed. until_caught_up: end where there
        are no more for now. Raises DaybookError for a problem that does not pass, and where the
        server cannot be reached for give_up_after_s.
        """
        following = self._requests.follow(
            after=after,
            types=types,
            order_id=order_id,
            customer_id=customer_id,
            view=view,
            until_caught_up=until_caught_up,
            give_up_after_s=give_up_after_s,
        )
        return iterate(self._http, self._server, following)

    def export(
        self,
        *,
        order_id: str | None = None,
        from_: Moment | None = None,
        to: Moment | None = None,
        by: Literal["occurred", "recorded"] | None = None,
        tz: str | None = None,
    ) -> Generator[ExportedEvent, None, None]:
        """Every event of the log up to its head now, with its metadata, in the log's order.

        order_id: of one order. from_, to: when it happened; by="recorded": when it was recorded.
        Raises Interrupted where the export was cut off.
        """
        query = {"order_id": order_id, "from": from_, "to": to, "by": by, "tz": tz}
        return iterate(self._http, self._server, self._requests.export(query))

    def close(self) -> None:
        if self._is_ours:
            self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _command(
        self, name: str, order_id: str | None, fields: Mapping[str, Any], sending: Sending
    ) -> Answer:
        asked = self._requests.command(name, order_id, fields, sending)
        answer: Answer = call(self._http, self._server, asked)
        return answer

    def _dry(
        self, name: str, order_id: str | None, fields: Mapping[str, Any], sending: Sending
    ) -> DryRun:
        asked = self._requests.command(name, order_id, fields, sending, dry_run=True)
        answer: DryRun = call(self._http, self._server, asked)
        return answer

    def _one(self, path: str, query: Mapping[str, Any], wanted: Wanted) -> Any:
        return call(self._http, self._server, self._requests.query(path, query, wanted))

    def _each(self, path: str, query: Mapping[str, Any]) -> Iterator[Any]:
        return iterate(self._http, self._server, self._requests.pages(path, query))


class AsyncClient(Commands[Awaitable[Answer]], AsyncQueries):
    """As Client, for asyncio: commands and queries are awaited, lists iterated with async for."""

    def __init__(
        self,
        url: str,
        *,
        sender: Sender = NOBODY,
        headers: Mapping[str, str] | None = None,
        http: httpx.AsyncClient | None = None,
        timeout_s: float = 30.0,
        retrying: Retrying = RETRYING,
        limits: Limits = LIMITS,
    ) -> None:
        self._server = server_of(url)
        self._requests = _requests(retrying, limits, sender, headers or {}, timeout_s)
        self._is_ours = http is None
        self._http = httpx.AsyncClient() if http is None else http
        self.dry_run: Commands[Awaitable[DryRun]] = _Commands(self._dry)
        """The same commands, of which nothing is stored: what each would do."""

    def submit(
        self, lines: Iterable[Line | bytes | str] | AsyncIterable[Line | bytes | str]
    ) -> AsyncGenerator[LineResult, None]:
        """See Client.submit()."""
        return aiterate(self._http, self._server, self._requests.submit(), lines)

    def follow(
        self,
        *,
        after: int | None = None,
        types: Sequence[EventType] = (),
        order_id: str | None = None,
        customer_id: str | None = None,
        view: View | None = None,
        until_caught_up: bool = False,
        give_up_after_s: float = GIVE_UP_AFTER_S,
    ) -> AsyncGenerator[LiveEvent, None]:
        """See Client.follow()."""
        following = self._requests.follow(
            after=after,
            types=types,
            order_id=order_id,
            customer_id=customer_id,
            view=view,
            until_caught_up=until_caught_up,
            give_up_after_s=give_up_after_s,
        )
        return aiterate(self._http, self._server, following)

    def export(
        self,
        *,
        order_id: str | None = None,
        from_: Moment | None = None,
        to: Moment | None = None,
        by: Literal["occurred", "recorded"] | None = None,
        tz: str | None = None,
    ) -> AsyncGenerator[ExportedEvent, None]:
        """See Client.export()."""
        query = {"order_id": order_id, "from": from_, "to": to, "by": by, "tz": tz}
        return aiterate(self._http, self._server, self._requests.export(query))

    async def aclose(self) -> None:
        if self._is_ours:
            await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def _command(
        self, name: str, order_id: str | None, fields: Mapping[str, Any], sending: Sending
    ) -> Answer:
        asked = self._requests.command(name, order_id, fields, sending)
        answer: Answer = await acall(self._http, self._server, asked)
        return answer

    async def _dry(
        self, name: str, order_id: str | None, fields: Mapping[str, Any], sending: Sending
    ) -> DryRun:
        asked = self._requests.command(name, order_id, fields, sending, dry_run=True)
        answer: DryRun = await acall(self._http, self._server, asked)
        return answer

    async def _one(self, path: str, query: Mapping[str, Any], wanted: Wanted) -> Any:
        return await acall(self._http, self._server, self._requests.query(path, query, wanted))

    def _each(self, path: str, query: Mapping[str, Any]) -> AsyncIterator[Any]:
        return aiterate(self._http, self._server, self._requests.pages(path, query))


def _line(
    name: str, order_id: str | None, fields: Mapping[str, Any], sending: Sending
) -> dict[str, Any]:
    named = {"command": name} | ({} if order_id is None else {"order_id": order_id})
    if name != PLACE and order_id is None:
        raise ValueError("a command names its order")
    return named | in_line(NOBODY, sending) | command_fields(fields)


line: Commands[dict[str, Any]] = _Commands(_line)
"""Makes lines for submit(): line.cancel_order("1001", reason="too late")."""
