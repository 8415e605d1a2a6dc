"""A ledger that is disturbed loses nothing, and its read models are those of a fresh replay."""

import subprocess
import sys

import pytest

from tests.deployed import ROOT
from tests.given import amount

MINUTES = amount("DISTURBED_MIN", quick=5, deep=30)

pytestmark = [pytest.mark.deep, pytest.mark.e2e]


@pytest.mark.parametrize("what", ["embedded", "stack"])
def test_a_disturbed_ledger_loses_nothing_and_its_models_are_those_of_a_fresh_replay(
    what: str,
) -> None:
    program = [sys.executable, "-m", "tests.disturbances", what]
    done = subprocess.run(
        [*program, "--minutes", str(MINUTES)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60 * (MINUTES + 15),
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout
