"""A read model in PostgreSQL has the rows that it has in SQLite, and sorts and sums them alike."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from eventstore.record.codec import OrderEvent
from projections.models import MODELS
from projections.query.listing import page
from projections.read_models.order.queries import ORDER_LIST, OrderFilters, summary
from projections.read_models.payment.queries import trial_balance
from projections.storage.database import ReadDatabase
from projections.storage.errors import ReadModelError
from projections.storage.open import open_generations
from projections.storage.tables import COMMON
from projections.worker.writer import open_writer
from replay.rebuild import rebuild
from tests.projections import kinds
from tests.projections.kinds import OnPostgres
from tests.projections.test_kept import lifecycle
from tests.projections.toy import (
    TALLY,
    UNDECODABLE,
    Log,
    Tally,
    contents,
    placed,
    url_of,
    with_sums,
    writer_of,
)
from tests.projections.worker.test_runner import brought_up

ORDERS = 12
# What no locale but C leaves in this order.
IDS = ("A", "B", "Z", "a", "a-1", "a.1", "a0", "a_1", "aa", "b")


@pytest.fixture(scope="module")
def ids() -> list[str]:
    return [*IDS, *(f"o-{n}" for n in range(ORDERS - len(IDS)))]


@pytest.fixture
async def log(ids: list[str]) -> Log:
    log = Log()
    for seed, order_id in enumerate(ids):
        await log.append(order_id, *lifecycle(order_id, seed=seed))
    await log.append("o-1", UNDECODABLE)
    return log


@pytest.mark.parametrize("name", MODELS)
async def test_live_and_rebuilt_rows_are_those_of_sqlite(
    tmp_path: Path, on_postgres: OnPostgres, log: Log, name: str
) -> None:
    model = MODELS[name]
    async with writer_of(tmp_path, model) as writer:
        await brought_up(writer, log)
    live = contents(tmp_path)
    await rebuild(model, url_of(tmp_path), log.store)
    rebuilt = contents(tmp_path, 2)
    sqlite = kinds.Sqlite()
    await rebuild(model, sqlite.url(tmp_path, "tally"), log.store)

    assert live == rebuilt == with_sums(sqlite.contents(tmp_path, "tally", 1))
    assert sum(map(len, live.values())) > ORDERS


class TestAsked:
    @pytest.fixture
    async def databases(
        self, tmp_path: Path, on_postgres: OnPostgres, log: Log
    ) -> AsyncIterator[tuple[dict[str, ReadDatabase], ...]]:
        """The read models order and payment, of each kind."""
        both: tuple[dict[str, ReadDatabase], ...] = ({}, {})
        for found, kind in zip(both, (kinds.Sqlite(), on_postgres), strict=True):
            for name in ("order", "payment"):
                url = kind.url(tmp_path, name)
                await rebuild(MODELS[name], url, log.store)
                found[name] = ReadDatabase(MODELS[name], url)
        yield both
        for found in both:
            for database in found.values():
                await database.aclose()

    @pytest.mark.parametrize("sort", ["order_id", "-order_id", "total_cents", "-placed_at"])
    async def test_pages_and_cursors_are_the_same(
        self, databases: tuple[dict[str, ReadDatabase], ...], ids: list[str], sort: Any
    ) -> None:
        answers = []
        for found in databases:
            pages, cursor = [], None
            while not pages or cursor is not None:
                wanted = partial(page, filters=OrderFilters(), sort=sort, limit=5, cursor=cursor)
                listed = await found["order"].ask(partial(wanted, listing=ORDER_LIST))
                pages.append(listed)
                cursor = listed.next
            answers.append(pages)

        assert answers[0] == answers[1]
        assert len([item for listed in answers[1] for item in listed.items]) == ORDERS
        if sort == "order_id":
            listed_ids = [item["order_id"] for listed in answers[1] for item in listed.items]
            assert listed_ids == sorted(ids)

    async def test_totals_are_the_same(
        self, databases: tuple[dict[str, ReadDatabase], ...]
    ) -> None:
        answers = []
        for found in databases:
            totals = await found["order"].ask(summary)
            answers.append((totals, await found["payment"].ask(trial_balance)))

        assert answers[0] == answers[1]
        assert answers[1][1]["EUR"]["sum"] == 0

    async def test_a_text_that_postgres_cannot_store_is_found_nowhere(
        self, databases: tuple[dict[str, ReadDatabase], ...]
    ) -> None:
        for found in databases:
            odd = OrderFilters(customer_id="c\0")
            wanted = partial(page, listing=ORDER_LIST, filters=odd, sort="order_id")
            listed = await found["order"].ask(wanted)
            assert listed.items == []


async def test_texts_compare_by_their_bytes_whatever_the_locale(
    tmp_path: Path, on_postgres: OnPostgres
) -> None:
    for name, model in MODELS.items():
        await rebuild(model, on_postgres.url(tmp_path, name), Log().store)
        found = on_postgres.ask(
            tmp_path,
            name,
            "SELECT table_name, column_name, collation_name FROM information_schema.columns"
            " WHERE table_schema = 'g1' AND data_type IN ('text', 'character varying')",
        )
        tables = {table for table, _, _ in found}
        assert tables >= {*model.tables.tables, *COMMON.tables}
        assert [row for row in found if row[2] != "C"] == []


async def test_an_error_with_a_nul_in_it_parks_its_order_all_the_same(
    tmp_path: Path, on_postgres: OnPostgres
) -> None:
    def evolve(tally: Tally, event: OrderEvent) -> Any:
        raise ValueError(f"{event.type} of \0")

    log = Log()
    await log.append("o-1", placed())
    async with writer_of(tmp_path, replace(TALLY, evolve=evolve)) as writer:
        await brought_up(writer, log)

    [row] = contents(tmp_path)["parked"]
    assert row[-1] == "ValueError: OrderPlaced of \ufffd"


async def test_a_database_of_another_model_is_refused(
    tmp_path: Path, on_postgres: OnPostgres
) -> None:
    async with writer_of(tmp_path):
        pass
    async with aclosing(open_generations(url_of(tmp_path))) as found:
        with pytest.raises(ReadModelError, match="holds the read model tally, not order"):
            await open_writer(MODELS["order"], found, 1).__aenter__()
