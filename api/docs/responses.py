"""What operations answer, for the OpenAPI document: each status with its kinds of problems."""

from collections.abc import Iterable
from typing import Any, Final, Literal
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel

from api.http.problems import KINDS
from domain.rules import RULES
from runtime.http.refusals import REFUSALS

JSON: Final = "application/json"
NDJSON: Final = "application/x-ndjson"
EVENT_STREAM: Final = "text/event-stream"
PROBLEM: Final = "application/problem+json"

Responses = dict[int | str, dict[str, Any]]

ANY_REQUEST: Final = (
    "address-too-long",
    "foreign-host",
    "foreign-origin",
    "internal-error",
    "malformed",
    "method-not-allowed",
    "overloaded",
    "repeated-header",
    "timed-out",
    *(refusal.kind for refusal in REFUSALS),
)
WITH_ID: Final = ("unknown-route",)
"""An id with a slash in it makes the path of another route."""
LOG: Final = ("event-unreadable", "store-unavailable", "stream-was-deleted", "upgrade-needed")
ORDER_IN_LOG: Final = (*LOG, *WITH_ID, "no-such-revision", "unknown-order")
READ_MODEL: Final = ("read-model-unavailable",)
LIST: Final = (*READ_MODEL, "bad-cursor", "order-parked")
ORDER_IN_READ_MODEL: Final = (
    *READ_MODEL,
    *ORDER_IN_LOG,
    "bad-cursor",
    "order-parked",
    "read-model-behind",
)
"""The log is read where the read model does not know the order, or not that revision."""
ONE_BY_ID: Final = (*READ_MODEL, *WITH_ID, "ambiguous-id", "bad-cursor", "order-parked")
STREAM: Final = ("unsupported-media-type",)
"""Of POST /v1/commands as a whole; each line has a status of its own."""
COMMAND: Final = (
    *RULES,
    *LOG,
    *WITH_ID,
    "append-too-large",
    "body-too-large",
    "command-id-reused",
    "contended",
    "log-lost-events",
    "outcome-unknown",
    "stale-revision",
    "storage-full",
    "too-large",
    "unknown-command",
    "unsupported-media-type",
)
_STATUSES: Final = {name: rule.status for name, rule in RULES.items()} | {
    name: kind.status for name, kind in KINDS.items()
}


def problems(*kinds: Iterable[str]) -> Responses:
    """For `responses` of a route: the problems of any request, and those of these groups."""
    by_status: dict[int, set[str]] = {}
    for name in {*ANY_REQUEST, *(name for group in kinds for name in group)}:
        by_status.setdefault(_STATUSES[name], set()).add(name)
    return {status: _problem(by_status[status]) for status in sorted(by_status)}


def queried(*kinds: Iterable[str]) -> Responses:
    """As problems(), and a JSON object."""
    return {200: {"content": {JSON: {"schema": {"type": "object"}}}}} | problems(*kinds)


def _problem(kinds: Iterable[str]) -> dict[str, Any]:
    described = ", ".join(f"`{kind}`" for kind in sorted(kinds))
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": f"{described}.", "content": {PROBLEM: {"schema": schema}}}


class NdjsonResponse(Response):
    media_type = NDJSON


class EventStreamResponse(Response):
    media_type = EVENT_STREAM


class AnsweredEvent(BaseModel):
    """data: in a dry run, the fields that would be stored."""

    event_id: UUID
    type: str
    revision: int
    data: dict[str, Any] | None = None


class Answer(BaseModel):
    """position: null, dry_run and order: only there, in the answer to a dry run. credit_cents: how
    much of a refund that was granted or accepted also lowers the amount due; only there.
    """

    order_id: str
    revision: int
    position: int | None
    events: list[AnsweredEvent]
    replayed: bool
    credit_cents: int | None = None
    dry_run: Literal[True] | None = None
    order: dict[str, Any] | None = None


class Health(BaseModel):
    status: Literal["ok", "unwell"]
    troubles: list[str]


PROBLEM_SCHEMA: Final = {
    "type": "object",
    "description": "RFC 9457.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "rule": {"type": "string", "enum": list(RULES)},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}
"""Not a model: FastAPI would document it as application/json."""
