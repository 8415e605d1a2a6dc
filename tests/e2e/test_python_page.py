"""The page about the Python client: its code, run as it stands."""

import re
import sys
from pathlib import Path

import pytest

from tests.deployed import ROOT
from tests.e2e.running import serving
from tests.e2e.scripts import run_script

pytestmark = pytest.mark.e2e

PAGE = ROOT / "docs/doors/python.md"
URL = "http://127.0.0.1:8000"


def test_the_code_of_the_page_works_as_it_stands(tmp_path: Path) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    script = tmp_path / "page.py"
    assert len(blocks) >= 6
    with serving(tmp_path / "data") as server:
        script.write_text("\n".join(blocks).replace(URL, server.url), encoding="utf-8")
        done = run_script(f"{sys.executable} -W error page.py", tmp_path, PYTHONPATH=str(ROOT))

    assert done.returncode == 0, done.stderr
    for shown in (
        "because of ['OrderConfirmed']",
        "cancelled\n",
        "unknown-hold - ",
        "confirmed paid 0",
        "py-1001 2450",
        "3 201 py-3",
        "3 201 py-3",
        "OrderConfirmed py-1001",
        "py-3 placed",
        "4 NoteAdded",
    ):
        assert shown in done.stdout, done.stdout
