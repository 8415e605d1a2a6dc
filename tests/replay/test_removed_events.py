"""A replay refuses a log from which events were removed although no order shows it."""

import sqlite3
from pathlib import Path

import pytest

from eventstore.port import NO_STREAM, StreamName
from eventstore.sqlite import SqliteStore
from eventstore.verified import LogAltered
from replay.commands import replay_models
from replay.removed_events import refuse_removed_events
from runtime.settings import Settings
from runtime.terminal import Exit
from tests.contracts.event_store import drafts


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    """Three orders of three events each."""
    path = tmp_path / "ledger.db"
    store = SqliteStore.open(path)
    for name in ("a", "b", "c"):
        await store.append(StreamName(f"order-{name}"), drafts(3), expected=NO_STREAM)
    await store.aclose()
    return path


def take_out(path: Path, *positions: int) -> None:
    connection = sqlite3.connect(path)
    connection.execute("DROP TRIGGER events_are_never_removed")
    connection.executemany("DELETE FROM events WHERE position = ?", [(one,) for one in positions])
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    ("positions", "words"),
    [
        ((4, 5, 6), "3 of the log's events .* position 4 is missing"),
        ((1, 2, 3), "3 of the log's events .* position 1 is missing"),
        ((6,), "1 of the log's events .* position 6 is missing"),
        ((2, 6), "1 of the log's events .* position 2 is missing"),
    ],
)
async def test_removed_events_that_no_order_shows_are_found(
    path: Path, positions: tuple[int, ...], words: str
) -> None:
    take_out(path, *positions)

    with pytest.raises(LogAltered, match=words):
        refuse_removed_events(f"sqlite:///{path}")


@pytest.mark.parametrize("positions", [(), (2,), (1, 5)])
async def test_a_hole_that_an_order_shows_parks_that_order(
    path: Path, positions: tuple[int, ...]
) -> None:
    take_out(path, *positions)

    refuse_removed_events(f"sqlite:///{path}")


async def test_the_command_refuses_such_a_log_except_with_no_verify(path: Path) -> None:
    take_out(path, 4, 5, 6)
    settings = Settings(data_dir=path.parent)

    with pytest.raises(LogAltered, match="position 4 is missing"):
        await replayed(settings, verify=True)

    await replayed(settings, verify=False)


async def replayed(settings: Settings, *, verify: bool) -> Exit:
    return await replay_models(
        settings, ("order",), jobs=1, verify=verify, wanted_bar=False, as_json=True
    )
