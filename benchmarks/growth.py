"""Memory and latency while the log grows: they must not."""

import tempfile
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.processes import await_models, ledger, load, resident_mib

PROBE = 1_000


def measure(count: int) -> list[Figure]:
    """count: orders at the end; the beginning is a tenth of them."""
    begin = count // 10
    with tempfile.TemporaryDirectory() as folder, ledger(Path(folder)) as (base, child):
        load(base, count=2_000, prefix="warm")
        first = load(base, count=PROBE, prefix="first", connections=1)
        load(base, count=begin, prefix="begin")
        await_models(base, 2_000 + PROBE + begin)
        small = resident_mib(child.pid)
        load(base, count=count - begin, prefix="end")
        await_models(base, 2_000 + PROBE + count)
        large = resident_mib(child.pid)
        last = load(base, count=PROBE, prefix="last", connections=1)
    return [
        Figure(f"server's memory at {begin:,} orders", small, "MiB"),
        Figure(f"server's memory at {count:,} orders", large, "MiB"),
        Figure("memory, end / beginning", large / small, "", at_most=1.2),
        Figure("latency of one command at the beginning, p50", first["p50_ms"], "ms"),
        Figure(f"latency of one command on order {count:,}, p50", last["p50_ms"], "ms"),
        Figure("latency, end / beginning", last["p50_ms"] / first["p50_ms"], "", at_most=1.2),
    ]
