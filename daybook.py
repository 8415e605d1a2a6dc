"""The console script `daybook`, with the commands of all packages."""

import sys
from collections.abc import Callable, Sequence
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any

import click

from api.cli import audit, demo, grpc_server, serve, submit
from eventstore.cli import migrate, relay
from projections.cli import parked, status, worker
from replay.cli import check, replay
from runtime.stop import TERMINATED, Terminated
from runtime.terminal import NOT_OURS, Exit, ExitError, say

if TYPE_CHECKING:
    from projections.evidence import StartCheck

COMMANDS: Sequence[click.Command] = (
    demo,
    serve,
    grpc_server,
    submit,
    relay,
    worker,
    status,
    replay,
    audit,
    parked,
    migrate,
    check,
)
INTERRUPTED = 130


class InOrder(click.Group):
    """Its help lists the commands in the order of COMMANDS, not alphabetically."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(self.commands)


def start_check(settings: Any) -> "StartCheck":
    """For commands in packages that must not import the read models."""
    from projections.evidence import StartCheck

    return StartCheck(settings)


@click.group(
    cls=InOrder,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "max_content_width": 100,
        "obj": start_check,
    },
)
@click.version_option(package_name="daybook", message="daybook %(version)s")
def cli() -> None:
    """Daybook, an order ledger: every event kept, every view rebuilt from them at any time.

    Settings are environment variables, DAYBOOK_...: see docs/settings.md. Results go to standard
    output, everything else to standard error.

    Exit codes: 0 done, 1 a check found something or a line was not accepted, 2 wrong usage, 3 a
    dependency is unavailable, 130 and 143 ended by Ctrl-C and SIGTERM (0 for what runs until then).
    """


for command in COMMANDS:
    cli.add_command(command)


def main() -> None:
    """The console script."""
    if isinstance(sys.stdout, TextIOWrapper):
        # A terminal that is not UTF-8 cannot show every id.
        sys.stdout.reconfigure(errors="backslashreplace")
    sys.exit(exit_code(lambda: cli.main(standalone_mode=False)))


def exit_code(run: Callable[[], object]) -> int:
    """Run a command and return its exit code. An error with a message for the user is reported."""
    try:
        code = run()
    except click.ClickException as error:
        error.show()
        return Exit.USAGE
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except Terminated:
        return TERMINATED
    except ExitError as error:
        say(f"daybook: {error}")
        return error.code
    except BrokenPipeError:  # `daybook ... | head` reads no further
        sys.stdout = None
        return Exit.DONE
    except Exception as error:
        if isinstance(error, OSError) and error.errno in NOT_OURS:
            say(f"daybook: {error.filename or 'the output cannot be written'}: {error.strerror}")
            return Exit.UNAVAILABLE
        known = next((code for kind, code in _known() if isinstance(error, kind)), None)
        if known is None:
            raise
        say(f"daybook: {error}")
        return known
    return code if isinstance(code, int) else Exit.DONE


def _known() -> Sequence[tuple[type[Exception], Exit]]:
    """Errors with a message for the user. Imported late, so that --help is fast."""
    from daybook_client import DaybookError
    from eventstore.port import StoreError, StoreMisconfigured
    from eventstore.record.chain import ChainBroken
    from eventstore.record.codec import Undecodable, UpgradeNeeded
    from eventstore.relay.bus import BusError
    from projections.storage.errors import ReadModelError
    from runtime.environment import SettingsError

    return (
        (SettingsError, Exit.USAGE),
        (DaybookError, Exit.UNAVAILABLE),
        (BusError, Exit.UNAVAILABLE),
        (StoreMisconfigured, Exit.USAGE),
        (StoreError, Exit.UNAVAILABLE),
        (ChainBroken, Exit.UNAVAILABLE),
        (Undecodable, Exit.UNAVAILABLE),
        (UpgradeNeeded, Exit.UNAVAILABLE),
        (ReadModelError, Exit.UNAVAILABLE),
    )


if __name__ == "__main__":
    main()
