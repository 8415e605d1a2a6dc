"""Commands of the edge: serve, submit, audit export, demo."""

from collections.abc import Coroutine
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from runtime.cli import BAR, JSON, command
from runtime.loop import COMMIT_SWITCH_S, run

if TYPE_CHECKING:
    from api.export.export import Format
    from projections.query.periods import By
    from runtime.settings import Settings
    from runtime.terminal import Exit


@click.command(short_help="Run the ledger: HTTP API and read models.")
@click.option("--workers/--no-workers", default=True, help="Keep the read models up to date too.")
@JSON
@command()
def serve(settings: "Settings", *, workers: bool, as_json: bool) -> Coroutine[Any, Any, None]:
    """Run the ledger: the HTTP API, and a second process that keeps the read models up to date.

    SIGTERM or Ctrl-C stops it in order: requests under way are answered, nothing acknowledged is
    lost. With --json the address is one line on standard output once it accepts requests.

    With DAYBOOK_BUS set it is the API alone: relay and workers run as separate processes.
    """
    from api.serve import serve as run_server

    return run_server(settings, workers=workers and not settings.bus, as_json=as_json)


@click.command("grpc", short_help="Answer gRPC alone, in a process of its own.")
@JSON
@command(switch_s=COMMIT_SWITCH_S)
def grpc_server(settings: "Settings", *, as_json: bool) -> Coroutine[Any, Any, None]:
    """Answer gRPC alone, on DAYBOOK_GRPC_PORT, beside a `daybook serve`.

    For a log that several processes may write, which is one in EventStoreDB; over any other one
    `daybook serve` answers gRPC. SIGTERM or Ctrl-C stops it in order. With --json the address is
    one line on standard output once it accepts calls.
    """
    from api.serve import serve_grpc

    return serve_grpc(settings, as_json=as_json)


@click.command(short_help="Submit a file of commands.")
@click.argument("file", type=click.File("rb"))
@click.option("--url", help="Send to this running server instead of the store in the settings.")
@click.option(
    "--results",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    help="Write the answer to every line to this file, as NDJSON.",
)
@click.option(
    "--allow-refused", is_flag=True, help="A line that a named rule refuses does not count."
)
@BAR
@JSON
@command(switch_s=COMMIT_SWITCH_S)
def submit(
    settings: "Settings",
    *,
    file: IO[bytes],
    url: str | None,
    results: Path | None,
    allow_refused: bool,
    wanted_bar: bool | None,
    as_json: bool,
) -> "Coroutine[Any, Any, Exit]":
    """Submit the commands in FILE, one JSON object a line; - is standard input.

    Without --url they go straight into the log (DAYBOOK_STORE), which must not be in use by a
    server; `daybook replay --all` or the next `daybook serve` brings the read models up to date.

    Submitting a file again is safe: what was accepted before is answered from the log. Exit code 1
    when a line was not accepted; the first ten are shown with the reason.
    """
    from api.commands.submit import submit_file

    return submit_file(
        settings,
        file,
        url=url,
        results=results,
        allow_refused=allow_refused,
        wanted_bar=wanted_bar,
        as_json=as_json,
    )


@click.group(short_help="Export the audit trail.")
def audit() -> None:
    """The audit trail: every event, who, when and why."""


@audit.command("export")
@click.option(
    "--format",
    "kind",
    type=click.Choice(("ndjson", "csv")),
    default="ndjson",
    show_default=True,
    help="csv is for spreadsheets, and safe to open in one.",
)
@click.option("--order-id", help="Only this order.")
@click.option("--from", "begin", help="Only from this date or RFC 3339 time on.")
@click.option("--to", "end", help="Only what was before this date or time.")
@click.option(
    "--by",
    type=click.Choice(("occurred", "recorded")),
    default="occurred",
    show_default=True,
    help="The time that --from and --to mean.",
)
@click.option("--tz", default="UTC", show_default=True, help="The zone that dates are of.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write to this file instead of standard output.",
)
@BAR
@JSON
@command()
def audit_export(
    settings: "Settings",
    *,
    kind: "Format",
    order_id: str | None,
    begin: str | None,
    end: str | None,
    by: "By",
    tz: str,
    output: Path | None,
    wanted_bar: bool | None,
    as_json: bool,
) -> Coroutine[Any, Any, None]:
    """Every event up to now, straight from the log, in constant memory.

    The last record is `end` with the number of events: an export without it was cut off. With
    --output the file appears when it is whole, only you can read it, and standard error says what
    was written; with --json standard output does.
    """
    if as_json and output is None and kind != "ndjson":
        raise click.UsageError(f"--json and {kind} are both for standard output: add --output FILE")
    from api.export.export_file import export_file
    from projections.query.periods import BadPeriod, limits

    try:
        asked = limits(begin=begin, end=end, by=by, tz=tz)
    except BadPeriod as error:
        raise click.UsageError(f"--{error.field} {error}") from None
    return export_file(
        settings,
        kind,
        order_id=order_id,
        limits=asked,
        output=output,
        wanted_bar=wanted_bar,
        as_json=as_json,
    )


@click.command(short_help="See it work: a day of a small shop.")
@click.option("--keep", is_flag=True, help="Keep the ledger running afterwards, to explore it.")
@JSON
def demo(*, keep: bool, as_json: bool) -> None:
    """A day of a small shop, played through a ledger in a temporary folder.

    Starts its own server on a free port, sends some 1,300 commands about 200 orders through HTTP,
    and shows the resulting orders, payments and books. It uses none of your settings and files.
    """
    from api.demo.show import run_demo

    run(run_demo(keep=keep, as_json=as_json))  # no `command`: it takes none of your settings
