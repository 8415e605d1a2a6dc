"""Instances of the workers that join, leave, are killed and stopped all the time.

DAYBOOK_TEST_CHURN_S says for how long.
"""

import asyncio
import random
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from eventstore.sqlite import SqliteStore
from projections.models import MODELS
from tests.e2e.running import PROGRAM, environment
from tests.given import amount
from tests.projections import kinds
from tests.projections.sources.kafka import SealedLog
from tests.projections.test_kept import lifecycle
from tests.projections.toy import contents, pointer, url_of, writer_of
from tests.projections.worker.test_runner import brought_up
from tests.waiting import HUNG_S, until

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

CHURN_S = amount("CHURN_S", quick=8, deep=180)
SLOTS = 3
KINDS = {"join", "leave", "kill", "stop"}
PAUSE_S = (0.2, 2.0)
STOPPED_S = (0.2, 8.0)


@dataclass
class Process:
    """A process of the program; its end is ours to see to."""

    command: str
    settings: Mapping[str, str]
    folder: Path
    child: subprocess.Popen[bytes] | None = None

    @property
    def lives(self) -> bool:
        return self.child is not None and self.child.poll() is None

    def start(self) -> None:
        with (self.folder / f"{self.command}.err").open("ab") as err:
            self.child = subprocess.Popen(
                [*PROGRAM, self.command],
                env=environment(self.folder, **self.settings),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=err,
            )

    def send(self, what: signal.Signals) -> None:
        if self.child is not None and self.lives:
            self.child.send_signal(what)

    def end(self) -> None:
        """In order, if it can."""
        self.send(signal.SIGCONT)
        self.send(signal.SIGTERM)
        if self.child is not None:
            try:
                self.child.wait(HUNG_S)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
                raise


@dataclass
class Churn:
    """What was done to the instances, and what was seen of the read models meanwhile."""

    instances: list[Process]
    seed: int
    done: dict[str, int] = field(default_factory=dict)
    inversions: int = 0
    progress: dict[tuple[str, str], int] = field(default_factory=dict)

    async def run(self, seconds: float, folder: Path) -> None:
        """A fault each PAUSE_S; in the end there was each kind of them, however slow it went."""
        chance = random.Random(self.seed)
        loop = asyncio.get_running_loop()
        ends_s = loop.time() + seconds
        while loop.time() < ends_s or not self.done.keys() >= KINDS:
            self._fault(chance, chance.choice(self.instances), loop)
            await asyncio.to_thread(self.check_progress, folder)
            await asyncio.sleep(chance.uniform(*PAUSE_S))

    def _fault(self, chance: random.Random, one: Process, loop: asyncio.AbstractEventLoop) -> None:
        what = chance.choice(("leave", "kill", "stop")) if one.lives else "join"
        self.done[what] = self.done.get(what, 0) + 1
        match what:
            case "join":
                one.start()
            case "leave":
                one.send(signal.SIGTERM)
            case "kill":
                one.send(signal.SIGKILL)
            case "stop":
                one.send(signal.SIGSTOP)
                loop.call_later(chance.uniform(*STOPPED_S), one.send, signal.SIGCONT)

    def check_progress(self, folder: Path) -> None:
        """Progress only ever grows."""
        for name in MODELS:
            for order_id, revision in progress(folder, name).items():
                key = (name, order_id)
                self.inversions += revision < self.progress.get(key, -1)
                self.progress[key] = revision


def progress(folder: Path, name: str) -> dict[str, int]:
    live = pointer(folder, name).live
    if live is None:
        return {}
    assert isinstance(kinds.kind, kinds.OnPostgres)
    return dict(kinds.kind.ask(folder, name, f"SELECT order_id, revision FROM g{live}.views"))


@asynccontextmanager
async def fed(path: Path) -> AsyncIterator[tuple[SealedLog, asyncio.Event]]:
    """A log that grows until the event is set."""
    store = SqliteStore.open(path)
    log = SealedLog(store)
    ended = asyncio.Event()

    async def feeding() -> None:
        seed = 0
        while not ended.is_set():
            side_by_side = {f"o-{n}": lifecycle(f"o-{n}", seed=n) for n in range(seed, seed + 20)}
            seed += 20
            while any(side_by_side.values()) and not ended.is_set():
                for order_id, events in side_by_side.items():
                    if events:
                        await log.append(order_id, events.pop(0))
                await asyncio.sleep(0.1)

    task = asyncio.create_task(feeding())
    try:
        yield log, ended
    finally:
        ended.set()
        await task
        await store.aclose()


@contextmanager
def processes(folder: Path, settings: Mapping[str, str]) -> Iterator[list[Process]]:
    """The relay, and as many instances of all workers as there are slots."""
    with ExitStack() as stack:
        relay = Process("relay", settings, folder)
        instances = [Process("worker", settings, folder / f"instance-{n}") for n in range(SLOTS)]
        for process in (relay, *instances):
            process.folder.mkdir(exist_ok=True)
            stack.callback(process.end)
        relay.start()
        yield instances


async def recovered(instances: list[Process], log: SealedLog, folder: Path) -> float:
    """Seconds until two instances that are left alone have applied everything."""
    for one in instances:
        one.send(signal.SIGCONT)
    begun_s = asyncio.get_running_loop().time()
    for one in instances:
        if not one.lives and sum(other.lives for other in instances) < 2:
            one.start()
    await until(lambda: all(progress(folder, name) == log.revisions for name in MODELS))
    return asyncio.get_running_loop().time() - begun_s


async def differing(folder: Path, log: SealedLog) -> int:
    """Rows that are not as the fold of the log has them, of all models."""
    found = 0
    for name, model in MODELS.items():
        right = folder / f"right-{name}"
        async with writer_of(right, model) as writer:
            await brought_up(writer, log)
        wanted, have = contents(right), contents(folder, name=name)
        for table in wanted.keys() - {"checkpoint", "last_read", "hinted", "repaired"}:
            found += len(set(wanted[table]) ^ set(have[table]))
    return found


async def test_whoever_joins_leaves_is_killed_or_stopped_the_rows_are_the_folds(
    tmp_path: Path,
    kafka_url: str,
    topic: str,
    on_postgres: kinds.OnPostgres,
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings = {
        "STORE": f"sqlite:///{tmp_path / 'ledger.db'}",
        "BUS": kafka_url,
        "TOPIC": topic,
        "TOPIC_REPLICATION": "1",
        "TOPIC_MIN_INSYNC": "1",
        "SWEEP_S": "1",
        **{f"{name.upper()}_DB": url_of(tmp_path, name) for name in MODELS},
    }
    async with fed(tmp_path / "ledger.db") as (log, ended):
        with processes(tmp_path, settings) as instances:
            churn = Churn(instances, seed=1)
            await churn.run(CHURN_S, tmp_path)
            ended.set()
            took_s = await recovered(instances, log, tmp_path)
            churn.check_progress(tmp_path)

        events = len(await log.recorded())
        audited = len(contents(tmp_path, name="audit")["entries"])
        figures = {
            **churn.done,
            "events": events,
            "recovery_s": round(took_s, 1),
            "inversions": churn.inversions,
            "audited": audited,
            "parked": sum(len(contents(tmp_path, name=name)["parked"]) for name in MODELS),
            "differing": await differing(tmp_path, log),
        }
    with capsys.disabled():
        print(f"\n{CHURN_S:g} s of churn: {figures}")  # noqa: T201 (what it is run for)
    assert figures["audited"] == events
    assert (figures["inversions"], figures["parked"], figures["differing"]) == (0, 0, 0)
