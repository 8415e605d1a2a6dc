"""What the commands worker, status and parked do."""

import os
import shlex
from collections.abc import Sequence
from contextlib import aclosing, suppress
from dataclasses import asdict, replace
from functools import partial
from typing import Any

from eventstore.decisions import DISCARDS, Discarded
from eventstore.lookup import event_at
from eventstore.port import EventReader, Recorded, StreamDeleted
from eventstore.record.chain import ChainBroken
from eventstore.record.codec import stream_name
from eventstore.stores import is_dense, open_decisions
from projections.composition import (
    discards_of,
    keep_up,
    log_reader,
    monitoring_workers,
    read_databases,
    worker_folder,
)
from projections.evidence import StartCheck
from projections.models import MODELS
from projections.monitor.status import status as status_of
from projections.storage.errors import NotBuilt
from projections.worker.parked import Discard, NotParked, Retry, ask
from projections.worker.parked import parked as parked_rows
from runtime.clock import utc_now
from runtime.lines import in_a_line
from runtime.metrics import WorkerMetrics, new_registry
from runtime.probes import probes_served
from runtime.settings import Settings
from runtime.stop import stop_on_signal, stop_with_parent
from runtime.terminal import Exit, ExitError, put, put_json, put_table, say
from runtime.tracing import tracing_of
from runtime.urls import redacted

SHOWN = (
    *("name", "state", "behind", "lag", "parked"),
    *("position", "head", "generation", "reason"),
)
STOP_SHARE = 0.8
"""Share of STOP_S in which a worker has to stop: if a database delays it, nothing is lost."""


async def run_worker(
    settings: Settings,
    names: Sequence[str],
    *,
    with_parent: bool,
    probes_fd: int | None,
    as_json: bool,
) -> None:
    """Run until a signal comes, or the parent is gone.

    probes_fd: a socket of the parent, on which metrics and health are served.
    """
    with stop_on_signal(within_s=STOP_SHARE * settings.stop_s) as stop:
        if with_parent:
            stop_with_parent(stop, within_s=settings.stop_s)
        # The parent reports the metrics of the process, in the same answer.
        metrics = WorkerMetrics(new_registry(process=probes_fd is None))
        async with (
            tracing_of(settings.traces, "worker") as tracing,
            log_reader(settings) as store,
            monitoring_workers(settings, store, metrics, tracing, clock=utc_now) as monitor,
            probes_served(settings, monitor.probes, fd=probes_fd),
        ):
            if as_json:
                kept = {"models": list(names), "pid": os.getpid()}
                put_json(kept | {"store": redacted(settings.store_url)})
            check_log = _checked_by_parent if with_parent else StartCheck(settings)
            await keep_up(
                names,
                settings,
                store,
                clock=utc_now,
                stop=stop,
                monitor=monitor,
                check_log=check_log,
            )


async def _checked_by_parent() -> None:
    """The server that started this worker has compared the log with what is known of it."""


async def show_status(settings: Settings, *, as_json: bool) -> Exit:
    async with log_reader(settings) as store, read_databases(settings) as databases:
        models = await status_of(
            databases,
            store,
            worker_folder(settings),
            utc_now(),
            dense=is_dense(settings.store_url),
            exact=not settings.bus,
        )
    if as_json:
        put_json([asdict(model) for model in models])
    else:
        put_table(SHOWN, [_cells(model, SHOWN) for model in models])
    return Exit.FOUND if any(model.needs_attention for model in models) else Exit.DONE


async def list_parked(settings: Settings, names: Sequence[str], *, as_json: bool) -> None:
    found = [row for name in names for row in await _parked(settings, name)]
    if as_json:
        for row in found:
            put_json(row)
    elif found:
        columns = ("model", "order_id", "revision", "type", "error")
        put_table(columns, [_cells(row, columns) for row in found])
    else:
        put("no order is parked")


async def show_parked(settings: Settings, name: str, order_id: str, *, as_json: bool) -> None:
    """Raises ExitError if the order is not parked."""
    rows = await _parked(settings, name, order_id)
    if not rows:
        raise ExitError(
            f"{order_id} is not parked in {name}: see `daybook parked list`", Exit.USAGE
        )
    async with log_reader(settings) as store:
        stored = await _event(store, order_id, rows[0]["revision"])
    document = rows[0] | stored
    if as_json:
        put_json(document)
        return
    for field, value in document.items():
        put(f"{field:9} {in_a_line(str(value))}")
    say(f"after an upgrade: daybook parked retry {name} -- {shlex.quote(order_id)}")


async def ask_worker(
    settings: Settings, name: str, request: Retry | Discard, *, as_json: bool
) -> Exit:
    """Have a request carried out by the worker that holds the read model, or here if none does.

    A discard is recorded with the log before it is carried out. Raises ExitError if the order is
    not parked; ReadModelError, StoreError.
    """
    async with log_reader(settings) as store:
        if isinstance(request, Discard):
            await _record(settings, name, request, store)
        try:
            outcome = await ask(MODELS[name], settings.read_urls[name], store, request)
        except NotParked as error:
            raise ExitError(str(error), Exit.USAGE) from None
    if as_json:
        put_json(asdict(outcome))
    else:
        put(f"{outcome.order_id} {outcome.message}")
    return Exit.DONE if outcome.done else Exit.FOUND


async def list_discards(settings: Settings, names: Sequence[str], *, as_json: bool) -> None:
    found = [one for one in await discards_of(settings) if one.model in names]
    if as_json:
        for one in found:
            put_json(one.document())
    elif found:
        columns = ("model", "order_id", "revision", "who", "when", "why")
        put_table(columns, [_cells(one.document(), columns) for one in found])
    else:
        put("nothing was discarded")


async def _record(settings: Settings, name: str, request: Discard, store: EventReader) -> None:
    """Record a discard, once, if the order is parked at that event. Raises StoreError."""
    rows = await _parked(settings, name, request.order_id)
    if not rows or rows[0]["revision"] != request.revision:
        return  # it is refused when it is carried out
    event = await _recorded(store, request.order_id, request.revision)
    said = Discarded(
        model=name,
        order_id=request.order_id,
        revision=request.revision,
        event_id="" if event is None else str(event.event_id),
        who=request.who,
        when=utc_now().isoformat(),
        why=request.why,
    )
    async with aclosing(open_decisions(settings.store_url, DISCARDS)) as discards:
        before = [replace(one, when=said.when) for one in await discards.all()]
        if said not in before:
            await discards.add(said)


async def _parked(
    settings: Settings, name: str, order_id: str | None = None
) -> list[dict[str, Any]]:
    async with read_databases(settings) as databases:
        database = next(database for database in databases if database.name == name)
        try:
            rows = await database.ask(partial(parked_rows, order_id=order_id))
        except NotBuilt:
            return []
    return [{"model": name, **row} for row in rows]


async def _event(store: EventReader, order_id: str, revision: int) -> dict[str, str]:
    """The bytes of an event as text, as far as they are text."""
    event = await _recorded(store, order_id, revision)
    if event is None:
        return {"data": "(not in the log)", "metadata": "(not in the log)"}
    return {
        "data": event.data.decode(errors="backslashreplace"),
        "metadata": event.metadata.decode(errors="backslashreplace"),
    }


async def _recorded(store: EventReader, order_id: str, revision: int) -> Recorded | None:
    """None if the log does not have it."""
    with suppress(StreamDeleted, ChainBroken):
        return await event_at(store, stream_name(order_id), revision)
    return None


def _cells(row: Any, columns: Sequence[str]) -> list[object]:
    values = row if isinstance(row, dict) else asdict(row)
    return [values[column] for column in columns]
