"""The live stream to 1, 100 and 1,000 clients: events a second, time from append to client; and
what an idle stream costs.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure
from benchmarks.processes import ROOT, ledger, load
from benchmarks.visible import RATE, drive
from runtime.loop import run

CLIENTS = (1, 100, 1000)
BURST = 8
"""Clients that place orders as fast as they are answered."""
IDLE_S = 3.0


def measure(count: int) -> list[Figure]:
    with tempfile.TemporaryDirectory() as name, ledger(Path(name), workers=False) as (base, child):
        run(drive(base, 200, "warm"))
        idle = list(_idle(base, child.pid, CLIENTS[-1]))
        return [*idle, *(one for clients in CLIENTS for one in _fan_out(base, clients, count))]


def _fan_out(base: str, clients: int, count: int) -> Iterator[Figure]:
    steady = count // 2
    with _listening(base, clients, steady) as listening:
        run(drive(base, steady, f"steady{clients}"))
        report = _report(listening)
    name = f"live stream, {clients:,} clients"
    yield Figure(f"{name}, {RATE} events/s: append to client, p50", report["p50_ms"], "ms")
    yield Figure("  p99", report["p99_ms"], "ms", at_most=20)
    burst = max(200, count // clients)
    with _listening(base, clients, burst) as listening:
        placed = load(base, count=burst, connections=BURST, prefix=f"burst{clients}")
        report = _report(listening)
    took_s = report["ended"] - placed["started"]
    yield Figure(f"{name}: events delivered", report["delivered"] / took_s, "events/s")


def _idle(base: str, pid: int, clients: int) -> Iterator[Figure]:
    before = _resident_kib(pid)
    with _listening(base, clients, 1):
        began_s, cpu_s = time.monotonic(), _cpu_s(pid)
        held = (_resident_kib(pid) - before) / clients
        time.sleep(IDLE_S)
        share = (_cpu_s(pid) - cpu_s) / (time.monotonic() - began_s)
    yield Figure(f"{clients:,} idle streams: memory of each", held, "KiB", at_most=30)
    yield Figure("  share of a core for all", 100 * share, "%")


@contextmanager
def _listening(base: str, clients: int, events: int) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "benchmarks.listeners", base, str(clients), str(events)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as listening:
        try:
            assert listening.stdout is not None
            if listening.stdout.readline() != "ready\n":
                raise RuntimeError("the clients did not catch up")
            yield listening
        finally:
            listening.kill()


def _report(listening: "subprocess.Popen[str]") -> dict[str, Any]:
    assert listening.stdout is not None
    report: dict[str, Any] = json.loads(listening.stdout.read())
    return report


def _resident_kib(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text("ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise RuntimeError("no VmRSS")


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100
