"""One connection under the limits of runtime.http.connections, whatever parses its HTTP."""

import asyncio
import sys
import time
from typing import Any, Final

from runtime.http.connections import (
    ENDS_WITH_CLIENT,
    HEAD_BYTES_MAX,
    LARGE_HEAD,
    OPERATIONS_ONLY,
    Connections,
    is_head_too_large,
)
from runtime.http.refusals import (
    BAD_REQUEST,
    HEAD_TOO_LARGE,
    REQUEST_TIMEOUT,
    TOO_MANY_CONNECTIONS,
    Refusal,
)
from runtime.http.writes import JoinedWrites

DISCARD_BYTES_MAX: Final = 16 * 1_048_576
"""Limits for the rest of a request that was answered before it had arrived completely."""


class LingeringTransport(JoinedWrites):
    """Its close() is put off while some of an answered request is still to come.

    Closing a socket that has unread bytes resets the connection, and the client may never see the
    answer. So the end of the answer is sent first, and the rest of the request read and dropped.
    """

    def __init__(self, transport: asyncio.Transport, connection: "LimitedConnection") -> None:
        super().__init__(transport)
        self._connection = connection
        self._lingering = False

    def close(self) -> None:
        if self._lingering:
            return
        if self._connection.is_owed_a_request:
            self._lingering = True
            self._flush()
            self._transport.write_eof()
            self._connection.discard()
        else:
            self.close_now()

    def close_now(self) -> None:
        self._connection.closing()
        super().close()

    def is_closing(self) -> bool:
        return self._lingering or self._transport.is_closing()


class LimitedConnection:
    """A mixin, to be named before a protocol class of uvicorn.

    It uses what all of them have: transport, flow, and cycle (the last request) with body,
    more_body, response_started, response_complete and disconnected.
    """

    cycle: Any
    """None before the first request."""
    flow: Any
    transport: Any
    headers: Any
    app_state: dict[str, Any]

    def __init__(self, *args: Any, connections: Connections, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._connections = connections
        self._shapeless = 0
        """Bytes since the last that completed a head or brought some of a body."""
        self._discarding = False
        self._half_closed = False
        """The client sends no more, and reads on."""
        self._refusal: Refusal | None = None
        """Of what came after requests that are still being answered."""
        self.owes_head = True
        self.unread_since: float | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(LingeringTransport(transport, self))  # type: ignore[misc]
        if self._connections.opened(self):
            self.app_state = {**self.app_state, OPERATIONS_ONLY: True}

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.closed(self)
        super().connection_lost(exc)  # type: ignore[misc]

    def data_received(self, data: bytes) -> None:
        if self._discarding:
            self._count(len(data))
            return
        cycle = self.cycle
        body = 0 if cycle is None else len(cycle.body)
        super().data_received(data)  # type: ignore[misc]
        if self.cycle is not cycle:
            if self._shapeless + len(data) > HEAD_BYTES_MAX and is_head_too_large(self.headers):
                self.cycle.scope["state"][LARGE_HEAD] = True
            self._shapeless = 0
            self.owes_head = False
            self._connections.busy(self)
        elif cycle is not None and not cycle.response_complete and len(cycle.body) > body:
            self._shapeless = 0
        elif not self.transport.is_closing() and not self.flow.read_paused:
            self._count(len(data))

    def eof_received(self) -> bool:
        """True keeps the connection: what was asked for as a whole is answered first."""
        cycle = self.cycle
        if self._discarding or cycle is None or cycle.response_complete or cycle.more_body:
            return False
        if ENDS_WITH_CLIENT in cycle.scope["state"]:
            return False
        self._half_closed = True
        return True

    def on_response_complete(self) -> None:
        super().on_response_complete()  # type: ignore[misc]
        cycle = self.cycle
        if not cycle.response_complete:  # the next request's, which came before this one's answer
            return
        if (self._refusal is not None or self._half_closed) and not self.transport.is_closing():
            if self._refusal is not None:
                self._refuse_request(self._refusal)
            else:
                self.transport.close()
        if not self._discarding:
            # The rest of a request that is answered already has as long as a head.
            self.owes_head = cycle.more_body
            self._connections.idle(self)

    def send_400_response(self, msg: str) -> None:
        """Called by uvicorn while it handles the parser's error."""
        del msg
        # h11 has this where a head is longer than it may be.
        hint = getattr(sys.exception(), "error_status_hint", None)
        self._refuse_request(HEAD_TOO_LARGE if hint == HEAD_TOO_LARGE.status else BAD_REQUEST)

    def pause_writing(self) -> None:
        self.closing()
        super().pause_writing()  # type: ignore[misc]

    def resume_writing(self) -> None:
        if not self.transport.is_closing():
            self.unread_since = None
        super().resume_writing()  # type: ignore[misc]

    def shutdown(self) -> None:
        """The server stops."""
        if self._discarding or getattr(self.cycle, "response_complete", False):
            self.transport.close_now()
        else:
            super().shutdown()  # type: ignore[misc]

    @property
    def is_owed_a_request(self) -> bool:
        """Some of a request that has been answered is still to come."""
        return self._discarding or (self.cycle is not None and self.cycle.more_body)

    @property
    def is_unfinished(self) -> bool:
        cycle = self.cycle
        return cycle is not None and bool(cycle.more_body) and not cycle.response_started

    def refuse(self) -> None:
        self.transport.write(TOO_MANY_CONNECTIONS.response())
        self.transport.close_now()

    def give_up_waiting(self) -> None:
        if self.is_owed_a_request:
            self.abort()
            return
        if self._shapeless:
            self.transport.write(REQUEST_TIMEOUT.response())
        self.transport.close_now()

    def abort(self) -> None:
        self.transport.abort()

    def discard(self) -> None:
        """From now on read and drop, for as long as a head may take."""
        self._discarding = True
        self._shapeless = 0
        self.owes_head = True
        self._connections.idle(self)
        self.flow.resume_reading()

    def closing(self) -> None:
        """What has not been sent yet has as long as any answer."""
        if self.unread_since is None:
            self.unread_since = time.monotonic()

    def _count(self, size: int) -> None:
        """Bytes that were neither the end of a head nor some of a body that is wanted."""
        is_answered = self.cycle is not None and self.cycle.response_complete
        is_rest = self._discarding or (is_answered and self.cycle.more_body)
        if not self._shapeless and not is_rest and (self.cycle is None or is_answered):
            self.owes_head = True
            self._connections.idle(self)
        self._shapeless += size
        if is_rest:
            if self._shapeless > DISCARD_BYTES_MAX:
                self.abort()
        elif self._shapeless > HEAD_BYTES_MAX:
            self._refuse_request(HEAD_TOO_LARGE)

    def _refuse_request(self, refusal: Refusal) -> None:
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete:
            if not cycle.more_body:
                # It is whole, and what comes after it is wrong: its own answer is sent first.
                self._refusal = refusal
                self.flow.pause_reading()
                return
            # The app may be working on it: it gets a disconnect, as nobody reads its answer.
            cycle.disconnected = True
            cycle.message_event.set()
            if cycle.response_started:
                self.abort()
                return
        self.transport.write(refusal.response())
        self._discarding = True
        self.transport.close()
