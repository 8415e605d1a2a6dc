"""Object types made from what the answers are made from: tables, dataclasses, named members.

Each field takes the member of its name from the answer's document, as a REST answer has it.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Mapping as AnyMapping
from dataclasses import fields, is_dataclass
from types import NoneType
from typing import Any, Final, TypeAlias, get_args, get_origin, get_type_hints

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLField,
    GraphQLFieldResolver,
    GraphQLID,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    GraphQLString,
)
from sqlalchemy import Column, Table

from api.graphql.names import camel
from api.graphql.scalars import DATE_TIME, JSON, LONG
from projections.storage.columns import Flag, Words

Fields: TypeAlias = dict[str, GraphQLField]
Nullable: TypeAlias = GraphQLScalarType | GraphQLEnumType | GraphQLObjectType | GraphQLList[Any]

_TEXTS: Final = {"_id": GraphQLID, "_at": DATE_TIME}
"""The type of a text by the end of its name."""


def not_null(type_: Nullable) -> GraphQLNonNull[Any]:
    return GraphQLNonNull(type_)


def list_of(type_: Nullable) -> GraphQLNonNull[Any]:
    """A list without nulls that is there always."""
    return GraphQLNonNull(GraphQLList(GraphQLNonNull(type_)))


def object_type(name: str, members: Fields, description: str | None = None) -> GraphQLObjectType:
    return GraphQLObjectType(name, members, description=description)


def members(**types: GraphQLOutputType) -> Fields:
    """Fields by the members that they take: `order_id` gives the field orderId."""
    return {camel(name): member(name, type_) for name, type_ in types.items()}


def member(name: str, type_: GraphQLOutputType, description: str | None = None) -> GraphQLField:
    return GraphQLField(type_, resolve=_taken(name), description=description)


def _taken(name: str) -> GraphQLFieldResolver:
    def take(document: Any, _info: Any) -> Any:
        return document[name]

    return take


def of_table(table: Table, *, without: Sequence[str] = (), nullable: Sequence[str] = ()) -> Fields:
    """A field for each column. nullable: those that answers have as null instead of empty."""
    return members(
        **{
            str(column.name): _of_column(column, is_nullable=column.name in nullable)
            for column in table.columns
            if column.name not in without
        }
    )


def _of_column(column: Column[Any], *, is_nullable: bool) -> GraphQLOutputType:
    if isinstance(column.type, Flag):
        type_: Nullable = GraphQLBoolean
    elif column.type.python_type is int:
        type_ = LONG
    elif isinstance(column.type, Words):
        type_ = text_named(str(column.name))
    else:
        raise TypeError(f"{column}: no GraphQL type for {column.type!r}")
    return type_ if column.nullable or is_nullable else not_null(type_)


def text_named(name: str) -> GraphQLScalarType:
    return _TEXTS.get(name[-3:], GraphQLID if name == "id" else GraphQLString)


def of_dataclass(kind: Any, *, without: Sequence[str] = (), empty_is_null: bool = False) -> Fields:
    """A field for each of the dataclass; its parts are types of their own. empty_is_null: answers
    have null where a text of it is empty.
    """
    hints = get_type_hints(kind)
    names = [field.name for field in fields(kind) if field.name not in without]
    return members(
        **{
            name: _nullable(name, str)
            if empty_is_null and hints[name] is str
            else _of_hint(name, hints[name])
            for name in names
        }
    )


_PLAIN: Final[Mapping[Any, Nullable]] = {bool: GraphQLBoolean, int: LONG}


def _of_hint(name: str, hint: Any) -> GraphQLOutputType:
    arms = get_args(hint)
    if NoneType in arms:
        [arm] = [arm for arm in arms if arm is not NoneType]
        return _nullable(name, arm)
    return not_null(_nullable(name, hint))


def _nullable(name: str, hint: Any) -> Nullable:
    if hint in _PLAIN:
        return _PLAIN[hint]
    if hint is str:
        return text_named(name)
    if get_origin(hint) is tuple:
        return GraphQLList(not_null(_nullable(name, get_args(hint)[0])))
    if is_dataclass(hint):
        return part_type(hint)
    if get_origin(hint) in (dict, AnyMapping):
        return JSON
    raise TypeError(f"{name}: no GraphQL type for {hint!r}")


_PARTS: Final[dict[Any, GraphQLObjectType]] = {}


def part_type(kind: Any) -> GraphQLObjectType:
    """The type of a dataclass that is part of an order's document; one for each."""
    if kind not in _PARTS:
        _PARTS[kind] = object_type(f"{kind.__name__}InLog", of_dataclass(kind))
    return _PARTS[kind]
