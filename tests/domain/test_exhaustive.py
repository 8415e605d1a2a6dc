"""mypy, and so `make lint`, names what a decide or a fold leaves out."""

import re
import shutil
import sys
from pathlib import Path
from subprocess import run

import pytest

ROOT = Path(__file__).parents[2]
TAKEN_OUT = {
    "decide_billing.py": "WriteOff",
    "decide_order.py": "AddNote",
    "decide_refunds.py": "AcceptRefund",
    "decide_returns.py": "CloseReturn",
    "decide_shipments.py": "CorrectTracking",
    "fold_money.py": "FeeRecorded",
    "goods.py": "ShipmentLost",
    "status.py": "HoldReleased",
}


@pytest.mark.slow
def test_a_case_that_is_taken_out_is_an_error_of_mypy(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "domain", tmp_path / "domain")
    for name, case in TAKEN_OUT.items():
        path = tmp_path / "domain" / name
        source = path.read_text(encoding="utf-8")
        less = re.sub(rf" +case [ce]\.{case}\(\):\n +return .+\n", "", source)
        assert less != source, f"{name} has no case {case}"
        path.write_text(less, encoding="utf-8")

    checked = run(
        [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml"), "domain"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    for name, case in TAKEN_OUT.items():
        assert re.search(rf'domain/{name}:.* incompatible type "{case}"', checked.stdout), name
    assert f"Found {len(TAKEN_OUT)} errors" in checked.stdout
