"""The shell commands of the documents: found, taken apart, run as they are."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.deployed import ROOT

GUIDES = sorted((ROOT / "docs/operations").glob("*.md"))

_BLOCK = re.compile(r"^ *```sh\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
_IN_TEXT = re.compile(r"`((?:daybook|docker compose|deploy/make-env|make) [^`\n]+)`")
_ASSIGNMENT = re.compile(r"[A-Z_]+=\S*\Z")


def blocks(document: Path) -> list[str]:
    """Its blocks of shell, in order."""
    return _BLOCK.findall(document.read_text(encoding="utf-8"))


def in_text(document: Path) -> list[str]:
    """Commands that are named within a sentence."""
    return _IN_TEXT.findall(document.read_text(encoding="utf-8"))


def commands(script: str) -> Iterator[list[str]]:
    """Each command of a script as its words, without what is assigned before it."""
    for line in script.replace("\\\n", " ").splitlines():
        for part in re.split(r"&&|\|\||[|;]", line):
            words = shlex.split(part, comments=True)
            while words and _ASSIGNMENT.match(words[0]):
                words.pop(0)
            if words:
                yield words


def run_script(script: str, folder: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    """In the folder, with the environment's programs on the path and nothing of the developer's."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("DAYBOOK_")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=clean | {"PATH": path} | variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
