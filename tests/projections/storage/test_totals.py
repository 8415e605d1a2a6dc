"""Totals are the sums of what the rows contribute, however the rows came and went."""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from domain.events import PaymentAuthorized
from projections.fold import Item
from projections.models import MODELS
from projections.query.totals import ALWAYS, Span, _query, kept
from projections.read_models.payment.queries import summary
from projections.sources.log import LOG, Batch
from projections.storage import totals
from projections.storage.postgres.session import PostgresSession
from projections.storage.sqlite.files import Files
from projections.storage.totals import differences
from projections.worker import writer as writer_module
from projections.worker.repair import applied_of
from projections.worker.repair import rebuild as rebuild_order
from projections.worker.runner import apply
from projections.worker.writer import Writer
from replay.rebuild import rebuild
from tests.projections.test_kept import lifecycle
from tests.projections.told import told
from tests.projections.toy import (
    CONFIRMED,
    TALLY,
    Log,
    captured,
    contents,
    note,
    placed,
    url_of,
    voided,
    writer_of,
)

pytestmark = pytest.mark.usefixtures("kind")

MODELS_WITH_TOTALS = [name for name, model in MODELS.items() if model.contributions]


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Changes are merged in the commit that makes them."""
    monkeypatch.setattr(writer_module, "DUE_AT", 1)


@pytest.fixture
async def log() -> Log:
    log = Log()
    for n in range(3):
        await log.append(f"o-{n}", placed(f"o-{n}", 100 + n), captured("a", 7), note(), CONFIRMED)
    for n in range(3):
        await log.append(f"o-{n}", captured("b", 10**12), voided("a"), note(), note())
    return log


async def wrong(writer: Writer) -> list[Any]:
    return await writer.change(lambda conn: list(differences(conn, writer.projection)))


async def one_by_one(writer: Writer, items: Sequence[Item]) -> None:
    for item in items:
        await writer.commit([item], {LOG: item.position})


@pytest.mark.parametrize("due_at", [1, 30, 10**6])
async def test_totals_are_those_of_the_rows_whenever_they_are_merged(
    tmp_path: Path, log: Log, monkeypatch: pytest.MonkeyPatch, due_at: int
) -> None:
    monkeypatch.setattr(writer_module, "DUE_AT", due_at)
    async with writer_of(tmp_path) as writer:
        await one_by_one(writer, await log.items())
        assert await wrong(writer) == []
        [changes] = await writer.rows(text("SELECT count(*) AS n FROM pending"))  # type: ignore[arg-type]
    found = contents(tmp_path)
    await rebuild(TALLY, url_of(tmp_path), log.store)

    assert (changes["n"] == 0) == (due_at == 1)
    assert contents(tmp_path)["totals"] == found["totals"] != []


@pytest.mark.parametrize("name", MODELS_WITH_TOTALS)
async def test_totals_of_random_lifecycles_are_those_of_the_rows(tmp_path: Path, name: str) -> None:
    log = Log()
    for seed in range(8):
        await log.append(f"o-{seed}", *lifecycle(f"o-{seed}", seed=seed))
    async with writer_of(tmp_path, MODELS[name]) as writer:
        await one_by_one(writer, await log.items())
        assert await wrong(writer) == []
        await rebuild_order_of(writer, log, "o-3")
        assert await wrong(writer) == []


async def rebuild_order_of(writer: Writer, log: Log, order_id: str) -> None:
    applied = await applied_of(writer, order_id)
    assert await rebuild_order(writer, order_id, log.store, instead_of=applied, why="a test")


@pytest.mark.usefixtures("at_once")
async def test_a_rebuilt_order_takes_its_old_contributions_with_it(
    tmp_path: Path, log: Log
) -> None:
    other = Log()
    await other.append("o-1", placed("o-1", 5), captured("forged", 9))
    async with writer_of(tmp_path) as writer:
        await writer.commit(await other.items(), {})
        await rebuild_order_of(writer, log, "o-1")
        assert await wrong(writer) == []


@pytest.mark.parametrize(
    "broken",
    [
        ("UPDATE totals SET low = low + 1 WHERE name = 'notes' AND size = 96", "notes"),
        ("DELETE FROM totals WHERE name = 'captured' AND size = 0", "captured"),
        ("UPDATE pending SET changes = '[]'", "orders"),
        (
            "INSERT INTO pending SELECT id || 'x', changes FROM pending",
            "orders",
        ),
    ],
    ids=["one more", "a lost sum", "a lost change", "a doubled change"],
)
async def test_a_lost_or_doubled_contribution_is_found(
    tmp_path: Path, log: Log, monkeypatch: pytest.MonkeyPatch, broken: tuple[str, str]
) -> None:
    sql, name = broken
    monkeypatch.setattr(writer_module, "DUE_AT", 60)
    async with writer_of(tmp_path) as writer:
        await one_by_one(writer, (await log.items())[:12])
        await writer.change(lambda conn: conn.execute(text("SELECT 1")))
        assert await wrong(writer) == []
        await one_by_one(writer, (await log.items())[12:13])
        await one_by_one(writer, [item for item in await log.items() if item.revision >= 4][:2])
        new = Log()
        await new.append("o-9", placed("o-9"))
        await writer.commit(await new.items(), {})
        await writer.change(lambda conn: conn.execute(text(sql)).close())

        assert name in {difference.at[3] for difference in await wrong(writer)}


async def test_a_fold_whose_rows_contribute_too_late_is_found(
    tmp_path: Path, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: a writer that forgets what the replaced rows contributed."""
    monkeypatch.setattr(totals.Changes, "removed", lambda *_: None)
    monkeypatch.setattr(
        totals.Changes, "replaced", lambda self, table, _before, row: self.added(table, [row])
    )
    async with writer_of(tmp_path) as writer:
        await one_by_one(writer, await log.items())
        found = await wrong(writer)

    assert {difference.at[3] for difference in found} >= {"orders", "notes", "captured"}


@pytest.mark.usefixtures("at_once")
async def test_sums_beyond_64_bits_are_exact(tmp_path: Path) -> None:
    log = Log()
    for n in range(20):
        await log.append(f"o-{n}", placed(f"o-{n}"), captured("a", 2**62 + n))
    projection = TALLY.contributions[1]
    async with writer_of(tmp_path) as writer:
        await add(writer, [2**63 - 1 - n for n in range(20)] + [-(2**63) + n for n in range(7)])

        def asked(conn: Connection) -> list[Any]:
            spans = (ALWAYS,)
            return kept(conn, [projection], ["captured"], dated="occurred", spans=spans)

        [figures] = await writer.change(asked)

    right = sum(2**63 - 1 - n for n in range(20)) + sum(-(2**63) + n for n in range(7))
    assert figures["captured", "EUR", "k"] == right > 2**64


async def add(writer: Writer, amounts: Sequence[int]) -> None:
    """Contribute amounts at the times 0, 1, 2..."""

    def change(conn: Connection) -> None:
        for at, amount in enumerate(amounts):
            rows = totals.total_rows(
                [TALLY.contributions[1]],
                totals.rolled_up([(0, at, -at, "EUR", "k", [amount])]),
            )
            writer.statements.add_up(conn, totals.TOTALS, rows)

    await writer.change(change)


@pytest.mark.usefixtures("at_once")
async def test_a_method_longer_than_a_key_is_named_by_its_beginning(tmp_path: Path) -> None:
    methods = ["\U0001f9fe" * 1_000, "\U0001f9fe" * 1_001]
    log = Log()
    for n, method in enumerate(methods):
        paid = told(
            PaymentAuthorized, payment_id="p", amount_cents=1, currency="EUR", method=method
        )
        await log.append(f"o-{n}", placed(f"o-{n}"), paid)
    async with writer_of(tmp_path, MODELS["payment"]) as writer:
        await one_by_one(writer, await log.items())
        assert await wrong(writer) == []
        found = await writer.change(summary)

    assert len(found["EUR"]["captured_cents_by_method"]) == 2


@pytest.mark.parametrize("merged", [True, False])
async def test_any_span_is_the_sum_of_what_is_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, merged: bool
) -> None:
    monkeypatch.setattr(writer_module, "DUE_AT", 1 if merged else 10**6)
    amounts = {at: 7 * at + 1 for at in (0, 1, 95, 96, 97, 3071, 3072, 9_999)}
    log = Log()
    for n, at in enumerate(amounts):
        await log.append(f"o-{n}", placed(f"o-{n}"), captured("a", at))
    spans = [Span(None, 1), Span(1, 96), Span(96, 97), Span(97, 3072), Span(3072, None)]
    async with writer_of(tmp_path) as writer:
        await one_by_one(writer, await log.items())
        found = await writer.change(
            lambda conn: kept(
                conn, TALLY.contributions, ["captured"], dated="occurred", spans=spans
            )
        )

    for span, figures in zip(spans, found, strict=True):
        assert sum(figures.values()) == sum(at for at in amounts if span.has(at))


@pytest.mark.kinds("postgres")
@pytest.mark.parametrize("may_merge", [None, True], ids=["in turn", "all at once"])
async def test_writers_of_one_model_lose_no_contribution(
    tmp_path: Path, log: Log, monkeypatch: pytest.MonkeyPatch, may_merge: Callable[..., bool] | None
) -> None:
    """Even where several merge at the same time: each takes other changes, and sums are added."""
    monkeypatch.setattr(writer_module, "DUE_AT", 12)
    if may_merge:
        monkeypatch.setattr(PostgresSession, "may_merge", lambda _: True)
    items = await log.items()
    async with AsyncExitStack() as open_:
        writers = [await open_.enter_async_context(writer_of(tmp_path)) for _ in range(3)]

        async def writing(writer: Writer, step: int) -> None:
            for at in range(0, len(items), step):
                await apply(writer, Batch(items[at : at + step], {}), log.store)

        await asyncio.gather(*map(writing, writers, (1, 2, 5)))
        assert await wrong(writers[0]) == []


@pytest.mark.kinds("sqlite")
async def test_a_summary_reads_no_more_of_a_large_model(tmp_path: Path, log: Log) -> None:
    """No scan: the key of totals is searched by each range."""
    async with writer_of(tmp_path) as writer:
        await one_by_one(writer, await log.items())
    with closing(sqlite3.connect(Files(tmp_path / "tally").path(1))) as conn:
        query = _query("occurred", [Span(3, 40_000)], ["orders"])
        plan = [row[3] for row in conn.execute("EXPLAIN QUERY PLAN " + query)]
    assert any(
        "SEARCH totals USING PRIMARY KEY (dated=? AND size=? AND start>? AND start<?)" in step
        for step in plan
    )
    assert not [step for step in plan if "SCAN totals" in step]
