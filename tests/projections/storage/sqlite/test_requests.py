"""Requests for the process that writes: files beside the database."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from projections.storage.errors import ReadModelError
from projections.storage.sqlite.generations import SqliteGenerations
from projections.worker import parked
from projections.worker.parked import (
    NotParked,
    Outcome,
    Retry,
    answer_requests,
    ask,
    carry_out,
)
from tests.projections.toy import TALLY, Log, note, placed, url_of, writer_of
from tests.projections.worker.test_parked import DISCARD
from tests.projections.worker.test_runner import brought_up
from tests.waiting import HUNG_S, until


@pytest.fixture
def found(tmp_path: Path) -> SqliteGenerations:
    return SqliteGenerations(tmp_path / "tally")


@pytest.fixture
async def log(tmp_path: Path) -> Log:
    """o-1 is parked at revision 1."""
    log = Log()
    await log.append("o-1", placed(), note("poison"), note())
    async with writer_of(tmp_path) as writer:
        await brought_up(writer, log)
    return log


async def test_a_request_is_carried_out_by_the_process_that_writes(
    tmp_path: Path, log: Log, found: SqliteGenerations
) -> None:
    async with writer_of(tmp_path) as writer:
        asking = asyncio.ensure_future(
            ask(TALLY, url_of(tmp_path), log.store, DISCARD, answer_s=HUNG_S)
        )
        await until(lambda: any(found.requests.glob("*.request.json")))
        await answer_requests(writer, found, log.store)
        outcome = await asyncio.wait_for(asking, HUNG_S)
        assert writer.parked == frozenset()

    assert outcome.done
    assert list(found.requests.iterdir()) == []


async def test_a_refusal_comes_back_from_the_process_that_writes(
    tmp_path: Path, log: Log, found: SqliteGenerations
) -> None:
    async with writer_of(tmp_path) as writer:
        asking = asyncio.ensure_future(
            ask(TALLY, url_of(tmp_path), log.store, Retry(order_id="o-2"), answer_s=HUNG_S)
        )
        await until(lambda: any(found.requests.glob("*.request.json")))
        await answer_requests(writer, found, log.store)

        with pytest.raises(NotParked, match="o-2 is not parked in tally"):
            await asyncio.wait_for(asking, HUNG_S)


async def test_an_answer_that_comes_too_late_is_removed(
    tmp_path: Path, log: Log, found: SqliteGenerations, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process that asked withdraws its request while it is carried out."""

    async def slow(*arguments: Any) -> Outcome:
        for request in found.requests.glob("*.request.json"):
            request.unlink()
        return await carry_out(*arguments)

    monkeypatch.setattr(parked, "carry_out", slow)
    async with writer_of(tmp_path) as writer:
        asking = asyncio.ensure_future(
            ask(TALLY, url_of(tmp_path), log.store, DISCARD, answer_s=HUNG_S)
        )
        await until(lambda: any(found.requests.glob("*.request.json")))
        await answer_requests(writer, found, log.store)
        assert list(found.requests.iterdir()) == []
        asking.cancel()


async def test_a_request_that_nobody_answers_is_withdrawn(
    tmp_path: Path, log: Log, found: SqliteGenerations
) -> None:
    async with writer_of(tmp_path):
        with pytest.raises(ReadModelError, match="no answer in"):
            await ask(TALLY, url_of(tmp_path), log.store, DISCARD, answer_s=0.1)
    assert list(found.requests.iterdir()) == []


async def test_a_request_withdrawn_while_it_is_carried_out_leaves_no_answer(
    tmp_path: Path, log: Log, found: SqliteGenerations, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_stream = log.store.read_stream

    def withdrawing(*place: Any, **more: Any) -> Any:
        for path in found.requests.glob("*.request.json"):
            path.unlink()
        return read_stream(*place, **more)

    async with writer_of(tmp_path) as writer:
        asking = asyncio.ensure_future(
            ask(TALLY, url_of(tmp_path), log.store, DISCARD, answer_s=HUNG_S)
        )
        await until(lambda: any(found.requests.glob("*.request.json")))
        asking.cancel()
        monkeypatch.setattr(log.store, "read_stream", withdrawing)
        await answer_requests(writer, found, log.store)

    assert list(found.requests.iterdir()) == []


async def test_a_damaged_request_is_answered_and_stops_nothing(
    tmp_path: Path, log: Log, found: SqliteGenerations
) -> None:
    found.requests.mkdir()
    (found.requests / "a.request.json").write_text("{")
    async with writer_of(tmp_path) as writer:
        await answer_requests(writer, found, log.store)
        outcome = await carry_out(writer, found, log.store, DISCARD)

    assert outcome.done
    assert [path.name for path in found.requests.iterdir()] == ["a.answer.json"]
