"""What deploy/ does, done: databases and roles, and the image's question for health."""

import http.server
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from runtime.model_names import MODEL_NAMES
from tests.deployed import ROOT, made_env
from tests.parts.postgres import PostgresServer
from tests.stack.running import initialize

pytestmark = pytest.mark.e2e

READER = "daybook_reader"


@pytest.fixture
def secrets(postgres: PostgresServer, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Of a server that init.sh has set up."""
    made = made_env(tmp_path)
    initialize(postgres, made)
    yield made
    for name in MODEL_NAMES:
        postgres.drop(f"daybook_{name}")
    postgres.ask(f"DROP ROLE {READER}")


async def connected(
    server: PostgresServer, database: str, role: str, password: str
) -> asyncpg.Connection:
    return await asyncpg.connect(
        host=server.host, port=server.port, user=role, password=password, database=database
    )


async def test_each_role_gets_at_its_own_database_and_at_no_other(
    postgres: PostgresServer, secrets: dict[str, str]
) -> None:
    for name in MODEL_NAMES:
        password = secrets[f"{name.upper()}_DB_PASSWORD"]
        own = await connected(postgres, f"daybook_{name}", f"daybook_{name}", password)
        await own.execute("CREATE SCHEMA g1; CREATE TABLE g1.views (x int)")
        await own.close()
        for other in {*MODEL_NAMES} - {name}:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connected(postgres, f"daybook_{other}", f"daybook_{name}", password)
        with pytest.raises(asyncpg.InvalidPasswordError):
            await connected(postgres, f"daybook_{name}", f"daybook_{name}", "daybook")


async def test_the_reader_sees_what_a_worker_makes_and_changes_nothing(
    postgres: PostgresServer, secrets: dict[str, str]
) -> None:
    owner = await connected(
        postgres, "daybook_order", "daybook_order", secrets["ORDER_DB_PASSWORD"]
    )
    await owner.execute("CREATE SCHEMA g7; CREATE TABLE g7.views (x int)")
    await owner.execute("INSERT INTO g7.views VALUES (1)")
    reader = await connected(postgres, "daybook_order", READER, secrets["READER_PASSWORD"])
    assert await reader.fetchval("SELECT x FROM g7.views") == 1
    for statement in (
        "INSERT INTO g7.views VALUES (2)",
        "DELETE FROM g7.views",
        "CREATE TABLE g7.more (x int)",
        "CREATE TABLE public.more (x int)",
        "CREATE SCHEMA mine",
        "DROP TABLE g7.views",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await reader.execute(statement)
    await reader.close()
    await owner.close()


async def test_a_read_model_is_added_to_a_server_that_has_others(
    postgres: PostgresServer, secrets: dict[str, str]
) -> None:
    owner = await connected(
        postgres, "daybook_order", "daybook_order", secrets["ORDER_DB_PASSWORD"]
    )
    await owner.execute("CREATE TABLE kept (x int)")
    await owner.close()
    more = secrets | {"ADDED_DB_PASSWORD": "x" * 43, "ORDER_DB_PASSWORD": "changed"}
    initialize(postgres, more)
    added = await connected(postgres, "daybook_added", "daybook_added", "x" * 43)
    await added.execute("CREATE SCHEMA g1; CREATE TABLE g1.views (x int)")
    await added.close()
    reader = await connected(postgres, "daybook_added", READER, secrets["READER_PASSWORD"])
    assert await reader.fetch("SELECT x FROM g1.views") == []
    await reader.close()
    owner = await connected(
        postgres, "daybook_order", "daybook_order", secrets["ORDER_DB_PASSWORD"]
    )
    assert await owner.fetch("SELECT x FROM kept") == []
    await owner.close()
    postgres.drop("daybook_added")


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1)])
def test_the_images_question_for_health_tells_well_from_unwell(status: int, code: int) -> None:
    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(b'{"troubles":["order: paused"]}')

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with http.server.HTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/healthz"
        asked = _healthy(url)
    assert asked.returncode == code
    assert ("order: paused" in asked.stderr) == bool(code)
    assert _healthy(url).returncode == 1  # nobody listens any more


def _healthy(url: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, ROOT / "deploy/healthy", url],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
