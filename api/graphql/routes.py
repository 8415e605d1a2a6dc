"""POST /v1/graphql: one operation, answered as JSON; or as Server-Sent Events, by the distinct
connections mode of the graphql-sse protocol.

The guards have checked Host and Origin. GET answers the page GraphiQL and executes nothing: an
operation in an address would be stored in logs and caches, and could be sent by a link.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, Final

from graphql import ExecutionResult
from pydantic_core import to_json
from starlette.types import Receive, Scope, Send

from api.commands.handler import CommandHandler
from api.commands.headers import Sender, refuse_headers_of_one_command, refuse_query, sender_of
from api.commands.routes import DryRun
from api.graphql.documented import documented_graphql
from api.graphql.errors import of_exception
from api.graphql.execution import (
    Answer,
    Invalid,
    Prepared,
    Request,
    answer_of,
    executed,
    failure,
    prepared,
    request_of,
    status_of,
    subscribed,
)
from api.graphql.operation import Door, Operation
from api.http.asgi import JSON_TYPE, AsgiRoute, disconnected, read_body, send_whole, start_stream
from api.http.guards import check_body
from api.http.limits import ConcurrencyLimit, RequestDeadlines
from api.http.problems import Rejected, malformed
from api.http.sharing import Turns
from api.queries.read_models import ReadModels
from api.services import Services

RESPONSE_TYPE: Final = b"application/graphql-response+json"
EVENTS_TYPE: Final = b"text/event-stream"
_NO_STORE: Final = ((b"cache-control", b"no-store"),)


class GraphQLDoor:
    """Answers operations, each within the limits of requests."""

    def __init__(self, door: Door, turns: Turns, *, introspection: bool) -> None:
        limits = door.services.limits
        self._door = door
        self._turns = turns
        self._introspection = introspection
        self._limits = limits
        self._operations = ConcurrencyLimit(limits.graphql_max, "GraphQL operations")
        self._streams = ConcurrencyLimit(limits.graphql_streams_max, "GraphQL subscriptions")
        # Less than a request's limit, so that the answer can say how to send a command again.
        self._answer_s = 0.8 * limits.request_s
        self._deadlines = RequestDeadlines(limits.request_s)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refuse_query(scope)
        headers = dict(scope["headers"])
        check_body(headers, JSON_TYPE, self._limits.body_max_bytes)
        refuse_headers_of_one_command(headers)
        operation = self._operation(sender_of(headers, "graphql"))
        body = await self._deadlines.wait_for(
            lambda: read_body(receive, self._limits.body_max_bytes)
        )
        accepted = headers.get(b"accept", b"").lower()
        media_type = RESPONSE_TYPE if RESPONSE_TYPE in accepted else JSON_TYPE
        await operation.turn.go_on()
        try:
            with operation.turn:
                request = request_of(body)
        except Rejected as error:
            answer = failure([of_exception(error)])
            await send_whole(send, status_of(answer), to_json(answer), media_type, _NO_STORE)
            return
        if EVENTS_TYPE in accepted:
            with self._streams:
                await self._stream(request, operation, receive, send)
            return
        with self._operations:
            answer = await self._answer(request, operation)
        status = status_of(answer)
        if media_type is JSON_TYPE and status < _SERVER_ERROR:
            status = 200  # by GraphQL over HTTP: what is wrong with the operation is in `errors`
        await send_whole(send, status, to_json(answer), media_type, _NO_STORE)

    def _operation(self, sender: Sender) -> Operation:
        ends_s = asyncio.get_running_loop().time() + self._answer_s
        return Operation(self._door, sender, self._turns.new(), ends_s)

    def _prepared(self, request: Request, operation: Operation) -> Prepared:
        """Raises Invalid."""
        with operation.turn:
            return prepared(request, introspection=self._introspection)

    async def _answer(self, request: Request, operation: Operation) -> Answer:
        """The answer to a query or mutation. A failure is an answer, too."""
        try:
            asked = self._prepared(request, operation)
            if asked.is_subscription:
                return failure([_NO_STREAM])
            return await self._executed(asked, operation)
        except Invalid as invalid:
            return failure(invalid.errors)
        except Exception as error:  # noqa: BLE001 (each becomes a problem; unknown ones are logged)
            return failure([of_exception(error)])

    async def _executed(self, asked: Prepared, operation: Operation) -> Answer:
        """Raises TimeoutError."""
        return answer_of(await self._deadlines.wait_for(lambda: executed(asked, operation)))

    async def _stream(
        self, request: Request, operation: Operation, receive: Receive, send: Send
    ) -> None:
        """Send the answers until there are no more, or the client hangs up. A client that does not
        read is cut: it resumes after the last position that it got.
        """
        await start_stream(send, EVENTS_TYPE)

        async def pump() -> None:
            async with aclosing(self._messages(request, operation)) as messages:
                async for message in messages:
                    async with asyncio.timeout(self._limits.write_s):
                        await send(_body(message, more=True))
            await send(_body(b"", more=False))

        pumping = asyncio.create_task(pump())
        gone = asyncio.create_task(disconnected(receive))
        try:
            await asyncio.wait((pumping, gone), return_when=asyncio.FIRST_COMPLETED)
        finally:
            gone.cancel()
            if not pumping.done():
                pumping.cancel()
            await asyncio.wait((pumping, gone))
        if not pumping.cancelled():
            pumping.result()

    async def _messages(
        self, request: Request, operation: Operation
    ) -> AsyncGenerator[bytes, None]:
        """The events of the stream. Where the server stops, the stream ends without `complete`, so
        that the client subscribes again.
        """
        try:
            asked = self._prepared(request, operation)
            if not asked.is_subscription:
                with self._operations:
                    yield _next(await self._executed(asked, operation)) + _COMPLETE
                return
            source = await self._deadlines.wait_for(lambda: subscribed(asked, operation))
            if isinstance(source, ExecutionResult):
                yield _next(answer_of(source)) + _COMPLETE
                return
            async with aclosing(source):
                async for result in source:
                    yield _next(answer_of(result))
        except Invalid as invalid:
            yield _next(failure(invalid.errors)) + _COMPLETE
        except Exception as error:  # noqa: BLE001 (each becomes a problem; unknown ones are logged)
            yield _next(failure([of_exception(error)])) + _COMPLETE


_NO_STREAM: Final = of_exception(
    malformed("Accept", "must be text/event-stream for a subscription")
)
_SERVER_ERROR: Final = 500
_COMPLETE: Final = b"event: complete\ndata:\n\n"


def _next(answer: Answer) -> bytes:
    return b"event: next\ndata: " + to_json(answer) + b"\n\n"


def _body(chunk: bytes, *, more: bool) -> dict[str, Any]:
    return {"type": "http.response.body", "body": chunk, "more_body": more}


def graphql_route(
    services: Services,
    models: ReadModels,
    handler: CommandHandler,
    dry_run: DryRun,
    turns: Turns,
) -> AsgiRoute:
    door = Door(services, models, handler, dry_run)
    return documented_graphql(
        GraphQLDoor(door, turns, introspection=services.graphql_introspection)
    )
