"""`daybook serve`: the one place where the running ledger is put together from its parts."""

import asyncio
import contextlib
import logging
import os
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from api.app import create_app
from api.composition import OpenLog, command_side, open_log
from api.guards import Limits
from api.services import Services
from api.writes import JoiningProtocol
from eventstore.opening import is_dense
from eventstore.port import EventStore, StoreError
from projections.composition import keep_up, read_databases, worker_folder
from projections.status import status
from runtime.clock import utc_now
from runtime.settings import MODEL_NAMES, Settings, redacted
from runtime.stop import stop_on_signal
from runtime.supervisor import Supervisor
from runtime.telemetry import Metrics, start_telemetry
from runtime.terminal import Exit, ExitError, put_json, say

log = logging.getLogger(__name__)

PROGRAM = Path(__file__).parents[1] / "daybook.py"
BACKLOG = 2048
KEEP_ALIVE_S = 30


class Server(uvicorn.Server):
    """uvicorn that says when it is ready, and leaves signals to us: it would raise them again."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def bound_socket(host: str, port: int) -> socket.socket:
    """A socket that nobody else has. Raises ExitError where the port is taken or not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise ExitError(
            f"cannot listen on {host}:{port} ({error.strerror}); "
            "stop what runs there, or set DAYBOOK_PORT to another port (0: a free one)",
            Exit.UNAVAILABLE,
        ) from None
    return listener


def url_of(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


async def answer_requests(
    app: ASGIApp,
    listener: socket.socket,
    *,
    stop: asyncio.Event,
    stop_s: float,
    ready: Callable[[], None],
) -> None:
    """Until stop is set; requests under way then have stop_s to end."""
    server = Server(
        uvicorn.Config(
            app,
            http=JoiningProtocol,
            access_log=False,
            log_config=None,
            lifespan="off",
            backlog=BACKLOG,
            timeout_keep_alive=KEEP_ALIVE_S,
            # The rest of the time is for the log and the worker process.
            timeout_graceful_shutdown=max(1, int(0.7 * stop_s)),
            server_header=False,
            ws="none",
            proxy_headers=False,
        ),
        ready,
    )
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    waiting = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait((serving, waiting), return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
        server.should_exit = True
        await serving


@contextlib.asynccontextmanager
async def workers_beside(
    settings: Settings, store: EventStore, metrics: Metrics, stop: asyncio.Event
) -> AsyncIterator[None]:
    """The read models are kept up to date until the block ends or stop is set.

    In a process of their own, so that they do not share the API's core; but a log in memory is
    seen by this process alone.
    """
    if settings.in_memory:
        work = keep_up(settings.read_urls, settings, store, clock=utc_now, stop=stop)
    else:
        command = (sys.executable, str(PROGRAM), "worker", "--with-parent")
        on_restart = metrics.restarts.inc
        work = Supervisor(command, stop_s=settings.stop_s / 2, on_restart=on_restart).run(stop)
    keeping = asyncio.create_task(work)
    try:
        yield
    finally:
        stop.set()
        await keeping


async def serve(
    settings: Settings, *, workers: bool, as_json: bool, opened_by: OpenLog = open_log
) -> None:
    """Until SIGTERM or Ctrl-C, or until the log has failed.

    opened_by: another way to open the log, for tests. Raises ExitError, StoreError.
    """
    failures: list[StoreError] = []
    with contextlib.ExitStack() as stack:
        stop = stack.enter_context(stop_on_signal())
        listener = bound_socket(settings.host, settings.port)
        stack.enter_context(contextlib.closing(listener))
        settings = stack.enter_context(_with_folder(settings))

        def failed(error: StoreError) -> None:
            log.critical("the log has failed; stopping", extra={"error": str(error)})
            failures.append(error)
            stop.set()

        async with (
            command_side(settings, failed=failed, opened_by=opened_by) as side,
            read_databases(settings) as databases,
        ):
            services = Services(
                ledger=side.ledger,
                store=side.store,
                databases={database.name: database for database in databases},
                status=lambda: status(
                    databases,
                    side.store,
                    worker_folder(settings),
                    utc_now(),
                    dense=is_dense(settings.store_url),
                ),
                clock=utc_now,
                watched=workers,
                log_trouble=lambda: str(failures[0]) if failures else None,
                telemetry=start_telemetry(settings.traces),
                limits=limits(settings),
            )
            await _answer(services, settings, listener, stop=stop, as_json=as_json)
    if failures:
        raise failures[0]


async def _answer(
    services: Services,
    settings: Settings,
    listener: socket.socket,
    *,
    stop: asyncio.Event,
    as_json: bool,
) -> None:
    """Requests are answered, and the workers run if they are this server's, until stop is set."""
    async with contextlib.AsyncExitStack() as running:
        if services.watched:
            metrics = services.telemetry.metrics
            await running.enter_async_context(
                workers_beside(settings, services.store, metrics, stop)
            )
        await answer_requests(
            create_app(services),
            listener,
            stop=stop,
            stop_s=settings.stop_s,
            ready=lambda: _say_ready(url_of(listener), settings, as_json=as_json),
        )


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
    """A log in memory begins empty, and so must the read models: in a folder that goes with it."""
    if not settings.in_memory:
        yield settings
        return
    with tempfile.TemporaryDirectory(prefix="daybook-memory-") as name:
        unset = dict.fromkeys((f"{model}_db" for model in MODEL_NAMES), "")
        yield settings.model_copy(update={"data_dir": Path(name), **unset})


def _say_ready(url: str, settings: Settings, *, as_json: bool) -> None:
    if as_json:
        put_json({"url": url, "pid": os.getpid(), "store": redacted(settings.store_url)})
    else:
        say(f"Daybook answers at {url} (documentation: {url}/docs); Ctrl-C stops it")
