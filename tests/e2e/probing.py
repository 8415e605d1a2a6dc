"""What processes answer on DAYBOOK_METRICS_PORT."""

from contextlib import ExitStack, closing

import httpx

from runtime.http.listening import bound_socket


def is_well(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200
    except httpx.TransportError:
        return False


def metrics_at(port: int) -> dict[str, float]:
    """By name and labels; each is told once."""
    lines = httpx.get(f"http://127.0.0.1:{port}/metrics").text.splitlines()
    pairs = [line.rsplit(" ", 1) for line in lines if not line.startswith("#")]
    found = {name: float(value) for name, value in pairs}
    assert len(found) == len(pairs)
    return found


def free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        listeners = [
            stack.enter_context(closing(bound_socket("127.0.0.1", 0))) for _ in range(count)
        ]
        return [listener.getsockname()[1] for listener in listeners]
