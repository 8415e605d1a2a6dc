"""The running stack: its parts, its processes, and how to ask them."""

import contextlib
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from tests.deployed import ROOT, made_env
from tests.given import given
from tests.parts import kafka as kafka_part
from tests.parts.ports import free_port
from tests.parts.postgres import PostgresServer, _binaries, postgres_server
from tests.stack.plan import LOOPBACK, Places, Planned, by_hand, planned
from tests.stack.processes import PROGRAM, Process, stop
from tests.waiting import HUNG_S

READY_S = 240.0


class NotReady(Exception):
    """It did not come up; says what is missing."""


@dataclass(slots=True)
class Stack:
    """url: the API. codes: how each process ended, once it has."""

    url: str
    places: Places
    kafka: kafka_part.Kafka | None
    postgres: PostgresServer
    processes: list[Process] = field(default_factory=list)
    codes: dict[str, int] = field(default_factory=dict)

    def get(self, path: str, **query: str | int) -> Any:
        answer = httpx.get(self.url + path, params=query, timeout=HUNG_S)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def process(self, name: str) -> Process:
        return next(process for process in self.processes if process.name == name)

    def daybook(self, *arguments: str, **settings: str) -> "subprocess.CompletedProcess[bytes]":
        """A command by hand, as `docker compose run --rm daybook` would run it."""
        return subprocess.run(
            [*PROGRAM, *arguments],
            env=by_hand(self.places, **settings),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=300,
            check=False,
        )

    def ended(self) -> list[str]:
        if self.kafka is not None and self.kafka.ended():
            return [f"Kafka has ended: {self.kafka._last_words()}"]
        gone = [one.name for one in self.processes if one.child.poll() is not None]
        return [f"{name} has ended" for name in gone]

    def troubles(self) -> list[str]:
        """What is not well yet, or any more."""
        asked = [(one.name, f"{one.plan.metrics}/healthz") for one in self.processes]
        asked += [("api", f"{self.url}{path}") for path in ("/healthz", "/readyz")]
        return [*self.ended(), *(said for ask in asked for said in _trouble(*ask))]

    def caught_up(self, *, within_s: float = 240.0) -> None:
        """Returns when every read model has applied the whole log."""
        deadline = time.monotonic() + within_s
        while any(model["behind"] is not False for model in self.get("/v1/projections")["items"]):
            assert time.monotonic() < deadline, self.get("/v1/projections")
            time.sleep(0.1)

    def start_again(self) -> None:
        """The API first, as in the beginning; the others may have their reasons not to be well."""
        for process in sorted(self.processes, key=lambda one: one.name != "api"):
            process.start_again()
            if process.name == "api":
                _await(self, everything=False)

    def stop(self) -> None:
        """The API first, so that what it has acknowledged can still be carried on."""
        api = [one for one in self.processes if one.name == "api"]
        self.codes |= stop(api)
        self.codes |= stop([one for one in self.processes if one.name != "api"])


@contextlib.contextmanager
def stack(
    *,
    folder: Path | None = None,
    store: str = "",
    instances: int = 1,
    api_port: int = 0,
    say: Callable[[str, str], None] | None = None,
    **settings: str,
) -> Iterator[Stack]:
    """All of it, for the block. Raises NotReady, kafka.Missing.

    folder: where the log is kept, else it goes with the block; store: another log. say: takes the
    lines of each process, else they are written beside the log. settings: of every process.
    """
    with contextlib.ExitStack() as open_:
        scratch = Path(open_.enter_context(tempfile.TemporaryDirectory(prefix="daybook-stack-")))
        folder = folder or scratch / "log"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        secrets = made_env(scratch / "env")
        kafka, bus, postgres = _parts(open_, scratch, secrets)
        places = Places(
            store=store or f"sqlite:///{folder / 'ledger.db'}",
            bus=bus,
            postgres=f"{postgres.host}:{postgres.port}",
            secrets=secrets,
            folder=folder,
            api_port=api_port or free_port(),
            grpc_port=free_port(),
        )
        running = Stack(f"http://{LOOPBACK}:{places.api_port}", places, kafka, postgres)
        open_.callback(running.stop)
        _start(
            running, say or _into(folder), list(planned(places, instances=instances, **settings))
        )
        yield running


def _start(running: Stack, say: Callable[[str, str], None], plans: Sequence[Planned]) -> None:
    """The API first: where the log is a file, nobody else makes it. Raises NotReady."""
    for first in (True, False):
        running.processes += [Process(plan, say) for plan in plans if (plan.name == "api") is first]
        _await(running, everything=not first)


def _parts(
    open_: contextlib.ExitStack, folder: Path, secrets: Mapping[str, str]
) -> tuple[kafka_part.Kafka | None, str, PostgresServer]:
    """Kafka and PostgreSQL, started side by side."""
    postgres: list[PostgresServer] = []
    starting = threading.Thread(
        target=lambda: postgres.append(open_.enter_context(postgres_server()))
    )
    starting.start()
    try:
        kafka, bus = _kafka(open_, folder / "kafka")
    finally:
        starting.join()
    if not postgres:
        raise NotReady("PostgreSQL did not start")
    initialize(postgres[0], secrets)
    return kafka, bus, postgres[0]


def _kafka(open_: contextlib.ExitStack, folder: Path) -> tuple[kafka_part.Kafka | None, str]:
    if elsewhere := given("KAFKA_URL"):
        return None, elsewhere
    folder.mkdir()
    kafka = open_.enter_context(kafka_part.running(folder))
    return kafka, kafka.url


def initialize(server: PostgresServer, secrets: Mapping[str, str]) -> None:
    """The script that the container of the compose file runs once."""
    programs = _binaries(18, Path(), reachable_by_all=False)
    superuser = urlsplit(server._url)
    done = subprocess.run(
        ["bash", ROOT / "deploy/postgres/init.sh"],
        env={
            **os.environ,
            **secrets,
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "PGHOST": server.host,
            "PGPORT": str(server.port),
            "PGPASSWORD": superuser.password or "",
            "POSTGRES_USER": superuser.username or "postgres",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if done.returncode:
        raise NotReady(done.stderr)


def _await(running: Stack, *, everything: bool) -> None:
    """Until the API takes commands, or until all is well. Raises NotReady."""
    deadline = time.monotonic() + READY_S
    while (
        troubles := running.troubles() if everything else _trouble("api", f"{running.url}/healthz")
    ):
        ended = running.ended()
        if time.monotonic() > deadline or "api has ended" in ended or (everything and ended):
            raise NotReady("; ".join([*ended, *troubles]))
        time.sleep(0.1)


def _trouble(name: str, url: str) -> list[str]:
    try:
        answer = httpx.get(url, timeout=HUNG_S)
    except httpx.HTTPError as error:
        return [f"{name}: {error}"]
    return [] if answer.status_code == 200 else [f"{name}: {answer.text}"]


def _into(folder: Path) -> Callable[[str, str], None]:
    def tell(name: str, line: str) -> None:
        with (folder / f"{name}.log").open("a") as log:
            log.write(line + "\n")

    return tell
