"""The answers of every operation as the OpenAPI document has them: each status with its kinds."""

from typing import Any, Final

from api.http.problems import KINDS
from domain.rules import RULES

PROBLEM: Final = "application/problem+json"
REFERENCES: Final = "#/components/schemas/{model}"

_OF_COMMANDS: Final = frozenset(
    {
        "append-too-large",
        "command-id-reused",
        "contended",
        "outcome-unknown",
        "stale-revision",
        "storage-full",
        "too-large",
        "unknown-command",
        "unsupported-media-type",
    }
)
_OF_IDS: Final = frozenset(
    {
        "ambiguous-id",
        "no-such-payment",
        "no-such-revision",
        "no-such-shipment",
        "stream-was-deleted",
        "unknown-route",
    }
)
"""Kinds that need an id in the path, or a revision of the order to wait for."""
_WITH_MIN_REVISION: Final = frozenset({"/v1/audit"})


def command_problems() -> dict[str, Any]:
    """Of a command's own route: every rule, every kind."""
    return _responses([*_named(RULES), *_named(KINDS)])


def query_problems(path: str) -> dict[str, Any]:
    with_id = "{" in path or path in _WITH_MIN_REVISION
    rules = _named({"unknown-order": RULES["unknown-order"]}) if with_id else []
    left_out = _OF_COMMANDS if with_id else _OF_COMMANDS | _OF_IDS
    kinds = {name: kind for name, kind in KINDS.items() if name not in left_out}
    return _responses([*rules, *_named(kinds)])


def stream_problems() -> dict[str, Any]:
    """Of POST /v1/commands as a whole; each line has a status of its own."""
    kinds = {name: kind for name, kind in KINDS.items() if name not in _OF_IDS}
    return _responses(_named(kinds))


def _named(table: Any) -> list[tuple[str, int]]:
    return [(name, entry.status) for name, entry in table.items()]


def _responses(kinds: list[tuple[str, int]]) -> dict[str, Any]:
    by_status: dict[int, list[str]] = {}
    for name, status in kinds:
        by_status.setdefault(status, []).append(f"`{name}`")
    return {str(status): _response(", ".join(by_status[status])) for status in sorted(by_status)}


def _response(kinds: str) -> dict[str, Any]:
    schema = {"$ref": REFERENCES.format(model="Problem")}
    return {"description": f"{kinds}.", "content": {PROBLEM: {"schema": schema}}}


ANSWER_SCHEMA: Final = {
    "type": "object",
    "required": ["order_id", "revision", "position", "events", "replayed"],
    "properties": {
        "order_id": {"type": "string"},
        "revision": {"type": "integer"},
        "position": {"type": "integer"},
        "events": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["event_id", "type", "revision"],
                "properties": {
                    "event_id": {"type": "string", "format": "uuid"},
                    "type": {"type": "string"},
                    "revision": {"type": "integer"},
                },
            },
        },
        "replayed": {"type": "boolean"},
    },
}
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
HEALTH_SCHEMA: Final = {
    "type": "object",
    "required": ["status", "troubles"],
    "properties": {
        "status": {"type": "string", "enum": ["ok", "unwell"]},
        "troubles": {"type": "array", "items": {"type": "string"}},
    },
}
