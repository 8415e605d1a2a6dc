"""The README's commands, run as they stand against a server of this test's own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.processes import ledger

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parent.parent.parent
BLOCKS = re.findall(
    r"^```sh\n(.*?)^```", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
)
# These start what stays up, or take minutes; tests of their own run them.
ELSEWHERE = re.compile(r"^make (demo|serve|test|bench|help)\b", re.MULTILINE)


def test_every_command_of_the_readme_works_as_it_stands(tmp_path: Path) -> None:
    blocks = [block for block in BLOCKS if not ELSEWHERE.search(block)]
    assert len(blocks) >= 4
    with ledger(tmp_path / "data") as (base, _):
        for block in blocks:
            script = block.replace("http://127.0.0.1:8000", base)
            path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
            done = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", script],
                cwd=tmp_path,
                env={**os.environ, "PATH": path, "DAYBOOK_DATA_DIR": str(tmp_path / "data")},
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
            assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"
            assert '"status":5' not in done.stdout, done.stdout
            assert '"malformed"' not in done.stdout, done.stdout
