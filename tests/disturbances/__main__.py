"""The command line of the disturbances, and their loop."""

import asyncio
import contextlib
import json
import random
import resource
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from tests.disturbances.embedded import Embedded
from tests.disturbances.follower import Follower
from tests.disturbances.honest import Honest
from tests.disturbances.hostile import ATTACKS, attack
from tests.disturbances.production import production
from tests.disturbances.target import Target, healed, lost_and_doubled

CALM_S = (1.0, 4.0)
DESCRIPTORS = 8_192
LOG_LINES = 40


@click.command()
@click.argument("what", type=click.Choice(["embedded", "stack"]))
@click.option("--minutes", default=5.0, show_default=True, help="How long to disturb it.")
@click.option("--seed", default=1, show_default=True, help="Of the order of the disturbances.")
@click.option("--only", multiple=True, help="These disturbances alone.")
def main(*, what: str, minutes: float, seed: int, only: tuple[str, ...]) -> None:
    """Disturb a running ledger, then hold it against its log and a fresh replay."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(DESCRIPTORS, hard), hard))
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="daybook-disturbances-") as name:
        opened = _embedded if what == "embedded" else production
        with opened(Path(name), chance) as target, _with_logs(Path(name)):
            report = asyncio.run(_disturbed(target, chance, 60 * minutes, seed, only))
    json.dump(report, sys.stdout, indent=2)
    sys.exit(0 if report["right"] else 1)


@contextlib.contextmanager
def _with_logs(folder: Path) -> Iterator[None]:
    """Where it fails, the last lines of every process' log are shown."""
    try:
        yield
    except AssertionError:
        for log in sorted(folder.rglob("*.log")):
            sys.stderr.write(f"== {log.name}\n")
            lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
            sys.stderr.writelines(f"{line}\n" for line in lines[-LOG_LINES:])
        raise


@contextlib.contextmanager
def _embedded(folder: Path, chance: random.Random) -> Iterator[Embedded]:
    target = Embedded(folder, chance)
    try:
        target._await()
        yield target
    finally:
        target.close()


async def _disturbed(
    target: Target, chance: random.Random, seconds: float, seed: int, only: tuple[str, ...]
) -> dict[str, Any]:
    honest, stop = Honest(target.url, seed), asyncio.Event()
    sending = asyncio.create_task(honest.run(stop))
    follower = Follower(target.url)
    following = asyncio.create_task(follower.run())
    done: Counter[str] = Counter()
    recoveries: list[float] = []
    names = [name for name in (*target.faults, *ATTACKS) if not only or name in only]
    deadline = time.monotonic() + seconds
    await asyncio.sleep(CALM_S[1])
    while time.monotonic() < deadline:
        # Each as often as the others, in an order of the seed.
        for name in chance.sample(names, len(names)):
            _say(f"{name} ({len(honest.acknowledged)} acknowledged)")
            honest.during = name
            await (attack(name, target.url) if name in ATTACKS else target.faults[name]())
            honest.during = "calm"
            done[name] += 1
            await honest.pause()
            recoveries.append(await healed(target))
            honest.resume()
            await asyncio.sleep(chance.uniform(*CALM_S))
            if time.monotonic() > deadline:
                break
    stop.set()
    await sending
    recoveries.append(await healed(target))
    unfollowed = await follower.wrong(target.log)
    following.cancel()
    ended = await asyncio.gather(following, return_exceptions=True)
    found = lost_and_doubled(target.log, honest)
    differing = await asyncio.to_thread(target.differing)
    checked = await asyncio.to_thread(target.checked)
    return {
        "done": done,
        **found,
        "differing": differing,
        "check": checked,
        "followed": {"events": len(follower.got), "wrong": unfollowed, "ended": repr(ended[0])},
        "refused": honest.refused,
        "resent": honest.resent,
        "recovery_s": {"median": statistics.median(recoveries), "largest": max(recoveries)},
        "answers": {name: _figures(took) for name, took in honest.seconds.items()},
        "right": not (found["lost"] or found["doubled"] or any(differing.values()) or checked)
        and not (honest.refused or unfollowed),
    }


def _figures(took: list[float]) -> dict[str, float]:
    ordered = sorted(took)
    return {
        "answered": len(ordered),
        "p50_ms": round(1000 * ordered[len(ordered) // 2], 1),
        "p99_ms": round(1000 * ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))], 1),
        "largest_ms": round(1000 * ordered[-1], 1),
    }


def _say(line: str) -> None:
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {line}\n")


if __name__ == "__main__":
    main()
