"""What the commands of all packages share: how a command is run, and its options.

`daybook --help` waits for no library: a command imports what it needs in its own function.
"""

import getpass
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import click

from runtime.loop import FOLD_SWITCH_S, run
from runtime.model_names import MODEL_NAMES

if TYPE_CHECKING:
    from runtime.settings import Settings

P = ParamSpec("P")
R = TypeVar("R")
Work = Callable[Concatenate["Settings", P], Coroutine[Any, Any, R]]


def utf_8(value: str) -> str:
    """An argument that can be looked up and stored: bytes that are no UTF-8 are lone surrogates."""
    try:
        value.encode()
    except UnicodeEncodeError:
        raise click.BadParameter("is not UTF-8") from None
    return value


ORDER_ID = click.argument("order_id", type=utf_8)
JSON = click.option("--json", "as_json", is_flag=True, help="Machine-readable result.")
BAR = click.option(
    "--progress/--no-progress",
    "wanted_bar",
    default=None,
    help="Progress bar (default: on a terminal).",
)
WHO = click.option(
    "--who",
    default=getpass.getuser,
    type=utf_8,
    metavar="TEXT",
    show_default="your login name",
    help="Who takes this decision.",
)
_MODEL = click.Choice(MODEL_NAMES)
MODEL = click.argument("name", type=_MODEL)
MODEL_OR_ALL = click.argument("name", required=False, type=_MODEL)
MODELS = click.argument("names", metavar="[NAME]...", nargs=-1, type=_MODEL)


def command(*, switch_s: float = FOLD_SWITCH_S) -> Callable[[Work[P, R]], Callable[P, R]]:
    """Make a click command of a function that gets the settings and returns a coroutine.

    The settings are loaded and the logs configured before the function is called, so that a wrong
    setting is reported before anything is imported for it. The coroutine's result is the exit code;
    None is 0. switch_s: as of runtime.loop.run. Raises SettingsError, and what the work raises:
    daybook.exit_code turns these into a message and an exit code.
    """

    def decorate(work: Work[P, R]) -> Callable[P, R]:
        @wraps(work)
        def start(*arguments: P.args, **options: P.kwargs) -> R:
            from runtime.environment import load_settings
            from runtime.logs import configure_logs

            settings = load_settings()
            configure_logs(settings)
            return run(work(settings, *arguments, **options), switch_s=switch_s)

        return start

    return decorate
