"""What `daybook check` finds of a copy of the log, and of a head file that cannot be read."""

import asyncio
import json
import shutil
from pathlib import Path

import pytest

from eventstore.sqlite import HeadFile
from replay.commands import check_everything
from runtime.settings import Settings
from runtime.terminal import Exit
from tests.projections.test_evidence import log_of, placed, read


async def test_a_backup_has_no_findings_though_the_log_has_grown_since(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    backup = await older_copy(settings, tmp_path)
    of_backup = Settings(data_dir=settings.data_dir, store=f"sqlite:///{backup}")

    assert await check(of_backup, alone=False) == Exit.FOUND
    assert await check(of_backup, alone=True) == Exit.DONE


async def test_a_copy_that_lost_its_own_end_is_a_finding(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    backup = await older_copy(settings, tmp_path)
    shutil.copy(HeadFile(log_of(settings)).path, HeadFile(backup).path)
    of_backup = Settings(data_dir=settings.data_dir, store=f"sqlite:///{backup}")

    assert await check(of_backup, alone=True) == Exit.FOUND


async def test_a_head_file_that_cannot_be_read_is_a_finding_beside_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    await placed(settings, "a")
    HeadFile(log_of(settings)).path.write_bytes(b"{")

    assert await check(settings, alone=False) == Exit.FOUND

    checked = json.loads(capsys.readouterr().out)
    assert checked["events"] == 1
    [finding] = checked["findings"]
    assert "ledger.db.head cannot be read" in finding["message"]


async def check(settings: Settings, *, alone: bool) -> Exit:
    return await check_everything(settings, alone=alone, wanted_bar=False, as_json=True)


async def older_copy(settings: Settings, tmp_path: Path) -> Path:
    await placed(settings, "a")
    backup = tmp_path / "backup.db"
    await asyncio.to_thread(shutil.copy, log_of(settings), backup)
    await placed(settings, "b")
    await read(settings, "payment")
    return backup
