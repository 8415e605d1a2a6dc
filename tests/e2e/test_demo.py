"""`daybook demo` from beginning to end, as a newcomer runs it."""

import json
import os
import re
import signal
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.e2e.running import PROGRAM, daybook, environment
from tests.waiting import HUNG_S, wait_until

WELL = {"status": "ok", "troubles": []}

pytestmark = pytest.mark.e2e


def test_the_demo_ends_with_books_that_balance(tmp_path: Path) -> None:
    done = daybook("demo", "--json", folder=tmp_path, STORE="sqlite:////nowhere/mine.db")
    assert done.returncode == 0, done.stderr.decode()
    document = json.loads(done.stdout)
    assert {accounts["sum"] for accounts in document["trial_balance"].values()} == {0}
    assert {model["lag"] for model in document["projections"]} == {0}
    assert document["refusals"].keys() == {"goods-out", "on-hold"}
    assert document["replayed"] > 5
    head = {model["head"] for model in document["projections"]}
    assert head == {document["events"]} == {document["followed"]}
    orders = document["summaries"]["orders"].values()
    assert sum(totals["orders"] for totals in orders) == 200
    payments = document["summaries"]["payments"]["EUR"]
    assert payments["anomalies"] == 1
    assert payments["charged_back_cents"] > 0
    assert (document["order"]["state"], document["order"]["balance_cents"]) == ("completed", 0)
    assert list(tmp_path.iterdir()) == []


def test_the_demo_tells_an_orders_story_and_stays_up_when_asked(tmp_path: Path) -> None:
    demo = subprocess.Popen(
        [*PROGRAM, "demo", "--keep"],
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert demo.stderr is not None
    url = ""
    for line in demo.stderr:
        if found := re.search(r"stays up at (\S+) ", line):
            url = found[1]
            break
    try:
        health = f"{url}/healthz"
        wait_until(lambda: httpx.get(health, timeout=HUNG_S).json() == WELL)
    finally:
        # As Ctrl-C does it: to the demo and to its server at once.
        os.killpg(demo.pid, signal.SIGINT)
        out, err = demo.communicate(timeout=HUNG_S)
    assert demo.returncode == 0, err
    for part in (
        "OrderPlaced",
        "house number is missing",
        "rule goods-out",
        "replayed true",
        "dispute was won, then lost",
        "explained",
        "1,514 events were stored, and 1,514 came on the live stream",
    ):
        assert part in out
    assert "\x1b[" not in out
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/healthz", timeout=HUNG_S)
