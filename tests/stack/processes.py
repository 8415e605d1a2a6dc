"""Processes of the program: started, their lines shown with their names, stopped in order."""

import contextlib
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import IO

from tests.deployed import ROOT
from tests.stack.plan import Planned

PROGRAM = (sys.executable, str(ROOT / "daybook.py"))
STOP_S = 20.0
"""As the compose file's stop_grace_period."""


class Process:
    """One of the topology. lines: what it has said."""

    def __init__(self, plan: Planned, say: Callable[[str, str], None]) -> None:
        """say: called with its name and a line, in a thread."""
        self.plan = plan
        self._say = say
        self.child = self._start()

    @property
    def name(self) -> str:
        return self.plan.name

    def start_again(self) -> None:
        self.child = self._start()

    def kill(self) -> None:
        self.child.kill()
        self.child.wait()

    def _start(self) -> "subprocess.Popen[bytes]":
        child = subprocess.Popen(
            [*PROGRAM, *self.plan.arguments],
            env=dict(self.plan.env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is ours: we stop them one after the other
        )
        assert child.stdout is not None
        threading.Thread(target=self._tell, args=(child.stdout,), daemon=True).start()
        return child

    def _tell(self, output: IO[bytes]) -> None:
        with output, contextlib.suppress(ValueError):
            for line in output:
                self._say(self.name, line.decode(errors="replace").rstrip())


def stop(processes: Sequence[Process]) -> dict[str, int]:
    """All at once, with SIGTERM; what does not end in time is killed. Answers the exit codes."""
    for process in processes:
        if process.child.poll() is None:
            process.child.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + STOP_S
    for process in processes:
        try:
            process.child.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
    return {process.name: process.child.returncode for process in processes}
