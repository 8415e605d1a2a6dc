"""Input types made from what the REST API validates with: commands, filters, words.

They say which fields there are. The values are validated by the one parser of commands and the one
model of filters, so that the rules and their messages are the same through every door.
"""

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Final,
    Literal,
    TypeAlias,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from graphql import (
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLID,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
    GraphQLString,
)

from api.graphql.names import camel, enum_name
from api.graphql.output import text_named
from api.graphql.scalars import DATE_TIME, ID_OR_TRUE, JSON, LONG
from domain.values import Id, Identifier, Iso4217, Many, Pairs, TextShape, Whole

_Nullable: TypeAlias = (
    GraphQLScalarType | GraphQLEnumType | GraphQLInputObjectType | GraphQLList[Any]
)
_INPUTS: Final[dict[type, GraphQLInputObjectType]] = {}
_ENUMS: Final[dict[Any, GraphQLEnumType]] = {}

InputFields = dict[str, GraphQLInputField]


def argument(
    name: str, type_: GraphQLInputType, description: str | None = None, default: Any = MISSING
) -> dict[str, GraphQLArgument]:
    """An argument under its name in GraphQL; the resolver gets it under its own."""
    given = {} if default is MISSING else {"default_value": default}
    made = GraphQLArgument(type_, description=description, out_name=name.rstrip("_"), **given)
    return {camel(name.rstrip("_")): made}


def command_fields(kind: type, *, without: frozenset[str] = frozenset()) -> InputFields:
    """The fields of a command or of a part of one."""
    hints = get_type_hints(kind, include_extras=True)
    return {
        camel(field.name): GraphQLInputField(
            _of_shape(
                hints[field.name],
                required=field.default is MISSING,
                enum=f"{kind.__name__}{camel('_' + field.name)}",
            ),
            out_name=field.name,
        )
        for field in fields(kind)
        if field.name not in without
    }


def _of_shape(hint: Any, *, required: bool, enum: str) -> GraphQLInputType:
    arms = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    shapes = [arm for arm in arms if arm is not NoneType]
    type_ = ID_OR_TRUE if shapes == [Id, Literal[True]] else _shaped(*shapes, enum=enum)
    return GraphQLNonNull(type_) if required else type_


def _shaped(hint: Any, *, enum: str) -> _Nullable:
    if hint is bool:
        return GraphQLBoolean
    if get_origin(hint) is Literal:
        return enum_type(hint, enum)
    if is_dataclass(hint):
        return _part(hint)
    kind, shape = get_args(hint)
    match shape:
        case Whole():
            return LONG
        case Identifier():
            return GraphQLID
        case TextShape() | Iso4217():
            return GraphQLString
        case Pairs():
            return JSON
        case Many():
            return GraphQLList(GraphQLNonNull(_part(get_args(kind)[0])))
        case _:
            raise TypeError(f"no GraphQL type for the shape {shape!r}")


def _part(kind: Any) -> GraphQLInputObjectType:
    if kind not in _INPUTS:
        _INPUTS[kind] = GraphQLInputObjectType(f"{kind.__name__}Input", command_fields(kind))
    return _INPUTS[kind]


def enum_type(words: Any, name: str) -> GraphQLEnumType:
    """An enum of a Literal's words, one for each Literal."""
    if words not in _ENUMS:
        values = {enum_name(word): word for word in get_args(words)}
        _ENUMS[words] = GraphQLEnumType(name, values)
    return _ENUMS[words]


def filter_type(kind: type, name: str) -> GraphQLInputObjectType:
    """The filters of a list."""
    hints = get_type_hints(kind, include_extras=True)
    filters = {
        field.name: _of_filter(field.name, hints[field.name], f"{name}{camel('_' + field.name)}")
        for field in fields(kind)
    }
    return GraphQLInputObjectType(
        f"{name}Filter",
        {
            camel(field): GraphQLInputField(type_, out_name=field)
            for field, type_ in filters.items()
        },
    )


def of_parameter(name: str, hint: Any, *, is_needed: bool) -> tuple[GraphQLInputType, str | None]:
    """The type of a parameter of the REST API, and its description there."""
    known = {"limit": GraphQLInt, "cursor": GraphQLString}
    type_ = known.get(name) or _of_filter(name, hint, camel(f"_{name}"))
    words = [getattr(each, "description", None) for each in getattr(hint, "__metadata__", ())]
    described = next(filter(None, words), None)
    return (GraphQLNonNull(type_) if is_needed or name == "limit" else type_), described


_PLAIN: Final[Mapping[Any, _Nullable]] = {
    bool: GraphQLBoolean,
    datetime: DATE_TIME,
    int: LONG,
}


def _of_filter(name: str, hint: Any, enum: str) -> _Nullable:
    kind = _kind(hint)
    if get_origin(kind) is Literal:
        return enum_type(kind, enum)
    return _PLAIN[kind] if kind in _PLAIN else text_named(name)


def _kind(hint: Any) -> Any:
    """What remains of an annotation without its limits, and without None."""
    if get_origin(hint) is Annotated:
        return _kind(get_args(hint)[0])
    if get_origin(hint) in (Union, UnionType):
        [arm] = [arm for arm in get_args(hint) if arm is not NoneType]
        return _kind(arm)
    return hint
