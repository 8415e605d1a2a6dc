"""GET /v1/audit/export: the log as NDJSON or CSV, as a stream."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends, Query
from starlette.types import Receive, Scope, Send

from api.docs.responses import LOG, NdjsonResponse, problems
from api.export.export import MEDIA_TYPES, Format, export
from api.http.asgi import AsgiRoute, ClientGone, disconnected, start_stream
from api.http.guards import EXPORT_PATH
from api.http.paths import percent_decoded
from api.http.periods import NAMES, Times, limits_of
from api.http.problems import malformed
from api.http.sharing import Turn, Turns
from api.services import Services
from domain.values import is_id
from eventstore.port import EventReader
from projections.query.filters import Name
from projections.query.periods import Limits


def export_route(services: Services, turns: Turns) -> AsgiRoute:
    async def documented(
        format: Annotated[  # noqa: A002 (the parameter's name)
            Format | None, Query(description="Or by Accept: text/csv.")
        ] = None,
        order_id: Name | None = None,
        *,
        times: Annotated[Times, Depends()],
    ) -> None: ...

    return AsgiRoute(
        EXPORT_PATH,
        documented,
        AuditExport(services.store, turns, services.limits.write_s),
        methods=["GET"],
        tags=["audit"],
        operation_id="audit-export",
        summary="The whole log, as NDJSON or CSV",
        description="Every event up to the head at the start, straight from the log. The last "
        "record is `end` with from, to and count: without it the export was cut off.",
        response_class=NdjsonResponse,
        response_description="The export.",
        responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}} | problems(LOG),
    )


class AuditExport:
    """GET /v1/audit/export: the log as NDJSON or CSV, by ?format= or Accept."""

    def __init__(self, store: EventReader, turns: Turns, write_s: float) -> None:
        self._store = store
        self._turns = turns
        self._write_s = write_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind, order_id, limits = _requested(scope)
        name = b'attachment; filename="daybook-audit.%b"' % kind.encode()
        await start_stream(send, MEDIA_TYPES[kind], ((b"content-disposition", name),))
        if not scope.get("daybook.head"):
            turn = self._turns.new()
            exported = export(self._store, kind, order_id=order_id, limits=limits, working=turn)
            async with aclosing(exported) as pieces:
                await self._send(pieces, turn, receive, send)
        await send({"type": "http.response.body", "body": b""})

    async def _send(
        self, pieces: AsyncIterator[bytes], turn: Turn, receive: Receive, send: Send
    ) -> None:
        """Raises ClientGone, and TimeoutError where the client does not take what was sent."""
        gone = asyncio.create_task(disconnected(receive))
        try:
            async for piece in pieces:
                await turn.go_on()
                if gone.done():
                    raise ClientGone
                async with asyncio.timeout(self._write_s):
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
        finally:
            gone.cancel()


def _requested(scope: Scope) -> tuple[Format, str | None, Limits]:
    """Format, order and times of an export. Raises Rejected."""
    percent_decoded(scope["query_string"], "query")
    pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    given = dict(pairs)
    if not given.keys() <= {"format", "order_id"} | NAMES or len(given) < len(pairs):
        raise malformed("query", "takes format, order_id, from, to, by and tz, once each")
    order_id = given.get("order_id")
    if order_id is not None and not is_id(order_id):
        raise malformed("order_id", "is not the id of an order")
    accept = dict(scope["headers"]).get(b"accept", b"").lower()
    return _format(given.get("format", _accepted(accept))), order_id, limits_of(given)


def _accepted(accept: bytes) -> str:
    return "csv" if b"text/csv" in accept else "ndjson"


def _format(name: str) -> Format:
    match name:
        case "csv":
            return "csv"
        case "ndjson":
            return "ndjson"
        case _:
            raise malformed("format", "must be ndjson or csv")
