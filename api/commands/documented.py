"""The routes of commands as the OpenAPI document has them: FastAPI makes it of these signatures."""

import json
from typing import Annotated, Any, Final

from fastapi import Header
from starlette.types import ASGIApp

from api.commands.registry import REGISTRY, Registered
from api.docs.parameters import CommandHeaders, OrderIdInPath, SenderHeaders
from api.docs.responses import COMMAND, JSON, NDJSON, STREAM, Answer, NdjsonResponse, problems
from api.http.asgi import AsgiRoute
from api.http.guards import BULK_PATH
from domain.rules import ANOMALIES

_COMMAND: Final = "A command: may be refused by a rule (409), and then changes nothing."
_FACT: Final = (
    "A fact: recorded in any state of the order, flagged by AnomalyRecorded where it is out of "
    "bounds. Kinds of anomaly: " + ", ".join(f"`{kind}`" for kind in ANOMALIES) + "."
)
_BULK: Final = (
    "NDJSON, a command a line: its name as `command`, then `order_id`, `command_id` (the line's "
    "Idempotency-Key), `actor`, `channel`, `correlation_id`, `causation_id`, `traceparent` and the "
    "command's own fields. Answers a line per line, in order, while it reads: read while you send, "
    "or send at most 1,000 lines a request."
)
_DONE: Final[dict[str, Any]] = {
    "description": "Done, or done before by the same Idempotency-Key (`replayed`). "
    "No events: the goal was reached already.",
    "headers": {
        "ETag": {"description": "The revision.", "schema": {"type": "string"}, "example": '"0"'}
    },
    "content": {
        JSON: {
            "example": {
                "order_id": "1001",
                "revision": 0,
                "position": 1,
                "events": [
                    {
                        "event_id": "0b2f1a8e-0f0e-5c0a-9a39-5f3a3c7f9c55",
                        "type": "OrderPlaced",
                        "revision": 0,
                    }
                ],
                "replayed": False,
            }
        }
    },
}


def documented(registered: Registered, answered_by: ASGIApp) -> AsgiRoute:
    """The route of one command."""
    body = registered.body
    done = {200: _DONE}
    if "{order_id}" in registered.path:

        async def command(
            order_id: OrderIdInPath,
            headers: Annotated[CommandHeaders, Header()],
            body: body,  # type: ignore[valid-type]
        ) -> None: ...
    else:
        done[201] = {**_DONE, "model": Answer}

        async def command(  # type: ignore[misc]
            headers: Annotated[CommandHeaders, Header()],
            body: body,  # type: ignore[valid-type]
        ) -> None: ...

    return AsgiRoute(
        registered.path,
        command,
        answered_by,
        methods=["POST"],
        tags=["facts" if registered.fact else "commands"],
        operation_id=registered.name,
        summary=registered.title,
        description=_FACT if registered.fact else _COMMAND,
        response_model=Answer,
        responses=done | problems(COMMAND),
        openapi_extra={"requestBody": {"content": {JSON: {"example": registered.example}}}},
    )


def documented_bulk(answered_by: ASGIApp) -> AsgiRoute:
    async def lines(headers: Annotated[SenderHeaders, Header()]) -> None: ...

    example = "".join(_line(name, known) for name, known in list(REGISTRY.items())[:2])
    return AsgiRoute(
        BULK_PATH,
        lines,
        answered_by,
        methods=["POST"],
        tags=["commands"],
        operation_id="submit-lines",
        summary="Many commands as a stream",
        description=_BULK,
        response_class=NdjsonResponse,
        response_description="Per line `{line, status, order_id, revision, position, events, "
        "replayed}` or `{line, status, problem}`.",
        responses=problems(STREAM),
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {NDJSON: {"schema": {"type": "string"}, "example": example}},
            }
        },
    )


def _line(name: str, registered: Registered) -> str:
    head = {"command": name, "command_id": f"example-{name}", "order_id": "1001"}
    return json.dumps({**head, **registered.example}) + "\n"
