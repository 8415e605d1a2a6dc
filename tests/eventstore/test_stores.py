from pathlib import Path

import pytest

from eventstore.memory import MemoryStore
from eventstore.port import StoreMisconfigured, StoreUnavailable
from eventstore.sqlite import SqliteReader, SqliteStore
from eventstore.stores import FILE_LOGS, is_dense, is_shared, open_reader, open_store
from runtime.settings import STORE_SCHEMES


async def test_memory_is_a_store_of_this_process() -> None:
    assert isinstance(open_store("memory://"), MemoryStore)


async def test_memory_cannot_be_read_by_another_process() -> None:
    with pytest.raises(ValueError, match="its own process only: use sqlite:///"):
        open_reader("memory://")


async def test_a_path_is_absolute_with_four_slashes_and_otherwise_relative(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    for url, path in (
        (f"sqlite:///{tmp_path}/absolute.db", tmp_path / "absolute.db"),
        ("sqlite:///folder/relative.db", tmp_path / "folder" / "relative.db"),
    ):
        store = open_store(url)
        reader = open_reader(url)
        assert isinstance(store, SqliteStore)
        assert isinstance(reader, SqliteReader)
        assert path.exists()
        await reader.aclose()
        await store.aclose()


@pytest.mark.parametrize("url", ["", "log.db", "sqlite://", "sqlite:///", "memory", "postgres://x"])
async def test_a_url_of_no_known_kind_is_refused_with_the_known_ones(url: str) -> None:
    for opening in (open_store, open_reader):
        with pytest.raises(ValueError, match="sqlite:///<path>"):
            opening(url)


def test_a_kind_of_log_can_be_set() -> None:
    schemes = {kind.scheme for kind in FILE_LOGS}

    assert schemes <= set(STORE_SCHEMES), "name it in STORE_SCHEMES (runtime/settings.py)"


async def test_a_reader_does_not_create_a_log(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="no log yet"):
        open_reader(f"sqlite:///{tmp_path}/log.db")

    assert not any(tmp_path.iterdir())  # noqa: ASYNC240 - a small folder of the test


def test_an_eventstoredb_url_opens_without_calling_the_server() -> None:
    pytest.importorskip("esdbclient")
    from eventstore.eventstoredb import EventStoreDb

    for opening in (open_store, open_reader):
        for scheme in ("esdb", "esdb+discover"):
            assert isinstance(opening(f"{scheme}://127.0.0.1:9?Tls=false"), EventStoreDb)


def test_a_wrong_eventstoredb_url_is_refused_without_its_password() -> None:
    pytest.importorskip("esdbclient")
    for opening in (open_store, open_reader):
        with pytest.raises(ValueError, match="the store's URL prefers other nodes") as error:
            opening("esdb://ops:hunter2@a?NodePreference=random")
        assert "hunter2" not in str(error.value)
        with pytest.raises(StoreMisconfigured, match="TlsCaFile=/no/such/file cannot be read"):
            opening("esdb://ops:hunter2@a?TlsCaFile=/no/such/file")


def test_only_eventstoredb_is_written_by_others_and_only_a_file_counts_its_events() -> None:
    kinds = ("sqlite:///log.db", "memory://", "esdb://a?Tls=false")

    assert [is_shared(url) for url in kinds] == [False, False, True]
    assert [is_dense(url) for url in kinds] == [True, False, False]
