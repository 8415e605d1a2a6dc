"""The maps of a view: loaded entry by entry, and none of them forgotten."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, is_dataclass
from typing import Any, get_args, get_origin, get_type_hints

import pytest

from domain.persistent import with_entry, without_entry
from projections.models import MODELS
from projections.parts import LazyMap, ViewParts, changed_entries

STORED = {"a": 1, "b": 2}


@dataclass(frozen=True)
class Money:
    payments: Mapping[str, int]
    total_cents: int = 0


@dataclass(frozen=True)
class View:
    order_id: str
    money: Money | None = None
    reported: Mapping[str, str] = field(default_factory=dict)


IDS = {"money.payments": "payment_id", "reported": "payment_id"}


@pytest.fixture
def asked() -> list[str]:
    return []


@pytest.fixture
def lazy(asked: list[str]) -> LazyMap[int]:
    def load(key: str) -> int | None:
        asked.append(key)
        return STORED.get(key)

    return LazyMap(load)


def test_an_entry_is_loaded_when_it_is_asked_for(lazy: LazyMap[int], asked: list[str]) -> None:
    assert (lazy["a"], lazy.get("z", 7), "z" in lazy) == (1, 7, False)
    assert asked == ["a", "z", "z"]


def test_a_changed_entry_is_not_loaded_and_older_versions_keep_theirs(lazy: LazyMap[int]) -> None:
    later = with_entry(with_entry(lazy, "a", 10), "c", 3)

    assert (later["a"], later["b"], later["c"]) == (10, 2, 3)
    assert (lazy["a"], "c" in lazy) == (1, False)
    assert changed_entries(later) == {"a": 10, "c": 3}
    assert changed_entries(lazy) == {}


def test_an_entry_that_was_taken_out_is_gone(lazy: LazyMap[int]) -> None:
    later = without_entry(lazy, "a")

    assert "a" not in later
    assert changed_entries(later) == {}
    assert without_entry(lazy, "z") is lazy
    with pytest.raises(KeyError):
        lazy.without("z")


def test_nobody_counts_what_is_not_loaded(lazy: LazyMap[int]) -> None:
    with pytest.raises(TypeError, match="keeps a count"):
        len(lazy)
    with pytest.raises(TypeError, match="keeps a count"):
        sum(lazy.values())


def test_of_a_whole_map_rows_are_made_of_every_entry() -> None:
    assert changed_entries(STORED) == STORED


def test_a_map_that_the_projection_does_not_name_is_refused() -> None:
    with pytest.raises(TypeError, match=r"the view of toy has the maps .*reported"):
        ViewParts("toy", View, {"money.payments": "payment_id"})
    with pytest.raises(TypeError, match="refunds"):
        ViewParts("toy", View, {**IDS, "money.refunds": "refund_id"})


def test_a_view_is_taken_apart_and_put_together() -> None:
    parts = ViewParts("toy", View, IDS)
    view = View("o-1", Money({"p": 1}, 9), {"p": "today"})
    stored = {change.part: change.text for change in parts.changes(view)}

    assert stored == {"money.payments/p": "1", "reported/p": '"today"'}
    assert parts.head(view) == View("o-1", Money({}, 9), {})

    again = parts.lazy(parts.head(view), lambda each, key: stored[each.part(key)])

    assert again.money is not None
    assert (again.money.payments["p"], again.reported["p"]) == ("1", '"today"')
    assert list(parts.changes(again)) == []


def test_a_view_without_money_yet_has_no_payments() -> None:
    parts = ViewParts("toy", View, IDS)

    assert parts.head(View("o-1")) == View("o-1")
    assert list(parts.changes(View("o-1"))) == []


def test_the_view_before_has_the_entries_that_changed_after() -> None:
    parts = ViewParts("toy", View, IDS)
    before = parts.lazy(View("o-1", Money({})), lambda _, key: STORED.get(key))
    assert before.money is not None
    payments = with_entry(with_entry(before.money.payments, "a", 5), "new", 6)
    after = View("o-1", Money(payments), before.reported)

    money = parts.before(before, after).money

    assert money is not None
    assert changed_entries(money.payments) == {"a": 1}


def test_keys_of_rows_have_no_nul_and_are_never_the_same() -> None:
    [(each, _), *_] = ViewParts("toy", View, IDS).about(_Paid("p"))
    keys = ["a\0b", "a\\0b", "a\\\0b", "ab"]

    parts = {each.part(key) for key in keys}

    assert len(parts) == len(keys)
    assert not any("\0" in part for part in parts)


@dataclass(frozen=True)
class _Paid:
    payment_id: str


# What grows with an order is a map of its view: then an event costs no more on a long order.
# These are inside of one part: they grow with what happens to one payment or one refund.
WITHIN_ONE_PART = {
    "money.payments.methods": "methods of one payment",
    "money.movements.reports": "reports of one thing",
    "money.movements.ends": "reports of its end",
    "money.movements.changes": "changes of one authorization",
    "money.refunds.kept.taxes": "tax codes of one refund",
    "money.refunds.accepted": "payouts of one refund that were accepted",
    "money.adjustments.parts.taxes": "tax codes of one adjustment",
    "anomalies.watches.anomaly_ids": "anomalies about one thing",
    "goods.shipments.lines": "lines of one shipment: as many as the order has",
    "goods.returns.lines": "lines of one return: as many as the order has",
    "goods.returns.receipts": "receipts of one return",
}
# These grow with what is ordered alone, or not above a limit.
OF_LIMITED_LENGTH = {
    "goods.lines",
    "money.lines",
    "money.shippings",
    "product_ids",
    "money.billed.taxes",
    "money.kept.taxes",
    "status.attributes",
}


@pytest.mark.parametrize("name", MODELS)
def test_whatever_grows_with_an_order_is_a_part(name: str) -> None:
    projection = MODELS[name]
    view = type(projection.initial(""))
    parts = set(projection.parts)

    assert set(_collections(view)) <= parts | WITHIN_ONE_PART.keys() | OF_LIMITED_LENGTH
    ViewParts(name, view, projection.parts)


def _collections(kind: Any, prefix: str = "") -> Iterator[str]:
    """Paths of all maps, tuples and lists in a dataclass, and in what they contain."""
    if not is_dataclass(kind):
        return
    for name, hint in get_type_hints(kind).items():
        yield from _of_hint(hint, prefix + name)


def _of_hint(hint: Any, path: str) -> Iterator[str]:
    if get_origin(hint) in {dict, Mapping, tuple, list, set, frozenset}:
        yield path
    yield from _collections(hint, f"{path}.")
    for inner in get_args(hint):
        if inner is not Ellipsis:
            yield from _of_hint(inner, path) if inner is not hint else ()
