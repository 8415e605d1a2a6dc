"""Commands of the read models: worker, status, parked. What they need they import when run."""

import getpass

import click

NAMES = ("order", "shipment", "payment", "audit")
NAME = click.argument("name", type=click.Choice(NAMES))
JSON = click.option("--json", "as_json", is_flag=True, help="Machine-readable result.")


@click.command(short_help="Keep read models up to date.")
@click.argument("names", metavar="[NAME]...", nargs=-1, type=click.Choice(NAMES))
@click.option("--with-parent", is_flag=True, hidden=True, help="End when standard input does.")
@click.option("--probes-fd", type=int, hidden=True, help="The parent's socket for our probes.")
@JSON
def worker(
    *, names: tuple[str, ...], with_parent: bool, probes_fd: int | None, as_json: bool
) -> None:
    """Keep the read models NAME... up to date, until SIGTERM or Ctrl-C; all of them without a NAME.

    `daybook serve` runs one for all by itself; this is for running them elsewhere
    (`daybook serve --no-workers`). With --json standard output says in one line what it keeps, once
    it has the log; `daybook status` says how they are.
    """
    from projections.commands import run_worker
    from runtime.environment import load_settings
    from runtime.logs import configure_logs
    from runtime.loop import run

    settings = load_settings()
    configure_logs(settings)
    work = run_worker(
        settings, names or NAMES, with_parent=with_parent, probes_fd=probes_fd, as_json=as_json
    )
    run(work)


@click.command(short_help="How the read models are.")
@JSON
def status(*, as_json: bool) -> int:
    """How each read model is: its worker, how far behind the log it is, how many orders wait.

    Exit code 1 when one needs attention: its worker is neither running nor stopped in order, it
    cannot be reached or read, or it has parked orders.
    """
    from projections.commands import show_status
    from runtime.environment import load_settings
    from runtime.loop import run

    return run(show_status(load_settings(), as_json=as_json))


@click.group(short_help="Orders that wait behind an event.")
def parked() -> None:
    """Orders that wait behind an event that a read model cannot apply.

    All other orders go on. After an upgrade that repairs it, retry; discard only as a last resort.
    """


@parked.command("list")
@click.argument("name", required=False, type=click.Choice(NAMES))
@JSON
def parked_list(*, name: str | None, as_json: bool) -> None:
    """The parked orders of all read models, or of NAME."""
    from projections.commands import list_parked
    from runtime.environment import load_settings
    from runtime.loop import run

    run(list_parked(load_settings(), (name,) if name else NAMES, as_json=as_json))


@parked.command("show")
@NAME
@click.argument("order_id")
@JSON
def parked_show(*, name: str, order_id: str, as_json: bool) -> None:
    """Why ORDER_ID waits in NAME, with the event as it stands in the log."""
    from projections.commands import show_parked
    from runtime.environment import load_settings
    from runtime.loop import run

    run(show_parked(load_settings(), name, order_id, as_json=as_json))


@parked.command("retry")
@NAME
@click.argument("order_id")
@JSON
def parked_retry(*, name: str, order_id: str, as_json: bool) -> int:
    """Apply the event again, and what waits behind it. Exit code 1 if it still fails."""
    from projections.commands import ask_worker
    from projections.worker.parked import Retry
    from runtime.environment import load_settings
    from runtime.loop import run

    return run(ask_worker(load_settings(), name, Retry(order_id=order_id), as_json=as_json))


@parked.command("discard")
@NAME
@click.argument("order_id")
@click.argument("revision", type=click.IntRange(min=0))
@click.option("--why", required=True, help="Kept for ever, with who did it.")
@click.option(
    "--who", default=getpass.getuser, show_default="your login name", help="Who answers for it."
)
@JSON
def parked_discard(
    *, name: str, order_id: str, revision: int, why: str, who: str, as_json: bool
) -> int:
    """Step over exactly this event, here and in every later replay. The log keeps the event.

    Who did it, when and why is kept with the log for ever: see `daybook parked discards`.
    """
    from projections.commands import ask_worker
    from projections.worker.parked import Discard
    from runtime.environment import load_settings
    from runtime.loop import run

    request = Discard(order_id=order_id, revision=revision, who=who, why=why)
    return run(ask_worker(load_settings(), name, request, as_json=as_json))


@parked.command("discards")
@click.argument("name", required=False, type=click.Choice(NAMES))
@JSON
def parked_discards(*, name: str | None, as_json: bool) -> None:
    """The events that read models, or NAME, step over: who decided it, when and why."""
    from projections.commands import list_discards
    from runtime.environment import load_settings
    from runtime.loop import run

    run(list_discards(load_settings(), (name,) if name else NAMES, as_json=as_json))
