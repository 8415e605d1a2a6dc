"""What workers say of themselves, as one file per read model."""

import json
import os
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter

from projections.storage.heartbeats import WEDGED_AFTER, WorkerState, age, judge
from runtime.disk import disk_full
from runtime.files import write_durably

PID_MAX = 2**31
_STATE = TypeAdapter(WorkerState)


class FileStates:
    """One worker has the say: the one that writes. A second one stands by, and says nothing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def tell(self, state: WorkerState, *, holding: bool) -> None:
        now = datetime.fromisoformat(state.heartbeat)
        if holding or not works_elsewhere(self._folder, state.name, now):
            write_state(self._folder, state)

    async def told(self, name: str, now: datetime) -> list[WorkerState]:
        found = read_state(self._folder, name)
        if found is None:
            return []
        full = disk_full(self._folder)
        if full and found.state != "stopped" and age(found, now) > WEDGED_AFTER:
            # Its heartbeat is old because it cannot be written.
            found = replace(found, state="paused", reason=full, heartbeat=now.isoformat())
        return [found]


def write_state(folder: Path, state: WorkerState) -> None:
    """Replace what the worker said before."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_durably(_path(folder, state.name), json.dumps(asdict(state)).encode(), sync=False)


def read_state(folder: Path, name: str) -> WorkerState | None:
    """What this model's worker said last; None where it never did, or not legibly."""
    with suppress(FileNotFoundError, ValueError):
        state: WorkerState = _STATE.validate_json(_path(folder, name).read_bytes(), strict=True)
        has_zone = datetime.fromisoformat(state.heartbeat).tzinfo is not None
        return state if has_zone and 0 < state.pid < PID_MAX else None
    return None


def works_elsewhere(folder: Path, name: str, now: datetime) -> bool:
    """Whether another process that lives and beats has this model's say."""
    told = read_state(folder, name)
    if told is None or told.pid == os.getpid():
        return False
    return judge(told, now)[0] in ("running", "stalled", "sweeping", "paused")


def _path(folder: Path, name: str) -> Path:
    return folder / f"{name}.worker.json"
