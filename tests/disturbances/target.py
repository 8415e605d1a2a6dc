"""What is disturbed: a ledger that runs, the faults it can have, and what it must be in the end."""

import asyncio
import sqlite3
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import httpx

from tests.disturbances.honest import Honest
from tests.waiting import HUNG_S

Fault = Callable[[], Awaitable[None]]

HEALED_S = 240.0


class Target(Protocol):
    """url: of the API. log: the SQLite file. faults: by name; each returns when it is mended."""

    url: str
    log: Path

    @property
    def faults(self) -> Mapping[str, Fault]: ...

    def troubles(self) -> list[str]:
        """What is not well; empty when every process is and every model has the whole log."""
        ...

    def differing(self) -> dict[str, int]:
        """By model: rows that a fresh replay does not have, or has otherwise."""
        ...

    def checked(self) -> str:
        """What `daybook check` finds; empty for nothing."""
        ...


async def healed(target: Target) -> float:
    """Seconds until nothing is wrong while nobody writes. Raises AssertionError."""
    began = time.monotonic()
    while troubles := await asyncio.to_thread(target.troubles):
        assert time.monotonic() < began + HEALED_S, f"not well after {HEALED_S} s: {troubles}"
        await asyncio.sleep(0.2)
    return time.monotonic() - began


def asked_troubles(url: str) -> list[str]:
    """What the API says of itself and of the read models."""
    try:
        models = httpx.get(f"{url}/v1/projections", timeout=HUNG_S).json()["items"]
        health = httpx.get(f"{url}/healthz", timeout=HUNG_S)
    except (httpx.HTTPError, ValueError, KeyError) as error:
        return [f"the API: {error!r}"]
    found = [f"{one['name']}: {one}" for one in models if one["behind"] is not False]
    found += [f"{one['name']}: {one['parked']} parked" for one in models if one["parked"]]
    return found + ([] if health.status_code == 200 else [f"health: {health.text}"])


def lost_and_doubled(log: Path, honest: Honest) -> dict[str, int]:
    """Acknowledged commands whose events the log does not have once, and as many as answered."""
    connection = sqlite3.connect(f"file:{log}?mode=ro", uri=True)
    try:
        found: Counter[tuple[str, str]] = Counter(
            connection.execute("SELECT stream, metadata ->> 'command_id' FROM events")
        )
    finally:
        connection.close()
    stored = [(one.events, found[f"order-{one.order_id}", one.key]) for one in honest.acknowledged]
    return {
        "acknowledged": len(stored),
        "lost": sum(have < events for events, have in stored),
        "doubled": sum(have > events for events, have in stored),
    }


def differences(live: Mapping[str, Any], anew: Mapping[str, Any]) -> int:
    """Rows in one and not in the other, of all tables."""
    assert live.keys() == anew.keys()
    return sum(len(set(live[name]) ^ set(anew[name])) for name in live)
