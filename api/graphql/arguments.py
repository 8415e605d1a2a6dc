"""Arguments of queries: declared once as a dataclass, as FastAPI's parameters are, which makes the
arguments of the field and validates what is given, with the same messages as REST.
"""

from dataclasses import MISSING, fields
from typing import Any, Final, TypeVar, get_type_hints

from graphql import GraphQLArgument
from pydantic import TypeAdapter, ValidationError

from api.commands.validation_messages import rejected_query
from api.graphql.input import argument, of_parameter

T = TypeVar("T")


def arguments_of(kind: type) -> dict[str, GraphQLArgument]:
    """An argument for each field; one with a default may be left out."""
    hints = get_type_hints(kind, include_extras=True)
    made: dict[str, GraphQLArgument] = {}
    for field in fields(kind):
        needed = field.default is MISSING
        type_, words = of_parameter(field.name, hints[field.name], is_needed=needed)
        default = MISSING if field.default is None else field.default
        made |= argument(field.name, type_, words, default)
    return made


def validated(kind: type[T], given: dict[str, Any]) -> T:
    """Raises Rejected (malformed) with the errors of all arguments."""
    try:
        valid: T = _adapter_of(kind).validate_python(given)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        # The first part of a place says where a REST parameter was; here it was an argument.
        details = [{**detail, "loc": ("arguments", *detail["loc"])} for detail in found]
        raise rejected_query(details) from None
    return valid


_ADAPTERS: Final[dict[Any, TypeAdapter[Any]]] = {}


def _adapter_of(kind: Any) -> TypeAdapter[Any]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]
