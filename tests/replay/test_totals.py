"""`daybook check --totals` finds totals that are not the sums of their rows."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import text

from projections.models import MODELS
from replay.totals import SHOWN_MAX, wrong_totals
from tests.projections.test_kept import lifecycle
from tests.projections.toy import Log, url_of, writer_of

pytestmark = pytest.mark.usefixtures("kind")


def settings_of(folder: Path, name: str) -> Any:
    return SimpleNamespace(read_urls={name: url_of(folder)})


@pytest.mark.parametrize("name", ["order", "shipment", "payment"])
async def test_a_changed_total_is_a_finding(tmp_path: Path, name: str) -> None:
    log = Log()
    await log.append("o-1", *lifecycle("o-1", seed=1))
    async with writer_of(tmp_path, MODELS[name]) as writer:
        await writer.commit(await log.items(), {})
        assert await wrong_totals(settings_of(tmp_path, name)) == []

        await writer.change(lambda conn: conn.execute(text("DELETE FROM pending")).close())
        findings = await wrong_totals(settings_of(tmp_path, name))

    assert len(findings) == SHOWN_MAX
    assert "in EUR for all time is 0, the rows say " in findings[0].message
    assert findings[0].next_step.startswith(f"run `daybook replay {name}`")


async def test_a_model_that_is_not_built_has_no_totals(tmp_path: Path) -> None:
    assert await wrong_totals(settings_of(tmp_path, "order")) == []
    assert await wrong_totals(settings_of(tmp_path, "audit")) == []
