"""The routes that write: one for each command, and one for many commands as a stream.

FastAPI documents them (api.commands.documented), and their endpoints are plain ASGI.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing
from datetime import datetime
from typing import TypeAlias

import orjson
from pydantic_core import to_json
from starlette.types import Receive, Scope, Send

from api.commands.bulk import Line, split_lines, submit_lines
from api.commands.documented import documented, documented_bulk
from api.commands.handler import CREATED, CommandHandler, Result
from api.commands.headers import (
    idempotency_key,
    precondition,
    refuse_headers_of_one_command,
    refuse_query,
    sender_of,
    wants_dry_run,
)
from api.commands.parse import from_body
from api.commands.registry import REGISTRY, Registered
from api.http.asgi import (
    JSON_TYPE,
    NDJSON_TYPE,
    AsgiRoute,
    ClientGone,
    read_body,
    read_chunks,
    send_problem,
    send_whole,
    start_stream,
)
from api.http.guards import Limits, check_body
from api.http.limits import ConcurrencyLimit, RequestDeadlines
from api.http.paths import segment, unmarked
from api.http.problems import Rejected
from api.http.sharing import Places, Sharing, Turns
from eventstore.ledger.submission import Submission

PLACE = REGISTRY["place-order"]
ORDERS = "/v1/orders/"
ORDER_COMMANDS = {name: known for name, known in REGISTRY.items() if known is not PLACE}


LARGE_BODY_BYTES = 65_536
"""Parsing so many bytes takes long: such a body waits for its turn, as the streams do."""


DryRun: TypeAlias = Callable[[Submission], Awaitable[Result]]


def command_routes(
    handler: CommandHandler,
    dry_run: DryRun,
    clock: Callable[[], datetime],
    limits: Limits,
    turns: Turns,
) -> list[AsgiRoute]:
    single = SingleCommand(handler, dry_run, clock, limits, turns)
    bulk = BulkCommands(handler, clock, limits, turns)
    return [*(documented(known, single) for known in REGISTRY.values()), documented_bulk(bulk)]


def order_of_command(path: str) -> str | None:
    """The order id in the path of an order's command, still marked; None for every other path."""
    if not path.startswith(ORDERS):
        return None
    order_id, _, command = path[len(ORDERS) :].partition("/")
    return order_id if order_id and command in ORDER_COMMANDS else None


class SingleCommand:
    """POST /v1/orders and POST /v1/orders/{order_id}/{command}."""

    def __init__(
        self,
        handler: CommandHandler,
        dry_run: DryRun,
        clock: Callable[[], datetime],
        limits: Limits,
        turns: Turns,
    ) -> None:
        self._handler = handler
        self._dry_run = dry_run
        self._clock = clock
        self._turns = turns
        self._limit = ConcurrencyLimit(limits.commands_max, "commands")
        self._bytes_max = limits.body_max_bytes
        # Less than the guards' limit, so that the answer can say how to send the command again.
        self._deadlines = RequestDeadlines(0.8 * limits.request_s)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        result = await self._result(scope, receive)
        if result.problem is not None:
            await send_problem(send, result.problem)
            return
        if "dry_run" in result.members:
            await send_whole(send, result.status, to_json(result.members), JSON_TYPE)
            return
        headers = [(b"etag", b'"%d"' % result.members["revision"])]
        if result.status == CREATED:
            headers.append((b"location", f"{ORDERS}{segment(result.members['order_id'])}".encode()))
        body = orjson.dumps(result.members)
        await send_whole(send, result.status, body, JSON_TYPE, tuple(headers))

    async def _result(self, scope: Scope, receive: Receive) -> Result:
        registered = ORDER_COMMANDS.get(scope["path"].rpartition("/")[2], PLACE)
        name = registered.name
        try:
            is_dry = wants_dry_run(scope)
            submission = await self._submission(registered, scope, receive)
        except ClientGone:
            raise
        except Exception as error:  # noqa: BLE001 (each becomes a problem; unknown ones are logged)
            return self._handler.failed(error, name)
        try:
            with self._limit:
                perform = self._dry_run if is_dry else self._handler.result
                return await self._deadlines.wait_for(lambda: perform(submission))
        except (Rejected, TimeoutError) as error:
            return self._handler.failed(error, name, submission)

    async def _submission(
        self, registered: Registered, scope: Scope, receive: Receive
    ) -> Submission:
        headers = dict(scope["headers"])
        check_body(headers, JSON_TYPE, self._bytes_max)
        body = await read_body(receive, self._bytes_max)
        if len(body) <= LARGE_BODY_BYTES:
            return self._parsed(registered, body, scope, headers)
        turn = self._turns.new()
        await turn.go_on()
        with turn:
            return self._parsed(registered, body, scope, headers)

    def _parsed(
        self, registered: Registered, body: bytes, scope: Scope, headers: Mapping[bytes, bytes]
    ) -> Submission:
        marked: str | None = scope["path_params"].get("order_id")
        return from_body(
            registered,
            body,
            order_id=None if marked is None else unmarked(marked),
            key=idempotency_key(headers),
            sender=sender_of(headers, "http"),
            precondition=precondition(headers),
            now=self._clock(),
        )


class BulkCommands:
    """POST /v1/commands: answers lines while it reads others."""

    def __init__(
        self, handler: CommandHandler, clock: Callable[[], datetime], limits: Limits, turns: Turns
    ) -> None:
        self._handler = handler
        self._clock = clock
        self._limits = limits
        self._sharing = Sharing(Places(limits.bulk_window), turns)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refuse_query(scope)
        headers = dict(scope["headers"])
        check_body(headers, NDJSON_TYPE, None)
        refuse_headers_of_one_command(headers)
        sender = sender_of(headers, "bulk")
        await start_stream(send, NDJSON_TYPE)
        results = submit_lines(
            self._lines(receive),
            handler=self._handler,
            sender=sender,
            clock=self._clock,
            window=self._limits.bulk_window,
            line_max_bytes=self._limits.line_max_bytes,
            sharing=self._sharing,
        )
        async with aclosing(results):
            async for ready in results:
                body = b"".join([result.json() for result in ready])
                # A client that does not read its answers gets no more of them: the stream ends
                # after the last one that was sent, and the client can send the rest again.
                async with asyncio.timeout(self._limits.write_s):
                    await send({"type": "http.response.body", "body": body, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    def _lines(self, receive: Receive) -> AsyncIterator[Line]:
        return split_lines(read_chunks(receive, self._limits.read_s), self._limits.line_max_bytes)
