"""What workers report of themselves, in one file per read model."""

import json
import os
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter

from projections.storage.heartbeats import WEDGED_AFTER, WorkerState, age, assess
from runtime.disk import disk_full
from runtime.files import write_durably

PID_MAX = 2**31
_STATE = TypeAdapter(WorkerState)


class HeartbeatFile:
    """See projections.storage.heartbeats.HeartbeatStore.

    Only the worker that holds the read model reports. One that waits for it writes nothing while
    the other one works.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def write(self, state: WorkerState, *, holding: bool) -> None:
        now = datetime.fromisoformat(state.heartbeat)
        if holding or not is_held_elsewhere(self._folder, state.name, now):
            write_report(self._folder, state)

    async def read(self, name: str, now: datetime) -> list[WorkerState]:
        found = read_report(self._folder, name)
        if found is None:
            return []
        full = disk_full(self._folder)
        if full and found.state != "stopped" and age(found, now) > WEDGED_AFTER:
            # Its heartbeat is old because it cannot be written.
            found = replace(found, state="paused", reason=full, heartbeat=now.isoformat())
        return [found]


def write_report(folder: Path, state: WorkerState) -> None:
    """Replace the worker's last report. A crash of the machine may lose it."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_durably(_path(folder, state.name), json.dumps(asdict(state)).encode(), sync=False)


def read_report(folder: Path, name: str) -> WorkerState | None:
    """The last report of this model's worker; None if there is none, or it is not legible."""
    with suppress(FileNotFoundError, ValueError):
        state: WorkerState = _STATE.validate_json(_path(folder, name).read_bytes(), strict=True)
        has_zone = datetime.fromisoformat(state.heartbeat).tzinfo is not None
        return state if has_zone and 0 < state.pid < PID_MAX else None
    return None


def is_held_elsewhere(folder: Path, name: str, now: datetime) -> bool:
    """Whether another process works for this model, by its report."""
    reported = read_report(folder, name)
    if reported is None or reported.pid == os.getpid():
        return False
    return assess(reported, now)[0] in ("running", "stalled", "sweeping", "paused")


def _path(folder: Path, name: str) -> Path:
    return folder / f"{name}.worker.json"
