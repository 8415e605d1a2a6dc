"""The route of GraphQL as the OpenAPI document has it."""

from typing import Annotated, Final

from fastapi import Header
from pydantic import BaseModel, JsonValue
from starlette.types import ASGIApp

from api.commands.documented import SenderHeaders
from api.docs.responses import JSON, STREAM, Responses, problems
from api.http.asgi import AsgiRoute
from api.http.guards import GRAPHQL_PATH

_ABOUT: Final = (
    "One operation of GraphQL: the queries of the read models and of the log, every command as a "
    "mutation, and with `Accept: text/event-stream` a subscription to the events of the log. What "
    "is wrong with an operation is in `errors`, each with its problem in `extensions`; with "
    "`Accept: application/graphql-response+json` the status says it too. The schema is in "
    "`api/graphql/schema.graphql`."
)


class Operation(BaseModel):
    query: str
    variables: dict[str, JsonValue] | None = None
    operationName: str | None = None  # noqa: N815 (the name is GraphQL's)


def documented_graphql(answered_by: ASGIApp) -> AsgiRoute:
    async def operation(headers: Annotated[SenderHeaders, Header()], body: Operation) -> None: ...

    answer = {"schema": {"type": "object"}}
    forms = {JSON: answer, "application/graphql-response+json": answer}
    responses: Responses = problems(STREAM, ("body-too-large", "too-complex"))
    for status in (422, 503):  # of the request, or by the guards
        responses[status]["content"] |= forms
    responses[200] = {
        "description": "`data`, and `errors`. Of a subscription: the events of graphql-sse.",
        "content": {**forms, "text/event-stream": {"schema": {"type": "string"}}},
    }
    return AsgiRoute(
        GRAPHQL_PATH,
        operation,
        answered_by,
        methods=["POST"],
        tags=["graphql"],
        operation_id="graphql",
        summary="GraphQL: queries, mutations, subscriptions",
        description=_ABOUT,
        responses=responses,
        openapi_extra={
            "requestBody": {
                "content": {JSON: {"example": {"query": "{ orders { items { orderId state } } }"}}}
            }
        },
    )
