"""Events with the fields that a test is about; what it leaves out has the plainest value."""

from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from domain.events import Event, Item

E = TypeVar("E", bound=Event)


def told(kind: type[E], /, **content: Any) -> E:
    """What is left out is None where it may be, else 0, False or empty; an authorization has the
    payment's id.
    """
    plain = _plain(kind)
    if plain.get("authorization_id") == "":
        plain = {**plain, "authorization_id": content["payment_id"]}
    return kind(**(plain | content))


def item(line: int, product_id: str, quantity: int, price_cents: int, **content: Any) -> Item:
    """A line that needs shipping, without discount and tax."""
    price = {"price_cents": price_cents, "amount_cents": quantity * price_cents}
    named = {"line": line, "product_id": product_id, "quantity": quantity}
    return Item(**(_plain(Item) | {"requires_shipping": True} | named | price | content))


@cache
def _plain(kind: type) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: _plain_value(hints[field.name]) for field in fields(kind)}


def _plain_value(hint: Any) -> Any:
    if get_origin(hint) in (Union, UnionType):
        return None if NoneType in get_args(hint) else _plain_value(get_args(hint)[0])
    kind = get_origin(hint) or hint
    return {} if kind is Mapping or issubclass(kind, Mapping) else kind()
