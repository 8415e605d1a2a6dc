"""The arguments that queries share: a dataclass for each kind of query."""

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Query

from api.queries.orders import AsOf, OccurredAsOf
from api.queries.parameters import Cursor, Limit, MinRevision, Revision
from projections.query.filters import Name

IN_ORDER: Final = 100
"""Entries of a page of one order's lists: nearly every order has fewer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InList:
    """Which page of a list that belongs to an item of another one."""

    limit: Limit = 10
    cursor: Cursor = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InEvents:
    """Which page of an order's events. cursor: a revision as a text, as `next` has it."""

    limit: Limit = 10
    cursor: Annotated[Revision, Query(description="`next` of the page before.")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InOrder:
    """Which page of an order's entries; for nearly every order the first page has them all."""

    limit: Limit = IN_ORDER
    cursor: Cursor = None
    min_revision: MinRevision = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderAsked:
    order_id: Name
    revision: Revision = None
    as_of: AsOf = None
    occurred_as_of: OccurredAsOf = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentAsked:
    shipment_id: Name
    order_id: Name | None = None
    limit: Limit = IN_ORDER
    cursor: Cursor = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentAsked:
    payment_id: Name
    order_id: Name | None = None
    limit: Limit = IN_ORDER
    cursor: Cursor = None
