"""Commands and facts as mutations: one for each entry of the registry.

What was sent becomes the JSON body of the command's own route, and is parsed, answered and counted
as that is. So defaults, rules, ids and messages are the same.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from graphql import (
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLField,
    GraphQLID,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLString,
    is_required_input_field,
)
from pydantic_core import to_json

from api.commands.handler import Result
from api.commands.headers import at_revisions, key_in_field
from api.commands.parse import from_body
from api.commands.registry import REGISTRY, Registered
from api.documents import Document
from api.graphql.errors import Refused
from api.graphql.input import InputFields, argument, command_fields
from api.graphql.names import camel
from api.graphql.operation import Info, Operation
from api.graphql.order import ORDER
from api.graphql.output import list_of, members, not_null, object_type
from api.graphql.scalars import DATE_TIME, JSON, LONG
from api.queries.log import order_in_log
from eventstore.ledger.submission import Precondition, Submission

_PLACE: Final = REGISTRY["place-order"]
_OF_PATH: Final = frozenset({"order_id"})


async def _order_after(answer: Mapping[str, Any], info: Info) -> Document:
    if "order" in answer:  # of a dry run
        document: Document = answer["order"]
        return document
    operation = info.context
    ledger = operation.door.services.ledger
    found: Document = await operation.from_the_log(
        lambda: order_in_log(ledger, answer["order_id"], revision=answer["revision"])
    )
    return found


RESULT: Final = object_type(
    "CommandResult",
    {
        **members(
            status=not_null(LONG),
            order_id=not_null(GraphQLID),
            revision=not_null(LONG),
            position=LONG,
            replayed=not_null(GraphQLBoolean),
            dry_run=not_null(GraphQLBoolean),
            events=list_of(
                object_type(
                    "StoredEvent",
                    {
                        **members(
                            event_id=not_null(GraphQLID),
                            type=not_null(GraphQLString),
                            revision=not_null(LONG),
                        ),
                        "data": GraphQLField(
                            JSON,
                            resolve=lambda event, _info: event.get("data"),
                            description="In a dry run: the fields that would be stored.",
                        ),
                    },
                )
            ),
        ),
        "creditCents": GraphQLField(
            LONG,
            resolve=lambda answer, _info: answer.get("credit_cents"),
            description="How much of a refund that was granted or accepted lowers what is due.",
        ),
        "order": GraphQLField(
            ORDER, resolve=_order_after, description="The order at this revision, from the log."
        ),
    },
    "Done, or done before by the same idempotencyKey (`replayed`). No events: the goal was reached "
    "already. `status`: as the REST API answers. `position` is null in a dry run.",
)


def mutation_fields() -> dict[str, GraphQLField]:
    return {camel(name): _mutation(known) for name, known in REGISTRY.items()}


def _mutation(known: Registered) -> GraphQLField:
    placing = known is _PLACE
    input_ = GraphQLInputObjectType(f"{known.command.__name__}Input", _input_fields(known))
    needed = any(map(is_required_input_field, input_.fields.values()))
    of_order = {} if placing else argument("order_id", not_null(GraphQLID))

    async def resolve(_root: Any, info: Info, **given: Any) -> Any:
        return await _performed(info.context, known, given)

    kind = "A fact: recorded always." if known.fact else "A command: may be refused by a rule."
    return GraphQLField(
        RESULT,
        args={
            **of_order,
            "input": GraphQLArgument(GraphQLNonNull(input_) if needed else input_),
            **_ABOUT_A_COMMAND,
        },
        resolve=resolve,
        description=f"{known.title}. {kind}",
    )


def _input_fields(known: Registered) -> InputFields:
    own = command_fields(known.command, without=frozenset() if known is _PLACE else _OF_PATH)
    if known is _PLACE:
        own["orderId"] = GraphQLInputField(GraphQLID, out_name="order_id")  # made if left out
    common = {"reason": GraphQLInputField(GraphQLString)} | {
        "occurredAt": GraphQLInputField(DATE_TIME, out_name="occurred_at")
    }
    return own | {name: field for name, field in common.items() if name not in own}


_ABOUT_A_COMMAND: Final[dict[str, GraphQLArgument]] = {
    **argument(
        "idempotency_key",
        GraphQLString,
        "Names this command, so that it can be sent again safely: as the header Idempotency-Key.",
    ),
    **argument(
        "if_match",
        GraphQLList(not_null(LONG)),
        "Only at this revision, or one of these: as the header If-Match.",
    ),
    **argument(
        "dry_run",
        not_null(GraphQLBoolean),
        "True: nothing is written, and the answer says what would be.",
        default=False,
    ),
}


async def _performed(operation: Operation, known: Registered, given: Mapping[str, Any]) -> Any:
    """The answer to a command. Raises Refused with the problem that REST answers."""
    result = await _result(operation, known, given)
    if result.problem is not None:
        raise Refused(result.problem)
    return {"dry_run": False, **result.members, "status": result.status}


async def _result(operation: Operation, known: Registered, given: Mapping[str, Any]) -> Result:
    door = operation.door
    try:
        with operation.turn:
            submission = _submission(operation, known, given)
    except Exception as error:  # noqa: BLE001 (each becomes a problem; unknown ones are logged)
        return door.handler.failed(error, known.name)
    perform = door.dry_run if given["dry_run"] else door.handler.result
    try:
        async with asyncio.timeout_at(operation.ends_s):
            return await perform(submission)
    except TimeoutError as error:
        return door.handler.failed(error, known.name, submission)


def _submission(operation: Operation, known: Registered, given: Mapping[str, Any]) -> Submission:
    return from_body(
        known,
        to_json(given.get("input") or {}),
        order_id=given.get("order_id"),
        key=_key(given.get("idempotency_key")),
        sender=operation.sender,
        precondition=_precondition(given.get("if_match")),
        now=operation.door.clock(),
    )


def _key(text: str | None) -> str | None:
    return None if text is None else key_in_field(text, "idempotencyKey")


def _precondition(revisions: list[int] | None) -> Precondition | None:
    return None if revisions is None else at_revisions(revisions, "ifMatch")
