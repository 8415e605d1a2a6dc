"""Parked orders, which wait after an event that cannot be applied: listed, retried, discarded.

The process that writes the live generation changes them. If that is another process, it gets the
request as a file beside the database, and its answer is waited for. If no process writes it, or
several may, the request is carried out here.
"""

import asyncio
import json
from contextlib import aclosing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, select

from eventstore.port import EventReader, StreamDeleted
from eventstore.record.codec import UpgradeNeeded
from projections.projection import Projection, Row
from projections.storage.errors import Held, ReadModelError
from projections.storage.generations import Generations
from projections.storage.open import open_generations
from projections.storage.reader import plain_rows
from projections.storage.tables import PARKED
from projections.worker.repair import MissingEvents
from projections.worker.runner import catch_up
from projections.worker.writer import Writer, open_writer
from runtime.files import write_durably

ANSWER_S = 10.0
POLL_S = 0.05
RETRY_S = 60.0
RETRY_MAX = 100
RETRY_AT_ONCE = 10
"""Orders retried between two batches: about 30 ms."""
TRANSIENT_ERRORS = tuple(kind.__name__ for kind in (UpgradeNeeded, MissingEvents, StreamDeleted))
"""Errors that can end without a restart of the worker: when the log is restored, or a worker of
a newer version runs beside."""
_REQUEST = ".request.json"
_ANSWER = ".answer.json"


class NotParked(ReadModelError):
    """The order is not parked, or at another event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """Apply the order's event again (after an upgrade), and those after it."""

    order_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Discard:
    """Skip exactly this event, now and in every later generation; recorded for ever."""

    order_id: str
    revision: int
    who: str
    why: str


Request = Retry | Discard
_REQUESTS: dict[str, type[Request]] = {"retry": Retry, "discard": Discard}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """done: the order is not parked any more. message: how it is now, in a sentence."""

    order_id: str
    done: bool
    message: str


def parked(conn: Connection, order_id: str | None = None) -> list[Row]:
    """The events that orders wait for: {order_id, revision, position, type, error}."""
    query = select(PARKED).order_by(PARKED.c.position)
    if order_id is not None:
        query = query.where(PARKED.c.order_id == order_id)
    return plain_rows(conn.execute(query))


async def ask(
    projection: Projection[Any],
    url: str,
    store: EventReader,
    request: Request,
    *,
    answer_s: float = ANSWER_S,
) -> Outcome:
    """Have a request carried out by the process that writes. Raises NotParked, ReadModelError."""
    async with aclosing(open_generations(url)) as found:
        try:
            async with open_writer(projection, found, await found.live()) as writer:
                return await carry_out(writer, found, store, request)
        except Held:
            if found.requests is None:
                raise
            return await _hand_over(found.requests, request, answer_s)


async def carry_out(
    writer: Writer, found: Generations, store: EventReader, request: Request
) -> Outcome:
    """Carry out a request in the process that writes. Raises NotParked, BeingBuilt."""
    order_id = request.order_id
    await writer.recall()
    if isinstance(request, Discard):
        if (order_id, request.revision) in writer.discards and order_id not in writer.parked:
            return Outcome(order_id=order_id, done=True, message="was discarded before")
        await _discard(writer, found, request)
    elif order_id not in writer.parked:
        raise NotParked(f"{order_id} is not parked in {writer.projection.name}")
    revision = await _retry(writer, order_id, store)
    rows = await _parked_at(writer, order_id)
    if rows:
        message = f"is parked at revision {rows[0]['revision']}: {rows[0]['error']}"
        return Outcome(order_id=order_id, done=False, message=message)
    return Outcome(order_id=order_id, done=True, message=f"is at revision {revision}")


class Retries:
    """The parked orders that a worker retries on its own, a few between two batches.

    All of them once after its start, as it may be a newer version. Every RETRY_S the first
    RETRY_MAX of those whose error may have ended without a restart (TRANSIENT_ERRORS).
    """

    def __init__(self) -> None:
        self._due: list[str] = []
        self._started = False
        self._next_s = 0.0

    async def retry_some(self, writer: Writer, store: EventReader) -> None:
        """Retry some of those that are due. Raises StoreError, the database's errors."""
        now_s = asyncio.get_running_loop().time()
        if not self._due and now_s >= self._next_s:
            self._next_s = now_s + RETRY_S
            await writer.recall()
            self._due = await self._found(writer) if writer.parked else []
        for _ in range(min(RETRY_AT_ONCE, len(self._due))):
            order_id = self._due[0]
            if order_id in writer.parked:
                await _retry(writer, order_id, store)
            self._due.pop(0)

    async def _found(self, writer: Writer) -> list[str]:
        started, self._started = self._started, True
        rows = await writer.rows(select(PARKED).order_by(PARKED.c.position))
        heal = [row for row in rows if row["error"].split(":")[0] in TRANSIENT_ERRORS]
        return [row["order_id"] for row in (heal[:RETRY_MAX] if started else rows)]


async def _retry(writer: Writer, order_id: str, store: EventReader) -> int | None:
    """Returns the order's revision then."""
    await catch_up(writer, order_id, store, unpark=True)
    # Events that another writer skipped meanwhile, because it saw the order parked, are in the log.
    return await catch_up(writer, order_id, store, unpark=True)


async def answer_requests(writer: Writer, found: Generations, store: EventReader) -> None:
    """Carry out the requests of other processes. An error of one becomes its answer."""
    folder = found.requests
    if folder is None or not folder.is_dir():
        return
    for path in sorted(folder.glob("*" + _REQUEST)):
        try:
            request = _read(path)
            outcome = await carry_out(writer, found, store, request)
            answer: dict[str, Any] = {"outcome": asdict(outcome)}
        except FileNotFoundError:
            # Withdrawn by the process that asked.
            continue
        except Exception as error:  # noqa: BLE001 (it becomes the answer, the worker continues)
            answer = {"refused": str(error), "not_parked": isinstance(error, NotParked)}
        answer_path = path.with_name(path.name.removesuffix(_REQUEST) + _ANSWER)
        _put(answer_path, answer)
        try:
            path.unlink()
        except FileNotFoundError:
            # Withdrawn meanwhile: nobody waits for the answer.
            answer_path.unlink(missing_ok=True)


async def _discard(writer: Writer, found: Generations, request: Discard) -> None:
    rows = await _parked_at(writer, request.order_id)
    if not rows or rows[0]["revision"] != request.revision:
        raise NotParked(
            f"{request.order_id} is not parked at revision {request.revision} in"
            f" {writer.projection.name}: see `daybook parked list`"
        )
    # A build in progress has copied the discards already, and would miss this one.
    async with found.building():
        await writer.discard([asdict(request)])


async def _parked_at(writer: Writer, order_id: str) -> list[Row]:
    return await writer.rows(select(PARKED).where(PARKED.c.order_id == order_id))


async def _hand_over(folder: Path, request: Request, answer_s: float) -> Outcome:
    request_path, answer_path = _put_request(folder, request)
    waited = 0.0
    while not answer_path.exists():
        if waited >= answer_s:
            request_path.unlink(missing_ok=True)
            raise ReadModelError(
                f"no answer in {answer_s:g} s from the worker that holds the read model: see"
                " `daybook status`, and `daybook parked list` for whether it was done"
            )
        await asyncio.sleep(POLL_S)
        waited += POLL_S
    answer = json.loads(answer_path.read_bytes())
    answer_path.unlink()
    if "refused" in answer:
        raise (NotParked if answer.get("not_parked") else ReadModelError)(answer["refused"])
    return Outcome(**answer["outcome"])


def _put_request(folder: Path, request: Request) -> tuple[Path, Path]:
    """Returns the files of the request and of its answer."""
    folder.mkdir(mode=0o700, exist_ok=True)
    name = uuid4().hex
    kind = next(kind for kind, of in _REQUESTS.items() if of is type(request))
    asked = folder / (name + _REQUEST)
    _put(asked, {"kind": kind, "fields": asdict(request)})
    return asked, folder / (name + _ANSWER)


def _read(path: Path) -> Request:
    content = json.loads(path.read_bytes())
    return _REQUESTS[content["kind"]](**content["fields"])


def _put(path: Path, content: dict[str, Any]) -> None:
    write_durably(path, json.dumps(content).encode())
