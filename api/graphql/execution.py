"""One operation: read from a request's body, held to the limits, validated, executed."""

import json
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from inspect import isawaitable
from typing import Any, Final, TypeAlias

from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    OperationType,
    TokenKind,
    execute,
    execute_sync,
    get_operation_ast,
    parse,
    specified_rules,
    subscribe,
    validate,
)
from pydantic_core import from_json

from api.commands.parse import count_outside_texts, unrepeated
from api.graphql import limits
from api.graphql.errors import formatted, of_exception, too_complex
from api.graphql.operation import Operation
from api.graphql.schema import schema
from api.http.problems import malformed

Answer: TypeAlias = dict[str, Any]

VALUES_MAX: Final = 50_000
"""Values in a request: an order of 3,000 items has less."""
ERRORS_MAX: Final = 10
NUMBER_CHARACTERS_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class Request:
    query: str
    variables: Mapping[str, Any]
    operation_name: str | None


@dataclass(frozen=True, slots=True)
class Prepared:
    """An operation that may be executed."""

    request: Request
    document: DocumentNode
    node: OperationDefinitionNode
    is_about_the_schema: bool

    @property
    def is_subscription(self) -> bool:
        return self.node.operation is OperationType.SUBSCRIPTION

    @property
    def is_mutation(self) -> bool:
        return self.node.operation is OperationType.MUTATION


class Invalid(Exception):
    """The operation cannot be executed."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__(f"{len(errors)} errors")
        self.errors = errors


def request_of(body: bytes) -> Request:
    """Raises Rejected: malformed for a body that is no request by GraphQL over HTTP, too-complex
    for one of more values than any.
    """
    if count_outside_texts(body, b",[{", VALUES_MAX) > VALUES_MAX:
        raise too_complex(f"a request may have {VALUES_MAX:,} values")
    try:
        values = from_json(body, allow_inf_nan=False)
        json.loads(body, object_pairs_hook=unrepeated)
    except (ValueError, RecursionError):
        raise malformed("", "must be JSON in UTF-8") from None
    if isinstance(values, list):
        raise malformed("", "must be one operation: a list of operations is not accepted")
    if not isinstance(values, dict):
        raise malformed("", "must be an object with `query`")
    query, variables, name = map(values.get, ("query", "variables", "operationName"))
    if not isinstance(query, str):
        raise malformed("query", "is required: the text of an operation")
    if variables is not None and not isinstance(variables, dict):
        raise malformed("variables", "must be an object")
    if name is not None and not isinstance(name, str):
        raise malformed("operationName", "must be a text in quotes")
    return Request(query, variables or {}, name)


def prepared(request: Request, *, introspection: bool) -> Prepared:
    """Raises Invalid. It takes time in proportion to the request's length, which is limited."""
    try:
        asked = _within_limits(request)
    except Exception as error:  # noqa: BLE001 (each becomes a problem; unknown ones are logged)
        raise Invalid([of_exception(error)]) from None
    hidden = () if introspection else (NoSchemaIntrospectionCustomRule,)
    errors = validate(
        schema(),
        asked.document,
        (*specified_rules, *hidden),
        max_errors=ERRORS_MAX,
        hide_suggestions=not introspection,
    )
    if errors:
        raise Invalid(errors)
    return asked


def _within_limits(request: Request) -> Prepared:
    """Raises Rejected, GraphQLSyntaxError."""
    document = _parsed(request.query)
    node = get_operation_ast(document, request.operation_name)
    if node is None:
        raise malformed("operationName", "must name one of the operations in `query`")
    limits.check_limits(schema(), document, node, request.variables)
    roots = _roots(document, node)
    if roots & _OF_THE_SCHEMA and not roots <= _ABOUT_TYPES:
        raise too_complex("ask for the schema in an operation of its own")
    return Prepared(request, document, node, is_about_the_schema=bool(roots & _OF_THE_SCHEMA))


_OF_THE_SCHEMA: Final = frozenset({"__schema", "__type"})
_ABOUT_TYPES: Final = _OF_THE_SCHEMA | {"__typename"}


def _roots(document: DocumentNode, node: OperationDefinitionNode) -> frozenset[str]:
    """The root fields of an operation, also those in its fragments."""
    fragments = {
        each.name.value: each
        for each in document.definitions
        if isinstance(each, FragmentDefinitionNode)
    }
    found: set[str] = set()
    left = [node.selection_set]
    while left:
        for each in left.pop().selections:
            if isinstance(each, FieldNode):
                found.add(each.name.value)
            elif isinstance(each, InlineFragmentNode):
                left.append(each.selection_set)
            elif isinstance(each, FragmentSpreadNode) and each.name.value in fragments:
                # Each once: a fragment may spread itself, which validation refuses.
                left.append(fragments.pop(each.name.value).selection_set)
    return frozenset(found)


def _parsed(query: str) -> DocumentNode:
    if len(query) > limits.QUERY_CHARACTERS_MAX:
        raise too_complex(f"`query` may have {limits.QUERY_CHARACTERS_MAX:,} characters")
    document = parse(query, max_lexical_tokens=limits.TOKENS_MAX, max_comments=limits.COMMENTS_MAX)
    token = document.loc.start_token if document.loc is not None else None
    while token is not None:
        # GraphQL's Int fails at a number of more digits than Python reads.
        if token.kind is TokenKind.INT and len(token.value or "") > NUMBER_CHARACTERS_MAX:
            raise malformed("query", f"a number may have {NUMBER_CHARACTERS_MAX} characters")
        token = token.next
    return document


async def executed(asked: Prepared, operation: Operation) -> ExecutionResult:
    """The result of a query or mutation; errors of its fields are in it."""
    with operation.turn:
        if asked.is_about_the_schema and not asked.request.variables:
            return _about_the_schema(asked.request.query, asked.request.operation_name)
        result = execute(schema(), asked.document, context_value=operation, **_given(asked))
    return await result if isawaitable(result) else result


@lru_cache(maxsize=8)
def _about_the_schema(query: str, operation_name: str | None) -> ExecutionResult:
    """The answer to introspection. It is kept: tools ask the same again, and it takes 80 ms."""
    return execute_sync(schema(), parse(query), operation_name=operation_name)


async def subscribed(
    asked: Prepared, operation: Operation
) -> AsyncGenerator[ExecutionResult, None] | ExecutionResult:
    """The results of a subscription, or the one of a subscription that cannot begin."""
    with operation.turn:
        source = subscribe(schema(), asked.document, context_value=operation, **_given(asked))
    found: Any = await source if isawaitable(source) else source
    results: AsyncGenerator[ExecutionResult, None] | ExecutionResult = found
    return results


def _given(asked: Prepared) -> dict[str, Any]:
    return {
        "variable_values": dict(asked.request.variables),
        "operation_name": asked.request.operation_name,
        "max_coercion_errors": ERRORS_MAX,
    }


def answer_of(result: ExecutionResult) -> Answer:
    """As GraphQL has it. Without `data` where nothing was executed."""
    answer: Answer = {}
    if result.errors:
        answer["errors"] = [formatted(error) for error in result.errors]
    if result.data is not None or not result.errors:
        answer["data"] = result.data
    return answer


def failure(errors: list[GraphQLError]) -> Answer:
    """The answer to an operation that was not executed."""
    return {"errors": [formatted(error) for error in errors]}


def status_of(answer: Answer) -> int:
    """200 with `data`; else the status that REST answers the first error with."""
    if "data" in answer:
        return 200
    status: int = answer["errors"][0]["extensions"]["problem"]["status"]
    return status
