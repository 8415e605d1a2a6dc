"""What processes answer on DAYBOOK_METRICS_PORT."""

from collections.abc import Callable

import httpx

from tests.waiting import HUNG_S, wait_until


def is_well(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=HUNG_S).status_code == 200
    except httpx.TransportError:
        return False


def metrics_at(port: int) -> dict[str, float]:
    """By name and labels; each is exposed once."""
    lines = httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=HUNG_S).text.splitlines()
    pairs = [line.rsplit(" ", 1) for line in lines if not line.startswith("#")]
    found = {name: float(value) for name, value in pairs}
    assert len(found) == len(pairs)
    return found


def until_metrics(port: int, hold: Callable[[dict[str, float]], bool]) -> dict[str, float]:
    """Its metrics when they are so: those of a server's worker lack while that does not answer."""
    found: dict[str, float] = {}

    def are_so() -> bool:
        found.clear()
        found.update(metrics_at(port))
        return hold(found)

    wait_until(are_so)
    return found
