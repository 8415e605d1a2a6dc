import base64
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, MetaData, Table
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from projections.query.listing import (
    AMBIGUOUS_NAMED_MAX,
    AmbiguousId,
    BadCursor,
    Listed,
    Listing,
    of_order,
    page,
    single,
    timestamp,
)
from projections.query.totals import totals, when
from projections.storage.columns import cents, key, table, text
from tests.ids import EXAMPLES
from tests.projections.kinds import Kind

TABLES = MetaData()
THINGS: Table = table(
    "things", TABLES, key("order_id"), key("thing_id"), text("colour"), cents("price_cents")
)
OTHERS: Table = table("others", TABLES, key("order_id"), text("colour"))


@dataclass(frozen=True, kw_only=True)
class Colours:
    colour: str | None = None


THING_LIST = Listing(
    table=THINGS,
    sorts={"price_cents": (THINGS.c.price_cents, THINGS.c.order_id, THINGS.c.thing_id)},
)
OTHER_LIST = Listing(
    table=OTHERS,
    sorts={"price_cents": (OTHERS.c.order_id,)},
)
ROWS: list[dict[str, Any]] = [
    {
        "order_id": f"o-{n}",
        "thing_id": "t",
        "colour": ("red", "blue")[n % 2],
        "price_cents": n // 4 * 100,
    }
    for n in range(30)
]


@pytest.fixture
async def conn(kind: Kind, tmp_path: Path) -> AsyncIterator[AsyncConnection]:
    engine = create_async_engine(kind.url(tmp_path, "things"))
    async with engine.begin() as conn:
        await conn.run_sync(TABLES.create_all)
        await conn.execute(THINGS.insert(), ROWS)
        yield conn
    await engine.dispose()


def all_keys(items: Sequence[Mapping[str, Any]]) -> set[type]:
    return {type(key) for item in items for key in item}


async def test_rows_have_plain_keys_which_are_fast_to_write_as_json(conn: AsyncConnection) -> None:
    """A RowMapping has keys of another type: writing them takes 60 times as long (measured)."""
    listed = (await things(conn)).items
    one = await conn.run_sync(single, THINGS.c.order_id, "o-1", order_id=None)
    rows = await conn.run_sync(of_order, THINGS, "o-1")

    assert one is not None
    assert all_keys([*listed, one, *rows]) == {str}
    mappings = (await conn.execute(THINGS.select())).mappings().all()
    assert all_keys(mappings) != {str}  # else the conversion can go


async def things(
    conn: AsyncConnection,
    cursor: str | None = None,
    *,
    colour: str | None = None,
    sort: str = "price_cents",
    limit: int = 7,
) -> Listed:
    filters = Colours(colour=colour)
    return await conn.run_sync(
        page, THING_LIST, filters=filters, sort=sort, limit=limit, cursor=cursor
    )


async def all_ids(conn: AsyncConnection, *, sort: str, colour: str | None = None) -> list[str]:
    ids: list[str] = []
    cursor: str | None = None
    while True:
        listed = await things(conn, cursor, sort=sort, colour=colour)
        ids += [item["order_id"] for item in listed.items]
        cursor = listed.next
        if cursor is None:
            return ids


async def a_cursor(conn: AsyncConnection) -> str:
    listed = await things(conn)
    assert listed.next is not None
    return listed.next


@pytest.mark.parametrize("colour", [None, "red", "blue"])
async def test_pages_together_are_the_list_in_order(
    conn: AsyncConnection, colour: str | None
) -> None:
    wanted = [row for row in ROWS if colour in {None, row["colour"]}]
    wanted.sort(key=lambda row: (row["price_cents"], row["order_id"]))
    ids = [row["order_id"] for row in wanted]

    assert await all_ids(conn, sort="price_cents", colour=colour) == ids
    assert await all_ids(conn, sort="-price_cents", colour=colour) == ids[::-1]


async def test_a_page_that_ends_with_the_list_has_no_next(conn: AsyncConnection) -> None:
    assert (await things(conn, limit=30)).next is None
    assert (await things(conn, limit=29)).next is not None


async def test_rows_that_come_meanwhile_repeat_nothing(conn: AsyncConnection) -> None:
    first = await things(conn)
    await conn.execute(THINGS.insert(), [{**ROWS[0], "order_id": "o-0000"}])
    second = await things(conn, first.next)

    seen = [item["order_id"] for item in first.items + second.items]

    assert len(seen) == len(set(seen)) == 14


async def test_a_cursor_of_other_filters_is_refused(conn: AsyncConnection) -> None:
    with pytest.raises(BadCursor):
        await things(conn, await a_cursor(conn), colour="red")


async def test_a_cursor_of_another_sort_is_refused(conn: AsyncConnection) -> None:
    with pytest.raises(BadCursor):
        await things(conn, await a_cursor(conn), sort="-price_cents")


async def test_a_cursor_of_another_list_is_refused(conn: AsyncConnection) -> None:
    cursor = await a_cursor(conn)
    filters = Colours()
    with pytest.raises(BadCursor):
        await conn.run_sync(
            page, OTHER_LIST, filters=filters, sort="price_cents", limit=1, cursor=cursor
        )


async def test_a_cursor_continues_with_another_limit(conn: AsyncConnection) -> None:
    listed = await things(conn, await a_cursor(conn), limit=2)

    assert len(listed.items) == 2


async def test_no_character_of_a_cursor_can_be_changed(conn: AsyncConnection) -> None:
    cursor = await a_cursor(conn)
    payload = json.loads(base64.urlsafe_b64decode(cursor + "=="))
    for place in range(len(cursor)):
        other = "A" if cursor[place] != "A" else "B"
        forged = cursor[:place] + other + cursor[place + 1 :]
        try:
            same = json.loads(base64.urlsafe_b64decode(forged + "==")) == payload
        except ValueError:
            same = False
        if not same:  # the last character has bits that nobody reads
            with pytest.raises(BadCursor):
                await things(conn, forged)


def forged(*parts: object) -> str:
    text = json.dumps(parts, ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode("utf-8", "surrogatepass")).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "a",
        "!!!!",
        "\u00e9",
        "\ud800",
        "A" * 2_000,
        forged(),
        forged(1, 2, 3, 4),
        base64.urlsafe_b64encode(b"[" * 700).decode(),
        base64.urlsafe_b64encode(b'{"a":1}').decode(),
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
        forged("seal", 10**400, "o", "t"),
    ],
)
async def test_a_text_that_is_no_cursor_is_refused(conn: AsyncConnection, cursor: str) -> None:
    with pytest.raises(BadCursor):
        await things(conn, cursor)


@pytest.mark.parametrize(
    "values",
    [
        (2**63, "o-1", "t"),
        (1.5, "o-1", "t"),
        (True, "o-1", "t"),
        ("1", "o-1", "t"),
        (None, "o-1", "t"),
        (1, 2, "t"),
        (1, ["o-1"], "t"),
        (1, "\ud800", "t"),
    ],
)
async def test_a_cursor_with_a_valid_checksum_and_odd_values_is_refused(
    conn: AsyncConnection, monkeypatch: pytest.MonkeyPatch, values: tuple[object, ...]
) -> None:
    monkeypatch.setattr("projections.query.listing._checksum", lambda _scope, _values: "seal")
    with pytest.raises(BadCursor):
        await things(conn, forged("seal", *values))


async def test_a_cursor_with_a_valid_checksum_and_fitting_values_is_accepted(
    conn: AsyncConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("projections.query.listing._checksum", lambda _scope, _values: "seal")
    listed = await things(conn, forged("seal", 600, "o-25", "t"))

    assert [item["order_id"] for item in listed.items][:3] == ["o-26", "o-27", "o-28"]


async def test_a_cursor_continues_after_any_text(
    conn: AsyncConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NUL too, which PostgreSQL's texts cannot have, and events that others wrote can."""
    monkeypatch.setattr("projections.query.listing._checksum", lambda _scope, _values: "seal")
    for last in (*EXAMPLES, "\0"):
        listed = await things(conn, forged("seal", 600, last, "t"))
        of_that_price = [it["order_id"] for it in listed.items if it["price_cents"] == 600]

        assert all(order_id >= last for order_id in of_that_price)


@pytest.mark.parametrize("limit", [0, -1, 501])
async def test_a_limit_out_of_range_is_an_error(conn: AsyncConnection, limit: int) -> None:
    with pytest.raises(ValueError, match="limit is 1 to 500"):
        await things(conn, limit=limit)


async def test_an_unknown_sort_is_an_error_that_names_the_known(conn: AsyncConnection) -> None:
    with pytest.raises(ValueError, match="price_cents"):
        await things(conn, sort="colour")


# Single objects -----------------------------------------------------------------------------------

THING_ID: Column[str] = THINGS.c.thing_id


async def test_an_id_that_one_order_uses_is_found_without_naming_it(conn: AsyncConnection) -> None:
    await conn.execute(THINGS.insert(), [{**ROWS[3], "thing_id": "only"}])

    row = await conn.run_sync(single, THING_ID, "only", order_id=None)

    assert row is not None
    assert row["order_id"] == "o-3"


async def test_an_id_that_several_orders_use_is_an_error_that_names_them(
    conn: AsyncConnection,
) -> None:
    two = [{**ROWS[n], "thing_id": "both"} for n in (5, 3)]
    await conn.execute(THINGS.insert(), two)

    with pytest.raises(AmbiguousId) as caught:
        await conn.run_sync(single, THING_ID, "both", order_id=None)

    assert caught.value.orders == ("o-3", "o-5")
    chosen = await conn.run_sync(single, THING_ID, "both", order_id="o-5")
    assert chosen is not None
    assert chosen["order_id"] == "o-5"


async def test_the_number_of_named_orders_is_limited(conn: AsyncConnection) -> None:
    with pytest.raises(AmbiguousId) as caught:
        await conn.run_sync(single, THING_ID, "t", order_id=None)

    assert len(caught.value.orders) == AMBIGUOUS_NAMED_MAX


async def test_an_id_nobody_uses_is_none(conn: AsyncConnection) -> None:
    assert await conn.run_sync(single, THING_ID, "nobody", order_id=None) is None
    assert await conn.run_sync(single, THING_ID, "t", order_id="nobody") is None


# Times --------------------------------------------------------------------------------------------


def test_times_are_texts_that_sort_as_times_do() -> None:
    east, west = timezone(timedelta(hours=9)), timezone(timedelta(hours=-9))
    moments = [
        datetime(1, 1, 1, tzinfo=east),
        datetime(2026, 1, 1, 8, 59, 59, 999_999, tzinfo=east),
        datetime(2026, 1, 1, tzinfo=UTC),
        datetime(2026, 1, 1, tzinfo=west),
        datetime(9999, 12, 31, 23, tzinfo=west),
    ]
    texts = [timestamp(moment) for moment in moments]

    assert texts == sorted(texts)
    assert len({len(text) for text in texts}) == 1


def test_a_time_without_an_offset_is_an_error() -> None:
    with pytest.raises(ValueError, match="a time needs a zone"):
        timestamp(datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None))


# Sums ---------------------------------------------------------------------------------------------


async def test_sums_are_exact_where_sqlite_overflows(conn: AsyncConnection) -> None:
    huge = 2**63 - 1
    rows = [{**ROWS[0], "order_id": f"huge-{n}", "price_cents": huge} for n in range(20)]
    await conn.execute(THINGS.delete())
    await conn.execute(THINGS.insert(), rows)

    [(group, sums)] = await conn.run_sync(
        totals,
        THINGS,
        by=(THINGS.c.colour,),
        cents={"price_cents": THINGS.c.price_cents, "negative": -THINGS.c.price_cents},
        counts={"things": when(THINGS.c.price_cents > 0)},
    )

    assert group == ("red",)
    assert sums == {"price_cents": 20 * huge, "negative": -20 * huge, "things": 20}


async def test_sums_are_per_group_and_groups_in_order(conn: AsyncConnection) -> None:
    found = await conn.run_sync(
        totals, THINGS, by=(THINGS.c.colour,), cents={"cents": THINGS.c.price_cents}, counts={}
    )

    assert found == [
        ((colour,), {"cents": sum(r["price_cents"] for r in ROWS if r["colour"] == colour)})
        for colour in ("blue", "red")
    ]
