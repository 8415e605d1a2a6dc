"""An older backup is restored into EventStoreDB under a running server: noticed, then decided."""

from pathlib import Path

import pytest

pytest.importorskip("esdbclient")

from tests.e2e.running import daybook, serving
from tests.e2e.test_esdb import StubProcess, node, note, place
from tests.waiting import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
__all__ = ["node"]


def test_a_server_goes_on_from_nothing_that_the_log_has_lost(
    node: StubProcess, tmp_path: Path
) -> None:
    folder, log = tmp_path / "data", tmp_path / "stub.log"
    with serving(folder, STORE=node.url) as server:
        assert place(server, "a").status_code == 201
        older = log.read_bytes()
        assert place(server, "b").status_code == 201
        server.caught_up()

        node.kill()
        log.write_bytes(older)
        node.start()

        wait_until(lambda: note(server, "b", 1).json().get("type") == "/problems#log-lost-events")
        assert place(server, "c").status_code == 503
        wait_until(lambda: server.health().status_code == 503)
        assert "--accept-loss" in server.health().text

    refused = daybook("serve", folder=folder, STORE=node.url)
    assert refused.returncode == 3
    assert b"knows order-b revision 0" in refused.stderr
    reason = ("--reason", "the newer disk is gone")
    accepted = daybook("check", "--accept-loss", *reason, folder=folder, STORE=node.url)
    assert accepted.returncode == 0, accepted.stderr.decode()

    with serving(folder, STORE=node.url) as server:
        assert place(server, "b").status_code == 201
        rebuilt = daybook("replay", "--all", folder=folder, STORE=node.url)
        assert rebuilt.returncode == 0, rebuilt.stderr.decode()
        wait_until(lambda: server.health().status_code == 200)
        server.caught_up()
        assert server.get("/v1/orders/summary")["EUR"]["orders"] == 2
