from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from projections.projection import Projection
from projections.storage.database import ReadDatabase
from projections.storage.errors import BeingBuilt
from projections.storage.open import open_generations
from projections.worker.parked import (
    Discard,
    NotParked,
    Outcome,
    Request,
    Retry,
    ask,
    parked,
)
from replay.rebuild import rebuild
from tests.projections.toy import (
    RAW_TALLY,
    TALLY,
    UNDECODABLE,
    Log,
    Tally,
    contents,
    note,
    placed,
    url_of,
    writer_of,
)
from tests.projections.worker.test_runner import brought_up

DISCARD = Discard(order_id="o-1", revision=1, who="alice", why="a note from a test system")

pytestmark = pytest.mark.usefixtures("kind")


@pytest.fixture
async def log(tmp_path: Path) -> Log:
    """o-1 is parked at revision 1; revisions 2 and 3 came later."""
    log = Log()
    await log.append("o-1", placed(), note("poison"))
    await log.append("o-2", placed("o-2"))
    async with writer_of(tmp_path) as writer:
        await brought_up(writer, log)
        await log.append("o-1", note(), note())
        await brought_up(writer, log)
    return log


@pytest.fixture
def repaired() -> Projection[Tally]:
    """The projection after the upgrade that knows what to do."""

    def evolve(tally: Tally, event: Any) -> Any:
        if getattr(event.event, "text", "") == "poison":
            return replace(tally, notes=tally.notes + 100), ()
        return TALLY.evolve(tally, event)

    return replace(TALLY, evolve=evolve)


async def test_parked_orders_are_listed_with_event_and_error(tmp_path: Path, log: Log) -> None:
    async with aclosing(ReadDatabase(TALLY, url_of(tmp_path))) as database:
        rows = await database.ask(parked)
        assert await database.ask(lambda conn: parked(conn, "o-1")) == rows
        assert await database.ask(lambda conn: parked(conn, "o-2")) == []

    assert rows == [
        {
            "order_id": "o-1",
            "revision": 1,
            "position": 6,
            "type": "NoteAdded",
            "error": "FoldBug: a note that cannot be folded",
        }
    ]


async def test_a_retry_after_the_repair_applies_all_waiting_events_in_order(
    tmp_path: Path, log: Log, repaired: Projection[Tally]
) -> None:
    outcome = await ask(repaired, url_of(tmp_path), log.store, Retry(order_id="o-1"))

    assert outcome == Outcome(order_id="o-1", done=True, message="is at revision 3")
    assert contents(tmp_path)["orders"] == [("o-1", 1_000, 102), ("o-2", 1_000, 0)]
    assert contents(tmp_path)["parked"] == []


async def test_a_retry_without_a_repair_parks_it_again(tmp_path: Path, log: Log) -> None:
    before = contents(tmp_path)

    outcome = await ask(TALLY, url_of(tmp_path), log.store, Retry(order_id="o-1"))

    assert not outcome.done
    assert outcome.message.startswith("is parked at revision 1: FoldBug")
    assert contents(tmp_path) == before


async def test_a_discard_skips_exactly_one_event_and_is_recorded(tmp_path: Path, log: Log) -> None:
    outcome = await ask(TALLY, url_of(tmp_path), log.store, DISCARD)

    assert outcome == Outcome(order_id="o-1", done=True, message="is at revision 3")
    tables = contents(tmp_path)
    assert tables["discards"] == [("o-1", 1, "alice", "a note from a test system")]
    assert tables["orders"] == [("o-1", 1_000, 2), ("o-2", 1_000, 0)]
    assert [row[1] for row in tables["lines"] if row[0] == "o-1"] == [0, 2, 3]


async def test_after_a_discard_the_next_bad_event_parks_the_order_again(
    tmp_path: Path, log: Log
) -> None:
    await log.append("o-1", UNDECODABLE)

    outcome = await ask(TALLY, url_of(tmp_path), log.store, DISCARD)

    assert not outcome.done
    assert outcome.message.startswith("is parked at revision 4: Undecodable")
    assert contents(tmp_path)["views"][0][:2] == ("o-1", 3)


async def test_a_projection_that_takes_raw_events_keeps_what_is_discarded(tmp_path: Path) -> None:
    log = Log()
    await log.append("o-1", placed(), note("poison"), note())
    async with writer_of(tmp_path, RAW_TALLY) as writer:
        await brought_up(writer, log)
    await ask(RAW_TALLY, url_of(tmp_path), log.store, DISCARD)

    lines = [row[3] for row in contents(tmp_path)["lines"]]
    assert lines == ["OrderPlaced", "raw", "NoteAdded"]


async def test_the_next_generation_honours_a_discard(tmp_path: Path, log: Log) -> None:
    await ask(TALLY, url_of(tmp_path), log.store, DISCARD)
    before = contents(tmp_path)

    rebuilt = await rebuild(TALLY, url_of(tmp_path), log.store)

    assert rebuilt.parked == 0
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    "request_",
    [
        Retry(order_id="o-2"),
        Retry(order_id="o-9"),
        replace(DISCARD, order_id="o-2"),
        replace(DISCARD, revision=0),
        replace(DISCARD, revision=2),
    ],
)
async def test_a_request_for_an_order_that_is_not_parked_is_refused_and_changes_nothing(
    tmp_path: Path, log: Log, request_: Request
) -> None:
    before = contents(tmp_path)
    with pytest.raises(NotParked):
        await ask(TALLY, url_of(tmp_path), log.store, request_)
    assert contents(tmp_path) == before


async def test_a_discard_asked_for_twice_is_done_once(tmp_path: Path, log: Log) -> None:
    await ask(TALLY, url_of(tmp_path), log.store, DISCARD)
    before = contents(tmp_path)

    outcome = await ask(TALLY, url_of(tmp_path), log.store, DISCARD)

    assert outcome == Outcome(order_id="o-1", done=True, message="was discarded before")
    assert contents(tmp_path) == before


async def test_no_discard_while_the_next_generation_is_built(tmp_path: Path, log: Log) -> None:
    async with aclosing(open_generations(url_of(tmp_path))) as found, found.building():
        with pytest.raises(BeingBuilt, match="next generation"):
            await ask(TALLY, url_of(tmp_path), log.store, DISCARD)
    assert contents(tmp_path)["discards"] == []


async def test_a_crash_between_recording_and_skipping_is_mended_by_repeating_the_discard(
    tmp_path: Path, log: Log
) -> None:
    async with writer_of(tmp_path) as writer:
        await writer.discard([{"order_id": "o-1", "revision": 1, "who": "a", "why": "b"}])

    assert (await ask(TALLY, url_of(tmp_path), log.store, DISCARD)).done
