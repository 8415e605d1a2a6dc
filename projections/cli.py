"""Commands of the read models: worker, status, parked."""

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

import click

from runtime.cli import JSON, MODEL, MODEL_OR_ALL, MODELS, ORDER_ID, WHO, command, utf_8
from runtime.model_names import MODEL_NAMES

if TYPE_CHECKING:
    from runtime.settings import Settings
    from runtime.terminal import Exit


@click.command(short_help="Keep read models up to date.")
@MODELS
@click.option("--with-parent", is_flag=True, hidden=True, help="End when standard input does.")
@click.option("--probes-fd", type=int, hidden=True, help="The parent's socket for our probes.")
@JSON
@command()
def worker(
    settings: "Settings",
    *,
    names: tuple[str, ...],
    with_parent: bool,
    probes_fd: int | None,
    as_json: bool,
) -> Coroutine[Any, Any, None]:
    """Keep the read models NAME... up to date, until SIGTERM or Ctrl-C; without a NAME all of them.

    `daybook serve` runs one worker for all by itself; this command runs workers elsewhere
    (`daybook serve --no-workers`). With --json standard output has one line that names the read
    models, once the log is open; `daybook status` shows how they are.
    """
    from projections.commands import run_worker

    return run_worker(
        settings,
        names or MODEL_NAMES,
        with_parent=with_parent,
        probes_fd=probes_fd,
        as_json=as_json,
    )


@click.command(short_help="How the read models are.")
@JSON
@command()
def status(settings: "Settings", *, as_json: bool) -> "Coroutine[Any, Any, Exit]":
    """How each read model is: its worker, how far it lags the log, how many orders are parked.

    Exit code 1 when one needs attention: its worker is neither running nor stopped in order, it
    cannot be reached or read, or it has parked orders.
    """
    from projections.commands import show_status

    return show_status(settings, as_json=as_json)


@click.group(short_help="Orders with an event that cannot be applied.")
def parked() -> None:
    """Orders whose next event a read model cannot apply, and which therefore wait.

    All other orders go on. After an upgrade that repairs it, retry; discard only as a last resort.
    """


@parked.command("list")
@MODEL_OR_ALL
@JSON
@command()
def parked_list(
    settings: "Settings", *, name: str | None, as_json: bool
) -> Coroutine[Any, Any, None]:
    """The parked orders of all read models, or of one."""
    from projections.commands import list_parked

    return list_parked(settings, (name,) if name else MODEL_NAMES, as_json=as_json)


@parked.command("show")
@MODEL
@ORDER_ID
@JSON
@command()
def parked_show(
    settings: "Settings", *, name: str, order_id: str, as_json: bool
) -> Coroutine[Any, Any, None]:
    """Why ORDER_ID is parked in a read model, with the event as it is in the log."""
    from projections.commands import show_parked

    return show_parked(settings, name, order_id, as_json=as_json)


@parked.command("retry")
@MODEL
@ORDER_ID
@JSON
@command()
def parked_retry(
    settings: "Settings", *, name: str, order_id: str, as_json: bool
) -> "Coroutine[Any, Any, Exit]":
    """Apply the event again, and those that wait after it. Exit code 1 if it still fails."""
    from projections.commands import ask_worker
    from projections.worker.parked import Retry

    return ask_worker(settings, name, Retry(order_id=order_id), as_json=as_json)


@parked.command("discard")
@MODEL
@ORDER_ID
@click.argument("revision", type=click.IntRange(min=0))
@click.option(
    "--why",
    required=True,
    type=utf_8,
    metavar="TEXT",
    help="The reason. Kept for ever, with who did it.",
)
@WHO
@JSON
@command()
def parked_discard(
    settings: "Settings",
    *,
    name: str,
    order_id: str,
    revision: int,
    why: str,
    who: str,
    as_json: bool,
) -> "Coroutine[Any, Any, Exit]":
    """Skip exactly this event, now and in every later replay. The log keeps the event.

    Who did it, when and why is kept with the log for ever: see `daybook parked discards`.
    """
    from projections.commands import ask_worker
    from projections.worker.parked import Discard

    request = Discard(order_id=order_id, revision=revision, who=who, why=why)
    return ask_worker(settings, name, request, as_json=as_json)


@parked.command("discards")
@MODEL_OR_ALL
@JSON
@command()
def parked_discards(
    settings: "Settings", *, name: str | None, as_json: bool
) -> Coroutine[Any, Any, None]:
    """The events that all read models, or one, skip: who decided it, when and why."""
    from projections.commands import list_discards

    return list_discards(settings, (name,) if name else MODEL_NAMES, as_json=as_json)
