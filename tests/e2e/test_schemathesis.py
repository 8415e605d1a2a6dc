"""The server is held against its own OpenAPI document: what that allows is taken, what it does not
is refused, and every answer is one that it describes.

Schemathesis makes the requests (tests/e2e/fuzzing has its settings): valid and invalid values for
every parameter and body, parameters that nobody knows or that are named twice, and other methods.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.running import ROOT, Running, serving
from tests.waiting import wait_until

FUZZING = Path(__file__).parent / "fuzzing"
SCHEMATHESIS = (sys.executable, "-m", "schemathesis.cli")
RUN = ("run", "--no-color", "--continue-on-failure", "--exclude-path-regex", "/stream$")
"""Without the live streams, whose answers have no end: tests/api/stream has those."""
PARTS = 5
PART_CASES = 10_000


def _fuzzed(folder: Path, *arguments: str, timeout_s: int) -> int:
    """How many requests were made; fails with Schemathesis' own report of what differs."""
    with _ready(folder) as server:
        found = _run(f"{server.url}/openapi.json", *arguments, timeout_s=timeout_s)
    assert found.returncode == 0, found.stdout[-20_000:] + found.stderr[-2_000:]
    [count] = re.findall(r"^ *([0-9]+) generated", found.stdout, re.MULTILINE)
    return int(count)


@contextmanager
def _ready(folder: Path) -> Iterator[Running]:
    with serving(folder, STORE="memory://", WAIT_S="0") as server:
        wait_until(lambda: server.ready().status_code == 200)
        yield server


def _run(*arguments: str, timeout_s: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*SCHEMATHESIS, *RUN, *arguments],
        cwd=FUZZING,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )


@pytest.mark.e2e
def test_some_hundred_requests_find_no_difference(tmp_path: Path) -> None:
    cases = _fuzzed(
        tmp_path, "--phases", "fuzzing", "--max-examples", "5", "--seed", "1", timeout_s=900
    )

    assert cases >= 150


@pytest.mark.e2e
def test_a_document_that_promises_too_much_is_found(tmp_path: Path) -> None:
    """The control of the others: pages of a thousand, which the server refuses."""
    with _ready(tmp_path) as server:
        document = server.get("/openapi.json")
        [limit] = [
            parameter
            for parameter in document["paths"]["/v1/orders"]["get"]["parameters"]
            if parameter["name"] == "limit"
        ]
        limit["required"] = True  # else a run may leave it out of every request
        limit["schema"]["minimum"], limit["schema"]["maximum"] = 501, 1000
        wrong = tmp_path / "openapi.json"
        wrong.write_text(json.dumps(document))
        found = _run(
            str(wrong),
            *("--url", server.url, "--include-path", "/v1/orders", "--include-method", "GET"),
            *("--phases", "fuzzing", "--max-examples", "10", "--seed", "1"),
            timeout_s=900,
        )

    assert found.returncode == 1, found.stdout
    assert "valid_input_is_taken" in found.stdout


@pytest.mark.e2e
@pytest.mark.deep
@pytest.mark.parametrize("part", range(PARTS))
def test_fifty_thousand_requests_find_no_difference(
    tmp_path: Path, request: pytest.FixtureRequest, part: int
) -> None:
    """In parts, each with a seed of its own, so that what one has found is not lost with the rest.
    The first also tries what the document's limits suggest (phase coverage).
    """
    seed = int(request.config.getoption("--hypothesis-seed") or 1) + part
    cases = _fuzzed(
        tmp_path,
        *("--phases", "fuzzing" if part else "coverage,fuzzing"),
        *("--max-examples", "300", "--seed", str(seed)),
        timeout_s=7200,
    )

    assert cases >= PART_CASES
