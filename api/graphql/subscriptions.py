"""The subscription: the log as it grows, from a position on, narrowed by filters."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLField,
    GraphQLFieldResolver,
    GraphQLID,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
)

from api.graphql.arguments import validated
from api.graphql.input import argument
from api.graphql.names import camel
from api.graphql.operation import Info
from api.graphql.output import list_of, member, members, not_null, object_type
from api.graphql.rows import EVENT_MEMBERS
from api.graphql.scalars import LONG
from api.live.event import Wanted
from api.live.log import Step
from domain.events import EVENTS
from projections.query.filters import Name, Whole

_OF_PLACE: Final = ("order_id", "revision", "position", "event_id", "type")
"""What is known of an event that cannot be read."""


def _live_event() -> GraphQLObjectType:
    fields = members(**{name: EVENT_MEMBERS[name] for name in _OF_PLACE})
    for name, type_ in EVENT_MEMBERS.items():
        if name not in _OF_PLACE:
            known = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
            fields[camel(name)] = GraphQLField(known, resolve=_where_known(name))
    fields["unreadable"] = GraphQLField(
        GraphQLNonNull(GraphQLBoolean), resolve=lambda event, _info: "unreadable" in event
    )
    return object_type(
        "LiveEvent",
        fields,
        "An event as it is in the log. `unreadable`: it is damaged or of a newer version, and has"
        " its place alone.",
    )


def _where_known(name: str) -> GraphQLFieldResolver:
    return lambda event, _info: event.get(name)


_LIVE: Final = object_type(
    "LiveEvents",
    {
        "events": member(
            "events", list_of(_live_event()), "In the order of the log; none in a heartbeat."
        ),
        "position": member(
            "position", not_null(LONG), "How far the log was read: `after` of the next subscription"
        ),
        "caughtUp": member(
            "caught_up", not_null(GraphQLBoolean), "Whether that was the log's end at the time."
        ),
    },
)


@dataclass(frozen=True, slots=True)
class _Asked:
    after: Whole | None = None
    order_id: Name | None = None
    customer_id: Name | None = None
    types: tuple[str, ...] | None = None


def subscription_fields() -> dict[str, GraphQLField]:
    types = GraphQLEnumType("EventType", {name: name for name in EVENTS})
    return {
        "events": GraphQLField(
            GraphQLNonNull(_LIVE),
            args={
                **argument(
                    "after", LONG, "The position after which to begin; the log's end, if left out."
                ),
                **argument("types", GraphQLList(GraphQLNonNull(types)), "Of these types alone."),
                **argument("order_id", GraphQLID, "Of this order alone."),
                **argument("customer_id", GraphQLID, "Of this customer's orders alone."),
            },
            subscribe=_subscribe,
            resolve=lambda step, _info, **_asked: step,
            description="The events of the log as they are stored. To resume after a cut, "
            "subscribe again with `after`, the last `position`: nothing is missed or sent twice.",
        )
    }


async def _subscribe(_root: Any, info: Info, **given: Any) -> AsyncGenerator[dict[str, Any], None]:
    """Raises Rejected (malformed, unknown-position)."""
    asked = validated(_Asked, given)
    live = info.context.door.services.live
    wanted = Wanted(
        types=frozenset(asked.types or ()), order_id=asked.order_id, customer_id=asked.customer_id
    )
    begins = await live.start(asked.after)
    return _steps(live.steps(wanted, begins, beat_s=info.context.door.services.limits.beat_s))


async def _steps(found: AsyncGenerator[Step, None]) -> AsyncGenerator[dict[str, Any], None]:
    async with aclosing(found) as steps:
        async for step in steps:
            yield {
                "events": [event.document for event in step.events],
                "position": step.position,
                "caught_up": step.caught_up,
            }
