"""Each read model, and the log, has a database of its own, however the URLs are written."""

from pathlib import Path

import pytest

from runtime.environment import SettingsError, load_settings

POSTGRES = "postgresql+asyncpg://daybook:secret@127.0.0.1:5432"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "linked").symlink_to("data")


@pytest.mark.parametrize(
    ("order", "shipment"),
    [
        ("sqlite+aiosqlite:///data/a.db", "sqlite+aiosqlite:///data/a.db"),
        ("sqlite+aiosqlite:///data/read.order", "sqlite+aiosqlite:///data/read.shipment"),
        ("sqlite+aiosqlite:///./data/a.db", "sqlite+aiosqlite:///data/a.db"),
        ("sqlite+aiosqlite:///data/../data/a.db", "sqlite+aiosqlite:///data/a.db"),
        ("sqlite+aiosqlite:///linked/a.db", "sqlite+aiosqlite:///data/a.db"),
        ("sqlite+aiosqlite:///{here}/data/a.db", "sqlite+aiosqlite:///data/a.db"),
        ("sqlite+aiosqlite:///data/a.db?x=1", "sqlite+aiosqlite:///data/a?y=2"),
        (f"{POSTGRES}/a", f"{POSTGRES}/a?ssl=prefer"),
    ],
)
def test_two_read_models_of_one_place_are_refused_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, order: str, shipment: str
) -> None:
    monkeypatch.setenv("DAYBOOK_ORDER_DB", order.format(here=tmp_path))
    monkeypatch.setenv("DAYBOOK_SHIPMENT_DB", shipment)

    with pytest.raises(SettingsError) as refused:
        load_settings()

    message = str(refused.value)
    assert message.startswith("DAYBOOK_SHIPMENT_DB: the read models order and shipment need")
    assert "database of their own" in message
    assert "secret" not in message


def test_a_question_mark_in_the_folder_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAYBOOK_DATA_DIR", "data/what?")
    with pytest.raises(SettingsError, match="a `\\?` ends a path"):
        load_settings()


def test_a_read_model_in_the_place_of_the_log_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAYBOOK_AUDIT_DB", "sqlite+aiosqlite:///data/ledger.db")
    with pytest.raises(SettingsError, match="the log and the read model audit need"):
        load_settings()


@pytest.mark.parametrize(
    ("order", "shipment"),
    [
        ("sqlite+aiosqlite:///data/a.db", "sqlite+aiosqlite:///data/b.db"),
        ("sqlite+aiosqlite:///data/a.1.db", "sqlite+aiosqlite:///data/a.2.db"),
        ("sqlite+aiosqlite:///a/x.db", "sqlite+aiosqlite:///b/x.db"),
        ("sqlite+aiosqlite:///data/order.sqlite", "sqlite+aiosqlite:///data/ledger.sqlite"),
        (f"{POSTGRES}/a", f"{POSTGRES}/b"),
    ],
)
def test_places_that_differ_are_taken(
    monkeypatch: pytest.MonkeyPatch, order: str, shipment: str
) -> None:
    monkeypatch.setenv("DAYBOOK_ORDER_DB", order)
    monkeypatch.setenv("DAYBOOK_SHIPMENT_DB", shipment)
    settings = load_settings()
    assert (settings.read_urls["order"], settings.read_urls["shipment"]) == (order, shipment)
