"""Keeps a child process running: started again when it ends, ever more patiently."""

import asyncio
import contextlib
import logging
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

log = logging.getLogger(__name__)

PAUSE_S_MIN = 0.1
PAUSE_S_MAX = 5.0
SETTLED_S = 10.0
"""A child that ran this long was well: the next pause is the shortest again."""

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
        pause_s = PAUSE_S_MIN
        while not stop.is_set():
            started = time.monotonic()
            try:
                code: object = await self._run_once(stop)
            except OSError as error:  # no memory, no process left: later perhaps
                code = error
            if stop.is_set():
                break
            if time.monotonic() - started > SETTLED_S:
                pause_s = PAUSE_S_MIN
            self.state = "waiting"
            log.error("worker process ended; it is started again", extra={"exit_code": code})
            await _either(stop, pause_s)
            pause_s = min(PAUSE_S_MAX, 2 * pause_s)
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
        ended = asyncio.ensure_future(child.wait())
        stopping = asyncio.ensure_future(stop.wait())
        try:
            await asyncio.wait((ended, stopping), return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
            await _end(child, within_s=self.stop_s)
            self.pid = None
        return await ended


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


async def _either(stop: asyncio.Event, pause_s: float) -> None:
    """Wait for the pause, or for stop if that is sooner."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(pause_s):
            await stop.wait()
