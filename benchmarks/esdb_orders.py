"""Orders on EventStoreDB, on the protocol stub, against one long BatchAppend call without Daybook.

The stub is a process of its own, but no EventStoreDB: the ratios count, the rates are only told.
The bare client appends events as large as those of the orders, with as many requests under way.
"""

import json
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import grpc.aio  # type: ignore[import-untyped]
import uvloop
from esdbclient.protos.Grpc import shared_pb2, streams_pb2, streams_pb2_grpc

from benchmarks.figures import Figure
from benchmarks.load import place_order
from benchmarks.processes import DAYBOOK, ROOT, environment, ledger, load
from benchmarks.stub import new_stream, stub_process

ROUNDS = 3
PIPELINED = 256
STUB = "protocol stub"
DATA = b'{"order":"' + b"x" * 580 + b'"}'
METADATA = b'{"hash":"' + b"0" * 640 + b'"}'


def measure(number: int) -> list[Figure]:
    """In turns, so that what else the machine does hits all; the ratios are the rounds' medians."""
    figures = []
    for under_way, alone_min, models_min in ((1, 0.8, 0.6), (32, 0.8, 0.5)):
        orders = number // 4 if under_way == 1 else number
        bare, alone, models = [], [], []
        for turn in range(ROUNDS):
            bare.append(_bare(orders, under_way))
            alone.append(_orders(orders, under_way, turn, workers=False))
            models.append(_orders(orders, under_way, turn, workers=True))
        at = f"at {under_way}, {STUB}"
        figures += [
            Figure(f"one long BatchAppend call, {at}", statistics.median(bare), "appends/s"),
            Figure(f"place-order, {at}", statistics.median(alone), "orders/s"),
            Figure(f"place-order / long call, {at}", _ratio(alone, bare), "", at_least=alone_min),
            Figure(f"place-order with four models / long call, {at}", _ratio(models, bare), "",
                   at_least=models_min),
        ]  # fmt: skip
    # So many that the start of a process does not count.
    return figures + _transfers(3 * number)


def _transfers(number: int) -> list[Figure]:
    bare, submitted, migrated = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "orders.ndjson"
        _write_commands(file, number)
        _daybook(Path(folder), "submit", str(file), store=f"sqlite:///{folder}/log.db")
        for turn in range(ROUNDS):
            bare.append(_bare(number, PIPELINED))
            with stub_process() as uri:
                took = _daybook(Path(folder) / f"submit{turn}", "submit", str(file), store=uri)
                submitted.append(number / took)
            with stub_process() as uri:
                took = _daybook(Path(folder) / f"migrate{turn}", "migrate", "--to", uri,
                                store=f"sqlite:///{folder}/log.db")  # fmt: skip
                migrated.append(number / took)
    at = f"pipelined, {STUB}"
    return [
        Figure(f"one long BatchAppend call, {at}", statistics.median(bare), "appends/s"),
        Figure(f"daybook migrate, {at}", statistics.median(migrated), "events/s"),
        Figure(f"daybook submit, {at}", statistics.median(submitted), "commands/s"),
        Figure(f"migrate / long call, {at}", _ratio(migrated, bare), "", at_least=0.8),
        Figure(f"submit / long call, {at}", _ratio(submitted, bare), "", at_least=0.5),
    ]


def _ratio(ours: list[float], bare: list[float]) -> float:
    return statistics.median(our / other for our, other in zip(ours, bare, strict=True))


def _orders(number: int, connections: int, turn: int, *, workers: bool) -> float:
    """Orders a second."""
    with (
        stub_process() as uri,
        tempfile.TemporaryDirectory() as folder,
        ledger(Path(folder), workers=workers, DAYBOOK_STORE=uri) as (base, _),
    ):
        load(base, count=number // 5, prefix=f"warm{turn}", connections=connections)
        report = load(base, count=number, prefix=f"bench{turn}", connections=connections)
        if report["statuses"] != {"201": number}:
            raise RuntimeError(f"unexpected answers: {report['statuses']}")
        return float(report["rate"])


def _write_commands(file: Path, number: int) -> None:
    with file.open("w", encoding="utf-8") as lines:
        for n in range(number):
            order = json.loads(place_order(n, "file"))
            lines.write(json.dumps({"command": "place-order", **order}) + "\n")


def _daybook(folder: Path, *command: str, store: str) -> float:
    """Seconds that a command takes, start included."""
    folder.mkdir(exist_ok=True)
    started = time.perf_counter()
    subprocess.run(
        [DAYBOOK, *command],
        env=environment(folder, DAYBOOK_STORE=store),
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=900,
    )
    return time.perf_counter() - started


def _bare(number: int, under_way: int) -> float:
    """Appends a second of a client that does nothing else; warm."""
    with stub_process() as uri:
        return uvloop.run(_long_call(uri, number, under_way))


async def _long_call(uri: str, number: int, under_way: int) -> float:
    target = uri.removeprefix("esdb://").split("?")[0]
    async with grpc.aio.insecure_channel(target) as channel:
        streams = streams_pb2_grpc.StreamsStub(channel)  # type: ignore[no-untyped-call]
        call = streams.BatchAppend(metadata=(("requires-leader", "true"),))
        await _append(call, number // 5, under_way)
        started = time.perf_counter()
        await _append(call, number, under_way)
        rate = number / (time.perf_counter() - started)
        call.cancel()
    return rate


async def _append(call: Any, number: int, under_way: int) -> None:
    """Keep so many requests under way: each answer is followed by the next request."""
    for _ in range(under_way):
        await call.write(_request())
    for n in range(number):
        answer = await call.read()
        if not answer.HasField("success"):
            raise RuntimeError(f"unexpected answer: {answer}")
        if n < number - under_way:
            await call.write(_request())


def _request() -> Any:
    options = streams_pb2.BatchAppendReq.Options(
        stream_identifier=shared_pb2.StreamIdentifier(stream_name=new_stream().encode())
    )
    options.no_stream.SetInParent()
    proposed = streams_pb2.BatchAppendReq.ProposedMessage(
        id=shared_pb2.UUID(string=str(uuid4())),
        metadata={"type": "OrderPlaced", "content-type": "application/json"},
        custom_metadata=METADATA,
        data=DATA,
    )
    return streams_pb2.BatchAppendReq(
        correlation_id=shared_pb2.UUID(string=str(uuid4())),
        options=options,
        proposed_messages=[proposed],
        is_final=True,
    )
