"""Commands on logs alone: migrate, relay. What they need they import when run."""

from collections.abc import Awaitable, Callable
from typing import Any

import click

JSON = click.option("--json", "as_json", is_flag=True, help="Machine-readable result.")
BAR = click.option(
    "--progress/--no-progress", default=None, help="Progress bar (default: on a terminal)."
)


@click.command(short_help="Copy the log into another store, or mirror it.")
@click.option("--from", "source", metavar="URL", help="The log to copy (default: DAYBOOK_STORE).")
@click.option("--to", "target", metavar="URL", help="Where to (default: DAYBOOK_STORE).")
@click.option("--follow", is_flag=True, help="Keep the target up to date until stopped: a mirror.")
@BAR
@JSON
def migrate(
    *, source: str | None, target: str | None, follow: bool, progress: bool | None, as_json: bool
) -> int:
    """Copy the log, event for event, and compare both at the end: ids, revisions, order, bytes.

    Cut off at any point, run it again: it goes on where the target ends. A target that holds
    anything but the beginning of this very log is refused. Exit code 1 where the logs differ.

    A URL with a password is better left out: DAYBOOK_STORE is not seen by other users.
    """
    from eventstore.commands import migrate_log
    from runtime.environment import load_settings
    from runtime.logs import configure_logs
    from runtime.loop import run

    if source is None and target is None:
        raise click.UsageError("say --from URL or --to URL; the other one may be DAYBOOK_STORE")
    settings = load_settings()
    configure_logs(settings)
    urls = source or settings.store_url, target or settings.store_url
    return run(migrate_log(settings, *urls, follow=follow, wanted_bar=progress, as_json=as_json))


@click.command(short_help="Publish the log to Kafka.")
@click.option("--json", "as_json", is_flag=True, help="A line of JSON for each change of its role.")
@click.pass_obj
def relay(start_check: Callable[[Any], Callable[[], Awaitable[None]]], *, as_json: bool) -> None:
    """Publish the log to the topic DAYBOOK_TOPIC of DAYBOOK_BUS, until SIGTERM or Ctrl-C.

    It goes on where the topic says that it has come to. Of several, one publishes and the others
    stand by; one of them takes over within ten seconds when the first is gone.
    """
    from eventstore.relay.process import run_relay
    from runtime.environment import load_settings
    from runtime.logs import configure_logs
    from runtime.loop import run

    settings = load_settings()
    configure_logs(settings)
    run(run_relay(settings, as_json=as_json, check_log=start_check(settings)))
