"""Keeps a child process running: starts it again when it ends, after growing pauses."""

import asyncio
import contextlib
import logging
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from runtime.waiting import Backoff, run_until, sleep_or_stop

log = logging.getLogger(__name__)

PAUSE_S_MIN = 0.1
PAUSE_S_MAX = 5.0
SETTLED_S = 10.0
"""After a child that ran this long the next pause is the shortest again."""

State: TypeAlias = Literal["running", "waiting", "stopped"]


@dataclass(slots=True)
class Supervisor:
    """One child process. Its standard input is a pipe that ends when this process does.

    pass_fds: what it inherits. state, pid, restarts: for health and metrics. on_restart: called
    when it is started again.
    """

    command: Sequence[str]
    env: Mapping[str, str] | None = None
    pass_fds: Sequence[int] = ()
    stop_s: float = 5.0
    on_restart: Callable[[], object] = lambda: None
    state: State = field(default="stopped", init=False)
    pid: int | None = field(default=None, init=False)
    restarts: int = field(default=0, init=False)

    async def run(self, stop: asyncio.Event) -> None:
        """Until stop is set; the child has then ended, by force where it did not in stop_s."""
        backoff = Backoff(PAUSE_S_MIN, PAUSE_S_MAX)
        while not stop.is_set():
            started = time.monotonic()
            try:
                code: object = await self._run_once(stop)
            except OSError as error:  # no memory, no process left: later perhaps
                code = error
            if stop.is_set():
                break
            if time.monotonic() - started > SETTLED_S:
                backoff.reset()
            self.state = "waiting"
            log.error("worker process ended; it is started again", extra={"exit_code": code})
            await sleep_or_stop(stop, backoff.pause_s())
            self.restarts += 1
            self.on_restart()
        self.state = "stopped"

    async def _run_once(self, stop: asyncio.Event) -> int:
        child = await asyncio.create_subprocess_exec(
            *self.command,
            env=self.env,
            pass_fds=self.pass_fds,
            stdin=asyncio.subprocess.PIPE,
            stdout=sys.stderr.fileno(),  # standard output is the parent's result
        )
        self.state, self.pid = "running", child.pid
        try:
            await run_until(stop, child.wait())
        finally:
            await _end(child, within_s=self.stop_s)
            self.pid = None
        return await child.wait()


async def _end(child: asyncio.subprocess.Process, *, within_s: float) -> None:
    with contextlib.suppress(ProcessLookupError):
        if child.returncode is None:
            child.terminate()
    try:
        async with asyncio.timeout(within_s):
            await child.wait()
    except TimeoutError:
        log.warning("worker process did not stop in time; it is ended", extra={"pid": child.pid})
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()
