import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.parts.postgres import PostgresServer, postgres_server
from tests.projections import kinds

pytest.register_assert_rewrite("tests.contracts", "tests.specification")

# A shared machine is slow now and then; what a test may cost is bounded by examples, not by time.
settings.register_profile(
    "ci", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("dev", settings.get_profile("ci"), max_examples=50)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What uses `kind` runs on each kind of read database."""
    if "kind" in metafunc.fixturenames:
        metafunc.parametrize("kind", ("sqlite", "postgres"), indirect=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A real server: DAYBOOK_TEST_POSTGRES_URL, or one of our own."""
    with postgres_server() as server:
        yield server


@pytest.fixture
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[kinds.Kind]:
    if request.param == "sqlite":
        yield kinds.Sqlite()
        return
    here = kinds.OnPostgres(request.getfixturevalue("postgres"))
    monkeypatch.setattr(kinds, "kind", here)
    yield here
    here.drop()


@pytest.fixture
def on_postgres(
    postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[kinds.OnPostgres]:
    """For what is PostgreSQL's alone."""
    here = kinds.OnPostgres(postgres)
    monkeypatch.setattr(kinds, "kind", here)
    yield here
    here.drop()
