"""`python -m tests.flows`: the files and functions of the program that four flows enter.

Counted as they run, warm, with SQLite. A number that grows says that a reader has more to hold in
mind; nothing is asserted. `--files` names the files.
"""

import asyncio
import sys
import tempfile
import threading
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from pathlib import Path
from types import FrameType
from typing import Any

from api.http.guards import Limits
from eventstore.port import EventStore
from eventstore.stores import SQLITE, open_store
from projections.models import MODELS
from projections.sources.log import SharedLog
from projections.storage.open import open_generations
from projections.worker.runner import run
from projections.worker.writer import open_writer
from replay.rebuild import rebuild
from tests.api.conftest import Api, api_of
from tests.deployed import ROOT
from tests.report import FOLDERS


class Entered:
    """What was called while it counted, in every thread that began after watch()."""

    def __init__(self) -> None:
        self.functions: set[tuple[str, str]] = set()
        self._counts = False

    def watch(self) -> None:
        threading.setprofile(self._see)
        sys.setprofile(self._see)

    async def by(self, flow: Callable[[], Awaitable[object]]) -> set[tuple[str, str]]:
        """(file, function) of each that the flow entered."""
        self.functions, self._counts = set(), True
        await flow()
        self._counts = False
        return self.functions

    def _see(self, frame: FrameType, what: str, _: Any) -> None:
        if not self._counts or what != "call":
            return
        code = frame.f_code
        file = code.co_filename.removeprefix(f"{ROOT}/")
        if file.split("/")[0] in FOLDERS and code.co_name[0] != "<":
            self.functions.add((file, code.co_qualname))


async def _event_to_rows(api: Api, store: EventStore) -> None:
    """One round of the payment model's worker: what the log has more than the rows."""
    source = SharedLog(store)
    async with aclosing(source), aclosing(open_generations(api.urls["payment"])) as found:
        number = await found.live()
        async with open_writer(MODELS["payment"], found, number) as writer:
            await run(writer, source, store, stop_at_tail=True, between=_go_on)


async def _go_on() -> bool:
    return True


async def flows(folder: Path) -> dict[str, set[tuple[str, str]]]:
    entered = Entered()
    entered.watch()
    store = open_store(f"{SQLITE}{folder / 'ledger.db'}")
    async with aclosing(store), api_of(folder, store, Limits()) as api:
        await api.place("warm")
        await api.catch_up()
        await api.client.get("/v1/orders/warm/payments?min_revision=0")
        await rebuild(MODELS["payment"], api.urls["payment"], store)
        found = {"place-order, HTTP to durable": await entered.by(lambda: api.place("o-1"))}
        found["event to the payment rows"] = await entered.by(lambda: _event_to_rows(api, store))
        found["rebuild of payment, verified"] = await entered.by(
            lambda: rebuild(MODELS["payment"], api.urls["payment"], store)
        )
        url = "/v1/orders/o-1/payments?min_revision=0"
        found["view with min_revision"] = await entered.by(lambda: api.client.get(url))
    return found


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(flows(Path(folder)))
    for name, functions in found.items():
        files = sorted({file for file, _ in functions})
        sys.stdout.write(f"{name:32} {len(files):3} files {len(functions):4} functions\n")
        if "--files" in sys.argv[1:]:
            sys.stdout.writelines(f"    {file}\n" for file in files)


if __name__ == "__main__":
    main()
