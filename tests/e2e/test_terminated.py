"""SIGTERM ends every command, also in the background of a script, where SIGINT is ignored."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from runtime.stop import TERMINATED
from tests.e2e.running import PROGRAM, ROOT, daybook, environment
from tests.waiting import HUNG_S, wait_until

PATIENT = (
    sys.executable,
    "-c",
    (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); import runtime.stop;"
        f" runtime.stop.TERMINATED_WITHIN_S = {HUNG_S}; from daybook import main; main()"
    ),
)
"""The program, given all the time it needs to tidy up."""

LINE = (
    '{"command":"place-order","command_id":"k","order_id":"o-1","customer_id":"c",'
    '"currency":"EUR","items":[{"product_id":"tea","quantity":1,"price_cents":1}]}\n'
)

pytestmark = pytest.mark.e2e


@contextlib.contextmanager
def in_background(
    *arguments: str,
    folder: Path,
    program: Sequence[str] = PROGRAM,
    extra: Mapping[str, str] | None = None,
    **settings: str,
) -> Iterator["subprocess.Popen[str]"]:
    """A shell without job control that runs the command with & and ends with its exit code.

    Its first line of output is the command's process id.
    """
    # A background process of such a shell has no standard input, unless it is handed one.
    script = 'exec 3<&0; "$@" <&3 & echo $!; wait $!'
    shell = subprocess.Popen(
        ["sh", "-c", script, "sh", *program, *arguments],
        cwd=folder,
        env=environment(folder, **settings) | dict(extra or {}),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield shell
    finally:
        shell.kill()
        shell.communicate()  # ends its standard input too


def terminated(shell: "subprocess.Popen[str]") -> int:
    """The command's exit code after SIGTERM."""
    assert shell.stdout is not None
    os.kill(int(shell.stdout.readline()), signal.SIGTERM)
    return shell.wait(HUNG_S)


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """A server that is connected to and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(HUNG_S)
        yield server


WAITS = {
    "status": TERMINATED,
    "check": TERMINATED,
    "replay --all": TERMINATED,
    "audit export": TERMINATED,
    "audit export --output audit.ndjson": TERMINATED,
    "migrate --to sqlite:///other.db": TERMINATED,
    "submit orders.ndjson": TERMINATED,
    # These stop in order.
    "migrate --to sqlite:///other.db --follow": 0,
    "serve": 0,
    "worker": 0,
}


@pytest.mark.parametrize("command", WAITS)
def test_sigterm_ends_a_command_that_waits_for_the_log(
    tmp_path: Path, silent: socket.socket, command: str
) -> None:
    (tmp_path / "orders.ndjson").write_text(LINE)
    store = f"esdb://127.0.0.1:{silent.getsockname()[1]}?tls=false"
    with in_background(*command.split(), folder=tmp_path, STORE=store) as shell, silent.accept()[0]:
        assert terminated(shell) == WAITS[command]
    assert {path.name for path in tmp_path.glob("audit.ndjson*")} == set()


@pytest.mark.parametrize(
    "command", ["parked list order", "parked retry order o-1", "replay order", "worker order"]
)
def test_sigterm_ends_a_command_that_waits_for_a_read_database(
    tmp_path: Path, silent: socket.socket, command: str
) -> None:
    (tmp_path / "orders.ndjson").write_text(LINE)
    assert daybook("submit", str(tmp_path / "orders.ndjson"), folder=tmp_path).returncode == 0
    url = f"postgresql+asyncpg://daybook:secret@127.0.0.1:{silent.getsockname()[1]}/order"
    with (
        in_background(*command.split(), folder=tmp_path, ORDER_DB=url, STOP_S="2") as shell,
        silent.accept()[0],
    ):
        assert terminated(shell) == TERMINATED


def test_sigterm_ends_a_relay_that_waits_for_kafka(tmp_path: Path, silent: socket.socket) -> None:
    (tmp_path / "orders.ndjson").write_text(LINE)
    assert daybook("submit", str(tmp_path / "orders.ndjson"), folder=tmp_path).returncode == 0
    bus = f"kafka://127.0.0.1:{silent.getsockname()[1]}"
    with in_background("relay", folder=tmp_path, BUS=bus) as shell, silent.accept()[0]:
        assert terminated(shell) == 0


def test_sigterm_ends_a_submit_that_waits_for_its_input(tmp_path: Path) -> None:
    with in_background("submit", "-", folder=tmp_path) as shell:
        wait_until((tmp_path / "ledger.db.lock").exists)
        assert terminated(shell) == TERMINATED


def test_sigterm_ends_an_export_that_nobody_reads(tmp_path: Path) -> None:
    lines = LINE.replace("o-1", "o-%d")
    stdin = "".join(lines % number for number in range(500)).encode()
    assert daybook("submit", "-", folder=tmp_path, stdin=stdin).returncode == 0
    with in_background("audit", "export", folder=tmp_path) as shell:
        assert shell.stdout is not None
        pid = int(shell.stdout.readline())
        assert shell.stdout.read(1) == "{"  # the rest is more than the pipe holds
        os.kill(pid, signal.SIGTERM)
        assert shell.wait(HUNG_S) == TERMINATED


def test_sigterm_ends_a_demo_with_its_ledger_and_its_folder(tmp_path: Path) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    extra = {"TMPDIR": str(temporary)}
    with in_background("demo", folder=tmp_path, program=PATIENT, extra=extra) as shell:
        wait_until(lambda: bool(list(temporary.glob("daybook-demo-*/ledger.db.lock"))))
        assert terminated(shell) == TERMINATED
    assert list(temporary.iterdir()) == []
