"""The OpenAPI document, which FastAPI makes of all routes, and the page of all problems."""

import warnings
from collections.abc import Mapping
from html import escape
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse
from pydantic.warnings import UnsupportedFieldAttributeWarning

from api.docs.examples import answers
from api.docs.responses import PROBLEM_SCHEMA
from api.http.problems import KINDS
from domain.rules import ANOMALIES, RULES

Document = dict[str, Any]

_ABOUT: Final = """An event-sourced order ledger. Commands append events to a log that is never
altered; everything else is computed from it. Commands can be refused by a named rule; facts (what a
payment provider or a carrier reports) are recorded always, flagged where they are out of bounds.
Amounts are whole minor units of the order's currency; a number with a point or an exponent is
refused, though JSON Schema takes 1.0 for an integer. Send an Idempotency-Key with every command:
the same request again then gives the same answer, `replayed: true`. Ids are kept as they are: 1 to
200 printable characters without white space at the ends. In a path an id is percent-encoded
(`gid://shopify/Order/1` is `gid%3A%2F%2Fshopify%2FOrder%2F1`), and decoded once. All kinds of
problems and all rules are listed at [/problems](/problems)."""


def document(app: FastAPI) -> Document:
    """The whole document; made once per app."""
    if app.openapi_schema is None:
        with warnings.catch_warnings():
            # FastAPI names a body by an alias, and silences this for models that are built already.
            warnings.simplefilter("ignore", UnsupportedFieldAttributeWarning)
            whole = get_openapi(
                title="Daybook", version=app.version, description=_ABOUT, routes=app.routes
            )
        whole["components"]["schemas"]["Problem"] = PROBLEM_SCHEMA
        for item in whole["paths"].values():
            for operation in item.values():
                _without_null(operation.get("parameters", ()))
        for path, example in answers().items():
            [content, *_] = whole["paths"][path]["get"]["responses"]["200"]["content"].values()
            content["example"] = example
        app.openapi_schema = whole
    return app.openapi_schema


def _without_null(parameters: Any) -> None:
    """FastAPI documents a parameter that may be left out as if `null` could be sent."""
    for parameter in parameters:
        schema = parameter["schema"]
        for shape in schema.pop("anyOf", ()):
            if shape != {"type": "null"}:
                schema.update(shape)


def problem_pages() -> APIRouter:
    """/problems: where the `type` of every problem leads."""
    router = APIRouter(include_in_schema=False)

    @router.get("/problems")
    async def problems() -> HTMLResponse:
        return HTMLResponse(_PROBLEMS_PAGE)

    return router


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
