"""Settings: defaults that work, and mistakes that are told."""

from pathlib import Path

import pytest

from docs.settings import reference
from runtime.environment import SettingsError, load_settings
from runtime.model_names import MODEL_NAMES
from runtime.settings import Settings, variable
from runtime.urls import is_loopback, redacted

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"
OK_VALUES = {"data_dir": "/tmp/x", "port": "0", "bulk_window": "7", "log_level": "DEBUG"}


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in Settings.model_fields:
        monkeypatch.delenv(variable(field), raising=False)


def test_without_any_variable_everything_lies_in_the_folder_data() -> None:
    settings = load_settings()
    assert settings.store_url == "sqlite:///data/ledger.db"
    assert settings.read_urls == {
        name: f"sqlite+aiosqlite:///data/{name}.db" for name in MODEL_NAMES
    }
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)


def test_an_absolute_data_dir_gives_absolute_urls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAYBOOK_DATA_DIR", "/srv/daybook")
    assert load_settings().store_url == "sqlite:////srv/daybook/ledger.db"


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("DAYBOOK_PROT", "DAYBOOK_PORT"), ("DAYBOOK_DATADIR", "DAYBOOK_DATA_DIR")],
)
def test_an_unknown_variable_is_an_error_that_names_the_nearest_known_one(
    monkeypatch: pytest.MonkeyPatch, name: str, nearest: str
) -> None:
    monkeypatch.setenv(name, "1")
    with pytest.raises(SettingsError, match=f"^{name} is no setting; did you mean {nearest}\\?$"):
        load_settings()


def test_a_variable_in_lower_case_is_not_silently_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("daybook_port", "9000")
    with pytest.raises(SettingsError, match="did you mean DAYBOOK_PORT"):
        load_settings()


def test_all_mistakes_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAYBOOK_PORT", "http")
    monkeypatch.setenv("DAYBOOK_STORE", "postgres://x")
    monkeypatch.setenv("DAYBOOK_QUUX", "1")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    lines = str(caught.value).splitlines()
    assert [line.split()[0].rstrip(":") for line in lines] == [
        "DAYBOOK_QUUX",
        "DAYBOOK_STORE",
        "DAYBOOK_PORT",
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("HOST", "0.0.0.0"),
        ("HOST", "::"),
        ("HOST", "192.168.1.4"),
        ("HOST", "example.org"),
        ("STORE", "sqlite://data"),
        ("BUS", "amqp://localhost:5672"),
        ("ORDER_DB", "sqlite:///x.db"),
        ("AUDIT_DB", "postgresql://localhost/audit"),
        ("AUDIT_DB", "postgresql+asyncpg://localhost"),
        ("AUDIT_DB", "postgresql+asyncpg://localhost:port/audit"),
        ("AUDIT_DB", "postgresql+asyncpg://localhost/audit?sslmode=require"),
        ("AUDIT_DB", "postgresql+asyncpg://localhost/audit?ssl=true"),
        ("BODY_MAX_BYTES", "0"),
        ("LOG_LEVEL", "loud"),
        ("STOP_S", "0"),
        ("WAIT_S", "nan"),
    ],
)
def test_a_bad_value_is_one_line_that_starts_with_the_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"DAYBOOK_{name}", value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert str(caught.value).startswith(f"DAYBOOK_{name}: ")
    assert "\n" not in str(caught.value)


def test_a_public_bind_is_refused_for_want_of_authentication(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DAYBOOK_HOST", "0.0.0.0")
    with pytest.raises(SettingsError, match="no authentication"):
        load_settings()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "::1"])
def test_loopback_has_many_names(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("sqlite+aiosqlite:///data/audit.db", ""),
        ("postgresql+asyncpg://a:x@db:5432/books", "postgresql+asyncpg://b:y@db/books"),
        ("postgresql+asyncpg:///books?host=/run", "postgresql+asyncpg://b:y@/books?host=/run"),
    ],
)
def test_two_read_models_do_not_share_a_database(
    monkeypatch: pytest.MonkeyPatch, one: str, other: str
) -> None:
    monkeypatch.setenv("DAYBOOK_DB_INSECURE", "true")
    monkeypatch.setenv("DAYBOOK_ORDER_DB", one)
    monkeypatch.setenv("DAYBOOK_AUDIT_DB", other)
    with pytest.raises(SettingsError, match="of their own"):
        load_settings()


def test_read_models_on_one_server_have_a_database_each(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in MODEL_NAMES:
        url = f"postgresql+asyncpg://daybook_{name}:hunter2@db:5432/daybook_{name}?ssl=require"
        monkeypatch.setenv(f"DAYBOOK_{name.upper()}_DB", url)
    settings = load_settings()
    assert len(set(settings.read_urls.values())) == len(MODEL_NAMES)
    assert "hunter2" not in repr(settings.shown())


@pytest.mark.parametrize(
    "place",
    [
        "db/audit",
        "db/audit?ssl=prefer",
        "db/audit?ssl=disable",
        "127.0.0.1/audit?host=db:5432",
        "/audit?host=/run,db",
    ],
)
def test_rows_leave_the_machine_in_plain_text_only_when_that_is_said(
    monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.setenv("DAYBOOK_AUDIT_DB", f"postgresql+asyncpg://{place}")
    with pytest.raises(SettingsError, match=r"^DAYBOOK_AUDIT_DB does.*DAYBOOK_DB_INSECURE=true"):
        load_settings()
    monkeypatch.setenv("DAYBOOK_DB_INSECURE", "true")
    assert load_settings().audit_db


@pytest.mark.parametrize(
    "place",
    [
        "127.0.0.1:5432/audit",
        "[::1]/audit",
        "localhost/audit?ssl=disable",
        "/audit?host=/run/postgresql",
        "db/audit?ssl=require",
        "db/audit?ssl=verify-ca",
        "db/audit?ssl=verify-full",
    ],
)
def test_rows_on_this_machine_or_encrypted_go_anywhere(
    monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.setenv("DAYBOOK_AUDIT_DB", f"postgresql+asyncpg://{place}")
    assert load_settings().audit_db


def test_allowed_hosts_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAYBOOK_ALLOWED_HOSTS", "ledger.example.org, books.example.org,")
    assert load_settings().allowed_hosts == ("ledger.example.org", "books.example.org")


def test_a_password_is_in_no_error_no_repr_and_no_list(monkeypatch: pytest.MonkeyPatch) -> None:
    url = "sqlite:///user:hunter2@host/x.db"
    monkeypatch.setenv("DAYBOOK_STORE", url.replace("sqlite", "mysql"))
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert "hunter2" not in str(caught.value)
    monkeypatch.setenv("DAYBOOK_STORE", "sqlite:///x.db")
    monkeypatch.setenv("DAYBOOK_ORDER_DB", "sqlite+aiosqlite:///u.db?a=x://user:hunter2@host")
    settings = load_settings()
    assert "hunter2" not in repr(settings)
    assert "hunter2" not in repr(settings.shown())


def test_redaction_hides_the_password_and_leaves_the_rest() -> None:
    text = "to esdb://admin:changeit@db:2113?tls=true and back"
    assert redacted(text) == "to esdb://admin:***@db:2113?tls=true and back"
    assert redacted("http://127.0.0.1:8000/v1") == "http://127.0.0.1:8000/v1"


def test_every_setting_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for field, value in OK_VALUES.items():
        monkeypatch.setenv(variable(field), value)
    settings = load_settings()
    assert (str(settings.data_dir), settings.port, settings.bulk_window) == ("/tmp/x", 0, 7)


def test_the_page_of_settings_says_what_the_code_says() -> None:
    again = "print it again: make reference"
    assert PAGE.read_text() == reference(), again
