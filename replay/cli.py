"""Commands that read the whole log: replay, check. What they need they import when run."""

import getpass

import click

NAMES = ("order", "shipment", "payment", "audit")
JSON = click.option("--json", "as_json", is_flag=True, help="Machine-readable result.")
BAR = click.option(
    "--progress/--no-progress", default=None, help="Progress bar (default: on a terminal)."
)


@click.command(short_help="Rebuild read models from the log.")
@click.argument("names", metavar="[NAME]...", nargs=-1, type=click.Choice(NAMES))
@click.option("--all", "everything", is_flag=True, help="Every read model.")
@click.option(
    "--verify/--no-verify",
    default=True,
    help="Hold the log against its hash chains on the way (default), and park altered orders.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 8),
    show_default="one for each core",
    help="Processes that fold a log in a SQLite file, where it has 100,000 events or more.",
)
@click.option("--as-part", is_flag=True, hidden=True, help="Be one of those processes.")
@BAR
@JSON
def replay(
    *,
    names: tuple[str, ...],
    everything: bool,
    verify: bool,
    jobs: int | None,
    as_part: bool,
    progress: bool | None,
    as_json: bool,
) -> int:
    """Rebuild the read models NAME... from the log, beside the live ones, then switch over.

    The live ones serve on meanwhile, and stay as they are if this fails. Works with and without a
    running server. An order whose events cannot be applied, or are not as they were written, is
    parked and named, all others are built; the exit code is then 1. Where the events of more than
    100 orders are altered or missing nothing is built: use --no-verify to build without looking.

    From EventStoreDB it is one process: there reading takes most of the time.
    """
    if as_part:
        from replay.part import answer_lines
        from runtime.loop import run

        run(answer_lines())
    if everything == bool(names):
        raise click.UsageError("name the read models to rebuild, or --all")
    from replay.commands import replay_models
    from runtime.environment import load_settings
    from runtime.loop import run

    chosen = tuple(dict.fromkeys(names)) or NAMES
    work = replay_models(
        load_settings(), chosen, jobs=jobs, verify=verify, wanted_bar=progress, as_json=as_json
    )
    return run(work)


@click.command(short_help="Check the settings and every event in the log.")
@click.option(
    "--copy",
    is_flag=True,
    help="The log is a backup: leave out the read models and the topic, which know more.",
)
@click.option(
    "--accept-loss",
    is_flag=True,
    help="Record that the events that the log lost are lost for good; needs --reason.",
)
@click.option("--reason", help="Of --accept-loss: what happened. Kept for ever, with who did it.")
@click.option(
    "--who", default=getpass.getuser, show_default="your login name", help="Who answers for it."
)
@BAR
@JSON
def check(
    *,
    copy: bool,
    accept_loss: bool,
    reason: str | None,
    who: str,
    progress: bool | None,
    as_json: bool,
) -> int:
    """Check the settings, the log and every event in it; say what to do about what is wrong.

    Every event is decoded, folded, and held against the hash chain of its order. The log is held
    against the events that its head file, the read models and the topic know; with DAYBOOK_BUS,
    Kafka is asked for its topic. Exit code 1 when something was found. Works beside a running
    server.

    A log that has lost events is not written to. Restore it whole; where that cannot be,
    --accept-loss takes it as it is.
    """
    from replay.commands import check_everything
    from replay.losses import accept
    from runtime.environment import load_settings
    from runtime.loop import run

    if accept_loss != bool(reason and reason.strip()):
        raise click.UsageError("--accept-loss and --reason go together")
    if accept_loss and copy:
        raise click.UsageError("--copy loses nothing: leave out --accept-loss")
    if accept_loss and reason:
        return run(accept(load_settings(), who=who, why=reason.strip(), as_json=as_json))
    settings = load_settings()
    return run(check_everything(settings, alone=copy, wanted_bar=progress, as_json=as_json))
