"""docs/doors/graphql.md: its commands work as they stand, and its limits are those of the code."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from api.graphql import execution, limits
from api.http.guards import Limits
from tests.deployed import ROOT
from tests.e2e.running import serving
from tests.e2e.scripts import blocks, run_script

pytestmark = pytest.mark.e2e
PAGE = ROOT / "docs/doors/graphql.md"
REFUSED = "nobody"
"""In the block that shows an error."""
ENDLESS = "text/event-stream"
"""In the block that follows the log."""


def test_every_command_of_the_page_works_as_it_stands(tmp_path: Path) -> None:
    mine = blocks(PAGE)
    assert len(mine) >= 6
    with serving(tmp_path / "data") as server:
        for block in mine:
            server.caught_up()
            script = block.replace("http://127.0.0.1:8000", server.url)
            if ENDLESS in block:
                check_stream(
                    run_script(f"{script.rstrip()} --max-time 3 || test $? = 28", tmp_path)
                )
                continue
            done = run_script(script, tmp_path)
            assert done.returncode == 0, f"{block}\n{done.stderr}"
            answers = [json.loads(line) for line in done.stdout.splitlines()]
            assert answers, block
            if REFUSED in block:
                [shown] = re.findall(r"```json\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
                assert answers == [json.loads(shown)]
            else:
                assert [answer.get("errors") for answer in answers] == [None] * len(answers)
        assert server.get("/v1/orders/gql-1001")["payment"] == "paid"


def check_stream(done: "subprocess.CompletedProcess[str]") -> None:
    assert done.returncode == 0, done.stderr
    messages = re.findall(r"^event: next\ndata: (.*)$", done.stdout, re.MULTILINE)
    steps = [json.loads(message)["data"]["events"] for message in messages]
    types = [event["type"] for step in steps for event in step["events"]]
    assert types == ["OrderPlaced", "OrderConfirmed", "PaymentCaptured"]
    assert steps[-1]["caughtUp"] is True


def test_the_limits_of_the_page_are_those_of_the_code() -> None:
    table = PAGE.read_text("utf-8").partition("| limit | is |")[2].partition("\n\n")[0]

    shown = [int(number.replace(",", "")) for number in re.findall(r"\d[\d,]*\d|\d", table)]
    assert [number for number in shown if number != 1] == [
        limits.QUERY_CHARACTERS_MAX,
        limits.TOKENS_MAX,
        limits.DEPTH_MAX,
        limits.ALIASES_MAX,
        limits.FRAGMENTS_MAX,
        limits.REPEATED_MAX,
        limits.MUTATIONS_MAX,
        limits.COST_MAX,
        execution.VALUES_MAX,
        Limits().graphql_max,
        Limits().graphql_streams_max,
    ]
