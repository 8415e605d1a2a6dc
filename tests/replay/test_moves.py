"""What `daybook replay` says of the orders that moved, and what is not its failure."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from eventstore.sqlite import SqliteStore
from projections.storage.sqlite.files import Files
from replay.commands import replay_models
from runtime.settings import Settings
from runtime.terminal import Exit, ExitError
from tests.projections.toy import Log, captured, note, placed

ORDERS = 23


@pytest.fixture
async def settings(tmp_path: Path) -> Settings:
    """A log, and a read model of it in which somebody has changed all orders but the first."""
    settings = Settings(data_dir=tmp_path)
    store = SqliteStore.open(tmp_path / "ledger.db")
    log = Log(store)
    for n in range(ORDERS):
        await log.append(f"o-{n:02}", placed(f"o-{n:02}"), captured(), note())
    await store.aclose()
    assert await replay(settings) is Exit.DONE
    change(settings, "UPDATE orders SET customer_id = 'nobody' WHERE order_id > 'o-00'")
    return settings


def change(settings: Settings, statement: str) -> None:
    with closing(sqlite3.connect(Files(settings.data_dir / "order").path(1))) as conn, conn:
        conn.execute(statement)


async def replay(settings: Settings, moved: Path | None = None, *, as_json: bool = False) -> Exit:
    return await replay_models(
        settings, ["order"], jobs=1, verify=True, moved=moved, wanted_bar=False, as_json=as_json
    )


async def test_the_first_20_are_named_and_the_rest_counted(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert await replay(settings) is Exit.DONE

    out, err = capsys.readouterr()
    assert out.splitlines()[1].split()[-1] == str(ORDERS - 1)
    assert "daybook: order: o-01 moved: orders.customer_id\n" in err
    assert err.count(" moved: ") == 20
    assert "... and 2 more: see them all with --moved FILE" in err
    assert "o-00" not in err


async def test_a_file_has_all_of_them(settings: Settings, tmp_path: Path) -> None:
    assert await replay(settings, tmp_path / "moved.ndjson") is Exit.DONE

    lines = (tmp_path / "moved.ndjson").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [
        {"read_model": "order", "order_id": f"o-{n:02}", "columns": ["orders.customer_id"]}
        for n in range(1, ORDERS)
    ]


async def test_json_has_the_first_ones_and_the_count(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    change(settings, "UPDATE views SET revision = 1 WHERE order_id = 'o-05'")
    await replay(settings, as_json=True)

    [model] = json.loads(capsys.readouterr().out)
    assert (model["moved"], model["not_compared"]) == (ORDERS - 2, 1)
    assert model["moved_orders"][:1] == [{"order_id": "o-01", "columns": ["orders.customer_id"]}]
    assert len(model["moved_orders"]) == 20


async def test_the_first_generation_is_compared_with_nothing(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Files(tmp_path / "order").pointer_path.unlink()
    capsys.readouterr()
    assert await replay(settings, tmp_path / "moved.ndjson", as_json=True) is Exit.DONE

    out, err = capsys.readouterr()
    [model] = json.loads(out)
    assert (model["moved"], model["moved_orders"], err) == (None, [], "")
    assert (tmp_path / "moved.ndjson").read_bytes() == b""


@pytest.mark.parametrize(("with_file", "code"), [(False, Exit.DONE), (True, Exit.UNAVAILABLE)])
async def test_a_damaged_earlier_generation_stops_no_rebuild(
    settings: Settings,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    code: Exit,
    *,
    with_file: bool,
) -> None:
    change(settings, "DROP TABLE views")
    assert await replay(settings, tmp_path / "moved.ndjson" if with_file else None) is code

    said: Any = capsys.readouterr().err
    assert "order: not compared with the generation before: no such table" in said
    assert Files(settings.data_dir / "order").pointer().live == 2


async def test_a_file_that_cannot_be_written_is_said_before_anything_is_built(
    settings: Settings, tmp_path: Path
) -> None:
    with pytest.raises(ExitError, match=r"cannot write .*moved") as refused:
        await replay(settings, tmp_path / "no-such-folder" / "moved.ndjson")

    assert refused.value.code is Exit.USAGE
    assert Files(settings.data_dir / "order").pointer().live == 1
