"""gRPC of the program as a user runs it: part of `serve`, and a process of its own."""

import contextlib
import json
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest

from api.grpc.door import PORT
from api.proto.order import order_service_pb2 as pb
from tests.e2e.running import PROGRAM, daybook, environment, serving
from tests.e2e.test_esdb import server_url
from tests.waiting import HUNG_S

pytestmark = pytest.mark.e2e

ORDER = pb.CreateOrderRequest(
    customer_id="ada",
    currency="EUR",
    items=[pb.OrderItem(product_id="tea", quantity=2, price_cents=990)],
    order_id="o1",
)


def create(address: str) -> pb.OrderResponse:
    with grpc.insecure_channel(address) as channel:
        method = channel.unary_unary(
            "/order.OrderService/CreateOrder",
            pb.CreateOrderRequest.SerializeToString,
            pb.OrderResponse.FromString,
        )
        answer: pb.OrderResponse = method(ORDER, timeout=HUNG_S, wait_for_ready=True)
        return answer


@contextmanager
def running(folder: Path, *arguments: str, **settings: str) -> Iterator[tuple[Any, Any]]:
    """A process of the program, and the line by which it says that it is ready."""
    folder.mkdir(exist_ok=True, parents=True)
    with (folder / "errors").open("w") as errors:
        child = subprocess.Popen(
            [*PROGRAM, *arguments, "--json"],
            env=environment(folder, **settings),
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    assert child.stdout is not None
    try:
        line = child.stdout.readline()
        assert line, (folder / "errors").read_text()
        yield child, json.loads(line)
    finally:
        child.stdout.close()
        child.send_signal(signal.SIGTERM)
        child.wait(HUNG_S)


def test_serve_answers_grpc_and_http_over_one_log(tmp_path: Path) -> None:
    with running(tmp_path, "serve", GRPC_PORT="0") as (child, ready):
        placed = create(ready["grpc"])
        assert (placed.order_id, placed.total_cents) == ("o1", 1980)
        child.send_signal(signal.SIGTERM)
        assert child.wait(HUNG_S) == 0
    assert (tmp_path / "errors").read_text() == ""
    with serving(tmp_path, "--no-workers") as again:
        assert again.get("/v1/orders/o1")["total_cents"] == 1980


def test_a_port_that_was_asked_for_and_is_taken_ends_the_start(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = daybook("serve", "--no-workers", folder=tmp_path, GRPC_PORT=port)
    assert done.returncode == 3
    assert b"DAYBOOK_GRPC_PORT" in done.stderr


def test_by_itself_it_takes_the_usual_port_if_that_is_free(tmp_path: Path) -> None:
    with contextlib.ExitStack() as open_:
        with contextlib.suppress(OSError):  # it is taken already
            open_.enter_context(socket.create_server(("127.0.0.1", PORT)))
        auto = running(tmp_path, "serve", "--no-workers", GRPC_PORT="auto")
        _, ready = open_.enter_context(auto)
        assert ready["grpc"] is None
        assert "no gRPC" in (tmp_path / "errors").read_text()


def test_a_log_of_one_process_is_not_for_a_second_one(tmp_path: Path) -> None:
    done = daybook("grpc", folder=tmp_path, GRPC_PORT="0")
    assert done.returncode == 2
    assert b"run `daybook serve`, which answers gRPC too" in done.stderr


@pytest.mark.parametrize("value", ["on", "-1", "70000"])
def test_a_port_that_is_none_is_a_wrong_setting(tmp_path: Path, value: str) -> None:
    done = daybook("serve", folder=tmp_path, GRPC_PORT=value)
    assert done.returncode == 2
    assert b"DAYBOOK_GRPC_PORT" in done.stderr


def test_a_currency_that_is_none_is_a_wrong_setting(tmp_path: Path) -> None:
    for value in ("EURO", "XXQ"):
        done = daybook("serve", folder=tmp_path, CURRENCY=value)
        assert done.returncode == 2, value
        assert b"DAYBOOK_CURRENCY" in done.stderr


@pytest.mark.slow
def test_a_process_of_its_own_answers_over_eventstoredb(tmp_path: Path) -> None:
    pytest.importorskip("esdbclient")
    with (
        server_url(tmp_path) as url,
        running(tmp_path / "grpc", "grpc", STORE=url, GRPC_PORT="0") as (child, ready),
    ):
        assert create(ready["grpc"]).total_cents == 1980
        child.send_signal(signal.SIGTERM)
        assert child.wait(HUNG_S) == 0
    assert (tmp_path / "grpc" / "errors").read_text() == ""
