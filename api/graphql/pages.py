"""Pages of lists, and lists that belong to the items of another list."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLString,
    SelectionNode,
    SelectionSetNode,
)

from api.graphql.arguments import arguments_of, validated
from api.graphql.operation import Info, Nested
from api.graphql.output import list_of, member, object_type
from api.graphql.parameters import InList
from projections.query.part_lists import Owner

SHORT: Final = 20
"""A list of so few items is answered at one go."""


def page_type(item: GraphQLObjectType) -> GraphQLObjectType:
    """A page of a list, as `items` and `next`."""
    return object_type(
        f"{item.name}Page",
        {
            "items": GraphQLField(list_of(item), resolve=_items),
            "next": member("next", GraphQLString, "The cursor of the next page; null on the last."),
        },
    )


def _items(page: Mapping[str, Any], info: Info) -> Any:
    items = page["items"]
    return items if len(items) <= SHORT else info.context.in_turns(items)


def nested_list(
    page: GraphQLObjectType, nested: Nested, description: str | None = None
) -> GraphQLField:
    """A page of a list of the item that it is asked of; see Operation.page_of."""

    async def resolve(row: Any, info: Info, **given: Any) -> Any:
        place = validated(InList, given)
        operation = info.context
        page = await operation.page_of(nested, _owner(row, nested), place.limit, place.cursor)
        if _is_flat(info.field_nodes):
            # The pages of all items are there at once: other requests run in between. Not where
            # lists are asked for within them: those of all pages have to be asked for at once.
            await operation.turn.go_on()
        return page

    return GraphQLField(page, args=arguments_of(InList), resolve=resolve, description=description)


def _is_flat(nodes: Iterable[FieldNode]) -> bool:
    """Whether nothing but plain fields is asked of the items of a page."""
    pages = [each for node in nodes for each in _selections(node)]
    items = [each for page in pages for each in _selections(page)]
    return all(isinstance(each, FieldNode) for each in pages) and all(
        isinstance(each, FieldNode) and each.selection_set is None for each in items
    )


def _selections(node: SelectionNode) -> Sequence[SelectionNode]:
    selected: SelectionSetNode | None = getattr(node, "selection_set", None)
    return () if selected is None else selected.selections


def _owner(row: Mapping[str, Any], nested: Nested) -> Owner:
    return tuple(row[name] for name in nested.list.owner)


def nested_item(type_: GraphQLObjectType, nested: Nested, description: str) -> GraphQLField:
    """The one item of such a list."""

    async def resolve(row: Any, info: Info) -> Any:
        page = await info.context.page_of(nested, _owner(row, nested), 1, None)
        return page["items"][0]

    return GraphQLField(type_, resolve=resolve, description=description)
