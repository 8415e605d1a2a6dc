"""The scalars besides GraphQL's own: whole numbers above 2^31, times, JSON, and an id or `true`."""

from typing import Any, Final

from graphql import (
    BooleanValueNode,
    GraphQLError,
    GraphQLScalarType,
    IntValueNode,
    StringValueNode,
    ValueNode,
    value_from_ast_untyped,
)

LONG_MAX: Final = 2**63 - 1
_DIGITS_MAX: Final = 20


def _whole(value: Any) -> int:
    if type(value) is not int or abs(value) > LONG_MAX:
        raise GraphQLError(
            "Long must be a whole number of at most 64 bits: no quotes, no point, no exponent"
        )
    return value


def _whole_literal(node: ValueNode, _variables: Any = None) -> int:
    if isinstance(node, IntValueNode) and len(node.value) <= _DIGITS_MAX:
        return _whole(int(node.value))
    return _whole(None)


LONG: Final = GraphQLScalarType(
    "Long",
    coerce_output_value=lambda value: value,
    coerce_input_value=_whole,
    coerce_input_literal=_whole_literal,
    description="A whole number, as a JSON number: amounts in minor units (up to 10^15 - 1 each, "
    "which JavaScript's numbers hold exactly), counts, revisions and positions.",
)


def _time(value: Any) -> str:
    if not isinstance(value, str):
        raise GraphQLError("DateTime must be an RFC 3339 time with a zone, in quotes")
    return value


def _time_literal(node: ValueNode, _variables: Any = None) -> str:
    return _time(node.value if isinstance(node, StringValueNode) else None)


DATE_TIME: Final = GraphQLScalarType(
    "DateTime",
    coerce_output_value=lambda value: value,
    coerce_input_value=_time,
    coerce_input_literal=_time_literal,
    description="A time by RFC 3339, like `2026-11-23T09:00:00Z`. Answers are in UTC.",
)

JSON: Final = GraphQLScalarType(
    "JSON",
    coerce_output_value=lambda value: value,
    coerce_input_value=lambda value: value,
    coerce_input_literal=value_from_ast_untyped,
    description="Any JSON value: attributes, and the fields of an event as they are stored.",
)


def _id_or_true(value: Any) -> Any:
    if value is not True and not isinstance(value, str):
        raise GraphQLError("IdOrTrue must be an id in quotes, or true")
    return value


def _id_or_true_literal(node: ValueNode, _variables: Any = None) -> Any:
    return _id_or_true(node.value if isinstance(node, StringValueNode | BooleanValueNode) else None)


ID_OR_TRUE: Final = GraphQLScalarType(
    "IdOrTrue",
    coerce_output_value=lambda value: value,
    coerce_input_value=_id_or_true,
    coerce_input_literal=_id_or_true_literal,
    description="An id as a text, or `true`.",
)
