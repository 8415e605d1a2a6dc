"""Commands that read the whole log: replay, check."""

from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from runtime.cli import BAR, JSON, MODELS, WHO, command, utf_8
from runtime.model_names import MODEL_NAMES

if TYPE_CHECKING:
    from runtime.settings import Settings
    from runtime.terminal import Exit


@click.command(short_help="Rebuild read models from the log.")
@MODELS
@click.option("--all", "everything", is_flag=True, help="Every read model.")
@click.option(
    "--verify/--no-verify",
    default=True,
    help="Check every event against its hash chain (default), and park altered orders.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 8),
    show_default="one for each core",
    help="Processes that fold the log, where it has 100,000 events or more.",
)
@click.option(
    "--moved",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write every order that the read models showed in another way before to this file, as"
    " NDJSON.",
)
@click.option("--as-part", is_flag=True, hidden=True, help="Be one of those processes.")
@BAR
@JSON
@command()
def replay(
    settings: "Settings",
    *,
    names: tuple[str, ...],
    everything: bool,
    verify: bool,
    jobs: int | None,
    moved: Path | None,
    as_part: bool,
    wanted_bar: bool | None,
    as_json: bool,
) -> "Coroutine[Any, Any, Exit | None]":
    """Rebuild the read models NAME... from the log, while the live ones serve, then switch over.

    If the rebuild fails, the live ones stay as they are. It works with and without a running
    server. An order whose events cannot be applied, or are not as they were written, is parked and
    named; all others are built, and the exit code is 1. Where the events of more than 100 orders
    are altered or missing nothing is built: use --no-verify to build without this check.

    Afterwards each read model is compared with its earlier generation, where both have applied the
    same events: orders with other figures or words are counted (moved), the first 20 are named with
    the columns, and --moved FILE has them all. They are there after an upgrade that changes what
    events mean, or where rows were damaged.

    A log in EventStoreDB is folded in one process: there reading takes most of the time.
    """
    if as_part:
        from replay.parallel.part import answer_lines

        return answer_lines()
    if everything == bool(names):
        raise click.UsageError("name the read models to rebuild, or --all")
    from replay.commands import replay_models

    return replay_models(
        settings,
        tuple(dict.fromkeys(names)) or MODEL_NAMES,
        jobs=jobs,
        verify=verify,
        moved=moved,
        wanted_bar=wanted_bar,
        as_json=as_json,
    )


@click.command(short_help="Check the settings and every event in the log.")
@click.option(
    "--copy",
    is_flag=True,
    help="The log is a backup: do not compare it with the read models and the topic, which may"
    " contain later events.",
)
@click.option(
    "--totals",
    is_flag=True,
    help="Compare the totals of the read models with their rows too, which reads all of them.",
)
@click.option(
    "--accept-loss",
    is_flag=True,
    help="Record that the events that the log lost are lost for good; needs --reason.",
)
@click.option(
    "--reason",
    type=utf_8,
    metavar="TEXT",
    help="For --accept-loss: what happened. Kept for ever, with who did it.",
)
@WHO
@BAR
@JSON
@command()
def check(
    settings: "Settings",
    *,
    copy: bool,
    totals: bool,
    accept_loss: bool,
    reason: str | None,
    who: str,
    wanted_bar: bool | None,
    as_json: bool,
) -> "Coroutine[Any, Any, Exit]":
    """Check the settings, the log and every event in it; for what is wrong, say what to do.

    Every event is decoded, folded, and compared with the hash chain of its order. The log is
    compared with the events that its head file, the read models and the topic know; with
    DAYBOOK_BUS, Kafka is asked for its topic. Exit code 1 when something was found. Works beside a
    running server.

    A log that has lost events is not written to. Restore it whole; where that is not possible,
    --accept-loss takes it as it is.
    """
    from replay.commands import check_everything
    from replay.losses import accept

    reason = reason.strip() if reason else None
    if accept_loss != bool(reason):
        raise click.UsageError("--accept-loss and --reason go together")
    if accept_loss and copy:
        raise click.UsageError("--copy compares with nothing: leave out --accept-loss")
    if reason:
        return accept(settings, who=who, why=reason, as_json=as_json)
    return check_everything(
        settings, alone=copy, totals=totals, wanted_bar=wanted_bar, as_json=as_json
    )
