"""Requests to append, over one BatchAppend call that stays open.

They are written to the call in the order in which they were asked for, many are under way at once,
and each answer names its request. The server stores them in the order in which they were written.
When the call ends, whatever has no answer is written to the next call, unchanged and in the same
order: the server recognises what it has stored.
"""

import asyncio
import logging
from collections import deque
from contextlib import suppress
from struct import Struct
from typing import Final, NamedTuple
from uuid import UUID, uuid4

from esdbclient import exceptions as esdb
from esdbclient.protos.Grpc import shared_pb2
from esdbclient.protos.Grpc.streams_pb2 import BatchAppendReq, BatchAppendResp
from google.protobuf.message import DecodeError

from eventstore.eventstoredb.connection import Client, Connection
from eventstore.eventstoredb.faults import (
    ERRORS,
    NotReady,
    was_not_sent,
)
from eventstore.eventstoredb.reads import AppendCall
from eventstore.port import EventsLost, StoreError, StoreUnavailable

_log = logging.getLogger("daybook.log")

REQUESTS_MAX: Final = 512
BYTES_MAX: Final = 16 * 1024 * 1024
"""Under way at once; more wait here. A request that has more bytes is under way alone."""
LATE_S: Final = 0.5
"""How long an answer may take beyond the request's own deadline."""

_TWO_NUMBERS: Final = Struct(">qq").pack
_REFUSALS: Final = (
    shared_pb2.WrongExpectedVersion,
    shared_pb2.StreamDeleted,
    shared_pb2.MaximumAppendSizeExceeded,
    shared_pb2.BadRequest,
    shared_pb2.AccessDenied,
)
_ID: Final = str(UUID(int=0))
_ID_FIELD: Final = BatchAppendReq(correlation_id=shared_pb2.UUID(string=_ID)).SerializeToString()[
    : -len(_ID)
]


class Unanswered(Exception):
    """No answer within the time limits. is_in_doubt: the request may have had an effect."""

    def __init__(self, cause: Exception, *, is_in_doubt: bool) -> None:
        super().__init__(str(cause))
        self.cause = cause
        self.is_in_doubt = is_in_doubt


class Answer(NamedTuple):
    """A success or a refusal. was_in_doubt: an earlier try may have had an effect."""

    response: BatchAppendResp
    was_in_doubt: bool


class _Request:
    """An append without an answer."""

    __slots__ = (
        *("answer", "asked_s", "body", "first_written_s", "is_in_doubt", "number"),
        "written_s",
    )

    def __init__(self, body: bytes, loop: asyncio.AbstractEventLoop) -> None:
        self.body = body
        self.answer: asyncio.Future[Answer] = loop.create_future()
        self.asked_s = loop.time()
        self.first_written_s: float | None = None
        self.written_s = 0.0
        self.number = 0
        """Of its last writing, counted over all requests."""
        self.is_in_doubt = False


class Pipeline:
    """The requests of one connection, and the call that takes them. For one event loop.

    A request whose caller is cancelled stays under way until it is answered; it is not sent again.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._timing = connection.timing
        self._requests: dict[_Request, None] = {}
        """Without an answer, in the order of asking."""
        self._unwritten: deque[_Request] = deque()
        self._written: dict[str, _Request] = {}
        """Under way on the present call, by correlation_id, in the order of writing."""
        self._written_bytes = 0
        self._requests_max = REQUESTS_MAX
        """Fewer after a call that ended without an answer, so that the next one gets some."""
        self._number = 0
        self._last_answered = 0
        self._answered_s = 0.0
        self._changed = asyncio.Event()
        self._running: asyncio.Task[None] | None = None

    async def ask(self, body: bytes) -> Answer:
        """The answer to a final BatchAppendReq without its correlation_id.

        Raises Unanswered; EventsLost and StoreUnavailable, as Connection.client() does.
        """
        loop = asyncio.get_running_loop()
        request = _Request(body, loop)
        self._requests[request] = None
        self._unwritten.append(request)
        self._changed.set()
        if self._running is None or self._running.done():
            self._running = loop.create_task(self._run())
        return await request.answer

    async def aclose(self) -> None:
        """Whoever waits for an answer gets StoreUnavailable, or Unanswered if it is in doubt."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait({self._running})

    async def _run(self) -> None:
        """One call after the other, while there are requests."""
        backoff = self._timing.backoff()
        try:
            while True:
                answered_s = self._answered_s
                error = await self._one_call()
                if self._answered_s > answered_s:
                    backoff.reset()
                else:
                    self._requests_max = max(1, len(self._written) // 4)
                pause_s = backoff.pause_s()
                self._call_ended(error, pause_s)
                if not self._requests:
                    return
                await asyncio.sleep(pause_s)
        except StoreError as error:
            self._fail_all(error)
        except asyncio.CancelledError:
            self._fail_all(StoreUnavailable("the store is closed"))
            raise
        except BaseException:
            self._fail_all(StoreUnavailable("the appending task has ended; see the log"))
            raise

    async def _one_call(self) -> Exception:
        """Why it has ended, or could not be made. Raises EventsLost, StoreUnavailable."""
        client: Client | None = None
        try:
            # A discovery that takes longer goes on meanwhile.
            async with asyncio.timeout(self._timing.patience_s):
                client = await self._connection.client()
                _, calls = await self._connection.reads()
                call = await calls.append_call()
            try:
                await self._converse(call)
            finally:
                call.close()
        except ERRORS as error:
            if client is not None:
                await self._connection.discard(client)
            return error
        raise AssertionError("a conversation ends with an error")

    async def _converse(self, call: AppendCall) -> None:
        """Write requests and take answers until the call ends; raises why."""
        self._unwritten = deque(self._requests)
        self._changed.set()
        reading = asyncio.create_task(self._read(call))
        writing = asyncio.create_task(self._write(call))
        try:
            while not reading.done():
                await asyncio.wait({reading}, timeout=self._answer_s / 4)
                if self._is_overdue():
                    await call.check_alive()
                    raise TimeoutError("no answer to an append")
            reading.result()
        finally:
            for task in (reading, writing):
                task.cancel()
            await asyncio.wait({reading, writing})
            for task in (reading, writing):
                if not task.cancelled():
                    task.exception()

    async def _write(self, call: AppendCall) -> None:
        """Returns if the call has ended: reading from it tells why."""
        now = asyncio.get_running_loop().time
        with suppress(esdb.ServiceUnavailable):
            while True:
                while self._unwritten and self._has_room_for(self._unwritten[0]):
                    request = self._unwritten.popleft()
                    if request.answer.done():
                        self._requests.pop(request, None)
                        continue
                    id_ = str(uuid4())
                    self._written[id_] = request
                    self._written_bytes += len(request.body)
                    self._number += 1
                    request.number = self._number
                    request.written_s = now()
                    if request.first_written_s is None:
                        request.first_written_s = request.written_s
                    await call.write(_ID_FIELD + id_.encode() + request.body)
                self._changed.clear()
                await self._changed.wait()

    def _has_room_for(self, request: _Request) -> bool:
        return not self._written or (
            len(self._written) < min(self._requests_max, REQUESTS_MAX)
            and self._written_bytes + len(request.body) <= BYTES_MAX
        )

    async def _read(self, call: AppendCall) -> None:
        while True:
            for message in await call.take():
                try:
                    response = BatchAppendResp.FromString(message)
                except DecodeError as error:
                    why = f"an answer cannot be read: {error}"
                    raise esdb.EventStoreDBClientException(why) from None
                self._take(response)

    def _take(self, response: BatchAppendResp) -> None:
        """One answer. Raises an error if it leaves open whether the events are stored.

        That ends the call: sending only this request again would change the order.
        """
        request = self._written.pop(_id_of(response), None)
        if request is None:
            _log.debug("an answer to no request under way was left out")
            return
        self._written_bytes -= len(request.body)
        error = _doubt_of(response)
        if error is not None:
            request.is_in_doubt = True
            raise error
        self._answered_s = asyncio.get_running_loop().time()
        self._last_answered = max(self._last_answered, request.number)
        self._requests_max = min(self._requests_max + 1, REQUESTS_MAX)
        self._changed.set()
        del self._requests[request]
        if not request.answer.done():
            request.answer.set_result(Answer(response, request.is_in_doubt))

    def _call_ended(self, error: Exception, pause_s: float) -> None:
        """Requests that cannot wait for the next call are given up."""
        self._nothing_under_way(is_in_doubt=not was_not_sent(error))
        for request in list(self._requests):
            self._is_given_up(request, error, pause_s)

    def _nothing_under_way(self, *, is_in_doubt: bool) -> None:
        for request in self._written.values():
            request.is_in_doubt |= is_in_doubt
        self._written.clear()
        self._written_bytes = 0

    def _is_given_up(self, request: _Request, error: Exception, pause_s: float) -> bool:
        """Whether the request will not be sent again after the pause; the caller is told then."""
        if not request.answer.done():
            if request.is_in_doubt:
                until_s = (request.first_written_s or request.asked_s) + self._timing.settle_s
            else:
                # While others are answered, it waits for its turn.
                until_s = max(request.asked_s, self._answered_s) + self._timing.patience_s
            if asyncio.get_running_loop().time() + pause_s <= until_s:
                return False
            request.answer.set_exception(Unanswered(error, is_in_doubt=request.is_in_doubt))
        del self._requests[request]
        return True

    def _fail_all(self, error: StoreError) -> None:
        self._nothing_under_way(is_in_doubt=True)
        requests, self._requests = self._requests, {}
        self._unwritten.clear()
        for request in requests:
            if not request.answer.done():
                is_in_doubt = request.is_in_doubt and not isinstance(error, EventsLost)
                unanswered = Unanswered(error, is_in_doubt=True)
                request.answer.set_exception(unanswered if is_in_doubt else error)

    def _is_overdue(self) -> bool:
        """Whether the oldest request will not be answered on this call any more."""
        oldest = next(iter(self._written.values()), None)
        if oldest is None:
            return False
        late_s = asyncio.get_running_loop().time() - self._answer_s
        is_overtaken = self._last_answered > oldest.number
        return oldest.written_s < late_s and (is_overtaken or self._answered_s < late_s)

    @property
    def _answer_s(self) -> float:
        return self._connection.append_s + LATE_S


def _id_of(response: BatchAppendResp) -> str:
    """The correlation_id as text; a server may send it as two numbers."""
    id_ = response.correlation_id
    if id_.WhichOneof("value") != "structured":
        return str(id_.string)
    bits = id_.structured.most_significant_bits, id_.structured.least_significant_bits
    return str(UUID(bytes=_TWO_NUMBERS(*bits)))


def _doubt_of(response: BatchAppendResp) -> Exception | None:
    """Why the answer leaves open whether the events are stored; None for a success or refusal."""
    match response.WhichOneof("result"):
        case "success":
            return None
        case "error":
            details = response.error.details
            if any(details.Is(kind.DESCRIPTOR) for kind in _REFUSALS):
                return None
            if details.Is(shared_pb2.Timeout.DESCRIPTOR):
                return esdb.AppendDeadlineExceeded()
            if details.Is(shared_pb2.Empty.DESCRIPTOR):
                return NotReady(response.error.message)
            return esdb.EventStoreDBClientException(response.error.message or details.type_url)
        case _:
            return esdb.EventStoreDBClientException("an answer has no result")
