"""The parameters that queries share, and the refusal of unknown ones."""

from dataclasses import dataclass
from typing import Annotated, TypeAlias

from fastapi import Depends, Query, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BeforeValidator

from api.http.paths import percent_decoded, unmarked
from api.http.problems import malformed
from projections.query import filters
from projections.query.filters import Name, Whole
from projections.query.listing import CURSOR_CHARACTERS_MAX, LIMIT_MAX

Limit: TypeAlias = Annotated[filters.Limit, Query(description="Items of a page.")]
Cursor: TypeAlias = Annotated[
    str | None,
    Query(
        max_length=CURSOR_CHARACTERS_MAX,
        description="`next` of the page before; opaque.",
        json_schema_extra={"pattern": "^[A-Za-z0-9_-]+$"},
    ),
]


@dataclass(frozen=True, slots=True)
class _Place:
    """Which page of a list, and how many items it has."""

    limit: Limit = 50
    cursor: Cursor = None


Place: TypeAlias = Annotated[_Place, Depends()]


@dataclass(frozen=True, slots=True)
class _PlaceInOrder:
    """Which page of an order's entries; for nearly every order the first page has them all."""

    limit: Limit = LIMIT_MAX
    cursor: Cursor = None


PlaceInOrder: TypeAlias = Annotated[_PlaceInOrder, Depends()]
Revision: TypeAlias = Whole | None
MinRevision: TypeAlias = Annotated[
    Whole | None,
    Query(
        description="Read your writes: wait, bounded, until the read model has applied this "
        "revision of the order; else 503 read-model-behind.",
    ),
]
OrderId: TypeAlias = Annotated[Name | None, Query(description="Chooses where ids are ambiguous.")]
IdInPath: TypeAlias = Annotated[Name, BeforeValidator(unmarked)]


async def refuse_unknown_parameters(request: Request) -> None:
    """Raises Rejected for an unknown parameter: a misspelt filter would silently list
    everything.
    """
    route = request.scope["route"]
    if not isinstance(route, APIRoute):
        return
    percent_decoded(request.scope["query_string"], "query")
    known = _parameters(route.dependant)
    given = [name for name, _ in request.query_params.multi_items()]
    if not known.issuperset(given):
        names = ", ".join(sorted(known)) or "none"
        raise malformed("query", f"has a parameter that is not known here; known are {names}")
    if len(set(given)) < len(given):
        raise malformed("query", "names a parameter twice")


def _parameters(dependant: Dependant) -> set[str]:
    own = {field.alias for field in dependant.query_params}
    return own.union(*map(_parameters, dependant.dependencies))
