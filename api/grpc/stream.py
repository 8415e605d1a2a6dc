"""One call of gRPC on its stream of HTTP/2: its messages in and out, and how it ends.

Everything that surrounds a call is here, in one layer: metadata, identity, trace, deadline, errors,
metrics, log line.
"""

import asyncio
import time
from base64 import b64encode
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeAlias
from urllib.parse import quote

from google.protobuf.message import Message

from api.grpc.connection import Connection
from api.grpc.http2 import (
    END_HEADERS,
    END_STREAM,
    FRAME_MAX,
    Head,
    Kind,
    Reason,
    frame,
    header_block,
)
from api.http.guards import Limits
from api.http.problems import Rejected
from api.rpc.call import Call, Method
from api.rpc.content import parsed
from api.rpc.errors import Code, Failure, failure_of
from api.rpc.watch import Watch

CHANNEL: Final = "grpc"
PREFIX_BYTES: Final = 5
"""Before each message: whether it is compressed, and its size."""
PAUSE_AFTER: Final = 32
"""Messages of a stream; then the others have a turn, whatever those messages are."""
_HEAD: Final = header_block(((b":status", b"200"), (b"content-type", b"application/grpc")))
_DONE: Final = header_block(((b"grpc-status", b"0"),))
_SAFE: Final = " !\"#$&'()*+,-./:;<=>?@[\\]^_`{|}~"
"""Characters of a message that are sent as they are."""
Identify: TypeAlias = Callable[[Head], Awaitable[str | None]]
"""Who calls. Raises Rejected."""
_Work: TypeAlias = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Around:
    """What surrounds every call. identify: None: nobody is asked, as there is no authentication
    yet. tasks: those of the calls under way.
    """

    watch: Watch
    limits: Limits
    tasks: set["asyncio.Task[None]"]
    identify: Identify | None = None


class CallStream:
    """Of a call that has begun. The connection sets its windows."""

    __slots__ = (
        "_around",
        "_arrived",
        "_began_s",
        "_body",
        "_connection",
        "_ended",
        "_head",
        "_held",
        "_id",
        "_is_answering",
        "_method",
        "_needed",
        "_received",
        "_request_ended",
        "_room",
        "_task",
        "receive_window",
        "send_window",
    )

    def __init__(
        self, connection: Connection, id_: int, head: Head, method: Method, around: Around
    ) -> None:
        self.send_window = self.receive_window = 0
        self._connection = connection
        self._id = id_
        self._head = head
        self._method = method
        self._around = around
        self._body = bytearray()
        self._held = 0
        self._needed = PREFIX_BYTES
        self._received: deque[bytes | Rejected] = deque()
        self._arrived: asyncio.Future[None] | None = None
        self._room: asyncio.Future[None] | None = None
        self._request_ended = self._is_answering = self._ended = False
        self._task: asyncio.Task[None] | None = None
        self._began_s = time.monotonic()
        if method.both is not None:
            self._start(self._both_ways)

    # What the connection calls --------------------------------------------------------------------

    def data(self, content: bytes, size: int, *, ends: bool) -> None:
        """A message that is too large or compressed ends the call: the next ones cannot be told
        apart from it.
        """
        if self._ended:
            self._connection.credit(0, size)
            return
        self._held += size
        self._request_ended = self._request_ended or ends
        most = self._around.limits.body_max_bytes
        if ends and not self._body and self._method.both is None and _is_one_message(content, most):
            self._received.append(content[PREFIX_BYTES:])  # as nearly every request comes
            self._one_request()
            return
        self._body += content
        try:
            self._split()
        except Rejected as error:
            self._refuse(error)
            return
        if self._method.both is not None:
            if self._arrived is not None and not self._arrived.done():
                self._arrived.set_result(None)
        elif ends:
            self._one_request()

    def has_room(self) -> None:
        if self._room is not None and not self._room.done():
            self._room.set_result(None)

    def gone(self) -> None:
        self._ended = True
        self._release()
        if self._task is not None:
            self._task.cancel()

    def look(self, now_s: float) -> None:
        """A request that does not arrive is given up."""
        del now_s
        late = time.monotonic() - self._began_s > self._around.limits.read_s
        if late and self._task is None and not self._ended:
            self._refuse(TimeoutError())

    # Messages in ----------------------------------------------------------------------------------

    def _split(self) -> None:
        """Whole messages out of what has arrived. Raises Rejected."""
        body = self._body
        while len(body) >= self._needed:
            if self._needed == PREFIX_BYTES:
                if body[0]:
                    raise compressed()
                size = int.from_bytes(body[1:PREFIX_BYTES], "big")
                most = self._around.limits.body_max_bytes
                if size > most:
                    raise Rejected("body-too-large", f"a message may have {most} bytes")
                self._needed = PREFIX_BYTES + size
                if size and len(body) < self._needed:
                    return
            self._received.append(bytes(body[PREFIX_BYTES : self._needed]))
            del body[: self._needed]
            self._needed = PREFIX_BYTES

    def _one_request(self) -> None:
        if len(self._received) != 1 or self._body:
            self._refuse(Rejected("malformed", "a call of this method has one message"))
            return
        self._release()
        data = self._received.popleft()
        assert isinstance(data, bytes)
        work = self._many_answers if self._method.unary is None else self._one_answer
        self._start(partial(work, data))

    async def _requests(self) -> AsyncGenerator[Message | Rejected, None]:
        """What is no message is answered, and the next one read. Raises TimeoutError."""
        kind, read_s, number = self._method.request, self._around.limits.read_s, 0
        while True:
            while self._received:
                number += 1
                if not number % PAUSE_AFTER:
                    await asyncio.sleep(0)
                data = self._received.popleft()
                if not self._received:
                    self._take_more()
                try:
                    assert isinstance(data, bytes)
                    yield parsed(kind, data)
                except Rejected as error:
                    yield error
            if self._request_ended:
                if self._body:
                    raise Rejected("malformed", "the last message is not complete")
                return
            self._take_more()
            self._arrived = asyncio.get_running_loop().create_future()
            async with asyncio.timeout(read_s):
                await self._arrived

    def _take_more(self) -> None:
        """Only now may the client send more: one that is not read is not read from."""
        held, self._held = self._held, 0
        if held and not self._ended:
            self._connection.credit(0 if self._request_ended else self._id, held)

    def _release(self) -> None:
        held, self._held = self._held, 0
        if held:
            self._connection.credit(0, held)

    # The call -------------------------------------------------------------------------------------

    def _start(self, work: _Work) -> None:
        self._task = asyncio.get_running_loop().create_task(self._surrounded(work))
        self._around.tasks.add(self._task)
        self._task.add_done_callback(self._around.tasks.discard)

    async def _surrounded(self, work: _Work) -> None:
        """Runs the work of the call. What it raises is answered; so is nothing where the client has
        given the call up.
        """
        began_s, code = time.perf_counter(), Code.OK
        try:
            if self._head.timeout_s is None:
                await work()
            else:
                async with asyncio.timeout(self._head.timeout_s):
                    await work()
        except asyncio.CancelledError:
            code = Code.CANCELLED
            if not self._ended:  # the server stops
                self._fail(failure_of(TimeoutError()))
        except Exception as error:  # noqa: BLE001 (every call gets an answer)
            failure = failure_of(error)
            code = failure.code
            self._fail(failure)
        finally:
            seconds = time.perf_counter() - began_s
            self._around.watch.ended(CHANNEL, self._method.path, code, seconds)

    async def _call(self) -> Call:
        call = Call(self._head.metadata or {}, CHANNEL)
        if self._around.identify is not None:
            call.identity = await self._around.identify(self._head)
        return call

    async def _one_answer(self, data: bytes) -> None:
        call, watch, handle = await self._call(), self._around.watch, self._method.unary
        assert handle is not None
        request = parsed(self._method.request, data)
        if watch.tracing is None:
            answer = await handle(request, call)
        else:
            with watch.span(self._method.path, call):
                answer = await handle(request, call)
        await self._whole(answer.SerializeToString())

    async def _many_answers(self, data: bytes) -> None:
        call, handle = await self._call(), self._method.stream
        assert handle is not None
        await self._stream_out(handle(parsed(self._method.request, data), call), call)

    async def _both_ways(self) -> None:
        call, handle = await self._call(), self._method.both
        assert handle is not None
        async with aclosing(self._requests()) as requests:
            await self._stream_out(handle(requests, call), call)

    async def _stream_out(
        self, messages: "AsyncGenerator[Message | None, None]", call: Call
    ) -> None:
        watch = self._around.watch
        if watch.tracing is None:
            await self._messages_out(messages)
            return
        with watch.span(self._method.path, call):
            await self._messages_out(messages)

    async def _messages_out(self, messages: "AsyncGenerator[Message | None, None]") -> None:
        """A client that does not read is given up: it holds up nobody else."""
        async with aclosing(messages):
            async for message in messages:
                self._answer_head()
                if message is not None:
                    await self._write(message.SerializeToString())
        self._answer_head()
        self._end(_DONE)

    # Messages out ---------------------------------------------------------------------------------

    async def _whole(self, message: bytes) -> None:
        """The only message of an answer, with its head and its end: one write where it fits."""
        size = PREFIX_BYTES + len(message)
        if size <= FRAME_MAX and self._connection.room(self) >= size and not self._ended:
            self._spend(size)
            self._connection.send(
                b"".join(
                    (
                        frame(Kind.HEADERS, END_HEADERS, self._id, _HEAD),
                        frame(Kind.DATA, 0, self._id, _prefixed(message)),
                        frame(Kind.HEADERS, END_HEADERS | END_STREAM, self._id, _DONE),
                    )
                )
            )
            self._over()
        else:
            self._answer_head()
            await self._write(message)
            self._end(_DONE)

    async def _write(self, message: bytes) -> None:
        """Raises TimeoutError where the client does not take it."""
        content = memoryview(_prefixed(message))
        while content and not self._ended:
            room = self._connection.room(self)
            if not room:
                self._room = asyncio.get_running_loop().create_future()
                async with asyncio.timeout(self._around.limits.write_s):
                    await self._room
                continue
            chunk, content = bytes(content[:room]), content[room:]
            self._spend(len(chunk))
            self._connection.send(frame(Kind.DATA, 0, self._id, chunk))

    def _spend(self, size: int) -> None:
        self.send_window -= size
        self._connection.send_window -= size

    def _answer_head(self) -> None:
        if not self._is_answering and not self._ended:
            self._is_answering = True
            self._connection.send(frame(Kind.HEADERS, END_HEADERS, self._id, _HEAD))

    def _refuse(self, error: Exception) -> None:
        """Of a request that cannot be read. A task that reads it is told too."""
        failure = failure_of(error)
        if self._task is None:
            self._around.watch.ended(CHANNEL, self._method.path, failure.code, 0.0)
        self._fail(failure)
        if self._task is not None:
            self._task.cancel()

    def _fail(self, failure: Failure) -> None:
        trailers = trailers_of(failure)
        self._end(trailers if self._is_answering else _HEAD + trailers)

    def _end(self, trailers: bytes) -> None:
        """The last frame of the answer; what is left of the request is not wanted."""
        if self._ended:
            return
        for block in _blocks(self._id, trailers):
            self._connection.send(block)
        self._over()

    def _over(self) -> None:
        self._ended = True
        if not self._request_ended:
            self._connection.reset(self._id, Reason.NO_ERROR)
        self._release()
        self._connection.ended(self._id, self)


def _is_one_message(content: bytes, most: int) -> bool:
    """Whole, of at most so many bytes, and not compressed."""
    return (
        PREFIX_BYTES <= len(content) <= PREFIX_BYTES + most
        and content[0] == 0
        and int.from_bytes(content[1:PREFIX_BYTES], "big") == len(content) - PREFIX_BYTES
    )


def trailers_of(failure: Failure) -> bytes:
    message = quote(failure.message, safe=_SAFE)[:2000]
    details = b64encode(failure.status().SerializeToString()).rstrip(b"=")
    return header_block(
        (
            (b"grpc-status", b"%d" % failure.code),
            (b"grpc-message", message.encode()),
            (b"grpc-status-details-bin", details),
        )
    )


def compressed() -> Rejected:
    return Rejected("unsupported-media-type", "send messages without compression")


def refused(connection: Connection, id_: int, failure: Failure, *, ends: bool) -> None:
    """Answers a call that does not begin. ends: all of it has arrived."""
    for block in _blocks(id_, _HEAD + trailers_of(failure)):
        connection.send(block)
    if not ends:
        connection.reset(id_, Reason.NO_ERROR)


def _blocks(id_: int, headers: bytes) -> list[bytes]:
    """The frames of a last header block."""
    parts = [headers[at : at + FRAME_MAX] for at in range(0, len(headers), FRAME_MAX)]
    last = len(parts) - 1
    frames = []
    for number, part in enumerate(parts):
        kind = Kind.CONTINUATION if number else Kind.HEADERS
        flags = (0 if number else END_STREAM) | (END_HEADERS if number == last else 0)
        frames.append(frame(kind, flags, id_, part))
    return frames


def _prefixed(message: bytes) -> bytes:
    return b"\x00" + len(message).to_bytes(4, "big") + message
