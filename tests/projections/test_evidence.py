"""What the read models know of the log is compared with it before anything is written."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from api.composition import command_side
from eventstore.port import EventsLost, StoreUnavailable
from eventstore.sqlite import HeadFile, SqliteReader
from projections import evidence
from projections.evidence import StartCheck, accept_loss, compare
from projections.models import MODELS
from projections.sources.log import SharedLog
from projections.storage.generations import ensure_built
from projections.storage.open import open_generations
from projections.worker.runner import run
from projections.worker.writer import open_writer
from runtime.settings import Settings
from tests.eventstore.ledgers import place


def failed(error: StoreUnavailable) -> None:
    raise error


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data")


def log_of(settings: Settings) -> Path:
    return settings.data_dir / "ledger.db"


async def placed(settings: Settings, *order_ids: str) -> None:
    async with command_side(settings, failed=failed) as side:
        for order_id in order_ids:
            await side.ledger.submit(place(order_id))


async def read(settings: Settings, name: str) -> None:
    """Bring a read model up to date."""
    store = SqliteReader.open(log_of(settings))
    log = SharedLog(store)
    found = open_generations(settings.read_urls[name])
    try:
        await ensure_built(MODELS[name], found)
        async with open_writer(MODELS[name], found, await found.live()) as writer:
            await run(writer, log, store, stop_at_tail=True, between=_on)
    finally:
        await log.aclose()
        await store.aclose()


async def _on() -> bool:
    return True


@asynccontextmanager
async def lost_end(settings: Settings, tmp_path: Path) -> AsyncIterator[None]:
    """The log as it was before the last order, and no head file that shows the loss."""
    await placed(settings, "a")
    older = tmp_path / "older.db"
    shutil.copy(log_of(settings), older)
    await placed(settings, "b")
    await read(settings, "payment")
    shutil.copy(older, log_of(settings))
    HeadFile(log_of(settings)).path.unlink()
    yield


async def test_events_that_only_a_read_model_knows_are_lost_events(
    settings: Settings, tmp_path: Path
) -> None:
    async with lost_end(settings, tmp_path):
        with pytest.raises(EventsLost, match=r"read model payment knows order-b revision 0.*check"):
            await placed(settings, "c")

        loss = await accept_loss(settings, who="ann", why="fire")
        assert loss is not None
        assert [event.stream for event in loss.events] == ["order-b"]
        assert await accept_loss(settings, who="ann", why="fire") is None
        await placed(settings, "c")

        # The read model still has to be replayed.
        compared = await compare(settings)
        assert [event.stream for event in compared.lost] == ["order-b"]
        assert not compared.open


async def test_without_the_check_the_lost_order_would_be_placed_again(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(*_: Any) -> None:
        pass

    async with lost_end(settings, tmp_path):
        monkeypatch.setattr(evidence, "refuse_loss", nothing)
        await placed(settings, "c")


async def test_a_lost_file_beside_read_models_is_no_new_log(
    settings: Settings, tmp_path: Path
) -> None:
    async with lost_end(settings, tmp_path):
        log_of(settings).unlink()

        with pytest.raises(EventsLost):
            await placed(settings, "b")
        assert not log_of(settings).exists()


async def test_waiting_processes_continue_when_the_log_is_restored(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with lost_end(settings, tmp_path):
        monkeypatch.setattr(evidence, "AGAIN_S", 0.0)
        check = StartCheck(settings)
        with pytest.raises(EventsLost):
            await check()

        await accept_loss(settings, who="ann", why="fire")
        await check()


async def test_waiting_processes_share_a_recent_answer(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with lost_end(settings, tmp_path):
        monkeypatch.setattr(evidence, "AGAIN_S", 3600.0)
        check = StartCheck(settings)
        with pytest.raises(EventsLost):
            await check()

        await accept_loss(settings, who="ann", why="fire")
        with pytest.raises(EventsLost):
            await check()


async def test_read_models_that_are_behind_or_not_built_know_no_loss(settings: Settings) -> None:
    await placed(settings, "a")
    await read(settings, "order")
    await placed(settings, "b")

    compared = await compare(settings)

    assert (compared.lost, compared.unasked) == ([], [])


async def test_what_cannot_be_asked_is_named(tmp_path: Path) -> None:
    settings = Settings(
        data_dir=tmp_path / "data",
        audit_db="postgresql+asyncpg://u:p@127.0.0.1:1/d",
        bus="kafka://127.0.0.1:1",
    )

    compared = await compare(settings)

    assert [sentence.split(" cannot")[0] for sentence in compared.unasked] == [
        "the read model audit",
        "the topic daybook.order-events",
    ]
