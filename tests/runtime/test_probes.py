"""/metrics, /healthz and /readyz on a port of their own."""

import socket
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace

import httpx
import pytest

from runtime.http.listening import bound_socket
from runtime.metrics import CONTENT_TYPE
from runtime.probes import Probes, metrics_of, probes_app, probes_served
from runtime.settings import Settings
from runtime.terminal import ExitError
from tests.parts.ports import free_port


def probes(troubles: Sequence[str] = (), not_ready: Sequence[str] = ()) -> Probes:
    async def told() -> Sequence[str]:
        return troubles

    async def waited_for() -> Sequence[str]:
        return not_ready

    async def metrics() -> bytes:
        return b"up 1\n"

    return Probes(told, waited_for, metrics)


def client(given: Probes) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(probes_app(given))
    return httpx.AsyncClient(transport=transport, base_url="http://ledger.example:9464")


async def test_health_is_200_while_there_is_no_trouble() -> None:
    async with client(probes()) as http:
        answer = await http.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "troubles": []})


async def test_health_is_503_and_says_what_the_trouble_is() -> None:
    async with client(probes(troubles=["order: paused"])) as http:
        health, ready = await http.get("/healthz"), await http.get("/readyz")
    assert (health.status_code, health.json()["troubles"]) == (503, ["order: paused"])
    assert ready.status_code == 200


async def test_readiness_is_asked_apart_from_health() -> None:
    async with client(probes(not_ready=["order: not opened"])) as http:
        health, ready = await http.get("/healthz"), await http.get("/readyz")
    assert (health.status_code, ready.status_code) == (200, 503)


async def test_metrics_are_prometheus_text() -> None:
    async with client(probes()) as http:
        answer = await http.get("/metrics")
    assert (answer.text, answer.headers["content-type"]) == ("up 1\n", CONTENT_TYPE)


async def test_what_fails_is_503_and_logged_and_the_next_is_answered(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def failing() -> bytes:
        raise KeyError

    async with client(replace(probes(), metrics=failing)) as http:
        metrics, health = await http.get("/metrics"), await http.get("/healthz")

    assert (metrics.status_code, health.status_code) == (503, 200)
    assert "/metrics could not be answered" in caplog.text


async def test_nothing_else_is_there_and_nothing_is_taken() -> None:
    async with client(probes()) as http:
        assert (await http.get("/v1/orders")).status_code == 404
        assert (await http.get("/docs")).status_code == 404
        refused = await http.post("/metrics")
        assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD")
        head = await http.head("/metrics")
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", "5")


async def test_they_are_served_where_the_settings_say_and_nowhere_without() -> None:
    port = free_port()
    async with probes_served(Settings(metrics_port=port), probes()), httpx.AsyncClient() as http:
        assert (await http.get(f"http://127.0.0.1:{port}/metrics")).text == "up 1\n"
    async with probes_served(Settings(), probes()), httpx.AsyncClient() as http:
        with pytest.raises(httpx.ConnectError):
            await http.get(f"http://127.0.0.1:{port}/metrics")


async def test_a_port_that_is_taken_is_named_with_its_setting() -> None:
    with closing(bound_socket("127.0.0.1", 0)) as listener:
        listener.listen()
        port = listener.getsockname()[1]
        with pytest.raises(ExitError, match=f"{port}.*DAYBOOK_METRICS_PORT"):
            async with probes_served(Settings(metrics_port=port), probes()):
                pass


async def test_a_server_that_ends_before_it_listens_is_told() -> None:
    with closing(bound_socket("127.0.0.1", 0)) as ours:
        port = ours.getsockname()[1]
        with closing(bound_socket("127.0.0.1", port)) as quicker:
            quicker.listen()
            with pytest.raises(ExitError, match=f"cannot be served on http://127.0.0.1:{port}"):
                async with probes_served(Settings(), probes(), fd=socket.dup(ours.fileno())):
                    pass


async def test_a_parent_reads_what_its_child_tells_and_nothing_of_one_that_is_silent() -> None:
    with closing(bound_socket("127.0.0.1", 0)) as listener:
        assert await metrics_of(listener) == b""
        async with probes_served(Settings(), probes(), fd=socket.dup(listener.fileno())):
            assert await metrics_of(listener) == b"up 1\n"
        # The parent's end of it still takes connections, that nobody answers.
        assert await metrics_of(listener) == b""
