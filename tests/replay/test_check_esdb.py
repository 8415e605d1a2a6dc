"""`daybook check` on a log in EventStoreDB that other programs have written to, or damaged."""

import asyncio
import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

pytest.importorskip("esdbclient")

from eventstore.ledger.ledger import Ledger
from tests.e2e.running import daybook
from tests.esdb_stub.log import JSON, Proposed
from tests.esdb_stub.refusals import ANY
from tests.esdb_stub.server import Stub, stub
from tests.eventstore.esdb import store_on
from tests.eventstore.ledgers import Clock, note, place

LONG, VERY_LONG = "x" * 201, "x" * 5_000


async def found(server: Stub, folder: Path) -> tuple[int, dict[str, Any]]:
    """The exit code, and each finding by its stream."""
    ended = await asyncio.to_thread(daybook, "check", "--json", folder=folder, STORE=server.uri)
    assert b"Traceback" not in ended.stderr, ended.stderr
    findings = json.loads(ended.stdout)["findings"]
    return ended.returncode, {finding["stream"]: finding for finding in findings}


def write(server: Stub, stream: str, type_: str, data: bytes) -> None:
    server.log.append(stream, [Proposed(uuid4(), type_, JSON, data, b"")], ANY)


async def test_every_wound_is_a_finding_of_its_own_order(tmp_path: Path) -> None:
    async with stub() as server, store_on(server) as store:
        ledger = Ledger(store, clock=Clock())
        for order_id in ("well", "deleted", "tombstoned", "cut", "linked", "mixed"):
            await ledger.submit(place(order_id))
            await ledger.submit(note(1, order_id))
        for order_id in (LONG, "summary"):  # as no command from outside can
            await ledger.submit(place(order_id))
        server.log.delete("order-deleted", ANY)
        server.log.tombstone("order-tombstoned", ANY)
        write(server, "$$order-cut", "$metadata", b'{"$tb":1}')
        write(server, "$$order-well", "$metadata", b'{"$maxCount":1000}')
        write(server, "order-linked", "$>", b"0@order-well")
        write(server, "order-mixed", "SomethingElse", b"{}")
        for order_id in ("foreign", VERY_LONG, "a\0b"):
            write(server, f"order-{order_id}", "SomethingElse", b"{}")
        code, findings = await found(server, tmp_path)

    assert code == 1
    wanted = {
        "deleted": "was deleted in the log by hand",
        "tombstoned": "was deleted in the log by hand",
        "cut": "first events were truncated in the log by hand",
        "linked": "order-linked revision 2",
        "mixed": "order-mixed revision 2",
        "foreign": "another program began this stream",
        LONG: "no command can have made an order of this name",
        "summary": "no command can have made an order of this name",
        VERY_LONG: "no command can have made an order of this name: it is in no read model",
        "a\0b": "no command can have made an order of this name: it is in no read model",
    }
    assert set(findings) == {f"order-{order_id}" for order_id in wanted}
    for order_id, words in wanted.items():
        assert words in findings[f"order-{order_id}"]["message"]
    for finding in findings.values():
        assert "user write to the streams order-*" in finding["next_step"]
        assert "file" not in finding["next_step"]
