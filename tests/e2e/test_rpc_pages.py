"""docs/doors/grpc.md and browser.md: what they show works, and what they say is the code's."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from api.grpc import connection, server
from api.grpc.door import PORT
from api.rpc.call import READ
from api.rpc.errors import Code
from tests.deployed import ROOT
from tests.e2e.scripts import blocks, run_script
from tests.e2e.test_grpc import running
from tests.waiting import HUNG_S

pytestmark = pytest.mark.e2e

GRPC = ROOT / "docs/doors/grpc.md"
BROWSER = ROOT / "docs/doors/browser.md"
PYTHON = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Any:
    place = tmp_path_factory.mktemp("pages")
    with running(place, "serve", "--no-workers", GRPC_PORT="0") as (_, ready):
        yield ready


def here(text: str, ready: Any) -> str:
    """For the server of the test, whose ports are others."""
    return text.replace(f"127.0.0.1:{PORT}", ready["grpc"]).replace(
        "http://127.0.0.1:8000", ready["url"]
    )


def test_the_first_order_of_the_grpc_page_is_placed_and_followed(
    ready: Any, tmp_path: Path
) -> None:
    (tmp_path / "api").symlink_to(ROOT / "api")
    for script in blocks(GRPC):
        done = run_script(script, tmp_path)
        assert done.returncode == 0, done.stderr
    [client] = PYTHON.findall(GRPC.read_text())
    ran = subprocess.run(
        [sys.executable, "-c", here(client, ready)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=HUNG_S,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    placed, refused, followed = ran.stdout.splitlines()
    assert placed.endswith("placed 4900")
    assert refused.startswith("StatusCode.NOT_FOUND")
    assert "OrderPlaced" in followed


def test_the_commands_of_the_browser_page_are_answered(ready: Any, tmp_path: Path) -> None:
    answers = []
    for script in blocks(BROWSER):
        done = run_script(here(script, ready).replace("\ncurl", "\necho; curl"), tmp_path)
        assert done.returncode == 0, done.stderr
        answers += [json.loads(line) for line in done.stdout.splitlines()]
    placed, confirmed, unknown = answers
    assert (placed["orderId"], placed["totalCents"]) == ("web-1", "2450")
    assert confirmed["revision"] == "1"
    assert unknown["code"] == "not_found"


def test_the_page_names_the_metadata_the_codes_and_the_limits_that_there_are() -> None:
    page = GRPC.read_text()
    [table] = re.findall(r"\| metadata \|.*?\n\n", page, re.DOTALL)
    assert set(re.findall(r"`([a-z-]+-[a-z-]+|traceparent)`", table)) == READ
    [codes] = re.findall(r"\| code \|.*?\n\n", page, re.DOTALL)
    assert set(re.findall(r"`([A-Z_]+)`", codes)) <= set(Code.__members__)
    assert f"{connection.STREAMS_MAX:,} calls at once" in page
    assert f"the server {server.CALLS_MAX:,}" in page


def test_envoy_calls_the_services_on_their_port() -> None:
    document = yaml.safe_load((ROOT / "deploy/envoy.yaml").read_text())
    text = json.dumps(document)
    assert f'"port_value": {PORT}' in text
    for service in ("order.OrderService", "daybook.v1.LedgerService"):
        assert f'{{"prefix": "/{service}/"}}' in text
