"""Stopping: a signal sets an event, or cancels what runs; the process ends in bounded time."""

import asyncio
import contextlib
import logging
import os
import signal
import threading
from collections.abc import Coroutine, Iterator
from types import FrameType
from typing import Any, TypeVar

T = TypeVar("T")

SIGNALS = (signal.SIGINT, signal.SIGTERM)
TERMINATED = 128 + signal.SIGTERM
"""The exit code that a shell shows for a process that SIGTERM has ended."""
TERMINATED_WITHIN_S = 5.0
"""Time to clean up after SIGTERM; docker and systemd wait longer before they kill."""

log = logging.getLogger("daybook.stop")


class Terminated(Exception):
    """SIGTERM has ended the command, which has cleaned up; nothing is wrong."""


async def until_sigterm(main: Coroutine[Any, Any, T]) -> T:
    """Run main; SIGTERM cancels it. If it then takes too long, the process ends at once.

    Not by SIGINT, which background processes of a shell script ignore. Commands with a graceful
    stop handle SIGTERM themselves (stop_on_signal). Raises Terminated.
    """
    task = asyncio.current_task()
    loop = asyncio.get_running_loop()
    deadline = _deadline(TERMINATED_WITHIN_S)
    terminated = False

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        nonlocal terminated
        if terminated or task is None:
            return
        terminated = True
        deadline.start()
        task.cancel()
        loop.call_soon_threadsafe(lambda: None)  # wakes up a loop that waits for the network

    # Not add_signal_handler: its handler never runs while the loop is held up in a write.
    before = signal.signal(signal.SIGTERM, on_signal)
    try:
        return await main
    except asyncio.CancelledError:
        if terminated:
            raise Terminated from None
        raise
    finally:
        signal.signal(signal.SIGTERM, before)


@contextlib.contextmanager
def stop_on_signal(*, within_s: float | None = None) -> Iterator[asyncio.Event]:
    """An event of the running loop that SIGTERM and SIGINT set; a second time they act as usual.

    A second Ctrl-C so ends a process whose graceful stop hangs. A process that gets SIGINT together
    with its parent, and then SIGTERM from the parent, stops gracefully. within_s: after this time
    from the first signal the process ends at once, for one that loses nothing by it.
    """
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    deadline = None if within_s is None else _deadline(within_s)

    def on_signal(number: signal.Signals) -> None:
        if deadline is not None and not stop.is_set():
            deadline.start()
        stop.set()
        loop.remove_signal_handler(number)

    for number in SIGNALS:
        loop.add_signal_handler(number, on_signal, number)
    try:
        yield stop
    finally:
        if deadline is not None:
            deadline.cancel()
        for number in SIGNALS:
            loop.remove_signal_handler(number)


def stop_with_parent(stop: asyncio.Event, *, within_s: float) -> None:
    """Set the event when standard input ends, which it does however the parent has ended.

    A process that has not ended within the time after that ends at once: an orphan must not hold
    a database that the next worker needs.
    """
    loop = asyncio.get_running_loop()

    def watch() -> None:
        with contextlib.suppress(OSError):
            while os.read(0, 4096):
                pass
        with contextlib.suppress(RuntimeError):  # the loop has ended: so will the process
            loop.call_soon_threadsafe(stop.set)
        _deadline(within_s, code=1).start()  # nobody has sent a signal

    threading.Thread(target=watch, name="parent", daemon=True).start()


def _deadline(within_s: float, *, code: int = TERMINATED) -> threading.Timer:
    """A timer that ends the process, not started yet."""

    def end() -> None:
        log.error("did not stop in %g s: it is ended", within_s)
        os._exit(code)

    timer = threading.Timer(within_s, end)
    timer.daemon = True
    return timer
