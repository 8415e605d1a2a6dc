"""Calls in a thread that the end of the process does not wait for."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TypeVar

T = TypeVar("T")


async def in_abandonable_thread(call: Callable[[], T]) -> T:
    """What the call returns or raises. If the caller is cancelled, nobody waits for the call.

    For a call that may last for ever (a pipe that is never written to) and leaves nothing half
    done. With asyncio.to_thread the process could not end before the call returns.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def run() -> None:
        try:
            settle = partial(answer.set_result, call())
        except Exception as error:  # noqa: BLE001 (the caller gets it)
            settle = partial(answer.set_exception, error)
        with suppress(RuntimeError):  # the loop has ended, and the caller with it
            loop.call_soon_threadsafe(lambda: None if answer.done() else settle())

    threading.Thread(target=run, name="abandonable", daemon=True).start()
    return await answer
