"""mypy, and so `make lint`, names what a decide or a fold leaves out, and who changes an event."""

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

    found = errors_in(tmp_path)

    for name, case in TAKEN_OUT.items():
        assert re.search(rf'domain/{name}:.* incompatible type "{case}"', found), name
    assert f"Found {len(TAKEN_OUT)} errors" in found


@pytest.mark.slow
def test_a_change_of_a_command_or_an_event_is_an_error_of_mypy(tmp_path: Path) -> None:
    """Their classes do not refuse it themselves (domain.frozen)."""
    shutil.copytree(ROOT / "domain", tmp_path / "domain")
    with (tmp_path / "domain" / "decide_order.py").open("a", encoding="utf-8") as module:
        module.write(CHANGES)

    found = errors_in(tmp_path)

    assert 'Property "reason" defined in "CancelOrder" is read-only' in found
    assert 'Property "reason" defined in "OrderCancelled" is read-only' in found
    assert "Found 2 errors" in found


CHANGES = """
def change(command: c.CancelOrder, event: e.OrderCancelled) -> None:
    command.reason = "another"
    event.reason = "another"
"""


def errors_in(folder: Path) -> str:
    checked = run(
        [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml"), "domain"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return checked.stdout
