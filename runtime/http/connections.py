"""The connections of one server, and what each may cost: bytes, time and a place among them.

No client can take what the others need. A head has HEAD_S and HEAD_BYTES_MAX; an answer that is not
read is given up after WRITE_S; what is left of a request after its answer is read and thrown away
within bounds, so that the client sees the answer. All connections together stay below the process's
limit of open files: when the last place is taken, a new connection closes the one that has been
idle the longest, or if none is idle the one whose request has been unfinished the longest.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

HEAD_BYTES_MAX: Final = 65_536
"""Of the request line and headers; also of trailers and all else that is not body."""
HEAD_FIELDS_MAX: Final = 100
HEAD_S: Final = 10.0
"""From the connection's start, or a later request's first byte, to the end of the head."""
WRITE_S: Final = 30.0
"""How long a client may leave the rest of an answer unread."""
OPERATIONS_KEPT: Final = 32
"""Connections for operational requests only, when all others are taken."""
FILES_KEPT: Final = 256
"""Open files for the log, the read models and the connections to other servers."""
CONNECTIONS_MAX: Final = 10_000
CONNECTIONS_MIN: Final = 16
OPERATIONS_ONLY: Final = "daybook.operations_only"
"""In the state of a request whose connection is one of OPERATIONS_KEPT."""
ENDS_WITH_CLIENT: Final = "daybook.ends_with_client"
"""In the state of a request whose answer has no end: a client that sends no more has left."""
LARGE_HEAD: Final = "daybook.large_head"
"""In the state of a request whose head is too large, and was parsed before that was seen."""
_LOOK_S: Final = 0.5
_SAY_AGAIN_S: Final = 60.0

log = logging.getLogger(__name__)


def connections_max() -> int:
    """As many as the limit of open files leaves room for."""
    try:
        import resource
    except ImportError:  # Windows
        return 512
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY:
        return CONNECTIONS_MAX
    room = files - FILES_KEPT - OPERATIONS_KEPT
    return min(CONNECTIONS_MAX, max(CONNECTIONS_MIN, room))


def is_head_too_large(headers: Sequence[tuple[bytes, bytes]]) -> bool:
    """Of one that arrived at once, and so was parsed before it could be refused."""
    if len(headers) > HEAD_FIELDS_MAX:
        return True
    return sum([len(name) + len(value) for name, value in headers]) > HEAD_BYTES_MAX


class Connection(Protocol):
    """What Connections needs of each connection."""

    owes_head: bool
    unread_since: float | None

    @property
    def is_unfinished(self) -> bool:
        """Some of its request is still to come, and none of the answer was sent."""
        ...

    def refuse(self) -> None:
        """Close it with the answer that there are too many connections."""
        ...

    def give_up_waiting(self) -> None:
        """Close it: the head did not come in time, or there is no room for an idle one."""
        ...

    def abort(self) -> None:
        """Close it without sending the rest."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    head_s: float = HEAD_S
    write_s: float = WRITE_S
    look_s: float = _LOOK_S


class Connections:
    """Of one server. on_refused: called for each one closed because there were too many."""

    def __init__(
        self,
        most: int | None = None,
        *,
        times: Times = Times(),
        on_refused: Callable[[], None] = lambda: None,
    ) -> None:
        self.most = connections_max() if most is None else most
        self._times = times
        self._on_refused = on_refused
        self._open: set[Connection] = set()
        self._idle: dict[Connection, float] = {}  # since when, the longest first
        self._unfinished: dict[Connection, None] = {}  # or were: the longest first
        self._looking = False
        self._said_at: float | None = None

    def __len__(self) -> int:
        return len(self._open)

    def opened(self, connection: Connection) -> bool:
        """Register it. True if it may be used for operational requests only."""
        loop = asyncio.get_running_loop()
        full = len(self._open) >= self.most
        if full:
            self._say(time.monotonic())
            if self._made_room():
                full = False
            elif len(self._open) >= self.most + OPERATIONS_KEPT:
                connection.refuse()
                return True
        self._open.add(connection)
        self.idle(connection)
        if not self._looking:
            self._looking = True
            loop.call_later(self._times.look_s, self._look, loop)
        return full

    def busy(self, connection: Connection) -> None:
        """A request of it has begun."""
        self._idle.pop(connection, None)
        if connection.is_unfinished:
            self._unfinished[connection] = None

    def idle(self, connection: Connection) -> None:
        """It waits for a request, or for the rest of one's head, from now on."""
        self._idle.pop(connection, None)
        self._unfinished.pop(connection, None)
        if connection in self._open:
            self._idle[connection] = time.monotonic()

    def closed(self, connection: Connection) -> None:
        self._open.discard(connection)
        self._idle.pop(connection, None)
        self._unfinished.pop(connection, None)

    def _made_room(self) -> bool:
        """By closing the connection that has kept its place the longest without a whole request."""
        oldest = next(iter(self._idle), None)
        if oldest is not None:
            self.closed(oldest)
            oldest.give_up_waiting()
            return True
        for unfinished in list(self._unfinished):
            # Not by their last bytes: a client that sends a byte now and then would stay.
            del self._unfinished[unfinished]
            if unfinished.is_unfinished:
                self.closed(unfinished)
                unfinished.refuse()
                return True
        return False

    def _say(self, now_s: float) -> None:
        self._on_refused()
        if self._said_at is None or now_s - self._said_at >= _SAY_AGAIN_S:
            self._said_at = now_s
            log.warning(
                "all connections are taken: idle ones and those with unfinished requests are closed"
                " for new ones, and where there are none new ones are refused; raise the limit of"
                " open files (ulimit -n) if these are honest clients",
                extra={"connections_max": self.most},
            )

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now_s = time.monotonic()
        self._end_waiting(now_s - self._times.head_s)
        self._end_unread(now_s - self._times.write_s)
        self._looking = bool(self._open)
        if self._looking:
            loop.call_later(self._times.look_s, self._look, loop)

    def _end_waiting(self, since_s: float) -> None:
        for connection, idle_since in list(self._idle.items()):
            if idle_since > since_s:
                return
            if connection.owes_head:
                del self._idle[connection]
                connection.give_up_waiting()

    def _end_unread(self, since_s: float) -> None:
        for connection in list(self._open):
            unread_since = connection.unread_since
            if unread_since is not None and unread_since <= since_s:
                connection.abort()
