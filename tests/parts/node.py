"""Node with the client libraries of tests/node, installed once for each lock file."""

import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.deployed import ROOT
from tests.waiting import HUNG_S

SOURCES = ROOT / "tests" / "node"
INSTALL_S = 300


def folder() -> Path:
    """Where the libraries are. Without Node: a failure in CI, elsewhere the test is skipped."""
    if not (shutil.which("node") and shutil.which("npm")):
        if os.environ.get("CI"):
            pytest.fail("Node and npm are needed: install Node 20 or newer")
        pytest.skip("Node is not installed: no client in another language is tried")
    lock = (SOURCES / "package-lock.json").read_bytes()
    place = ROOT / ".venv" / "node" / hashlib.sha256(lock).hexdigest()[:16]
    place.mkdir(parents=True, exist_ok=True)
    with (place / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not (place / "installed").exists():
            for name in ("package.json", "package-lock.json"):
                shutil.copy(SOURCES / name, place)
            subprocess.run(
                ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"],
                cwd=place,
                check=True,
                capture_output=True,
                timeout=INSTALL_S,
            )
            (place / "installed").touch()
    return place


def run(script: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """A script of tests/node, to its end."""
    place = folder()
    shutil.copy(SOURCES / script, place)
    return subprocess.run(
        ["node", script, *arguments],
        cwd=place,
        capture_output=True,
        text=True,
        timeout=HUNG_S,
        check=False,
    )
