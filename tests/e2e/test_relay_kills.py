"""The relay killed with SIGKILL at every point of a publish, again and again, on a real broker."""

import asyncio
import multiprocessing
import signal
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest

from tests.e2e.relay_process import BATCH_MAX, FAILPOINTS, Plan, main
from tests.e2e.running import environment
from tests.eventstore.filled import Verdict, fill, log_of, published_on, verdict
from tests.given import amount
from tests.parts.topics import make_topic
from tests.waiting import HUNG_S

KILLS = amount("KILLS", quick=5, deep=50)
EVENTS = 2_000
PARTITIONS = 3

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["tests.e2e.relay_process", "eventstore.relay.kafka.producing"])


@pytest.mark.parametrize("failpoint", FAILPOINTS)
async def test_nothing_is_lost_or_out_of_order_however_often_the_relay_is_killed(
    kafka_url: str, topic: str, tmp_path: Path, failpoint: str
) -> None:
    plans = [_plan(failpoint, seed) for seed in range(KILLS)]
    found = await _lives(kafka_url, topic, tmp_path, plans)
    print(f"{failpoint}: {KILLS} kills, {found}")  # noqa: T201 - the figures
    assert (found.lost, found.inversions, found.late) == (0, 0, 0)
    # Not more than what was on its way.
    assert found.repeated <= KILLS * PARTITIONS * BATCH_MAX


async def test_a_relay_that_resumes_from_the_largest_position_is_caught(
    kafka_url: str, topic: str, tmp_path: Path
) -> None:
    plans = [_plan(FAILPOINTS[0], seed, wrong_rule=True) for seed in range(10)]
    assert (await _lives(kafka_url, topic, tmp_path, plans)).lost > 0


def _plan(failpoint: str, seed: int, *, wrong_rule: bool = False) -> Plan:
    random = Random(f"{failpoint} {seed}")
    later_s = random.choice((0.0, 0.0005, 0.002, 0.005))
    return Plan(failpoint, random.randint(1, 8), later_s=later_s, wrong_rule=wrong_rule)


async def _lives(url: str, topic: str, folder: Path, plans: Sequence[Plan]) -> Verdict:
    """Every plan's relay to its end, then one that ends in order at the end of the log."""
    await fill(folder / "ledger.db", EVENTS)
    await make_topic(url, topic, partitions=PARTITIONS)
    log = await log_of(folder / "ledger.db")
    settings = environment(folder, BUS=url, TOPIC=topic, TOPIC_CREATE="false")
    for plan in plans:
        assert await _ended(settings, plan) == -signal.SIGKILL, plan
    last = Plan(until=log[-1].position, wrong_rule=plans[0].wrong_rule)
    assert await _ended(settings, last) == 0
    return verdict(log, await published_on(url, topic))


async def _ended(settings: dict[str, str], plan: Plan) -> int | None:
    ours = {name: text for name, text in settings.items() if name.startswith("DAYBOOK_")}
    process = _processes.Process(target=main, args=(ours, plan))
    process.start()
    try:
        await asyncio.to_thread(process.join, HUNG_S)
        return process.exitcode
    finally:
        if process.is_alive():
            process.kill()
            process.join()
        process.close()
