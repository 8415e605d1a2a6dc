"""Relay, worker and check on a broker that asks for TLS and a password."""

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from eventstore.relay.bus import Published
from tests.conftest import lacking
from tests.e2e.relays import relaying
from tests.e2e.running import PROGRAM, daybook, environment
from tests.eventstore.filled import Verdict, fill, log_of, published_on, verdict
from tests.parts import kafka as kafka_part
from tests.parts.kafka import Kafka
from tests.waiting import HUNG_S, wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

USER, PASSWORD = "daybook", "p@ss:w/rd"


@pytest.fixture(scope="module")
def secured() -> Iterator[Kafka]:
    try:
        with kafka_part.running(users={USER: PASSWORD}) as broker:
            yield broker
    except kafka_part.Missing as missing:
        lacking(str(missing))


def test_a_log_is_published_to_who_has_a_password(
    secured: Kafka, topic: str, tmp_path: Path
) -> None:
    url = secured.secured_url(USER, PASSWORD)
    asyncio.run(fill(tmp_path / "ledger.db", 300))
    log = asyncio.run(log_of(tmp_path / "ledger.db"))

    def published() -> list[list[Published]]:
        return asyncio.run(published_on(secured.url, topic))

    with relaying(tmp_path, url, topic) as relay:
        relay.await_role("leader")
        wait_until(lambda: sum(map(len, published())) == len(log))
        relay.stop()
        assert PASSWORD not in relay.err.read_text()
    assert verdict(log, published()) == Verdict(0, 0, 0, 0)
    checked = daybook("check", folder=tmp_path, BUS=url, TOPIC=topic)
    assert f"127.0.0.1:{secured.secured_port}, {topic}: 6 partitions" in checked.stdout.decode()


KEPT_OUT = pytest.mark.parametrize(
    ("way", "why"),
    [
        ("{s}://daybook:wrong@{secured}?TlsCaFile={ca}", "the password is refused"),
        ("{s}://nobody:{password}@{secured}?TlsCaFile={ca}", "the password is refused"),
        ("{s}://daybook:{password}@{secured}", "not trusted (self-signed certificate)"),
        ("{s}://daybook:{password}@{secured}?TlsCaFile=/no/such/file", "cannot read TlsCaFile"),
        ("kafka://{secured}", "use kafka+ssl://"),
        ("{s}://{plain}?TlsCaFile={ca}", "use kafka://"),
        ("kafka://127.0.0.1:1", "no process listens there"),
    ],
)


def url_by(way: str, secured: Kafka) -> str:
    return way.format(
        s="kafka+ssl",
        password=quote(PASSWORD, safe=""),
        secured=f"127.0.0.1:{secured.secured_port}",
        plain=secured.bootstrap,
        ca=secured.certificate,
    )


@KEPT_OUT
def test_what_keeps_it_out_is_said(
    secured: Kafka, topic: str, tmp_path: Path, way: str, why: str
) -> None:
    url = url_by(way, secured)
    asyncio.run(fill(tmp_path / "ledger.db", 1))
    checked = daybook("check", "--json", folder=tmp_path, BUS=url, TOPIC=topic)
    assert checked.returncode == 1
    assert why in checked.stdout.decode()
    with relaying(tmp_path, url, topic) as relay:
        wait_until(lambda: any(why in state["reason"] for state in relay.states()))
        relay.stop()
    for said in (relay.err.read_text(), checked.stdout.decode(), checked.stderr.decode()):
        assert PASSWORD not in said
        assert "wrong" not in said.replace("WRONG_VERSION_NUMBER", "")


@KEPT_OUT
def test_what_keeps_a_worker_out_is_said(
    secured: Kafka, topic: str, tmp_path: Path, way: str, why: str
) -> None:
    asyncio.run(fill(tmp_path / "ledger.db", 1))
    err = tmp_path / "worker.err"
    with (
        err.open("wb") as errors,
        subprocess.Popen(
            [*PROGRAM, "worker", "order"],
            env=environment(tmp_path, BUS=url_by(way, secured), TOPIC=topic),
            stdout=subprocess.DEVNULL,
            stderr=errors,
        ) as worker,
    ):
        try:
            wait_until(lambda: why in err.read_text())
        finally:
            worker.terminate()
            worker.wait(HUNG_S)
    assert PASSWORD not in err.read_text()
    assert "wrong" not in err.read_text().replace("WRONG_VERSION_NUMBER", "")
