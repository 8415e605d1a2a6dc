"""The stack of docker-compose.yml: API, relay, a real Kafka, workers, a real PostgreSQL."""

import asyncio
import contextlib
import os
import random
import signal
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from runtime.model_names import MODEL_NAMES
from tests.disturbances.forging import forge
from tests.disturbances.target import Fault, asked_troubles, differences
from tests.parts.postgres import Postgres
from tests.parts.topics import delete_records
from tests.stack.comparing import replayed, rows
from tests.stack.processes import Process
from tests.stack.running import Stack, stack

TOPIC = "daybook.order-events"
OLDER = "older_"
STOP_S = 30.0


class Production:
    """See tests.disturbances.target.Target."""

    def __init__(self, running: Stack, chance: random.Random) -> None:
        self._running = running
        self._chance = chance
        self.url = running.url
        self.log = running.places.folder / "ledger.db"
        self._copied: set[str] = set()

    @property
    def faults(self) -> Mapping[str, Fault]:
        return {
            "kill the API": partial(self._kill, "api"),
            "kill the relay": partial(self._kill, "relay"),
            "kill workers": self._kill_workers,
            "freeze the API": partial(self._freeze, "api", 5.0),
            "freeze the relay": partial(self._freeze, "relay", 14.0),
            "freeze a worker": self._freeze_worker,
            "freeze PostgreSQL": self._freeze_postgres,
            "freeze Kafka": self._freeze_kafka,
            "kill Kafka": self._kill_kafka,
            "empty the topic": self._empty_topic,
            "forge records": self._forge,
            "forge records while the relay is away": self._forge_alone,
            "put older copies of read models back": self._older_copies,
        }

    def troubles(self) -> list[str]:
        return [*self._running.troubles(), *asked_troubles(self.url)]

    def differing(self) -> dict[str, int]:
        return {
            name: differences(self._rows(name), replayed(self._running, name))
            for name in MODEL_NAMES
        }

    def checked(self) -> str:
        done = self._running.daybook("check")
        return "" if done.returncode == 0 else (done.stdout + done.stderr).decode()

    async def _kill(self, name: str) -> None:
        process = self._running.process(name)
        process.kill()
        await asyncio.sleep(self._chance.uniform(0, 3))
        process.start_again()

    async def _kill_workers(self) -> None:
        names = [f"worker-{name}" for name in MODEL_NAMES]
        for name in self._chance.sample(names, self._chance.randint(1, len(names))):
            await self._kill(name)

    async def _freeze_worker(self) -> None:
        await self._freeze(f"worker-{self._chance.choice(MODEL_NAMES)}", 14.0)

    async def _freeze(self, name: str, seconds_max: float) -> None:
        pid = self._running.process(name).child.pid
        os.kill(pid, signal.SIGSTOP)
        await asyncio.sleep(self._chance.uniform(0.5, seconds_max))
        os.kill(pid, signal.SIGCONT)

    async def _freeze_postgres(self) -> None:
        server = self._running.postgres
        assert isinstance(server, Postgres)
        server.pause()
        await asyncio.sleep(self._chance.uniform(1, 12))
        server.resume()

    async def _freeze_kafka(self) -> None:
        assert self._running.kafka is not None
        self._running.kafka.pause()
        await asyncio.sleep(self._chance.uniform(1, 12))
        self._running.kafka.resume()

    async def _kill_kafka(self) -> None:
        assert self._running.kafka is not None
        self._running.kafka.kill()
        await asyncio.sleep(self._chance.uniform(0, 5))
        await asyncio.to_thread(self._running.kafka.start)

    async def _empty_topic(self) -> None:
        await delete_records(self._running.places.bus, TOPIC, partitions=self._partitions())

    async def _forge(self) -> None:
        await forge(self._running.places.bus, TOPIC, self.log, self._chance)
        await asyncio.sleep(3)

    async def _forge_alone(self) -> None:
        """A relay that starts finds them at the ends of the partitions."""
        relay = self._running.process("relay")
        relay.kill()
        await self._forge()
        relay.start_again()

    async def _older_copies(self) -> None:
        """Those of the last time, of some models; and copies for the next time."""
        for name in self._chance.sample(MODEL_NAMES, self._chance.randint(1, len(MODEL_NAMES))):
            worker = self._running.process(f"worker-{name}")
            await asyncio.to_thread(_ended, worker)
            await asyncio.to_thread(self._put_back_and_copy, f"daybook_{name}")
            worker.start_again()

    def _put_back_and_copy(self, database: str) -> None:
        """PostgreSQL copies a database that nobody is connected to."""
        server, older = self._running.postgres, OLDER + database
        server.do(f"ALTER DATABASE {database} WITH ALLOW_CONNECTIONS false")
        _disconnected(server, database)
        server.do(f"CREATE DATABASE fresh_{database} TEMPLATE {database} OWNER {database}")
        if database in self._copied:
            server.do(
                f"ALTER DATABASE {database} RENAME TO gone_{database}",
                f"ALTER DATABASE {older} RENAME TO {database}",
                f"DROP DATABASE gone_{database}",
            )
        server.do(
            f"ALTER DATABASE fresh_{database} RENAME TO {older}",
            f"ALTER DATABASE {database} WITH ALLOW_CONNECTIONS true",
            f"REVOKE ALL ON DATABASE {database} FROM PUBLIC",
            f"GRANT CONNECT ON DATABASE {database} TO daybook_reader",
        )
        self._copied.add(database)

    def _rows(self, name: str) -> dict[str, list[str]]:
        return rows(self._running.postgres, f"daybook_{name}")

    def _partitions(self) -> int:
        return int(self._running.process("relay").plan.env.get("DAYBOOK_TOPIC_PARTITIONS", "6"))


@contextlib.contextmanager
def production(folder: Path, chance: random.Random) -> Iterator[Production]:
    log = folder / "log"
    with stack(folder=log, DAYBOOK_LOG_LEVEL="WARNING") as running:
        yield Production(running, chance)


def _ended(process: Process) -> None:
    process.child.send_signal(signal.SIGTERM)
    process.child.wait(STOP_S)


def _disconnected(server: Postgres, database: str) -> None:
    server.ask(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", database
    )
