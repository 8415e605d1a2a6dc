"""Stopping: a signal sets an event; whoever waits for it ends in order and in bounded time."""

import asyncio
import contextlib
import logging
import os
import signal
import threading
from collections.abc import Iterator

SIGNALS = (signal.SIGINT, signal.SIGTERM)

log = logging.getLogger("daybook.stop")


@contextlib.contextmanager
def stop_on_signal(*, within_s: float | None = None) -> Iterator[asyncio.Event]:
    """An event of the running loop that SIGTERM and SIGINT set; a second signal is as ever.

    So an impatient second Ctrl-C still ends a process whose graceful stop hangs. within_s: so long
    after a signal the process ends at once, for one that loses nothing by it.
    """
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    deadline = None if within_s is None else _deadline(within_s)

    def on_signal() -> None:
        stop.set()
        if deadline is not None:
            deadline.start()
        for number in SIGNALS:
            loop.remove_signal_handler(number)

    for number in SIGNALS:
        loop.add_signal_handler(number, on_signal)
    try:
        yield stop
    finally:
        if deadline is not None:
            deadline.cancel()
        for number in SIGNALS:
            loop.remove_signal_handler(number)


def stop_with_parent(stop: asyncio.Event, *, within_s: float) -> None:
    """Set the event when standard input ends, which it does when the parent is gone, however.

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
        _deadline(within_s).start()

    threading.Thread(target=watch, name="parent", daemon=True).start()


def _deadline(within_s: float) -> threading.Timer:
    def end() -> None:
        log.error("did not stop in %g s: it is ended", within_s)
        os._exit(1)

    timer = threading.Timer(within_s, end)
    timer.daemon = True
    return timer
