"""The table of commands: from it come routes, bodies, bulk lines and documentation.

Each command of domain.commands gets two pydantic models, made from the shapes its fields are
annotated with: `body` for POST and `line` for a bulk line. Both are strict and refuse unknown
fields.
"""

import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from dataclasses import Field as DataclassField
from types import UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    JsonValue,
    TypeAdapter,
    create_model,
)
from pydantic_core import PydanticCustomError, core_schema

from api.docs import examples
from domain.commands import COMMANDS, FACTS, Command, PlaceOrder
from domain.currency import EXPONENTS
from domain.values import (
    CURRENCY_PATTERN,
    ID_MAX,
    LINE_PATTERN,
    NEW_ID_PATTERN,
    PRINTABLE_PATTERN,
    RESERVED,
    SHOWN_ID_PATTERN,
    TEXT_MAX,
    Id,
    Identifier,
    Iso4217,
    Many,
    Pairs,
    Text,
    TextShape,
    Whole,
)
from eventstore.record.moments import MOMENT_SCHEMA, moment

KEY_MAX = 200
TRACEPARENT_PATTERN: Final = (
    r"^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$"
)

_STRICT = ConfigDict(strict=True, extra="forbid", defer_build=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """One command as the API knows it.

    path: its route. fields: the fields of its dataclass. takes: place in the body ("" is the top,
    "items" an entry of that list) -> names of the fields that are allowed in it.
    """

    name: str
    command: type[Command]
    fact: bool
    path: str
    body: type[BaseModel]
    line: type[BaseModel]
    fields: frozenset[str]
    takes: Mapping[str, tuple[str, ...]]
    example: Mapping[str, Any]

    @property
    def title(self) -> str:
        return self.name.replace("-", " ").capitalize()


_TRACEPARENT_FORM = re.compile(TRACEPARENT_PATTERN.removesuffix("$") + r"\Z")


def is_traceparent(text: str) -> bool:
    """True if it is valid by W3C Trace Context: not version ff, no id of zeros only."""
    return _TRACEPARENT_FORM.match(text) is not None


def _valid_traceparent(text: str) -> str:
    if not is_traceparent(text):
        raise PydanticCustomError("traceparent", "must be a traceparent of W3C Trace Context")
    return text


def _unless_reserved(shape: Any, words: frozenset[str]) -> Any:
    """The shape without the words that would be no id in a path."""

    def not_reserved(text: str | None) -> str | None:
        if text in words:
            raise PydanticCustomError("reserved", "is reserved: the API uses it in paths")
        return text

    without: dict[str, JsonValue] = {"not": {"enum": [*sorted(words)]}}
    return Annotated[shape, Field(json_schema_extra=without), AfterValidator(not_reserved)]


def _known_currency(text: str) -> str:
    if text.upper() not in EXPONENTS or not (text.isupper() or text.islower()):
        raise PydanticCustomError("currency", "must be a currency code of ISO 4217")
    return text


def _shaped(annotation: Any) -> Any:
    """The pydantic annotation that enforces an annotation of the domain."""
    if get_origin(annotation) in (Union, UnionType):
        return Union[tuple(_shaped(arm) for arm in get_args(annotation))]  # noqa: UP007 (made here)
    if isinstance(annotation, type) and is_dataclass(annotation):
        return _built(annotation)
    if get_origin(annotation) is not Annotated:
        return annotation
    kind, shape = get_args(annotation)
    match shape:
        case Whole(low, high):
            return Annotated[int, Field(ge=low, le=high)]
        case Identifier():
            shown: dict[str, JsonValue] = {"pattern": SHOWN_ID_PATTERN}
            enforced = Field(
                min_length=1,
                max_length=ID_MAX,
                pattern=NEW_ID_PATTERN,
                json_schema_extra=shown,
            )
            return Annotated[str, enforced]
        case TextShape(shortest, longest, breaks):
            return _shaped_text(shortest, longest, PRINTABLE_PATTERN if breaks else LINE_PATTERN)
        case Iso4217():
            codes = [*sorted(EXPONENTS), *sorted(map(str.lower, EXPONENTS))]
            known = Field(pattern=CURRENCY_PATTERN, json_schema_extra={"enum": [*codes]})
            return Annotated[str, known, AfterValidator(_known_currency)]
        case Pairs(most, key, value, removable):
            name, text = _shaped_text(1, key), _shaped_text(0, value)
            pairs = dict[name, text | None if removable else text]  # type: ignore[valid-type, misc]
            others: dict[str, JsonValue] = {"additionalProperties": False}
            return Annotated[pairs, Field(max_length=most, json_schema_extra=others)]
        case Many(shortest, longest):
            entry = _built(get_args(kind)[0])
            return Annotated[
                tuple[entry, ...],  # type: ignore[valid-type]
                Field(min_length=shortest, max_length=longest, fail_fast=True),
            ]
        case _:
            raise TypeError(f"no pydantic annotation for the shape {shape!r}")


def _shaped_text(shortest: int, longest: int, pattern: str = PRINTABLE_PATTERN) -> Any:
    return Annotated[str, Field(min_length=shortest, max_length=longest, pattern=pattern)]


Key = Annotated[str, TextShape(1, KEY_MAX, breaks=False)]
_KEY = _shaped(Key)
_TIME = Annotated[str, Field(json_schema_extra=MOMENT_SCHEMA), AfterValidator(moment)]
_TRACEPARENT = Annotated[
    str,
    Field(json_schema_extra={"pattern": TRACEPARENT_PATTERN}),
    AfterValidator(_valid_traceparent),
]

_IN_BODY: dict[str, Any] = {"reason": _shaped(Text), "occurred_at": _TIME}
_IN_LINE: dict[str, Any] = _IN_BODY | {
    "command_id": _KEY,
    "actor": _shaped_text(1, TEXT_MAX, LINE_PATTERN),
    "channel": _shaped_text(0, TEXT_MAX, LINE_PATTERN),
    "correlation_id": _KEY,
    "causation_id": _KEY,
    "traceparent": _TRACEPARENT,
}


def _built(part: type) -> Any:
    """A part of a command: validated, and built as the domain's dataclass."""
    return Annotated[part, _Part(part)]


@dataclass(frozen=True, slots=True)
class _Part:
    """What pydantic asks about a part. Were it validated as a model, it would be built twice: that
    took a third of the time of parsing a place-order.
    """

    part: type

    def __get_pydantic_core_schema__(
        self, _source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        part, own = self.part, _own_fields(self.part)
        known = [
            core_schema.dataclass_field(name, _schema(annotation, default, handler), kw_only=True)
            for name, (annotation, default) in own.items()
        ]
        return core_schema.dataclass_schema(
            part,
            core_schema.dataclass_args_schema(part.__name__, known),
            [*own],
            post_init=hasattr(part, "__post_init__"),
            slots=True,
            ref=f"{part.__module__}.{part.__name__}",
            config=core_schema.CoreConfig(strict=True, extra_fields_behavior="forbid"),
        )

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        found = handler(schema)
        shape = handler.resolve_ref_schema(found)
        shape.pop("description", None)  # the docstring is for readers of the domain
        shape.update(getattr(self.part, "schema", {}))
        return found


def _schema(annotation: Any, default: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
    schema = handler.generate_schema(annotation)
    return schema if default is ... else core_schema.with_default_schema(schema, default=default)


def _own_fields(part: type) -> dict[str, Any]:
    if not is_dataclass(part):
        raise TypeError(f"{part.__name__} is not a dataclass")
    hints = get_type_hints(part, include_extras=True)
    return {
        field.name: (_field(field.name, hints[field.name]), _default(field))
        for field in fields(part)
    }


def _field(name: str, annotation: Any) -> Any:
    shape, words = _shaped(annotation), RESERVED.get(name)
    return _unless_reserved(shape, words) if words else shape


def _default(field: "DataclassField[Any]") -> Any:
    return ... if field.default is MISSING else field.default


def _optional(shapes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: (shape | None, None) for name, shape in shapes.items()}


def _registered(name: str, command: type[Command]) -> Registered:
    own = _own_fields(command)
    placing = command is PlaceOrder
    # The id of an order that is to be; those of orders that are need no such check.
    order_id = (_field("order_id", Id | None), None) if placing else (_shaped(Id), ...)
    head: dict[str, Any] = {"command": (Literal[name], ...), "order_id": order_id}
    body = _optional(_IN_BODY) | own | ({"order_id": order_id} if placing else {})
    line = _optional(_IN_LINE) | own | head
    return Registered(
        name=name,
        command=command,
        fact=command in FACTS,
        path="/v1/orders" if placing else f"/v1/orders/{{order_id}}/{name}",
        body=create_model(command.__name__, __config__=_STRICT, **body),
        line=create_model(f"{command.__name__}Line", __config__=_STRICT, **line),
        fields=frozenset(own),
        takes={"": tuple(body), "line": tuple(line)} | _parts(command),
        example=examples.BODIES[name],
    )


def _parts(command: type[Command]) -> dict[str, tuple[str, ...]]:
    """Name of each field that is a part, or a list of parts -> names of the parts' fields."""
    found = {name: _part(hint) for name, hint in get_type_hints(command).items()}
    return {name: tuple(f.name for f in fields(part)) for name, part in found.items() if part}


def _part(hint: Any) -> Any:
    """The dataclass in a field's type; None if it has none."""
    return next(
        (part for part in (hint, *get_args(hint)) if is_dataclass(part)),
        None,
    )


def demands_actor(command: type[Command]) -> bool:
    """True for a command that nobody may send without saying who."""
    return getattr(command, "demands_actor", False)


REGISTRY: Final[Mapping[str, Registered]] = {
    name: _registered(name, command) for name, command in COMMANDS.items()
}

_ANY_LINE: Any = Union[tuple(registered.line for registered in REGISTRY.values())]  # noqa: UP007
LINES: Final[TypeAdapter[BaseModel]] = TypeAdapter(
    Annotated[_ANY_LINE, Field(discriminator="command")], config=ConfigDict(defer_build=True)
)
"""A bulk line of any command; the field `command` says which."""
