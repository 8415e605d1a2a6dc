"""The routes of commands as the OpenAPI document has them: FastAPI makes it of these signatures.

api.commands.headers enforces what is declared here of headers. Patterns are in syntax that Python
and JavaScript read alike.
"""

import json
from typing import Annotated, Any, Final, TypeAlias

from fastapi import Header, Path, Query
from pydantic import BaseModel, Field
from starlette.types import ASGIApp

from api.commands.registry import KEY_MAX, REGISTRY, Registered, demands_actor
from api.docs.responses import COMMAND, JSON, NDJSON, STREAM, Answer, NdjsonResponse, problems
from api.http.asgi import AsgiRoute
from api.http.guards import BULK_PATH
from domain.rules import ANOMALIES
from domain.values import ID_MAX, ID_PATTERN, TEXT_MAX

_COMMAND: Final = "A command: may be refused by a rule (409), and then changes nothing."
_OF_ITS_OWN: Final = {
    "grant-refund": (
        " `credit_cents` is how much of it also lowers what is due. Left out: what was paid too "
        "much is paid out first, and the rest is credit. Of an order of 100.00 that is paid: "
        "goodwill of 10.00 has a credit of 1000, a return of 40.00 one of 4000; of one paid with "
        "105.00 a refund of 5.00 has none; nor has the second charge of one charged twice. Where "
        "that charge is not reported yet, send 0. The answer, a dry run's too, has `credit_cents`."
    ),
}
"""What is said of one command, besides."""
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


_TEXT: Final = r"^[!-~]([ -~]*[!-~])?$"
"""Spaces at both ends are no part of a header's value. UTF-8 is taken too, which no tool sends."""
_KEY: Final = rf'^(?!""$){_TEXT[1:]}'
_REVISION: Final = r"(0|[1-9][0-9]{0,17})"
_TAG: Final = rf'(W/)?"{_REVISION}"'
_IF_MATCH: Final = rf"^(\*|{_REVISION}|{_TAG}( ?, ?{_TAG})*)$"

OrderIdInPath: TypeAlias = Annotated[
    str, Path(min_length=1, max_length=ID_MAX, pattern=ID_PATTERN, examples=["1001"])
]


DryRun: TypeAlias = Annotated[
    bool,
    Query(
        json_schema_extra={"enum": [True, False]},
        description="True: nothing is written. The answer has `dry_run: true`, the status that the "
        "command would have, the events with their `data`, and the `order` as it would be; "
        "`position` is null.",
    ),
]


def _header(
    name: str, description: str, length_max: int | None, default: Any = None, **schema: Any
) -> Any:
    return Field(
        default,
        alias=name,
        description=description,
        min_length=1,
        max_length=length_max,
        json_schema_extra=schema,
    )


class SenderHeaders(BaseModel):
    """Who sends commands. Each may be left out."""

    actor: str | None = _header(
        "Daybook-Actor", "Who; `anonymous` if left out.", TEXT_MAX, pattern=_TEXT
    )
    channel: str | None = _header(
        "Daybook-Channel",
        "Through what; `http`, or `bulk` for a stream, if left out.",
        TEXT_MAX,
        pattern=_TEXT,
    )
    correlation_id: str | None = _header(
        "Daybook-Correlation-Id",
        "What it belongs to; the Idempotency-Key if left out.",
        KEY_MAX,
        pattern=_TEXT,
    )
    causation_id: str | None = _header(
        "Daybook-Causation-Id", "What caused it.", KEY_MAX, pattern=_TEXT
    )
    traceparent: str | None = Field(
        None, description="W3C trace context; kept with the events. An invalid one is dropped."
    )


class CommandHeaders(SenderHeaders):
    """Who sends one command, its key and its precondition. Each may be left out."""

    idempotency_key: str | None = _header(
        "Idempotency-Key",
        "Names this command, so that it can be sent again safely. Quotes around it are no part "
        "of it.",
        KEY_MAX,
        pattern=_KEY,
    )
    if_match: str | None = _header(
        "If-Match",
        'Only at one of these revisions, as in ETag: `"3"` or `"3", "4"`; `*`: only where there '
        "is such an order. Weak tags never match. Else 412 with the events since.",
        1000,
        pattern=_IF_MATCH,
    )
    if_none_match: str | None = _header(
        "If-None-Match",
        "`*`: only where there is no such order yet. Else 412.",
        None,
        enum=["*"],
    )


class HeadersWithActor(CommandHeaders):
    """Of a command that demands an actor: its sender and key, and its precondition."""

    actor: str = _header("Daybook-Actor", "Who.", TEXT_MAX, ..., pattern=_TEXT)


def documented(registered: Registered, answered_by: ASGIApp) -> AsgiRoute:
    """The route of one command."""
    body = registered.body
    headers_of = HeadersWithActor if demands_actor(registered.command) else CommandHeaders
    done = {200: _DONE}
    if "{order_id}" in registered.path:

        async def command(
            order_id: OrderIdInPath,
            headers: Annotated[headers_of, Header()],  # type: ignore[valid-type]
            body: body,  # type: ignore[valid-type]
            dry_run: DryRun = False,  # noqa: FBT002 (as it is in the query)
        ) -> None: ...
    else:
        done[201] = {**_DONE, "model": Answer}

        async def command(  # type: ignore[misc]
            headers: Annotated[headers_of, Header()],  # type: ignore[valid-type]
            body: body,  # type: ignore[valid-type]
            dry_run: DryRun = False,  # noqa: FBT002 (as it is in the query)
        ) -> None: ...

    return AsgiRoute(
        registered.path,
        command,
        answered_by,
        methods=["POST"],
        tags=["facts" if registered.fact else "commands"],
        operation_id=registered.name,
        summary=registered.title,
        description=(_FACT if registered.fact else _COMMAND) + _OF_ITS_OWN.get(registered.name, ""),
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
