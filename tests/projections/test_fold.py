from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import NoReturn

import pytest
from sqlalchemy.exc import SQLAlchemyError

from eventstore.record.chain import hashes_of
from projections.fold import Folded, Item, Progress, fold
from projections.projection import Projection
from tests.projections.toy import (
    CONFIRMED,
    LINES,
    RAW_TALLY,
    TALLY,
    UNDECODABLE,
    Given,
    Log,
    Tally,
    captured,
    note,
    placed,
)


async def items_of(*events: Given, order_id: str = "o-1") -> list[Item]:
    log = Log()
    await log.append(order_id, *events)
    return await log.items()


def hash_of(item: Item) -> str:
    hashes = hashes_of(item.recorded)
    assert hashes is not None
    return hashes.hash


def folded(
    items: Sequence[Item],
    *,
    projection: Projection[Tally] = TALLY,
    known: Mapping[str, Progress] | None = None,
    parked: Collection[str] = (),
    discards: Collection[tuple[str, int]] = (),
    whole: bool = False,
) -> Folded:
    return fold(projection, known or {}, items, parked=parked, discards=discards, whole=whole)


def lines(result: Folded) -> list[tuple[int, str]]:
    return [(row["revision"], row["what"]) for row in result.entries.get(LINES, [])]


async def test_what_is_applied_is_skipped() -> None:
    items = await items_of(placed(), captured("a", 1), captured("b", 2))
    known = {"o-1": Progress(1, Tally("o-1", 1_000, 0, {"a": 1}), hash_of(items[1]))}

    result = folded(items, known=known)

    assert result.progress == {
        "o-1": Progress(2, Tally("o-1", 1_000, 0, {"a": 1, "b": 2}), hash_of(items[2]))
    }
    assert lines(result) == [(2, "PaymentCaptured")]


async def test_nothing_is_folded_beyond_a_hole() -> None:
    items = await items_of(placed(), captured("a"), captured("b"), note())

    result = folded([items[0], items[2], items[3]])

    assert result.holes == {"o-1": 0}
    assert result.progress["o-1"].revision == 0


async def test_an_order_of_which_nothing_is_known_starts_at_its_first_event() -> None:
    items = await items_of(placed(), captured())

    assert folded(items[1:]).holes == {"o-1": -1}


async def test_an_event_that_does_not_continue_what_is_applied_is_not_folded() -> None:
    ours = await items_of(placed(), note("ours"), note())
    others = await items_of(placed(), note("another"), note())

    result = folded([*ours[:2], others[2]])

    assert result.holes == {"o-1": 1}
    assert result.progress["o-1"].hash == hash_of(ours[1])
    assert result.parked == []


async def test_a_first_event_that_continues_another_one_is_not_folded() -> None:
    log = Log()
    log.hashes["o-1"] = "ab" * 32
    await log.append("o-1", placed())

    assert folded(await log.items()).holes == {"o-1": -1}


async def test_if_the_log_itself_has_an_event_that_does_not_continue_its_order_is_parked() -> None:
    ours = await items_of(placed(), note("ours"), note())
    others = await items_of(placed(), note("another"), note())

    result = folded([*ours[:2], others[2]], whole=True)

    assert [(row["order_id"], row["revision"]) for row in result.parked] == [("o-1", 2)]
    assert result.parked[0]["error"].startswith("ChainBroken: order-o-1 revision 2")
    assert result.progress["o-1"].revision == 1


async def test_a_fold_that_fails_parks_its_order_and_no_other() -> None:
    poisoned = await items_of(placed(), note("poison"), note(), order_id="o-1")
    others = await items_of(placed("o-2"), note(), order_id="o-2")

    result = folded([*poisoned, *others])

    assert [(row["order_id"], row["revision"]) for row in result.parked] == [("o-1", 1)]
    assert result.parked[0]["error"] == "FoldBug: a note that cannot be folded"
    assert {order: at.revision for order, at in result.progress.items()} == {"o-1": 0, "o-2": 1}


async def test_a_parked_order_is_not_folded() -> None:
    items = await items_of(placed())

    assert folded(items, parked={"o-1"}) == Folded()


async def test_an_event_that_does_not_decode_parks_its_order() -> None:
    items = await items_of(placed(), UNDECODABLE, note())

    result = folded(items)

    assert [(row["revision"], row["type"]) for row in result.parked] == [(1, "OrderConfirmed")]
    assert result.parked[0]["error"].startswith("Undecodable: order-o-1 revision 1")


async def test_a_projection_that_takes_raw_events_continues() -> None:
    items = await items_of(placed(), UNDECODABLE, note())

    result = folded(items, projection=RAW_TALLY)

    assert result.parked == []
    assert lines(result) == [(0, "OrderPlaced"), (1, "raw"), (2, "NoteAdded")]
    assert result.progress["o-1"] == Progress(2, Tally("o-1", 1_000, 1, {}), hash_of(items[-1]))


@pytest.mark.parametrize("event", [UNDECODABLE, note("poison"), captured()])
async def test_a_discarded_event_is_skipped_and_only_that_one(event: Given) -> None:
    items = await items_of(placed(), event, CONFIRMED, note())

    result = folded(items, discards={("o-1", 1), ("o-2", 2)})

    assert lines(result) == [(0, "OrderPlaced"), (2, "OrderConfirmed"), (3, "NoteAdded")]
    assert result.progress["o-1"] == Progress(3, Tally("o-1", 1_000, 1, {}), hash_of(items[-1]))


async def test_a_discarded_event_is_kept_as_it_is_by_a_projection_that_takes_raw_events() -> None:
    items = await items_of(placed(), note("poison"))

    assert lines(folded(items, projection=RAW_TALLY, discards={("o-1", 1)})) == [
        (0, "OrderPlaced"),
        (1, "raw"),
    ]


@pytest.mark.parametrize(
    "error", [MemoryError(), TimeoutError(), SQLAlchemyError("the disk is full")]
)
async def test_an_error_of_memory_or_of_the_database_parks_no_order(
    error: Exception,
) -> None:
    """A fold asks the database where it needs a part of a long order's view."""

    def failing(*_: object) -> NoReturn:
        raise error

    items = await items_of(placed())
    with pytest.raises(type(error)):
        folded(items, projection=replace(TALLY, evolve=failing))
