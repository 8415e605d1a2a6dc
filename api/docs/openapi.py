"""The OpenAPI document: FastAPI's for the queries, and the registry's for the commands."""

import json
from collections.abc import Mapping
from html import escape
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse
from pydantic.json_schema import models_json_schema

from api.commands.registry import REGISTRY, Registered
from api.docs.examples import answers
from api.docs.parameters import COMMAND_HEADERS, ID_SCHEMA, ORDER_ID, SENDER_HEADERS
from api.docs.responses import (
    ANSWER_SCHEMA,
    HEALTH_SCHEMA,
    PROBLEM_SCHEMA,
    REFERENCES,
    command_problems,
    query_problems,
    stream_problems,
)
from api.http.guards import BULK_PATH, EXPORT_PATH
from api.http.problems import KINDS
from api.queries.summaries import SUMMARIES
from domain.rules import ANOMALIES, RULES

Document = dict[str, Any]

_JSON: Final = "application/json"
_NDJSON: Final = "application/x-ndjson"
_HEALTH: Final = frozenset({"/healthz", "/readyz"})
_TEXTS: Final = {"/metrics": "text/plain", EXPORT_PATH: _NDJSON}

_ABOUT: Final = """An event-sourced order ledger. Commands append events to a log that is never
altered; everything else is computed from it. Commands can be refused by a named rule; facts (what a
payment provider or a carrier reports) are recorded always, flagged where they are out of bounds.
Amounts are whole minor units of the order's currency; a number with a point or an exponent is
refused, though JSON Schema takes 1.0 for an integer. Send an Idempotency-Key with every command:
the same request again then gives the same answer, `replayed: true`. All kinds of problems and all
rules are listed at [/problems](/problems)."""


def document(app: FastAPI) -> Document:
    """The whole document; made once per app."""
    if app.openapi_schema is None:
        whole = get_openapi(
            title="Daybook", version=app.version, description=_ABOUT, routes=app.routes
        )
        for path, item in whole["paths"].items():
            _complete(path, item["get"])
        for path, summary in SUMMARIES.items():
            whole["paths"][path]["get"]["summary"] = summary
        whole["components"] = {"schemas": _schemas(), "headers": _HEADERS}
        whole["paths"] |= {
            registered.path: {**whole["paths"].get(registered.path, {}), "post": _post(registered)}
            for registered in REGISTRY.values()
        }
        whole["paths"][BULK_PATH] = {"post": _bulk()}
        whole["paths"][EXPORT_PATH] = {"get": _EXPORT}
        for path, example in answers().items():
            media_type = _TEXTS.get(path, _JSON)
            done = whole["paths"][path]["get"]["responses"]["200"]
            done.setdefault("content", {}).setdefault(media_type, {})["example"] = example
        app.openapi_schema = whole
    return app.openapi_schema


def problem_pages() -> APIRouter:
    """/problems: what the `type` of every problem points to."""
    router = APIRouter(include_in_schema=False)

    @router.get("/problems")
    async def problems() -> HTMLResponse:
        return HTMLResponse(_PROBLEMS_PAGE)

    return router


def _complete(path: str, operation: Document) -> None:
    """FastAPI's operation with all its answers, and parameters that are left out or have a value:
    it documents an optional one as if `null` could be sent.
    """
    done = operation["responses"]["200"]
    problems = query_problems(path)
    if path in _TEXTS:
        done["content"] = {_TEXTS[path]: {"schema": {"type": "string"}}}
    elif path in _HEALTH:
        schema = {"$ref": REFERENCES.format(model="Health")}
        done["content"] = {_JSON: {"schema": schema}}
        problems["503"]["content"][_JSON] = {"schema": schema}
    else:
        done["content"] = {_JSON: {"schema": {"type": "object"}}}
    operation["responses"] = {"200": done, **problems}
    for parameter in operation.get("parameters", ()):
        schema = parameter["schema"]
        for shape in schema.pop("anyOf", ()):
            if shape != {"type": "null"}:
                schema.update(shape)


def _schemas() -> Document:
    models = [(registered.body, "validation") for registered in REGISTRY.values()]
    _, found = models_json_schema(models, ref_template=REFERENCES)  # type: ignore[arg-type]
    return {
        **found["$defs"],
        "Answer": ANSWER_SCHEMA,
        "Problem": PROBLEM_SCHEMA,
        "Health": HEALTH_SCHEMA,
    }


def _post(registered: Registered) -> Document:
    placing = "{order_id}" not in registered.path
    return {
        "tags": ["facts" if registered.fact else "commands"],
        "operationId": registered.name,
        "summary": registered.title,
        "description": _FACT if registered.fact else _COMMAND,
        "parameters": [*([] if placing else [ORDER_ID]), *COMMAND_HEADERS],
        "requestBody": {
            "required": True,
            "content": {
                _JSON: {
                    "schema": {"$ref": REFERENCES.format(model=registered.command.__name__)},
                    "example": registered.example,
                }
            },
        },
        "responses": _responses(placing=placing),
    }


def _responses(*, placing: bool) -> Document:
    done = {
        "description": "Done, or done before by the same Idempotency-Key (`replayed`). "
        "No events: the goal was reached already.",
        "headers": {"ETag": {"$ref": "#/components/headers/ETag"}},
        "content": {
            _JSON: {
                "schema": {"$ref": REFERENCES.format(model="Answer")},
                "example": _ANSWER_EXAMPLE,
            }
        },
    }
    return {"200": done} | ({"201": done} if placing else {}) | command_problems()


def _bulk() -> Document:
    lines = "".join(_line(name, known) for name, known in list(REGISTRY.items())[:2])
    return {
        "tags": ["commands"],
        "operationId": "submit-lines",
        "summary": "Many commands as a stream",
        "description": "NDJSON, a command a line: its name as `command`, then `order_id`, "
        "`command_id` (the line's Idempotency-Key), `actor`, `channel`, `correlation_id`, "
        "`causation_id`, `traceparent` and the command's own fields. Answers a line per line, in "
        "order, while it reads: read while you send, or send at most 1,000 lines a request.",
        "parameters": list(SENDER_HEADERS),
        "requestBody": {
            "required": True,
            "content": {_NDJSON: {"schema": {"type": "string"}, "example": lines}},
        },
        "responses": {
            "200": {
                "description": "Per line `{line, status, order_id, revision, position, events, "
                "replayed}` or `{line, status, problem}`.",
                "content": {_NDJSON: {"schema": {"type": "string"}}},
            },
            **stream_problems(),
        },
    }


def _line(name: str, registered: Registered) -> str:

    head = {"command": name, "command_id": f"example-{name}", "order_id": "1001"}
    return json.dumps({**head, **registered.example}) + "\n"


_COMMAND: Final = "A command: may be refused by a rule (409), and then changes nothing."
_FACT: Final = (
    "A fact: recorded whatever the order looks like, flagged by AnomalyRecorded where it is out of "
    "bounds. Kinds of anomaly: " + ", ".join(f"`{kind}`" for kind in ANOMALIES) + "."
)
_HEADERS: Final = {
    "ETag": {"description": "The revision.", "schema": {"type": "string"}, "example": '"0"'}
}
_EVENT_ID: Final = "0b2f1a8e-0f0e-5c0a-9a39-5f3a3c7f9c55"
_ANSWER_EXAMPLE: Final = {
    "order_id": "1001",
    "revision": 0,
    "position": 1,
    "events": [{"event_id": _EVENT_ID, "type": "OrderPlaced", "revision": 0}],
    "replayed": False,
}
_EXPORT: Final = {
    "tags": ["audit"],
    "operationId": "audit-export",
    "summary": "The whole log, as NDJSON or CSV",
    "description": "Every event up to the head at the start, straight from the log. The last "
    "record is `end` with from, to and count: without it the export was cut off.",
    "parameters": [
        {
            "name": "format",
            "in": "query",
            "description": "Or by Accept: text/csv.",
            "schema": {"type": "string", "enum": ["ndjson", "csv"]},
        },
        {"name": "order_id", "in": "query", "schema": ID_SCHEMA},
    ],
    "responses": {
        "200": {
            "description": "The export.",
            "content": {
                _NDJSON: {"schema": {"type": "string"}},
                "text/csv": {"schema": {"type": "string"}},
            },
        },
        **query_problems(EXPORT_PATH),
    },
}


def _row(name: str, status: int, meaning: str) -> str:
    return f'<tr id="{escape(name)}"><td><code>{escape(name)}</code><td>{status}<td>{meaning}'


def _page(kinds: Mapping[str, str], rules: Mapping[str, str], anomalies: Mapping[str, str]) -> str:
    sections = (("Problems", kinds), ("Rules", rules), ("Anomalies of facts", anomalies))
    tables = "".join(f"<h2>{h}</h2><table>{''.join(rows.values())}</table>" for h, rows in sections)
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Daybook: problems</title>'
        "<style>body{font:16px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em}"
        "td{padding:.3em 1em .3em 0;vertical-align:top}:target{background:#ffd}</style>"
        f"<h1>Problems, rules and anomalies</h1>{tables}</html>"
    )


_PROBLEMS_PAGE: Final = _page(
    {
        name: _row(name, kind.status, f"{escape(kind.title)}. {escape(kind.advice)}")
        for name, kind in KINDS.items()
    },
    {name: _row(name, rule.status, escape(rule.sentence)) for name, rule in RULES.items()},
    {
        name: f"<tr><td><code>{escape(name)}</code><td><td>{escape(sentence)}"
        for name, sentence in ANOMALIES.items()
    },
)
