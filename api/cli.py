"""Commands of the edge: serve, submit, audit export, demo. What they need they import when run."""

from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

if TYPE_CHECKING:
    from api.export.export import Format

JSON = click.option("--json", "as_json", is_flag=True, help="Machine-readable result.")
BAR = click.option(
    "--progress/--no-progress", default=None, help="Progress bar (default: on a terminal)."
)


@click.command(short_help="Run the ledger: HTTP API and read models.")
@click.option("--workers/--no-workers", default=True, help="Keep the read models up to date too.")
@JSON
def serve(*, workers: bool, as_json: bool) -> None:
    """Run the ledger: the HTTP API, and beside it a process that keeps the read models.

    SIGTERM or Ctrl-C stops it in order: requests under way are answered, nothing acknowledged is
    lost. With --json the address is one line on standard output once it accepts requests.

    With DAYBOOK_BUS set it is the API alone: relay and workers are processes of their own.
    """
    from runtime.environment import load_settings
    from runtime.logs import configure_logs
    from runtime.loop import run

    settings = load_settings()
    configure_logs(settings)
    # Behind the settings: a mistake in those should not wait for it.
    from api.serve import serve as run_server

    run(run_server(settings, workers=workers and not settings.bus, as_json=as_json))


@click.command(short_help="Submit a file of commands.")
@click.argument("file", type=click.File("rb"))
@click.option("--url", help="Send to this running server instead of the store in the settings.")
@click.option(
    "--results",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    help="Write the answer to every line here, as NDJSON.",
)
@click.option(
    "--allow-refused", is_flag=True, help="A line that a named rule refuses does not count."
)
@BAR
@JSON
def submit(
    *,
    file: IO[bytes],
    url: str | None,
    results: Path | None,
    allow_refused: bool,
    progress: bool | None,
    as_json: bool,
) -> int:
    """Submit the commands in FILE, one JSON object a line; - is standard input.

    Without --url they go straight into the log (DAYBOOK_STORE), which must not be in use by a
    server; the read models come up with `daybook replay --all` or the next `daybook serve`.

    Submitting a file again is safe: what was accepted before is answered from the log. Exit code 1
    when a line was not accepted; the first ten are shown with the reason.
    """
    from api.commands.submit import submit_file
    from runtime.environment import load_settings
    from runtime.loop import COMMIT_SWITCH_S, run

    work = submit_file(
        load_settings(),
        file,
        url=url,
        results=results,
        allow_refused=allow_refused,
        wanted_bar=progress,
    )
    summary = run(work, switch_s=COMMIT_SWITCH_S)
    summary.show(as_json=as_json)
    return summary.exit_code


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
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write here instead of standard output.",
)
@BAR
@JSON
def audit_export(
    *,
    kind: "Format",
    order_id: str | None,
    output: Path | None,
    progress: bool | None,
    as_json: bool,
) -> None:
    """Every event up to now, straight from the log, in constant memory.

    The last record is `end` with the number of events: an export without it was cut off. With
    --output the file appears when it is whole, only you can read it, and standard error says what
    was written; with --json standard output does.
    """
    if as_json and output is None and kind != "ndjson":
        raise click.UsageError(f"--json and {kind} are both for standard output: add --output FILE")
    from api.export.export_file import export_file
    from runtime.environment import load_settings
    from runtime.loop import run

    work = export_file(
        load_settings(),
        kind,
        order_id=order_id,
        output=output,
        wanted_bar=progress,
        as_json=as_json,
    )
    run(work)


@click.command(short_help="See it work: a day of a small shop.")
@click.option("--keep", is_flag=True, help="Stay up afterwards, to look around.")
@JSON
def demo(*, keep: bool, as_json: bool) -> None:
    """A day of a small shop, played through a ledger in a temporary folder.

    Starts its own server on a free port, sends some 1,300 commands about 200 orders through HTTP,
    and shows what the ledger knows afterwards. Touches nothing of yours.
    """
    from api.demo.show import run_demo
    from runtime.loop import run

    run(run_demo(keep=keep, as_json=as_json))
