"""`daybook relay` as processes of their own, and the states that they report."""

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.e2e.running import PROGRAM, environment
from tests.waiting import HUNG_S, wait_until


class RunningRelay:
    """A relay process; what it writes goes to files."""

    def __init__(self, folder: Path, url: str, topic: str, name: str, **settings: str) -> None:
        mine = {"BUS": url, "TOPIC": topic, "TOPIC_REPLICATION": "1", "TOPIC_MIN_INSYNC": "1"}
        self._out = folder / f"{name}.out"
        self.err = folder / f"{name}.err"
        with self._out.open("wb") as out, self.err.open("wb") as err:
            self.child = subprocess.Popen(
                [*PROGRAM, "relay", "--json"],
                env=environment(folder, **(mine | settings)),
                stdout=out,
                stderr=err,
            )

    def states(self) -> list[dict[str, Any]]:
        lines = self._out.read_text().splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.endswith("\n")]

    @property
    def role(self) -> str:
        states = self.states()
        return str(states[-1]["role"]) if states else ""

    def await_role(self, role: str) -> None:
        wait_until(lambda: self.role == role)

    def pause(self) -> None:
        self.child.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.child.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """In order."""
        self.child.send_signal(signal.SIGTERM)
        assert self.child.wait(HUNG_S) == 0, self.err.read_text()

    def kill(self) -> None:
        self.child.kill()
        self.child.wait()


@contextmanager
def relaying(
    folder: Path, url: str, topic: str, name: str = "relay", **settings: str
) -> Iterator[RunningRelay]:
    relay = RunningRelay(folder, url, topic, name, **settings)
    try:
        yield relay
    finally:
        relay.kill()
