"""How a command is run: settings first, then logs, then its own work."""

import logging
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

from runtime.cli import command
from runtime.environment import SettingsError
from runtime.settings import Settings


@pytest.fixture(autouse=True)
def _root_logger() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def test_a_wrong_setting_is_reported_before_the_command_does_anything(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DAYBOOK_PORT", "many")
    started = []

    @command()
    def work(settings: Settings) -> Coroutine[Any, Any, None]:
        started.append(settings)
        raise AssertionError

    with pytest.raises(SettingsError, match="DAYBOOK_PORT"):
        work()
    assert started == []


def test_a_command_gets_the_settings_and_its_options_and_its_result_is_the_exit_code(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DAYBOOK_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DAYBOOK_LOG_FORMAT", "plain")

    @command()
    def work(settings: Settings, *, code: int) -> Coroutine[Any, Any, int]:
        async def run() -> int:
            logging.getLogger("daybook").warning(
                "postgresql://user:s3cret@db/order: %s", settings.data_dir
            )
            return code

        return run()

    assert work(code=3) == 3
    err = capsys.readouterr().err
    assert str(tmp_path) in err
    assert "s3cret" not in err
