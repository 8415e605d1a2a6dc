"""The README's commands, run as they are against a server of this test's own."""

import re
from pathlib import Path

import pytest

from benchmarks.processes import free_port, ledger
from tests.deployed import ROOT
from tests.e2e.scripts import blocks, run_script

pytestmark = pytest.mark.e2e

# These start what stays up, or take minutes; tests of their own run them.
ELSEWHERE = re.compile(r"^make (demo|serve|stack|test|bench|help)\b|^docker ", re.MULTILINE)


def test_every_command_of_the_readme_works_as_it_stands(tmp_path: Path) -> None:
    mine = [block for block in blocks(ROOT / "README.md") if not ELSEWHERE.search(block)]
    assert len(mine) >= 4
    port = str(free_port())
    with ledger(tmp_path / "data", DAYBOOK_GRPC_PORT=port) as (base, _):
        for block in mine:
            script = block.replace("http://127.0.0.1:8000", base).replace(":50051", f":{port}")
            done = run_script(script, tmp_path, DAYBOOK_DATA_DIR=str(tmp_path / "data"))
            assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"
            assert '"status":5' not in done.stdout, done.stdout
            assert '"malformed"' not in done.stdout, done.stdout
