"""Clients in another language, made from the protocol files alone, on a running server."""

import json
from pathlib import Path
from typing import Any

import pytest

from docs.protocol import FOLDER, LANDED
from tests.e2e.test_grpc import running
from tests.parts import node

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Any:
    node.folder()
    place = tmp_path_factory.mktemp("clients")
    with running(place, "serve", "--no-workers", GRPC_PORT="0") as (_, ready):
        yield ready


def test_a_client_in_javascript_places_reads_and_follows_an_order(ready: Any) -> None:
    done = node.run("order.mjs", str(FOLDER), ready["grpc"])
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["followed"] == [
        "OrderPlaced",
        "OrderConfirmed",
        "OrderCancelled",
    ]


def test_the_web_clients_call_and_follow_and_continue_where_they_were_cut(ready: Any) -> None:
    """By the fetch of Node, which is that of browsers; what a browser adds is its origin, which
    tests/api/connect holds to.
    """
    done = node.run("browser.mjs", str(Path(LANDED)), ready["url"])
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"connect": 3, "binary": 3, "grpc-web": 3}
