"""The protocol stub is compared with the answers of a real EventStoreDB 23.10.7, probe by probe.

The probes and the recorded answers are in a folder beside the repository. For every change
test_truth*.py compares the stub with those answers that matter to this project.
"""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.parts.ports import free_port

ROOT = Path(__file__).parents[3]
TRUTH = ROOT.parent / "shared" / "eventstoredb"
SECONDS_MAX = 1_200

QUICK = (
    *("append", "idem", "read", "delete", "all.read", "all.filters", "all.subscribe"),
    *("all.checkpoints", "stream.", "stream_metadata", "links", "positions", "content"),
)
LONG = ("size", "checkpoint", "client", "connection", "consistency", "fault", "live")
LEFT_TO_LONG = ("idem.any_horizon", "idem.any_alternating")

BROKEN_OFF = "PROBE FAILED CancelledError: "
RACE = "a race that the clock decides; a real server too answers now so, now so"
DIFFERS: Mapping[str, Mapping[str, str]] = {
    "client.timeouts": {
        "append timeout=1e-5": RACE,
        "append timeout=0": RACE,
        "get_stream timeout=0": RACE,
        "subscribe_to_all timeout=1e-5": RACE,
        "... was any of those appends stored": RACE,
    },
    "fault.subscription": {
        "SIGTERM: subscribe_to_all loop": "the stub ends at once, a server takes its leave for 5 s",
        "SIGTERM: subscribe_to_stream loop": "as above",
    },
    "live.burst": {
        "a fast live consumer survives one append of": (
            "a server drops some bursts of 2,000; the stub one that is 4,000 behind, or when told"
        ),
        "other endings": "as above",
    },
}
"""Where the stub's answer differs, and why. All other answers are equal, word for word."""
ONE_OF = {"live.catch_up_under_load": "endings"}
"""Lists of observations, which depend on the speed of the machine."""


@pytest.fixture(scope="module")
def truth() -> dict[str, Any]:
    """The real server's answers, by probe."""
    if not TRUTH.exists():
        reason = "the recorded answers of a real server are not here"
        if os.environ.get("CI") == "true":
            pytest.fail(f"{reason}, and in CI they have to be")
        pytest.skip(reason)
    lines = map(json.loads, (TRUTH / "truth.jsonl").read_text().splitlines())
    return {line["probe"]: line["out"] for line in lines if line["out"] is not None}


@pytest.mark.deep
@pytest.mark.parametrize("group", QUICK)
def test_the_stub_answers_as_the_server_did(
    group: str, truth: dict[str, Any], tmp_path: Path
) -> None:
    held(truth, probed(group, tmp_path, skip=LEFT_TO_LONG))


@pytest.mark.deep
@pytest.mark.parametrize("group", [*LEFT_TO_LONG, *LONG])
def test_the_stub_answers_as_the_server_did_to_what_takes_long(
    group: str, truth: dict[str, Any], tmp_path: Path
) -> None:
    held(truth, probed(group, tmp_path, skip=()))


def test_every_probe_is_asked_in_one_group_and_every_difference_is_of_a_probe(
    truth: dict[str, Any],
) -> None:
    groups = (*QUICK, *LONG)

    assert [name for name in truth if not name.startswith(groups)] == []
    for name, keys in DIFFERS.items():
        assert set(keys) <= set(truth[name])


def test_a_difference_is_noticed(truth: dict[str, Any]) -> None:
    answers = json.loads(json.dumps(truth["idem.head_not_moved"]))
    answers["ab again @ ANY"]["grew"] = 2

    with pytest.raises(AssertionError):
        held(truth, {"idem.head_not_moved": answers})


def held(truth: Mapping[str, Any], answers: Mapping[str, Any]) -> None:
    """Every answer equals the server's, except those that are known to differ."""
    assert answers
    for name, out in answers.items():
        assert without_known(name, out) == without_known(name, truth[name]), name
        if name in ONE_OF:
            assert set(out[ONE_OF[name]]) <= set(truth[name][ONE_OF[name]])


def without_known(name: str, out: Any) -> Any:
    known = {*DIFFERS.get(name, ()), ONE_OF.get(name)}
    return {k: v for k, v in out.items() if k not in known} if isinstance(out, dict) else out


def probed(group: str, folder: Path, *, skip: tuple[str, ...]) -> dict[str, Any]:
    """The stub's answers to the probes whose name starts so.

    A probe that the client itself broke off is repeated once: gRPC sometimes reports a call whose
    deadline passes before it is sent as cancelled.
    """
    answers = _probed(group, folder, skip=skip)
    broken_off = [name for name, out in answers.items() if out == BROKEN_OFF]
    for name in broken_off:
        answers |= _probed(name, folder / name, skip=())
    return answers


def _probed(group: str, folder: Path, *, skip: tuple[str, ...]) -> dict[str, Any]:
    """From a stub that runs in its own process."""
    folder.mkdir(exist_ok=True)
    port = free_port()
    log = folder / "log.jsonl"
    server = f"{sys.executable} -m tests.esdb_stub --port {port} --data {shlex.quote(str(log))}"
    skipped = [word for name in skip if name != group for word in ("--skip", name)]
    done = subprocess.run(
        [
            *(sys.executable, str(TRUTH / "truth.py"), f"esdb://127.0.0.1:{port}?Tls=false"),
            *("--server-cmd", server, "--only", group, *skipped),
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        timeout=SECONDS_MAX,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return {line["probe"]: line["out"] for line in map(json.loads, done.stdout.splitlines())}
