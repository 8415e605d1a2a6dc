"""One connection of HTTP/2, as a server of gRPC. What it may cost is bounded: streams, windows,
frames that carry nothing, time.
"""

import asyncio
from collections.abc import Callable
from typing import Final, Protocol, cast

from api.grpc.http2 import (
    ACK,
    BLOCK_BYTES_MAX,
    END_HEADERS,
    END_STREAM,
    FIRST_WINDOW,
    FRAME_MAX,
    HEAD_BYTES_MAX,
    HEADER,
    HEADER_BYTES,
    HEADER_LIST_SIZE,
    INITIAL_WINDOW_SIZE,
    MAX_CONCURRENT_STREAMS,
    PREFACE,
    PRIORITY_FLAG,
    WINDOW_MAX,
    Head,
    Heads,
    Http2Error,
    Kind,
    Reason,
    frame,
    settings,
    unpadded,
)

STREAMS_MAX: Final = 1000
"""Calls of one connection at the same time; the others wait in the client."""
IDLE_FRAMES_MAX: Final = 10_000
"""Frames that bring no message, in IDLE_FRAMES_S; a client that sends more is closed."""
IDLE_FRAMES_S: Final = 10.0
KEEPALIVE_S: Final = 60.0
KEEPALIVE_WITHIN_S: Final = 20.0
BEGIN_S: Final = 10.0
"""From the connection's start to its settings."""
LOOK_S: Final = 5.0
JOINED_BYTES_MAX: Final = 65_536
"""Written at once."""
UNREAD_BYTES_MAX: Final = 262_144
"""Left in the connection before writers wait."""
_PING: Final = b"daybook!"


class Stream(Protocol):
    """What a connection needs of each of its streams."""

    send_window: int
    receive_window: int

    def data(self, content: bytes, size: int, *, ends: bool) -> None:
        """Some of the request. size: what counts for the windows."""
        ...

    def has_room(self) -> None:
        """More may be sent."""
        ...

    def gone(self) -> None:
        """Nobody waits for an answer any more."""
        ...

    def look(self, now_s: float) -> None:
        """Now and then, to end what takes too long."""
        ...


Begin = Callable[["Connection", int, Head, bool], Stream | None]


class Connection(asyncio.Protocol):
    """begin: makes the stream of a call, from its head and whether that is all of it; None where it
    was answered already.
    """

    def __init__(
        self,
        begin: Begin,
        *,
        window: int,
        connection_window: int,
        write_s: float,
        opened: Callable[["Connection"], bool],
        closed: Callable[["Connection"], None],
    ) -> None:
        self._begin = begin
        self._window = window
        self._connection_window = connection_window
        self._write_s = write_s
        self._opened = opened
        self._closed = closed
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._rest = b""
        self._out: list[bytes] = []
        self._out_bytes = 0
        self._heads = Heads()
        self._block: tuple[int, int, bytes] | None = None
        """Stream, flags and content of a header block of which more frames follow."""
        self.streams: dict[int, Stream] = {}
        self._last_id = 0
        self._has_preface = self._has_settings = self._is_ending = False
        self._peer_window = FIRST_WINDOW
        self.send_window = FIRST_WINDOW
        self._receive_window = connection_window
        self._uncredited = 0
        self._waiting: set[Stream] = set()
        self._unread: asyncio.TimerHandle | None = None
        self._looking: asyncio.TimerHandle | None = None
        self._idle_frames = 0
        self._idle_since = self._heard = self._began = self._loop.time()
        self._pinged: float | None = None

    # What the transport calls ---------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        if not self._opened(self):
            self.end(Reason.ENHANCE_YOUR_CALM)
            return
        self._transport.set_write_buffer_limits(high=UNREAD_BYTES_MAX)
        ours = {
            MAX_CONCURRENT_STREAMS: STREAMS_MAX,
            INITIAL_WINDOW_SIZE: self._window,
            HEADER_LIST_SIZE: HEAD_BYTES_MAX,
        }
        more = self._connection_window - FIRST_WINDOW
        self.send(frame(Kind.SETTINGS, 0, 0, settings(ours)))
        self.send(frame(Kind.WINDOW_UPDATE, 0, 0, more.to_bytes(4, "big")))
        self._looking = self._loop.call_later(LOOK_S, self._look)

    def data_received(self, data: bytes) -> None:
        if self._transport is None:
            return
        self._heard = self._loop.time()
        self._pinged = None
        try:
            self._take(self._rest + data if self._rest else data)
        except Http2Error as error:
            self.end(error.reason)

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._transport = None
        for timer in (self._looking, self._unread):
            if timer is not None:
                timer.cancel()
        for stream in list(self.streams.values()):
            stream.gone()
        self.streams.clear()
        self._closed(self)

    def pause_writing(self) -> None:
        """A client that takes nothing for so long is given up."""
        if self._unread is None:
            self._unread = self._loop.call_later(self._write_s, self.abort)

    def resume_writing(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None
        self._wake()

    # What the streams call ------------------------------------------------------------------------

    @property
    def heard_s(self) -> float:
        """When something came last, by the loop's clock."""
        return self._heard

    def room(self, stream: Stream) -> int:
        """How much of a stream's answer may be sent now; where it is nothing, it is told later."""
        room = min(self.send_window, stream.send_window, FRAME_MAX)
        if self._unread is not None or room <= 0:
            self._waiting.add(stream)
            return 0
        return room

    def send(self, data: bytes) -> None:
        """Written together with what else is sent in this turn of the loop."""
        if not self._out:
            self._loop.call_soon(self._flush)
        self._out.append(data)
        self._out_bytes += len(data)
        if self._out_bytes >= JOINED_BYTES_MAX:
            self._flush()

    def credit(self, stream_id: int, size: int) -> None:
        """So many bytes of a request are no longer held. stream_id: 0 where no more will come."""
        self._uncredited += size
        if self._uncredited >= self._connection_window // 4:
            self._receive_window += self._uncredited
            self.send(frame(Kind.WINDOW_UPDATE, 0, 0, self._uncredited.to_bytes(4, "big")))
            self._uncredited = 0
        if stream_id and size:
            self.streams[stream_id].receive_window += size
            self.send(frame(Kind.WINDOW_UPDATE, 0, stream_id, size.to_bytes(4, "big")))

    def reset(self, stream_id: int, reason: Reason) -> None:
        self.send(frame(Kind.RST_STREAM, 0, stream_id, reason.to_bytes(4, "big")))

    def ended(self, stream_id: int, stream: Stream) -> None:
        """The stream has ended, and is forgotten."""
        self.streams.pop(stream_id, None)
        self._waiting.discard(stream)
        if self._is_ending and not self.streams:
            self.close()

    # What the server calls ------------------------------------------------------------------------

    def drain(self) -> None:
        """No new calls; closed once the last one has ended."""
        self._is_ending = True
        if self._transport is not None:
            self.send(self._goaway(Reason.NO_ERROR))
            if not self.streams:
                self.close()

    def close(self) -> None:
        if self._transport is not None:
            self._flush()
            self._transport.close()

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def end(self, reason: Reason) -> None:
        """It cannot go on: all its calls are given up."""
        self.send(self._goaway(reason))
        self.close()
        self._rest = b""

    # Frames ---------------------------------------------------------------------------------------

    def _take(self, data: bytes) -> None:
        at, size = 0, len(data)
        if not self._has_preface:
            if not PREFACE.startswith(data[: len(PREFACE)]):
                raise Http2Error(Reason.PROTOCOL_ERROR, "this is no HTTP/2")
            if size < len(PREFACE):
                self._rest = data
                return
            self._has_preface, at = True, len(PREFACE)
        while size - at >= HEADER_BYTES:
            high, low, kind, flags, stream = HEADER.unpack_from(data, at)
            length = high << 8 | low
            if length > FRAME_MAX:
                raise Http2Error(Reason.FRAME_SIZE_ERROR, "a frame is too large")
            end = at + HEADER_BYTES + length
            if end > size:
                break
            self._frame(kind, flags, stream & WINDOW_MAX, data[at + HEADER_BYTES : end])
            at = end
        self._rest = data[at:]

    def _frame(self, kind: int, flags: int, stream: int, content: bytes) -> None:
        if self._block is not None and (kind, stream) != (Kind.CONTINUATION, self._block[0]):
            raise Http2Error(Reason.PROTOCOL_ERROR, "a header block is not complete")
        if not self._has_settings and kind != Kind.SETTINGS:
            raise Http2Error(Reason.PROTOCOL_ERROR, "settings come first")
        if kind == Kind.DATA:
            self._data(flags, stream, content)
        elif kind == Kind.HEADERS:
            self._headers(flags, stream, content)
        elif kind == Kind.WINDOW_UPDATE:
            self._window_update(stream, content)
        else:
            self._count_idle()
            self._other(kind, flags, stream, content)

    def _other(self, kind: int, flags: int, stream: int, content: bytes) -> None:
        match kind:
            case Kind.CONTINUATION:
                self._continuation(flags, content)
            case Kind.RST_STREAM:
                self._rst_stream(stream, content)
            case Kind.SETTINGS:
                self._settings(flags, stream, content)
            case Kind.PING:
                self._ping(flags, stream, content)
            case Kind.PUSH_PROMISE:
                raise Http2Error(Reason.PROTOCOL_ERROR, "a client promises nothing")
            case _:  # PRIORITY, GOAWAY, and kinds that are not known
                pass

    def _data(self, flags: int, stream_id: int, content: bytes) -> None:
        size = len(content)
        self._receive_window -= size
        if self._receive_window < 0:
            raise Http2Error(Reason.FLOW_CONTROL_ERROR, "more than the connection's window")
        stream = self.streams.get(stream_id)
        if stream is None:
            self._refuse_idle(stream_id)
            self._count_idle()
            self.credit(0, size)  # of one that has ended
            return
        stream.receive_window -= size
        if stream.receive_window < 0:
            raise Http2Error(Reason.FLOW_CONTROL_ERROR, "more than the stream's window")
        if not size and not flags & END_STREAM:
            self._count_idle()
        stream.data(unpadded(flags, content), size, ends=bool(flags & END_STREAM))

    def _headers(self, flags: int, stream: int, content: bytes) -> None:
        if not stream % 2:
            raise Http2Error(Reason.PROTOCOL_ERROR, "not a client's stream")
        content = unpadded(flags, content)
        if flags & PRIORITY_FLAG:
            content = content[5:]
        if flags & END_HEADERS:
            self._head(stream, content, ends=bool(flags & END_STREAM))
        else:
            self._block = stream, flags, content

    def _continuation(self, flags: int, content: bytes) -> None:
        if self._block is None:
            raise Http2Error(Reason.PROTOCOL_ERROR, "nothing to continue")
        stream, first_flags, block = self._block
        block += content
        if len(block) > BLOCK_BYTES_MAX:
            raise Http2Error(Reason.ENHANCE_YOUR_CALM, "the metadata is too large")
        self._block = stream, first_flags, block
        if flags & END_HEADERS:
            self._block = None
            self._head(stream, block, ends=bool(first_flags & END_STREAM))

    def _head(self, stream_id: int, block: bytes, *, ends: bool) -> None:
        head = self._heads.read(block)
        known = self.streams.get(stream_id)
        if known is not None:  # trailers, which gRPC's clients do not send
            if not ends:
                raise Http2Error(Reason.PROTOCOL_ERROR, "a stream has two heads")
            known.data(b"", 0, ends=True)
            return
        if stream_id <= self._last_id:
            self._count_idle()  # of one that has ended
            return
        self._last_id = stream_id
        if self._is_ending or len(self.streams) >= STREAMS_MAX:
            self._count_idle()
            self.reset(stream_id, Reason.REFUSED_STREAM)
            return
        if not head.is_call:
            self._count_idle()
            self.reset(stream_id, Reason.PROTOCOL_ERROR)
            return
        stream = self._begin(self, stream_id, head, ends)
        if stream is not None:
            self.streams[stream_id] = stream
            stream.send_window, stream.receive_window = self._peer_window, self._window
            if ends:
                stream.data(b"", 0, ends=True)

    def _rst_stream(self, stream_id: int, content: bytes) -> None:
        self._refuse_idle(stream_id)
        if len(content) != 4:
            raise Http2Error(Reason.FRAME_SIZE_ERROR, "of a reset")
        stream = self.streams.get(stream_id)
        if stream is not None:
            stream.gone()
            self.ended(stream_id, stream)

    def _settings(self, flags: int, stream: int, content: bytes) -> None:
        if stream or len(content) % 6 or (flags & ACK and content):
            raise Http2Error(Reason.FRAME_SIZE_ERROR, "of settings")
        self._has_settings = True
        if flags & ACK:
            return
        for at in range(0, len(content), 6):
            name = int.from_bytes(content[at : at + 2], "big")
            value = int.from_bytes(content[at + 2 : at + 6], "big")
            if name == INITIAL_WINDOW_SIZE:
                self._set_window(value)
        self.send(frame(Kind.SETTINGS, ACK, 0))

    def _set_window(self, size: int) -> None:
        if size > WINDOW_MAX:
            raise Http2Error(Reason.FLOW_CONTROL_ERROR, "of settings")
        more, self._peer_window = size - self._peer_window, size
        for stream in self.streams.values():
            stream.send_window += more
        self._wake()

    def _ping(self, flags: int, stream: int, content: bytes) -> None:
        if stream or len(content) != 8:
            raise Http2Error(Reason.FRAME_SIZE_ERROR, "of a ping")
        if not flags & ACK:
            self.send(frame(Kind.PING, ACK, 0, content))

    def _window_update(self, stream_id: int, content: bytes) -> None:
        size = int.from_bytes(content, "big") & WINDOW_MAX
        if len(content) != 4 or not size:
            raise Http2Error(Reason.PROTOCOL_ERROR, "of a window")
        if not stream_id:
            self.send_window += size
            if self.send_window > WINDOW_MAX:
                raise Http2Error(Reason.FLOW_CONTROL_ERROR, "of the connection")
            if self._waiting:
                self._wake()
            return
        stream = self.streams.get(stream_id)
        if stream is None:
            self._refuse_idle(stream_id)
            self._count_idle()
            return
        stream.send_window += size
        if stream.send_window > WINDOW_MAX:
            raise Http2Error(Reason.FLOW_CONTROL_ERROR, "of a stream")
        if stream in self._waiting:
            self._waiting.discard(stream)
            stream.has_room()

    # The rest -------------------------------------------------------------------------------------

    def _refuse_idle(self, stream_id: int) -> None:
        if not stream_id or stream_id > self._last_id:
            raise Http2Error(Reason.PROTOCOL_ERROR, "a stream that has not begun")

    def _count_idle(self) -> None:
        """Raises Http2Error for a client that keeps the server busy with nothing."""
        self._idle_frames += 1
        if self._idle_frames > IDLE_FRAMES_MAX:
            now = self._loop.time()
            if now - self._idle_since < IDLE_FRAMES_S:
                raise Http2Error(Reason.ENHANCE_YOUR_CALM, "too many frames that bring nothing")
            self._idle_frames, self._idle_since = 0, now

    def _goaway(self, reason: Reason) -> bytes:
        content = self._last_id.to_bytes(4, "big") + reason.to_bytes(4, "big")
        return frame(Kind.GOAWAY, 0, 0, content)

    def _flush(self) -> None:
        if self._out and self._transport is not None:
            data = b"".join(self._out)
            self._out.clear()
            self._out_bytes = 0
            self._transport.write(data)

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, set()
        for stream in waiting:
            stream.has_room()

    def _look(self) -> None:
        now = self._loop.time()
        self._looking = self._loop.call_later(LOOK_S, self._look)
        if not self._has_settings and now - self._began > BEGIN_S:
            self.abort()
            return
        for stream in list(self.streams.values()):
            stream.look(now)
        if self._pinged is not None and now - self._pinged > KEEPALIVE_WITHIN_S:
            self.abort()
        elif self._pinged is None and now - self._heard > KEEPALIVE_S:
            self._pinged = now
            self.send(frame(Kind.PING, 0, 0, _PING))
