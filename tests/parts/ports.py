"""Ports of loopback that are named before anybody listens there, or that are listened on again.

Below those that the system hands out by itself: between two listeners no connection of another
test can take one.
"""

import socket
from random import SystemRandom

LOOPBACK = "127.0.0.1"
PORTS = range(10_000, 32_000)

_named: set[int] = set()


def free_ports(count: int) -> list[int]:
    """Each is named once in a process."""
    return [free_port() for _ in range(count)]


def free_port() -> int:
    """One that nobody listens on."""
    while True:
        port = SystemRandom().choice(PORTS)
        if port not in _named and _is_free(port):
            _named.add(port)
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True
