"""Prints the generated modules of the Python client: `python -m docs.client`, in `make reference`.

Commands come from the registry and the domain's annotations, queries from the OpenAPI document. A
test holds the modules to the code.
"""

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from inspect import cleandoc
from pathlib import Path
from textwrap import indent, wrap
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Final,
    Literal,
    NamedTuple,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from api.commands.registry import REGISTRY, Registered, demands_actor
from docs.reference import openapi
from domain.commands import PlaceOrder
from domain.events import EVENTS
from domain.values import RESERVED

FOLDER: Final = Path(__file__).parents[1] / "daybook_client"
_WIDTH: Final = 88


def modules() -> dict[str, str]:
    """Name of each generated module -> its text."""
    return {
        "commands": _formatted("\n".join(_commands())),
        "queries": _formatted("\n".join(_queries())),
    }


def _formatted(text: str) -> str:
    ruff = Path(sys.executable).with_name("ruff")
    command = (ruff, "format", "--stdin-filename", str(FOLDER / "generated.py"), "-")
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)  # noqa: S603
    return done.stdout


# Commands -----------------------------------------------------------------------------------------


def _commands() -> Iterator[str]:
    yield '"""The commands of the ledger, printed from its registry by `make reference`."""'
    yield ""
    yield "from collections.abc import Mapping, Sequence"
    yield "from typing import (Any, Generic, Literal, NotRequired, TypeAlias, TypedDict, TypeVar,"
    yield "Unpack)"
    yield ""
    yield "from daybook_client.sending import Moment, Sending"
    yield ""
    yield 'A_co = TypeVar("A_co", covariant=True)'
    yield ""
    yield f"EventType: TypeAlias = Literal[{', '.join(map(_literal, EVENTS))}]"
    yield '"""What commands and facts append to the log."""'
    for part in _parts():
        yield from _part(part)
    yield ""
    yield ""
    yield "class Commands(Generic[A_co]):"
    yield _doc(
        "A method for each command and fact. A_co is what it comes to: the answer, an awaitable of "
        "it, or a line.\n\nWhat is left out is not sent; the server has the defaults. `sending`: "
        "see Sending."
    )
    yield ""
    yield "    def _command("
    yield "        self, name: str, order_id: str | None,"
    yield "        fields: Mapping[str, Any], sending: Sending"
    yield "    ) -> A_co:"
    yield "        raise NotImplementedError"
    for registered in REGISTRY.values():
        yield ""
        yield from _command(registered)


def _parts() -> list[type]:
    """The dataclasses that are in fields of commands."""
    found: dict[type, None] = {}
    for registered in REGISTRY.values():
        for hint in get_type_hints(registered.command).values():
            for part in (hint, *get_args(hint)):
                if isinstance(part, type) and is_dataclass(part):
                    found[part] = None
    return list(found)


def _part(part: type) -> Iterator[str]:
    yield ""
    yield ""
    yield f"class {part.__name__}(TypedDict):"
    if doc := _own_doc(part):
        yield _doc(doc)
        yield ""
    for field, hint in _own_fields(part):
        shown = _type(hint)
        is_required = field.default is MISSING
        yield f"    {field.name}: {shown if is_required else f'NotRequired[{shown}]'}"


def _command(registered: Registered) -> Iterator[str]:
    placing = registered.command is PlaceOrder
    given = [
        (field, hint)
        for field, hint in _own_fields(registered.command)
        if field.name != "order_id" and not (placing and field.name == "channel")
    ]
    names = [field.name for field, _ in given]
    required = [(field.name, _type(hint)) for field, hint in given if field.default is MISSING]
    optional = [(field.name, _type(hint)) for field, hint in given if field.default is not MISSING]
    if placing:
        optional.insert(0, ("order_id", "str"))
    optional += [("reason", "str")] if "reason" not in names else []
    optional.append(("occurred_at", "Moment"))
    yield f"    def {registered.name.replace('-', '_')}("
    yield "        self," if placing else "        self, order_id: str,"
    yield "        *,"
    for name, shown in required:
        yield f"        {name}: {shown},"
    for name, shown in optional:
        yield f"        {name}: {shown} | None = None,"
    yield "        **sending: Unpack[Sending],"
    yield "    ) -> A_co:"
    yield indent(_doc(_about(registered)), "    ")
    yield f'        return self._command("{registered.name}", order_id, {{'
    for name in dict.fromkeys((*names, "reason", "occurred_at")):
        yield f'            "{name}": {name},'
    yield "        }, sending)"


def _about(registered: Registered) -> str:
    kind = "a fact" if registered.fact else "a command"
    text = f"{registered.title}: {kind}."
    if demands_actor(registered.command):
        text += " An actor is demanded."
    own = _own_doc(registered.command)
    return f"{text}\n\n{own}" if own else text


def _own_doc(kind: type) -> str:
    """The docstring that somebody wrote; dataclasses make one of their own."""
    doc = cleandoc(kind.__doc__ or "")
    return "" if doc.startswith(f"{kind.__name__}(") else doc


def _own_fields(kind: Any) -> Iterator[tuple["Field[Any]", Any]]:
    hints = get_type_hints(kind, include_extras=True)
    return ((field, hints[field.name]) for field in fields(kind))


def _type(hint: Any) -> str:
    """The Python type for callers. That a field may be None is said by its default."""
    origin = get_origin(hint)
    if origin is Annotated:
        return _type(get_args(hint)[0])
    if origin in (Union, UnionType):
        return " | ".join(_type(arm) for arm in get_args(hint) if arm is not NoneType)
    if origin is Literal:
        return f"Literal[{', '.join(map(_literal, get_args(hint)))}]"
    if origin is tuple:
        return f"Sequence[{_type(get_args(hint)[0])}]"
    if origin is not None:
        key, value = map(_with_none, get_args(hint))
        return f"Mapping[{key}, {value}]"
    return str(hint.__name__)


def _with_none(hint: Any) -> str:
    is_optional = NoneType in get_args(hint)
    return f"{_type(hint)} | None" if is_optional else _type(hint)


def _literal(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)


# Queries ------------------------------------------------------------------------------------------


class Query(NamedTuple):
    """answer: the type of the answer, or of an item where it is a list in pages. divided: of the
    answer where totals are asked for by day, month or year, which has a method of its own.
    """

    name: str
    answer: str
    divided: str = ""
    is_list: bool = False


QUERIES: Final[Mapping[str, Query]] = {
    "/v1/orders/{order_id}": Query("order", "Order"),
    "/v1/orders/{order_id}/events": Query("order_events", "Event", is_list=True),
    "/v1/orders/{order_id}/shipments": Query("order_shipments", "OrderShipments"),
    "/v1/orders/{order_id}/payments": Query("order_payments", "OrderPayments"),
    "/v1/orders/{order_id}/postings": Query("order_postings", "OrderPostings"),
    "/v1/orders": Query("orders", "OrderRow", is_list=True),
    "/v1/orders/summary": Query("orders_summary", "OrdersSummary", "OrdersPeriods"),
    "/v1/shipments": Query("shipments", "ShipmentRow", is_list=True),
    "/v1/shipments/summary": Query("shipments_summary", "ShipmentsSummary", "ShipmentsPeriods"),
    "/v1/shipments/{shipment_id}": Query("shipment", "Shipment"),
    "/v1/payments": Query("payments", "PaymentRow", is_list=True),
    "/v1/payments/summary": Query("payments_summary", "PaymentsSummary", "PaymentsPeriods"),
    "/v1/payments/trial-balance": Query("trial_balance", "TrialBalance", "BalancesPeriods"),
    "/v1/payments/{payment_id}": Query("payment", "Payment"),
    "/v1/anomalies": Query("anomalies", "AnomalyRow", is_list=True),
    "/v1/audit": Query("audit", "AuditEntry", is_list=True),
    "/v1/projections": Query("projections", "Projections"),
    "/healthz": Query("health", "Health"),
    "/readyz": Query("ready", "Health"),
}
"""The routes that a client has a method for."""
ELSEWHERE: Final = frozenset(
    {"/v1/stream", "/v1/orders/{order_id}/stream", "/v1/audit/export", "/metrics"}
)
"""Routes that answer no JSON document: follow() and export() read some of them."""
DIVIDED_BY: Final = "group_by"
_NAMES: Final = {"from": "from_", "limit": "page_size", "type": "type_"}


def _queries() -> Iterator[str]:
    paths = openapi()["paths"]
    yield '"""The queries of the ledger, printed from its OpenAPI document by `make reference`."""'
    yield ""
    yield "from collections.abc import AsyncIterator, Awaitable, Iterator, Mapping"
    yield "from typing import Any, Literal"
    yield ""
    yield "from daybook_client import documents as d"
    yield "from daybook_client.exchange import Wanted"
    yield "from daybook_client.sending import Moment, segment"
    yield ""
    yield "_OK = Wanted()"
    yield '_JUDGED = Wanted(frozenset({200, 503}), frozenset({"status", "troubles"}))'
    for is_async in (False, True):
        yield from _class_of_queries(paths, is_async=is_async)


def _class_of_queries(paths: Mapping[str, Any], *, is_async: bool) -> Iterator[str]:
    one, many = ("Awaitable[Any]", "AsyncIterator[Any]") if is_async else ("Any", "Iterator[Any]")
    kind = "AsyncQueries" if is_async else "Queries"
    yield ""
    yield ""
    yield f"class {kind}:"
    what = "An answer is awaited" if is_async else "An answer is returned"
    yield _doc(
        f"A method for each query. {what}; a list is iterated, and its pages are asked for as they "
        "are needed.\n\nRaises NotFound, UnknownOrder, Malformed, AmbiguousId, Rejected, "
        "Unavailable, UnexpectedAnswer, ServerFault."
    )
    yield ""
    yield "    def _one("
    yield "        self, path: str, query: Mapping[str, Any], wanted: Wanted"
    yield f"    ) -> {one}:"
    yield "        raise NotImplementedError"
    yield ""
    yield f"    def _each(self, path: str, query: Mapping[str, Any]) -> {many}:"
    yield "        raise NotImplementedError"
    for path, query in QUERIES.items():
        operation = paths[path]["get"]
        yield ""
        yield from _query(path, query, operation, is_async=is_async)
        if query.divided:
            divided = Query(f"{query.name}_by", query.divided)
            yield ""
            yield from _query(path, divided, operation, is_async=is_async, by=DIVIDED_BY)


def _query(
    path: str, query: Query, operation: Any, *, is_async: bool, by: str = ""
) -> Iterator[str]:
    """by: a parameter that is demanded, as the first one."""
    parameters = operation.get("parameters", ())
    in_path = [each["name"] for each in parameters if each["in"] == "path"]
    others = [each for each in parameters if each["in"] == "query" and _is_offered(each, query)]
    demanded = [each for each in parameters if each["name"] == by]
    answer = f"d.{query.answer}"
    if query.is_list:
        answer = f"{'AsyncIterator' if is_async else 'Iterator'}[{answer}]"
    elif is_async:
        answer = f"Awaitable[{answer}]"
    yield f"    def {query.name}("
    yield "        self,"
    for name in in_path:
        yield f"        {name}: str,"
    for each in demanded:
        yield f"        {each['name']}: {_query_type(each['schema'])},"
    yield "        *," if others else ""
    for each in others:
        yield f"        {_python_name(each, query)}: {_query_type(each['schema'])} | None = None,"
    yield f"    ) -> {answer}:"
    yield indent(_doc(f"{operation['summary']}."), "    ")
    yield "        query: dict[str, Any] = {"
    for each in (*demanded, *others):
        yield f'            "{each["name"]}": {_python_name(each, query)},'
    yield "        }"
    accepted = "" if query.is_list else f", {'_JUDGED' if query.answer == 'Health' else '_OK'}"
    ask = "_each" if query.is_list else "_one"
    yield f"        found: {answer} = self.{ask}({_address(path, in_path)}, query{accepted})"
    yield "        return found"


def _is_offered(parameter: Mapping[str, Any], query: Query) -> bool:
    """Not the cursor of a list, which is the iterator's; nor what has a method of its own."""
    name = parameter["name"]
    return name != DIVIDED_BY and not (query.is_list and name == "cursor")


def _python_name(parameter: Mapping[str, Any], query: Query) -> str:
    name: str = parameter["name"]
    if name == "limit" and not query.is_list:
        return name
    return _NAMES.get(name, name)


def _query_type(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return f"Literal[{', '.join(map(_literal, schema['enum']))}]"
    if schema.get("format") == "date-time":
        return "Moment"
    return {"integer": "int", "boolean": "bool", "string": "str"}[schema["type"]]


def _address(path: str, in_path: Sequence[str]) -> str:
    """The path as an expression."""
    if not in_path:
        return f'"{path}"'
    [name] = in_path
    before, after = path.split(f"{{{name}}}")
    reserved = tuple(sorted(RESERVED.get(name, frozenset()) - {".", ".."}))
    parts = [f'"{before}"', f'segment("{name}", {name}, {reserved!r})']
    return " + ".join([*parts, f'"{after}"'] if after else parts)


def _doc(text: str) -> str:
    """A docstring, indented as a class has it."""
    paragraphs = ["\n".join(wrap(" ".join(each.split()), _WIDTH)) for each in text.split("\n\n")]
    whole = "\n\n".join(paragraphs)
    ending = '\n"""' if "\n" in whole else '"""'
    return indent(f'"""{whole}{ending}', "    ")


def write() -> None:
    for name, text in modules().items():
        (FOLDER / f"{name}.py").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
