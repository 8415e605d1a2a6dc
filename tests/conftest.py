import os
import signal
from collections.abc import Iterator
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings

from runtime.settings import PREFIX
from tests.given import DEEP, given
from tests.parts import kafka as kafka_part
from tests.parts.postgres import Postgres, PostgresServer, postgres_server
from tests.projections import kinds

pytest.register_assert_rewrite("tests.contracts", "tests.specification")

# A shared machine is slow now and then; what a test may cost is bounded by examples, not by time.
settings.register_profile(
    "ci", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
# The same examples for every change, so that it is the change that fails; others in `test-deep`,
# which names its seed.
settings.register_profile("change", settings.get_profile("ci"), max_examples=50, derandomize=True)
settings.register_profile("deep", settings.get_profile("ci"), max_examples=500)
settings.load_profile("deep" if DEEP else "change")


@pytest.fixture(autouse=True)
def _no_settings() -> Iterator[None]:
    """Nothing that the caller has set for Daybook, or for the tests, is a setting of a test's."""
    with pytest.MonkeyPatch.context() as environment:
        for name in [name for name in os.environ if name.startswith(PREFIX)]:
            environment.delenv(name)
        yield


@pytest.fixture(scope="session")
def kafka_url() -> Iterator[str]:
    """A real broker, as the setting BUS takes it: the one that DAYBOOK_TEST_KAFKA_URL names."""
    if elsewhere := given("KAFKA_URL"):
        yield elsewhere
        return
    try:
        with kafka_part.running() as broker:
            _brokers[broker.url] = broker
            yield broker.url
    except kafka_part.Missing as missing:
        lacking(str(missing))


@pytest.fixture
def kafka(kafka_url: str) -> Iterator[kafka_part.Kafka]:
    """The broker as a process that a test may kill, pause and restart; runs again after it."""
    broker = _brokers.get(kafka_url)
    if broker is None:
        pytest.skip("DAYBOOK_TEST_KAFKA_URL names a broker that is not ours to stop")
    yield broker
    broker.recover()


@pytest.fixture
def topic() -> str:
    """A name of its own for each test: nobody cleans up on a broker."""
    return f"daybook-test-{uuid4().hex[:12]}"


_brokers: dict[str, kafka_part.Kafka] = {}


def lacking(what: str) -> None:
    """On a user's machine a reason to skip; CI has everything."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


@pytest.hookimpl(trylast=True)
def pytest_configure() -> None:
    """In the background of a script SIGINT is ignored, and so in every process of the tests."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first: with two processes, a long file at the end would run alone."""
    items.sort(key=lambda item: ("e2e" not in item.keywords, "slow" not in item.keywords))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What uses `kind` runs on each kind of read database."""
    if "kind" in metafunc.fixturenames:
        marker = metafunc.definition.get_closest_marker("kinds")
        kinds_meant = ("sqlite", "postgres") if marker is None else marker.args
        metafunc.parametrize("kind", kinds_meant, indirect=True)


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


@pytest.fixture
def stoppable_postgres(monkeypatch: pytest.MonkeyPatch) -> Iterator[Postgres]:
    """A server of the test's own, which is the kind of read database meanwhile."""
    server = Postgres()
    try:
        server.start()
        monkeypatch.setattr(kinds, "kind", kinds.OnPostgres(server))
        yield server
    finally:
        server.close()
