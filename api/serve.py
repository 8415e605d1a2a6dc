"""`daybook serve`: composes the running ledger from its parts."""

import asyncio
import contextlib
import logging
import os
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

from api.app import create_app
from api.composition import OpenLog, command_side, open_log
from api.grpc.door import grpc_answered
from api.http.guards import Limits
from api.live.log import LiveLog
from api.operations.health import probes_of
from api.services import Services
from domain.currency import EXPONENTS
from eventstore.port import EventsLost, EventStore, StoreError
from eventstore.stores import file_of, is_dense, is_shared
from projections.composition import (
    keep_up,
    monitoring_workers,
    read_databases,
    worker_folder,
)
from projections.monitor.observed import ObservedModels
from projections.storage.database import ReadDatabase
from runtime.clock import utc_now
from runtime.disk import disk_full
from runtime.http.connections import Connections
from runtime.http.listening import answer_requests, bound_socket, take, url_of
from runtime.metrics import Metrics, WorkerMetrics, new_registry
from runtime.model_names import MODEL_NAMES
from runtime.probes import metrics_of, probes_served
from runtime.settings import Settings
from runtime.stop import stop_on_signal
from runtime.supervisor import Supervisor
from runtime.telemetry import Telemetry
from runtime.terminal import Exit, ExitError, put_json, say
from runtime.tracing import tracing_of
from runtime.urls import redacted

log = logging.getLogger(__name__)

PROGRAM = Path(__file__).parents[1] / "daybook.py"


MetricsOf: TypeAlias = Callable[[], Awaitable[bytes]]


@contextlib.asynccontextmanager
async def run_workers(
    settings: Settings, store: EventStore, telemetry: Telemetry, stop: asyncio.Event
) -> AsyncIterator[MetricsOf]:
    """Keep the read models up to date until the block ends or stop is set; yields their metrics.

    The workers have their own process, so that they do not share the API's core; except with a log
    in memory, which only this process can read.
    """
    start = _workers_here if settings.in_memory else _workers_process
    async with start(settings, store, telemetry, stop) as (work, metrics):
        keeping = asyncio.create_task(work)
        try:
            yield metrics
        finally:
            stop.set()
            await keeping


@contextlib.asynccontextmanager
async def _workers_here(
    settings: Settings, store: EventStore, telemetry: Telemetry, stop: asyncio.Event
) -> AsyncIterator[tuple[Coroutine[Any, Any, None], MetricsOf]]:
    metrics = WorkerMetrics(new_registry(process=False))
    async with monitoring_workers(
        settings, store, metrics, telemetry.tracing, clock=utc_now
    ) as monitor:
        names = settings.read_urls
        yield (
            keep_up(names, settings, store, clock=utc_now, stop=stop, monitor=monitor),
            monitor.text,
        )


@contextlib.asynccontextmanager
async def _workers_process(
    settings: Settings, store: EventStore, telemetry: Telemetry, stop: asyncio.Event
) -> AsyncIterator[tuple[Coroutine[Any, Any, None], MetricsOf]]:
    del store
    with contextlib.closing(bound_socket("127.0.0.1", 0)) as listener:
        fd = listener.fileno()
        worker = Supervisor(
            (sys.executable, str(PROGRAM), "worker", "--with-parent", "--probes-fd", str(fd)),
            pass_fds=(fd,),
            stop_s=settings.stop_s / 2,
            on_restart=telemetry.metrics.restarts.inc,
        )

        async def metrics() -> bytes:
            return await metrics_of(listener) if worker.state == "running" else b""

        yield worker.run(stop), metrics


async def serve(
    settings: Settings, *, workers: bool, as_json: bool, opened_by: OpenLog = open_log
) -> None:
    """Run the server until SIGTERM or Ctrl-C, or until the log has failed.

    opened_by: another way to open the log, for tests. Raises ExitError, StoreError.
    """
    with contextlib.ExitStack() as stack:
        stop = stack.enter_context(stop_on_signal())
        listener = bound_socket(settings.host, settings.port)
        stack.enter_context(contextlib.closing(listener))
        settings = stack.enter_context(_with_folder(settings))
        async with composed(settings, "api", stop=stop, opened_by=opened_by) as made:
            services = replace(made, watched=workers)
            await _answer(services, settings, listener, stop=stop, as_json=as_json)


async def serve_grpc(settings: Settings, *, as_json: bool) -> None:
    """Answer gRPC alone, until SIGTERM or Ctrl-C, over a log that several processes may write.

    Raises ExitError, StoreError.
    """
    if not is_shared(settings.store_url):
        raise ExitError(
            f"{redacted(settings.store_url)} is written by one process: run `daybook serve`, which"
            " answers gRPC too; `daybook grpc` is for a log in EventStoreDB",
            Exit.USAGE,
        )
    with stop_on_signal() as stop:
        async with (
            composed(settings, "grpc", stop=stop) as services,
            probes_served(settings, probes_of(replace(services, watched=False))),
            grpc_answered(settings, services, stop=stop, alone=True) as address,
        ):
            if as_json:
                put_json(_ready(None, address, settings))
            else:
                say(f"Daybook answers gRPC at {address}; Ctrl-C stops it")
            await stop.wait()


@contextlib.asynccontextmanager
async def composed(
    settings: Settings, role: str, *, stop: asyncio.Event, opened_by: OpenLog = open_log
) -> AsyncIterator[Services]:
    """What a server needs, until the block ends. Sets stop when the log has failed, which is raised
    at the end.

    role: names the service in traces. Raises ExitError, StoreError.
    """
    failures: list[StoreError] = []

    def failed(error: StoreError) -> None:
        failures.append(error)
        if isinstance(error, EventsLost):
            log.critical("no command is accepted any more: %s", error)
            return
        log.critical("the log has failed; stopping", extra={"error": str(error)})
        stop.set()

    if settings.currency not in EXPONENTS:
        raise ExitError(
            f"DAYBOOK_CURRENCY={settings.currency} is no currency of ISO 4217", Exit.USAGE
        )
    metrics = Metrics()
    async with (
        tracing_of(settings.traces, role) as tracing,
        command_side(
            settings, failed=failed, opened_by=opened_by, on_conflict=metrics.conflicts.inc
        ) as side,
        read_databases(settings) as databases,
        _observed(settings, databases, side.store) as observed,
        _live(side.store, stop) as live,
    ):

        def log_trouble() -> str | None:
            lost, unread = side.ledger.lost, observed.log_trouble
            refused = side.store.trouble
            found = filter(None, (*failures, lost, _no_room(settings), refused, unread))
            return next(map(str, found), None)

        yield Services(
            ledger=side.ledger,
            store=side.store,
            databases={database.name: database for database in databases},
            status=observed.now,
            clock=utc_now,
            live=live,
            log_trouble=log_trouble,
            telemetry=Telemetry(metrics, tracing),
            limits=limits(settings),
            graphql_introspection=settings.graphql_introspection,
            currency=settings.currency,
        )
    if failures:
        raise failures[0]


@contextlib.asynccontextmanager
async def _live(store: EventStore, stop: asyncio.Event) -> AsyncIterator[LiveLog]:
    """The live streams, which end when stop is set: they would keep the server until its time to
    stop is over.
    """
    async with LiveLog(store) as live:

        async def end() -> None:
            await stop.wait()
            await live.aclose()

        ending = asyncio.create_task(end())
        try:
            yield live
        finally:
            ending.cancel()


@contextlib.asynccontextmanager
async def _observed(
    settings: Settings, databases: Sequence[ReadDatabase], store: EventStore
) -> AsyncIterator[ObservedModels]:
    observed = ObservedModels(
        databases,
        store,
        worker_folder(settings),
        utc_now,
        dense=is_dense(settings.store_url),
        exact=not settings.bus,
    )
    with contextlib.closing(observed):
        yield observed


async def _answer(
    services: Services,
    settings: Settings,
    listener: socket.socket,
    *,
    stop: asyncio.Event,
    as_json: bool,
) -> None:
    """Answer requests, and run the workers that are this server's, until stop is set."""
    async with contextlib.AsyncExitStack() as running:
        if services.watched:
            workers = run_workers(settings, services.store, services.telemetry, stop)
            metrics = await running.enter_async_context(workers)
            services = replace(services, worker_metrics=metrics)
        take(listener)  # before the other ports, one of which may be set to the same
        await running.enter_async_context(probes_served(settings, probes_of(services)))
        calls = grpc_answered(settings, services, stop=stop)
        address = await running.enter_async_context(calls)
        refused = services.telemetry.metrics.connections_refused
        await answer_requests(
            create_app(services),
            listener,
            stop=stop,
            stop_s=settings.stop_s,
            ready=lambda: _say_ready(url_of(listener), address, settings, as_json=as_json),
            connections=Connections(on_refused=refused.inc),
        )


def _no_room(settings: Settings) -> str | None:
    """Why a log in a file takes no commands: the disk is full. None while there is room."""
    path = file_of(settings.store_url)
    return None if path is None else disk_full(path.parent)


def limits(settings: Settings) -> Limits:
    return Limits(
        allowed_hosts=settings.allowed_hosts,
        body_max_bytes=settings.body_max_bytes,
        line_max_bytes=settings.line_max_bytes,
        bulk_window=settings.bulk_window,
        wait_s=settings.wait_s,
    )


@contextlib.contextmanager
def _with_folder(settings: Settings) -> Iterator[Settings]:
    """A log in memory starts empty, so the read models get an empty folder, removed afterwards."""
    if not settings.in_memory:
        yield settings
        return
    with tempfile.TemporaryDirectory(prefix="daybook-memory-") as name:
        unset = dict.fromkeys((f"{model}_db" for model in MODEL_NAMES), "")
        yield settings.model_copy(update={"data_dir": Path(name), **unset})


def _say_ready(url: str, grpc: str | None, settings: Settings, *, as_json: bool) -> None:
    if as_json:
        put_json(_ready(url, grpc, settings))
    else:
        besides = f", gRPC: {grpc}" if grpc else ""
        say(f"Daybook answers at {url} (documentation: {url}/docs{besides}); Ctrl-C stops it")


def _ready(url: str | None, grpc: str | None, settings: Settings) -> dict[str, Any]:
    store = redacted(settings.store_url)
    return {"url": url, "grpc": grpc, "pid": os.getpid(), "store": store}
