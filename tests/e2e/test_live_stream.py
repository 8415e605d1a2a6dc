"""Clients follow a server that is killed and started again, and whose read models are replayed."""

import signal
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from daybook_client import Client, LiveEvent
from tests.api.conftest import order
from tests.e2e.running import daybook, serving
from tests.waiting import HUNG_S

pytestmark = pytest.mark.e2e

ROUNDS = 2
ORDERS = 20
"""Placed and confirmed in each round."""


class Following(threading.Thread):
    """A client in a thread, which goes on by itself until the last event that is asked for."""

    def __init__(self, url: str, is_last: Callable[[LiveEvent], bool], **wanted: Any) -> None:
        super().__init__(daemon=True)
        self._url, self._is_last, self._wanted = url, is_last, wanted
        self.got: list[LiveEvent] = []
        self.error: Exception | None = None
        self.start()

    def run(self) -> None:
        try:
            with Client(self._url) as client:
                for event in client.follow(give_up_after_s=HUNG_S, **self._wanted):
                    self.got.append(event)
                    if self._is_last(event):
                        return
        except Exception as error:  # noqa: BLE001 (raised in the test)
            self.error = error

    def ended(self) -> list[LiveEvent]:
        self.join(HUNG_S)
        assert self.error is None
        assert not self.is_alive(), f"{len(self.got)} events, and no end"
        return self.got


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _fill(client: Client, round_: int) -> None:
    for number in range(ORDERS):
        client.place_order(**order(order_id=f"{round_}-{number}"))
        client.confirm_order(f"{round_}-{number}")


def test_nothing_is_missed_or_sent_twice_across_kills_restarts_and_replays(tmp_path: Path) -> None:
    port = str(_free_port())
    url = f"http://127.0.0.1:{port}"
    events = Following(url, lambda event: event.document["order_id"] == "last", after=0)
    views = Following(
        url, lambda event: event.document["order_id"] == "last", after=0, view="payment"
    )
    for round_ in range(ROUNDS):
        with serving(tmp_path, PORT=port) as server, Client(url) as client:
            _fill(client, round_)
            # A replay builds the next generation of the model beside it, and switches.
            replayed = daybook("replay", "payment", folder=tmp_path)
            assert replayed.returncode == 0, replayed.stderr.decode()
            _fill(client, 100 + round_)
            if round_ + 1 < ROUNDS:
                server.child.send_signal(signal.SIGKILL)
                server.child.wait(HUNG_S)
                continue
            client.place_order(**order(order_id="last"))
            found, seen = events.ended(), views.ended()
            stored = list(client.follow(after=0, until_caught_up=True))

    positions = [event.position for event in found]
    assert positions == sorted(set(positions))
    assert [event.document for event in found] == [event.document for event in stored]
    assert len(found) == 2 * 2 * ROUNDS * ORDERS + 1
    last = {view.document["order_id"]: view.document["revision"] for view in seen}
    assert last == {event.document["order_id"]: event.document["revision"] for event in stored}
    assert [view.position for view in seen] == sorted({view.position for view in seen})
