"""Prints docs/reference.md from the code: `make reference`. A test holds the page to the code."""

import asyncio
import sys
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import httpx

from api.app import create_app
from api.commands.registry import REGISTRY
from api.live.log import LiveLog
from api.rpc.errors import DOMAIN, table
from api.services import Services
from daybook import cli
from domain.commands import COMMANDS
from domain.events import EVENTS
from domain.rules import ANOMALIES, RULES
from domain.values import ID_MAX, RESERVED
from eventstore.ledger.ledger import Ledger
from eventstore.memory import MemoryStore
from runtime.metrics import KINDS, new_registry

PAGE = Path(__file__).parent / "reference.md"


def page() -> str:
    return "\n".join(
        [
            "# Reference",
            "",
            "Printed from the code by `make reference`.",
            *_section("Commands and facts", _commands()),
            *_section("Events", _events()),
            *_section("Rules", _rules()),
            *_section("Codes of gRPC", _codes()),
            *_section("Anomalies", _anomalies()),
            *_section("Queries", _queries()),
            *_section("Metrics", _metrics()),
            *_section("Command line", _command_line()),
            "",
        ]
    )


def _section(title: str, lines: Iterator[str]) -> Iterator[str]:
    yield from ("", f"## {title}", "")
    yield from lines


def _commands() -> Iterator[str]:
    yield "Every body may also have `reason` and `occurred_at`. Fields in brackets may be left out."
    yield ""
    yield f"An id is 1 to {ID_MAX} printable characters without white space at its ends, and is"
    yield "kept as it is; in a path it is percent-encoded. Reserved are, in these fields only:"
    yield f"{_reserved()}."
    yield ""
    yield "| name | kind | route | fields |"
    yield "|---|---|---|---|"
    for name, command in COMMANDS.items():
        known = REGISTRY[name]
        required = {field for field, info in known.body.model_fields.items() if info.is_required()}
        names = [
            field.name if field.name in required else f"[{field.name}]" for field in fields(command)
        ]
        kind = "fact" if known.fact else "command"
        yield f"| `{name}` | {kind} | `POST {known.path}` | {', '.join(names)} |"


def _reserved() -> str:
    return "; ".join(
        f"`{name}` {', '.join(f'`{word}`' for word in sorted(words))}"
        for name, words in RESERVED.items()
    )


def _events() -> Iterator[str]:
    yield "Their JSON Schemas are in [events.json](events.json)."
    yield ""
    yield "| type | fields |"
    yield "|---|---|"
    for name, event in EVENTS.items():
        yield f"| `{name}` | {', '.join(field.name for field in fields(event))} |"


def _rules() -> Iterator[str]:
    yield "A refusal names its rule; nothing was written."
    yield ""
    yield "| rule | status | sentence |"
    yield "|---|---|---|"
    for rule in RULES.values():
        yield f"| `{rule.name}` | {rule.status} | {rule.sentence} |"


def _codes() -> Iterator[str]:
    yield "The code of a call that failed, beside the status that HTTP answers for the same. The"
    yield "details are google.rpc's: ErrorInfo with the kind or the rule as `reason` and the domain"
    yield f"`{DOMAIN}`, BadRequest with the fields, RetryInfo where a retry may help."
    yield ""
    yield "| kind of problem, or rule | HTTP | gRPC |"
    yield "|---|---|---|"
    for reason, status, code in table():
        yield f"| `{reason}` | {status} | {code.name} |"


def _anomalies() -> Iterator[str]:
    yield "A fact that is out of bounds is recorded all the same, followed by one `AnomalyRecorded`"
    yield "of each kind that applies, in this order."
    yield ""
    yield "| kind | sentence |"
    yield "|---|---|"
    for kind, sentence in ANOMALIES.items():
        yield f"| `{kind}` | {sentence} |"


def _queries() -> Iterator[str]:
    yield "Where pages have a size, `limit` sets another one up to 500. `next` of an answer is the"
    yield "`cursor` of the next page, null on the last. A page about one order has entries of all"
    yield "its lists together, one list after the other; nearly always the first page has all."
    yield ""
    yield "| route | what it answers | entries of a page |"
    yield "|---|---|---|"
    for path, operations in sorted(openapi()["paths"].items()):
        for method, operation in operations.items():
            if operation.get("operationId") not in COMMANDS:
                summary, size = operation.get("summary", ""), _page_size(operation)
                yield f"| `{method.upper()} {path}` | {summary} | {size} |"


def _page_size(operation: Mapping[str, Any]) -> str:
    parameters = operation.get("parameters", ())
    sizes = [it["schema"]["default"] for it in parameters if it["name"] == "limit"]
    return str(sizes[0]) if sizes else ""


def openapi() -> Mapping[str, Any]:
    async def status() -> list[Any]:
        return []

    def clock() -> datetime:
        return datetime(2000, 1, 1, tzinfo=UTC)

    store = MemoryStore()
    services = Services(
        ledger=Ledger(store, clock=clock),
        store=store,
        databases={},
        status=status,
        clock=clock,
        live=LiveLog(store),
    )
    return asyncio.run(_openapi(services))


async def _openapi(services: Services) -> Mapping[str, Any]:
    transport = httpx.ASGITransport(create_app(services))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        document: Mapping[str, Any] = (await client.get("/openapi.json")).json()
        return document


def _metrics() -> Iterator[str]:
    yield "Under `/metrics` of the API, and on `DAYBOOK_METRICS_PORT` of every process, besides"
    yield "Prometheus' own `process_...`. A histogram also has `_bucket`, `_sum` and `_count`."
    yield ""
    yield "| metric | kind | labels | of | what it says |"
    yield "|---|---|---|---|---|"
    for process, kind in KINDS.items():
        for metric in kind(new_registry(process=False)).described:
            labels = ", ".join(metric.labels)
            yield f"| `{metric.name}` | {metric.kind} | {labels} | {process} | {metric.sentence} |"


def _command_line() -> Iterator[str]:
    yield "```text"
    for words, command in _walk(cli, ("daybook",)):
        yield f"{' '.join(words):28} {command.get_short_help_str(limit=100)}"
    yield "```"


def _walk(
    command: click.Command, words: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    if not isinstance(command, click.Group):
        yield words, command
        return
    for name in command.list_commands(click.Context(command)):
        child = command.commands[name]
        yield from _walk(child, (*words, name))


if __name__ == "__main__":
    sys.stdout.write(page())
