"""Commands on logs alone: migrate, relay."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any

import click

from runtime.cli import BAR, JSON, command

if TYPE_CHECKING:
    from runtime.settings import Settings
    from runtime.terminal import Exit


@click.command(short_help="Copy the log into another store, or mirror it.")
@click.option("--from", "source", metavar="URL", help="The log to copy (default: DAYBOOK_STORE).")
@click.option("--to", "target", metavar="URL", help="Where to (default: DAYBOOK_STORE).")
@click.option("--follow", is_flag=True, help="Keep the target up to date until stopped: a mirror.")
@BAR
@JSON
@command()
def migrate(
    settings: "Settings",
    *,
    source: str | None,
    target: str | None,
    follow: bool,
    wanted_bar: bool | None,
    as_json: bool,
) -> "Coroutine[Any, Any, Exit]":
    """Copy the log, event for event, and compare both at the end: ids, revisions, order, bytes.

    Interrupted at any point, run it again: it continues where the target ends. A target that
    contains anything but the beginning of this log is refused. Exit code 1 if the logs
    differ.

    A URL with a password is better left out: other users can see the arguments of a process, but
    not DAYBOOK_STORE.
    """
    from eventstore.commands import migrate_log

    if source is None and target is None:
        raise click.UsageError("give --from URL or --to URL; the other one may be DAYBOOK_STORE")
    return migrate_log(
        settings,
        source or settings.store_url,
        target or settings.store_url,
        follow=follow,
        wanted_bar=wanted_bar,
        as_json=as_json,
    )


@click.command(short_help="Publish the log to Kafka.")
@click.option("--json", "as_json", is_flag=True, help="A line of JSON for each change of its role.")
@click.pass_obj
@command()
def relay(
    settings: "Settings",
    start_check: Callable[[Any], Callable[[], Awaitable[None]]],
    *,
    as_json: bool,
) -> Coroutine[Any, Any, None]:
    """Publish the log to the topic DAYBOOK_TOPIC of DAYBOOK_BUS, until SIGTERM or Ctrl-C.

    It continues after the last event that the topic contains. Of several relays one publishes and
    the others stand by; one of them takes over within ten seconds when the first is gone.
    """
    from eventstore.relay.process import run_relay

    return run_relay(settings, as_json=as_json, check_log=start_check(settings))
