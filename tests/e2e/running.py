"""Real processes for the tests: the program as a user runs it, each in a folder of its own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.waiting import HUNG_S, wait_until

ROOT = Path(__file__).parents[2]
PROGRAM = (sys.executable, str(ROOT / "daybook.py"))


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers. err: what it wrote on standard error."""

    url: str
    child: subprocess.Popen[str]
    folder: Path
    err: Path

    def get(self, path: str, **query: str | int) -> Any:
        answer = httpx.get(self.url + path, params=query, timeout=HUNG_S)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        return httpx.post(self.url + path, json=body, headers=headers, timeout=HUNG_S)

    def health(self) -> httpx.Response:
        return httpx.get(self.url + "/healthz", timeout=HUNG_S)

    def ready(self) -> httpx.Response:
        return httpx.get(self.url + "/readyz", timeout=HUNG_S)

    def caught_up(self, *, within_s: float = HUNG_S) -> None:
        """Returns when every read model has applied the whole log."""
        wait_until(
            lambda: all(model["lag"] == 0 for model in self.get("/v1/projections")["items"]),
            within_s=within_s,
        )


def environment(folder: Path, **settings: str) -> dict[str, str]:
    """Nothing of what the developer has set.

    STOP_S, WAIT_S: that a busy machine takes long is no fault of a test's.
    """
    clean = {name: value for name, value in os.environ.items() if not name.startswith("DAYBOOK_")}
    mine = {
        "DATA_DIR": str(folder),
        "PORT": "0",
        "GRPC_PORT": "off",
        "LOG_LEVEL": "WARNING",
        "STOP_S": "60",
        "WAIT_S": "60",
    } | settings
    return clean | {f"DAYBOOK_{name}": value for name, value in mine.items()}


def daybook(
    *arguments: str, folder: Path, stdin: bytes | None = None, **settings: str
) -> subprocess.CompletedProcess[bytes]:
    """Run a command to its end."""
    return subprocess.run(
        [*PROGRAM, *arguments],
        env=environment(folder, **settings),
        input=stdin,
        capture_output=True,
        timeout=2 * HUNG_S,
        check=False,
    )


@contextmanager
def serving(folder: Path, *arguments: str, **settings: str) -> Iterator[Running]:
    """`daybook serve`, ended in order at the end of the block unless the test has done so."""
    folder.mkdir(exist_ok=True, parents=True)
    err = folder / "serve.err"
    with err.open("w") as errors:
        child = subprocess.Popen(
            [*PROGRAM, "serve", "--json", *arguments],
            env=environment(folder, **settings),
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    assert child.stdout is not None
    try:
        line = child.stdout.readline()
        assert line, f"serve did not start: {err.read_text()}"
        yield Running(json.loads(line)["url"], child, folder, err)
    finally:
        child.stdout.close()
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
        try:
            child.wait(timeout=HUNG_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            raise
