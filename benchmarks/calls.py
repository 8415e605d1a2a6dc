"""gRPC and Connect against REST: an order placed, an order read, many commands in one stream."""

import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from statistics import median

from benchmarks.figures import Figure
from benchmarks.processes import ROOT, await_models, free_port, ledger, load, load_grpc

ROUNDS = 4
CREATE, GET = "/order.OrderService/CreateOrder", "/order.OrderService/GetOrder"


def measure(count: int) -> list[Figure]:
    """Side by side in turns, so that a slow minute of the machine hits all alike."""
    rates: dict[str, list[float]] = defaultdict(list)
    for turn in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            _round(count, turn, Path(folder), rates)
        with tempfile.TemporaryDirectory() as folder:
            _with_models(count, turn, Path(folder), rates)
    found = {name: median(each) for name, each in rates.items()}
    return [
        *(Figure(name, rate, "calls/s") for name, rate in found.items()),
        _ratio("gRPC CreateOrder / REST place-order", found, "gRPC CreateOrder", "REST place", 1.0),
        _ratio(
            "the same with four read models",
            found,
            "gRPC CreateOrder, until the last model has it",
            "REST place, until the last model has it",
            1.0,
        ),
        _ratio(
            "Connect CreateOrder / REST place-order", found, "Connect CreateOrder", "REST place"
        ),
        _ratio("Connect CreateOrder / gRPC", found, "Connect CreateOrder", "gRPC CreateOrder"),
        _ratio("gRPC GetOrder / REST", found, "gRPC GetOrder", "REST GET order", 1.3),
        _ratio("Connect GetOrder / REST", found, "Connect GetOrder", "REST GET order"),
        _ratio("ExecuteStream / bulk", found, "ExecuteStream", "REST bulk", 1.0),
    ]


def _ratio(
    name: str, found: dict[str, float], one: str, other: str, at_least: float | None = None
) -> Figure:
    return Figure(name, found[one] / found[other], "", at_least=at_least)


def _round(count: int, turn: int, folder: Path, rates: dict[str, list[float]]) -> None:
    port = free_port()
    address = f"127.0.0.1:{port}"
    with ledger(folder, workers=False, DAYBOOK_GRPC_PORT=str(port)) as (base, _):
        load(base, count=count // 10, prefix="warm")
        load_grpc(address, "CreateOrder", count=count // 10, prefix="warmer")
        rest, grpc, web = (f"{door}{turn}" for door in ("rest", "grpc", "web"))
        done = {
            "REST place": load(base, count=count, prefix=rest),
            "gRPC CreateOrder": load_grpc(address, "CreateOrder", count=count, prefix=grpc),
            "Connect CreateOrder": load(base, CREATE, kind="proto", count=count, prefix=web),
            "REST GET order": load(base, kind="read", count=count, prefix=rest),
            "gRPC GetOrder": load_grpc(address, "GetOrder", count=count, prefix=rest),
            "Connect GetOrder": load(base, GET, kind="proto-read", count=count, prefix=rest),
        }
        for name, report in done.items():
            if set(report["statuses"]) - {"200", "201", "ok"}:
                raise RuntimeError(f"{name}: unexpected answers: {report['statuses']}")
            rates[name].append(report["rate"])
        streams = (("REST bulk", "bulk", base), ("ExecuteStream", "grpc", address))
        for name, kind, place in streams[:: 1 if turn % 2 else -1]:
            rates[name].append(_stream(kind, place, count, f"stream-{kind}{turn}"))


def _with_models(count: int, turn: int, folder: Path, rates: dict[str, list[float]]) -> None:
    port = free_port()
    with ledger(folder, DAYBOOK_GRPC_PORT=str(port)) as (base, _):
        stored = int(load(base, count=count // 10, prefix="warm")["answered"])
        await_models(base, stored)
        # In turns first: the second one finds larger read models.
        for door in ("REST place", "gRPC CreateOrder")[:: 1 if turn % 2 else -1]:
            if door == "REST place":
                report = load(base, count=count, prefix=f"rest{turn}")
            else:
                address, prefix = f"127.0.0.1:{port}", f"grpc{turn}"
                report = load_grpc(address, "CreateOrder", count=count, prefix=prefix)
            stored += count
            ended = await_models(base, stored)
            rates[f"{door}, until the last model has it"].append(
                count / (ended - report["started"])
            )


def _stream(kind: str, place: str, count: int, prefix: str) -> float:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.streams", kind, place, str(count), prefix],
        cwd=ROOT,
        capture_output=True,
        check=True,
        timeout=600,
    )
    rate: float = json.loads(done.stdout)["rate"]
    return rate
