"""What is given to the tests reaches them, and nothing that they start."""

import os
import subprocess
import sys
from pathlib import Path

from runtime.environment import load_settings
from tests.given import given

ROOT = Path(__file__).parent.parent
INSIDE = "test_inside"


def test_inside() -> None:
    assert load_settings()
    if os.environ.get("GIVEN_FROM_OUTSIDE"):
        assert given("CHURN_S") == "7"


def test_a_callers_variables_are_no_settings_of_a_test() -> None:
    variables = {"DAYBOOK_TEST_CHURN_S": "7", "DAYBOOK_PORT": "no port", "GIVEN_FROM_OUTSIDE": "1"}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        f"{__file__}::{INSIDE}",
    ]
    ended = subprocess.run(
        command, cwd=ROOT, env=os.environ | variables, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout
