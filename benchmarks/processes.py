"""Starts and ends the processes that are measured; all on loopback, on free ports."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
DAYBOOK = str(Path(sys.executable).parent / "daybook")
START_S_MAX = 30.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(folder: Path, **settings: str) -> dict[str, str]:
    """The environment of a Daybook that keeps everything in the folder."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("DAYBOOK_")}
    return clean | {"DAYBOOK_DATA_DIR": str(folder)} | settings


@contextmanager
def process(command: list[str], env: dict[str, str], url: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the block ends; the block starts when the URL answers."""
    with tempfile.TemporaryFile() as output:
        child = subprocess.Popen(command, env=env, cwd=ROOT, stdout=output, stderr=output)
        try:
            await_answer(child, url)
            yield child
        except BaseException:
            output.seek(0)
            sys.stderr.write(output.read().decode(errors="replace")[-4000:])
            raise
        finally:
            child.terminate()
            try:
                child.wait(15)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def await_answer(child: subprocess.Popen[bytes], url: str) -> None:
    end = time.monotonic() + START_S_MAX
    while time.monotonic() < end:
        if child.poll() is not None:
            raise RuntimeError(f"{child.args} ended with {child.returncode}")
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except urllib.error.HTTPError as answer:
            if answer.code in {404, 405}:
                return
        except OSError:
            pass
        time.sleep(0.05)
    raise TimeoutError(f"no answer from {url} in {START_S_MAX} s")


@contextmanager
def trivial() -> Iterator[str]:
    """The FastAPI handler that stores nothing; yields its base URL."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "uvicorn", "benchmarks.trivial:app", "--port", str(port)]
    command += ["--no-access-log", "--log-level", "warning"]
    with process(command, dict(os.environ), f"{base}/openapi.json"):
        yield base


@contextmanager
def ledger(
    folder: Path, *, workers: bool = True, **settings: str
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """`daybook serve`, as a user runs it; yields its base URL and the process."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    settings = {"DAYBOOK_PORT": str(port), "DAYBOOK_GRPC_PORT": "off", **settings}
    env = environment(folder, **settings)
    command = [DAYBOOK, "serve", "--workers" if workers else "--no-workers"]
    ready = "/readyz" if workers else "/openapi.json"
    with process(command, env, f"{base}{ready}") as child:
        yield base, child


def get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.loads(answer.read())


def load(base: str, path: str = "/v1/orders", **options: Any) -> dict[str, Any]:
    """Run the load client in a process of its own; its report."""
    return _client("load", f"{base}{path}", **options)


def load_grpc(address: str, method: str, **options: Any) -> dict[str, Any]:
    """The same with calls of gRPC."""
    return _client("load_grpc", address, method, **options)


def _client(module: str, *places: str, **options: Any) -> dict[str, Any]:
    command = [sys.executable, "-m", f"benchmarks.{module}", *places]
    for name, value in options.items():
        command += [f"--{name.replace('_', '-')}", str(value)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=900)
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def await_models(base: str, position: int, timeout_s: float = 300.0) -> float:
    """Wait until every read model has applied the position; the time it was seen."""
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        models = get(f"{base}/v1/projections")["items"]
        if models and all((model["position"] or 0) >= position for model in models):
            return time.time()
        time.sleep(0.02)
    raise TimeoutError(f"the read models did not reach {position} in {timeout_s} s")


def resident_mib(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024
