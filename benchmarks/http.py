"""Durable place-order over HTTP at 32 connections, against a handler that stores nothing."""

import tempfile
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.processes import await_models, ledger, load, trivial

ROUNDS = 3


def measure(count: int) -> list[Figure]:
    """Side by side in turns, so that a slow minute of the machine hits all three alike."""
    trivial_rates: list[float] = []
    bare: list[dict[str, float]] = []
    with_models: list[float] = []
    for turn in range(ROUNDS):
        with trivial() as base:
            load(base, count=count // 10, prefix="warm")
            trivial_rates.append(load(base, count=count)["rate"])
        bare.append(_ledger_round(count, turn, workers=False))
        with_models.append(_ledger_round(count, turn, workers=True)["rate"])
    reference = _median(trivial_rates)
    without = _median([round_["rate"] for round_ in bare])
    with_all = _median(with_models)
    return [
        Figure("FastAPI handler that stores nothing", reference, "requests/s"),
        Figure("durable place-order, without workers", without, "commands/s"),
        Figure("durable place-order, until the last model has the last event", with_all, "cmd/s"),
        Figure("  p50 without workers", _median([r["p50_ms"] for r in bare]), "ms"),
        Figure("  p99 without workers", _median([r["p99_ms"] for r in bare]), "ms"),
        Figure("without workers / stores nothing", without / reference, "", at_least=0.75),
        Figure("with four read models / stores nothing", with_all / reference, "", at_least=0.6),
    ]


def _ledger_round(count: int, turn: int, *, workers: bool) -> dict[str, float]:
    with (
        tempfile.TemporaryDirectory() as folder,
        ledger(Path(folder), workers=workers) as (base, _),
    ):
        warm = load(base, count=count // 10, prefix=f"warm{turn}")
        if workers:
            await_models(base, int(warm["answered"]))
        report = load(base, count=count, prefix=f"bench{turn}")
        if report["statuses"] != {"201": count}:
            raise RuntimeError(f"unexpected answers: {report['statuses']}")
        rate = report["rate"]
        if workers:
            end = await_models(base, count + int(warm["answered"]))
            rate = count / (end - report["started"])
        return {"rate": rate, "p50_ms": report["p50_ms"], "p99_ms": report["p99_ms"]}


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]
