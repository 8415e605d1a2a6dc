"""Selections of all that a type has, and REST documents under GraphQL's names."""

from typing import Any

from graphql import GraphQLNamedType, GraphQLObjectType, get_named_type

from api.graphql.names import camel

LINKS = {"order", "listed"}
"""Fields that lead from one document to another one."""
JSON = {"attributes", "data", "undecodable", "parked_orders"}
"""Members that are answered as they are."""


def everything(type_: GraphQLNamedType) -> str:
    """All fields of its document: those without arguments, with all that is in them."""
    assert isinstance(type_, GraphQLObjectType)
    found = []
    for name, field in type_.fields.items():
        if field.args or name in LINKS:
            continue
        inner = get_named_type(field.type)
        is_object = isinstance(inner, GraphQLObjectType)
        found.append(f"{name} {{ {everything(inner)} }}" if is_object else name)
    return " ".join(found)


def renamed(document: Any) -> Any:
    """A REST document with GraphQL's names."""
    if isinstance(document, list):
        return [renamed(each) for each in document]
    if not isinstance(document, dict):
        return document
    return {
        camel(name): value if name in JSON else renamed(value) for name, value in document.items()
    }
