"""What an operation may ask for: looked at before GraphQL validates it, as validation is quadratic
in what is repeated, and before anything is executed.

A cost is the number of values that the answer has at most: a field is one, and a list multiplies
what is asked of each item by its `limit`.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_list_type,
    is_non_null_type,
)

from api.graphql.errors import too_complex
from projections.query.listing import LIMIT_MAX

QUERY_CHARACTERS_MAX: Final = 20_000
TOKENS_MAX: Final = 1_000
COMMENTS_MAX: Final = 200
DEPTH_MAX: Final = 20
ALIASES_MAX: Final = 50
FRAGMENTS_MAX: Final = 30
REPEATED_MAX: Final = 10
"""How often one name may be in one selection: GraphQL compares each of them with each other."""
MUTATIONS_MAX: Final = 20
COST_MAX: Final = 100_000

LIST_ITEMS: Final = 10
"""How many items a list without a `limit` counts as, such as the lines of an order."""
OWN_COST: Final[Mapping[tuple[str, str], int]] = {
    ("Query", "__schema"): 5_000,
    ("Query", "__type"): 500,
    ("Query", "order"): 100,
    ("Query", "payment"): 50,
    ("Query", "shipment"): 50,
    ("Query", "projections"): 50,
    ("Query", "ordersSummary"): 100,
    ("Query", "shipmentsSummary"): 100,
    ("Query", "paymentsSummary"): 100,
    ("Query", "trialBalance"): 100,
    ("Order", "events"): 20,
    ("Order", "money"): 100,
    ("Order", "goods"): 100,
    ("CommandResult", "order"): 100,
    ("ListedOrder", "eventList"): 20,
    # An event has more in it than a row of other lists: its data.
    ("AuditEntryPage", "items"): 10,
    ("EventPage", "items"): 10,
}
"""Of fields that read more than a row for each item."""
OF_THE_SCHEMA: Final[Mapping[tuple[str, str], int]] = {
    ("__Schema", "types"): 130,
    ("__Schema", "directives"): 6,
    ("__Type", "fields"): 6,
    ("__Type", "inputFields"): 4,
    ("__Field", "args"): 1,
    ("__Type", "enumValues"): 1,
    ("__Type", "interfaces"): 1,
    ("__Type", "possibleTypes"): 1,
}
"""How many items the lists of the schema's description have, on average."""
MUTATION_COST: Final = 200


def check_limits(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any],
) -> None:
    """Raises Rejected (too-complex) for what is beyond a limit. It takes time in proportion to the
    document's length. Other faults of the document are left to GraphQL's validation.
    """
    _Measured(schema, document, variables).check(operation)


@dataclass(slots=True)
class _Size:
    """Of a selection. names: how often it has each field itself; spreads: the fragments whose
    fields are in it, too, each once.
    """

    cost: int = 0
    depth: int = 0
    names: Counter[str] = field(default_factory=Counter)
    spreads: frozenset[str] = frozenset()


class _Measured:
    """The sizes of an operation's selections; that of a fragment is measured once."""

    def __init__(
        self, schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any]
    ) -> None:
        self._schema = schema
        self._document = document
        self._variables = variables
        self._aliases = 0
        self._fragments = {
            node.name.value: node
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        self._sizes: dict[str, _Size] = {}
        self._open: set[str] = set()
        if len(document.definitions) > FRAGMENTS_MAX:
            raise too_complex(f"a document may have {FRAGMENTS_MAX} operations and fragments")

    def check(self, operation: OperationDefinitionNode) -> None:
        for node in self._document.definitions:
            if isinstance(node, OperationDefinitionNode):
                size = self._size(node.selection_set, self._schema.get_root_type(node.operation), 1)
                if node is operation:
                    _check_size(size, node, self._names(size).total())
        # A fragment that no operation spreads is validated, too.
        for name in self._fragments:
            self._of_fragment(name, 1)

    def _size(
        self, selection: SelectionSetNode, parent: GraphQLNamedType | None, depth: int
    ) -> _Size:
        if depth > DEPTH_MAX:
            raise too_complex(f"a selection may be {DEPTH_MAX} levels deep")
        size = _Size()
        for part in self._parts(selection, parent, depth):
            size.cost = min(size.cost + part.cost, 10 * COST_MAX)
            size.depth = max(size.depth, part.depth)
            size.names += part.names
            size.spreads |= part.spreads
        if self._names(size).most_common(1)[0][1] > REPEATED_MAX:
            raise too_complex(f"a selection may have a field {REPEATED_MAX} times")
        return size

    def _names(self, size: _Size) -> Counter[str]:
        """How often each field is in a selection, with those of its fragments."""
        names = Counter(size.names)
        for name in size.spreads & self._sizes.keys():
            names += self._sizes[name].names
        return names or Counter({"": 0})

    def _parts(
        self, selection: SelectionSetNode, parent: GraphQLNamedType | None, depth: int
    ) -> Iterator[_Size]:
        for node in selection.selections:
            match node:
                case FieldNode():
                    yield self._of_field(node, parent, depth)
                case FragmentSpreadNode():
                    yield self._of_fragment(node.name.value, depth)
                case InlineFragmentNode():
                    yield self._size(node.selection_set, self._narrowed(node, parent), depth + 1)
                case _:
                    raise TypeError(f"no size of a {node.kind}")

    def _of_field(self, node: FieldNode, parent: GraphQLNamedType | None, depth: int) -> _Size:
        if node.alias is not None:
            self._aliases += 1
            if self._aliases > ALIASES_MAX:
                raise too_complex(f"an operation may have {ALIASES_MAX} aliases")
        name = node.name.value
        known = self._known(parent, name)
        names = Counter([node.alias.value if node.alias else name])
        own = _own_cost(parent, name)
        if node.selection_set is None:
            return _Size(own, 1, names)
        type_ = get_named_type(known.type) if known is not None else None
        inner = self._size(node.selection_set, type_, depth + 1)
        items = self._items(node, parent, known)
        return _Size(own + items * inner.cost, 1 + inner.depth, names)

    def _known(self, parent: GraphQLNamedType | None, name: str) -> GraphQLField | None:
        return (
            self._schema.get_field(parent, name) if isinstance(parent, GraphQLObjectType) else None
        )

    def _items(
        self, node: FieldNode, parent: GraphQLNamedType | None, known: GraphQLField | None
    ) -> int:
        """How often what is asked of the field's value is answered."""
        if known is None or parent is None:
            return 1
        if (parent.name, node.name.value) in OF_THE_SCHEMA:
            return OF_THE_SCHEMA[parent.name, node.name.value]
        if "limit" in known.args:
            limit = self._limit(node, known)
            is_page = "items" in getattr(get_named_type(known.type), "fields", {})
            # What is no page has several lists of so many entries, each counted as LIST_ITEMS.
            return limit if is_page else max(1, limit // LIST_ITEMS)
        type_ = known.type.of_type if is_non_null_type(known.type) else known.type
        is_counted = is_list_type(type_) and node.name.value != "items"  # a page's are counted
        return LIST_ITEMS if is_counted else 1

    def _limit(self, node: FieldNode, known: GraphQLField) -> int:
        given: Any = known.args["limit"].default_value
        for argument in node.arguments or ():
            if argument.name.value == "limit":
                value = argument.value
                if isinstance(value, VariableNode):
                    given = self._variables.get(value.name.value, LIMIT_MAX)
                elif isinstance(value, IntValueNode):
                    given = int(value.value[:4])
        return min(max(given, 1), LIMIT_MAX) if isinstance(given, int) else LIMIT_MAX

    def _of_fragment(self, name: str, depth: int) -> _Size:
        """A fragment that spreads itself counts as nothing there: validation refuses it."""
        fragment = self._fragments.get(name)
        if fragment is None or name in self._open:
            return _Size()
        if name not in self._sizes:
            self._open.add(name)
            type_ = self._schema.get_type(fragment.type_condition.name.value)
            self._sizes[name] = self._size(fragment.selection_set, type_, 1)
            self._open.discard(name)
        size = self._sizes[name]
        if depth + size.depth > DEPTH_MAX + 1:
            raise too_complex(f"a selection may be {DEPTH_MAX} levels deep")
        return _Size(size.cost, size.depth, spreads=size.spreads | {name})

    def _narrowed(
        self, node: InlineFragmentNode, parent: GraphQLNamedType | None
    ) -> GraphQLNamedType | None:
        if node.type_condition is None:
            return parent
        return self._schema.get_type(node.type_condition.name.value)


def _check_size(size: _Size, operation: OperationDefinitionNode, fields: int) -> None:
    if operation.operation is OperationType.MUTATION and fields > MUTATIONS_MAX:
        raise too_complex(f"an operation may have {MUTATIONS_MAX} mutations")
    if size.cost > COST_MAX:
        raise too_complex(
            f"the answer may have {COST_MAX:,} values, and this one could have {size.cost:,}: name"
            " a smaller `limit`, or fewer fields"
        )


def _own_cost(parent: GraphQLNamedType | None, name: str) -> int:
    of = "" if parent is None else parent.name
    return MUTATION_COST if of == "Mutation" else OWN_COST.get((of, name), 1)
