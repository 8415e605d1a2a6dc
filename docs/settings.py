"""The page docs/settings.md, printed from the program: `python -m docs.settings`."""

import sys

from runtime.settings import PREFIX, Settings, variable
from runtime.urls import POSTGRES_FORM


def reference() -> str:
    """The page docs/settings.md."""
    head = (
        "# Settings\n\n"
        "Daybook is set up by environment variables and by nothing else. A variable that starts\n"
        f"with `{PREFIX}` and is not in this table is an error at start, as is a value out of\n"
        "range; the message names the variable and what would be right, and the exit code is 2.\n"
        "Passwords in URLs never reach a log.\n\n"
        "| variable | default | meaning |\n|---|---|---|\n"
    )
    rows = "".join(
        f"| `{variable(name)}` | {_default(field.default)} | {field.description} |\n"
        for name, field in Settings.model_fields.items()
    )
    tail = (
        "\nAn empty variable counts as unset. Each read model has a database of its own: unless\n"
        "set, `<NAME>_DB` is `sqlite+aiosqlite:///<DATA_DIR>/<name>.db`. With\n"
        f"`{POSTGRES_FORM}`\n"
        "it is in PostgreSQL; see docs/operations/postgresql.md. `<DATA_DIR>` is relative to the\n"
        "folder the command is started in; set it to an absolute path for a service.\n\n"
        "This page is printed from `runtime/settings.py`, and a test compares the two.\n"
    )
    return head + rows + tail


def _default(value: object) -> str:
    shown = ",".join(value) if isinstance(value, tuple) else str("" if value is None else value)
    return f"`{shown}`" if shown else "empty"


if __name__ == "__main__":
    sys.stdout.write(reference())
