"""Running the program's coroutine, on uvloop where it is installed: that is a third faster."""

import asyncio
import gc
import sys
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from runtime.stop import until_sigterm

T = TypeVar("T")

GC_THRESHOLDS = (50_000, 20, 100)
"""Folded orders and views are many small objects that live long and hold no cycles: by default the
collector visits them again and again, which takes half of the time (measured)."""


COMMIT_SWITCH_S = 0.00005
"""For the process that commits: its writing thread should not wait long for the interpreter."""
FOLD_SWITCH_S = 0.05
"""For threads that fold: each releases the interpreter at every SQL statement anyway, and further
interruptions cost half of the throughput of four models (measured)."""


def run(main: Coroutine[Any, Any, T], *, switch_s: float = FOLD_SWITCH_S) -> T:
    """asyncio.run, on the fastest loop installed; for a process that does nothing else.

    switch_s: how long a thread may hold the interpreter while another one wants it.
    Raises Terminated after SIGTERM, and what main raises.
    """
    sys.setswitchinterval(switch_s)
    gc.freeze()  # what was imported stays
    gc.set_threshold(*GC_THRESHOLDS)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(until_sigterm(main))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    try:
        import uvloop
    except ImportError:  # Windows, PyPy
        return asyncio.new_event_loop
    return uvloop.new_event_loop
