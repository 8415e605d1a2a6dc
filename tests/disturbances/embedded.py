"""`daybook serve` with its worker process, all in SQLite files of one folder."""

import asyncio
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import httpx

from runtime.model_names import MODEL_NAMES
from tests.disturbances.target import Fault, asked_troubles, differences
from tests.e2e.running import PROGRAM, daybook, environment
from tests.parts.ports import free_port
from tests.projections.kinds import Tables
from tests.projections.toy import with_sums
from tests.stack.comparing import ASIDE
from tests.stack.plan import LOOPBACK
from tests.waiting import HUNG_S

DESCRIPTORS = 1_024
START_S = 240.0
STOP_S = 30.0


class Embedded:
    """See tests.disturbances.target.Target."""

    def __init__(self, folder: Path, chance: random.Random) -> None:
        self.folder = folder / "data"
        self.folder.mkdir(mode=0o700)
        self.log = self.folder / "ledger.db"
        self._copies = folder / "copies"
        self._chance = chance
        self._port = free_port()
        self.url = f"http://{LOOPBACK}:{self._port}"
        self._err = (folder / "serve.err").open("ab")
        self._child = self._started()

    @property
    def faults(self) -> Mapping[str, Fault]:
        return {
            "kill the server": self._kill_server,
            "stop and start the server": self._restart,
            "freeze the server": self._freeze_server,
            "kill the worker process": self._kill_worker,
            "freeze the worker process": self._freeze_worker,
            "put older copies of read models back": self._older_copies,
            "replay under the running server": self._replay,
        }

    def troubles(self) -> list[str]:
        return asked_troubles(self.url)

    def differing(self) -> dict[str, int]:
        live = {name: self._rows(name) for name in MODEL_NAMES}
        done = daybook("replay", "--all", folder=self.folder)
        assert done.returncode == 0, done.stderr.decode()
        return {name: differences(live[name], self._rows(name)) for name in MODEL_NAMES}

    def checked(self) -> str:
        done = daybook("check", folder=self.folder)
        return "" if done.returncode == 0 else (done.stdout + done.stderr).decode()

    def close(self) -> None:
        self._stop()
        self._err.close()

    async def _kill_server(self) -> None:
        self._child.kill()
        self._child.wait()
        await self._again()

    async def _restart(self) -> None:
        await asyncio.to_thread(self._stop)
        await self._again()

    async def _freeze_server(self) -> None:
        await self._frozen(self._child.pid, self._chance.uniform(0.5, 5))

    async def _kill_worker(self) -> None:
        os.kill(self._worker(), signal.SIGKILL)

    async def _freeze_worker(self) -> None:
        await self._frozen(self._worker(), self._chance.uniform(1, 14))

    async def _frozen(self, pid: int, seconds: float) -> None:
        os.kill(pid, signal.SIGSTOP)
        await asyncio.sleep(seconds)
        os.kill(pid, signal.SIGCONT)

    async def _older_copies(self) -> None:
        """Those of the last time, of some models; and copies for the next time."""
        await asyncio.to_thread(self._stop)
        fresh = self._copies.with_name("fresh")
        shutil.copytree(self.folder, fresh, dirs_exist_ok=True)
        if self._copies.exists():
            for name in self._chance.sample(MODEL_NAMES, self._chance.randint(1, len(MODEL_NAMES))):
                for path in self.folder.glob(f"{name}.*"):
                    if path.is_file():
                        path.unlink()
                for path in self._copies.glob(f"{name}.*"):
                    if path.is_file():
                        shutil.copy(path, self.folder)
            shutil.rmtree(self._copies)
        fresh.rename(self._copies)
        await self._again()

    async def _replay(self) -> None:
        name = self._chance.choice(MODEL_NAMES)
        done = await asyncio.to_thread(daybook, "replay", name, folder=self.folder)
        assert done.returncode == 0, done.stderr.decode()

    def _worker(self) -> int:
        """The process of the read models, as they say themselves."""
        models = httpx.get(f"{self.url}/v1/projections", timeout=HUNG_S).json()["items"]
        [pid] = {one["pid"] for one in models if one["pid"]}
        return int(pid)

    async def _again(self) -> None:
        self._child = self._started()
        await asyncio.to_thread(self._await)

    def _started(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            ["sh", "-c", f'ulimit -n {DESCRIPTORS}; exec "$@"', "serve", *PROGRAM, "serve"],
            env=environment(self.folder, PORT=str(self._port)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._err,
        )

    def _await(self) -> None:
        deadline = time.monotonic() + START_S
        while True:
            try:
                httpx.get(f"{self.url}/healthz", timeout=HUNG_S)
            except httpx.HTTPError:
                assert self._child.poll() is None, "serve has ended"
                assert time.monotonic() < deadline, "serve did not start"
                time.sleep(0.1)
            else:
                return

    def _stop(self) -> None:
        if self._child.poll() is None:
            self._child.send_signal(signal.SIGTERM)
            assert self._child.wait(STOP_S) == 0

    def _rows(self, name: str) -> Tables:
        live = json.loads((self.folder / f"{name}.live").read_bytes())["live"]
        connection = sqlite3.connect(f"file:{self.folder / name}.g{live}.db?mode=ro", uri=True)
        try:
            found = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
            names = [table for (table,) in found if table not in ASIDE]
            return with_sums(
                {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in names}
            )
        finally:
            connection.close()
