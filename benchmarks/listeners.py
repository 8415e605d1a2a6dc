"""Clients of the live stream: `python -m benchmarks.listeners URL CLIENTS EVENTS [--timed N]`.

Bare sockets in one process. Prints `ready` once all have caught up, and when each has had so many
events a JSON document: when the last one arrived, and how long events took to some of the clients.
"""

import argparse
import json
import re
import selectors
import socket
import sys
import time
from datetime import datetime
from urllib.parse import urlsplit

REQUEST = b"GET /v1/stream HTTP/1.1\r\nHost: %b\r\n\r\n"
RECORDED_AT = re.compile(rb'"recorded_at":"([^"]+)"')
EVENT = b"\nevent: OrderPlaced"
GIVEN_UP_S = 60.0


class Listener:
    """timed: each event's time from recorded_at to its arrival is kept."""

    def __init__(self, place: tuple[str, int], *, timed: bool) -> None:
        self.socket = socket.create_connection(place)
        self.socket.sendall(REQUEST % b"%b:%d" % (place[0].encode(), place[1]))
        self.socket.setblocking(False)
        self.events = 0
        self.caught_up = False
        self.timed = timed
        self._rest = b""

    def read(self, delays_s: list[float]) -> None:
        data = self.socket.recv(1_048_576)
        if not data:
            raise RuntimeError("a stream has ended")
        now = time.time()
        # An event's name may be cut by the end of what was read.
        text = self._rest + data
        self.events += text.count(EVENT)
        self.caught_up = self.caught_up or b"event: caught-up" in text
        if self.timed:
            whole = text.rfind(b"\n\n") + 1
            delays_s += [
                now - datetime.fromisoformat(moment.decode()).timestamp()
                for moment in RECORDED_AT.findall(text[:whole])
            ]
            self.events -= text[whole:].count(EVENT)
            self._rest = text[whole:]
        else:
            self._rest = text[-len(EVENT) + 1 :] if not text.endswith(EVENT) else b""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("clients", type=int)
    parser.add_argument("events", type=int)
    parser.add_argument("--timed", type=int, default=20)
    asked = parser.parse_args()
    url = urlsplit(asked.url)
    place = (url.hostname or "", url.port or 80)
    selector = selectors.DefaultSelector()
    listeners = [Listener(place, timed=n < asked.timed) for n in range(asked.clients)]
    for listener in listeners:
        selector.register(listener.socket, selectors.EVENT_READ, listener)
    delays_s: list[float] = []

    def read_until(done: str, enough: int) -> None:
        left = sum(getattr(each, done) < enough for each in listeners)
        end = time.monotonic() + GIVEN_UP_S
        while left and time.monotonic() < end:
            for key, _ in selector.select(1.0):
                before = getattr(key.data, done) < enough
                key.data.read(delays_s)
                left -= before and getattr(key.data, done) >= enough

    read_until("caught_up", 1)
    print("ready", flush=True)
    read_until("events", asked.events)
    delays_s.sort()
    report = {
        "ended": time.time(),
        "delivered": sum(listener.events for listener in listeners),
        "p50_ms": delays_s[len(delays_s) // 2] * 1000 if delays_s else None,
        "p99_ms": delays_s[int(len(delays_s) * 0.99)] * 1000 if delays_s else None,
    }
    json.dump(report, sys.stdout)


if __name__ == "__main__":
    main()
